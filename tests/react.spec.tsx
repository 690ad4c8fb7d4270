// The hooks of the official React client, in a document, against the Worker.
import { Window } from "happy-dom";
import type { ReactNode } from "react";
import type { Root } from "react-dom/client";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { organizationClient } from "better-auth/client/plugins";
import { createAuthClient } from "better-auth/react";
import { browserFetch } from "./browser.ts";
import { baseUrl, world } from "./world.ts";

world();

const window = new Window({ url: "http://localhost/" });
let root: Root;
let client: ReturnType<typeof connect>;
let page: HTMLElement;

beforeAll(async () => {
  // React looks for a document when it is loaded. Requests stay Node's own: happy-dom's would add a browser's CORS.
  for (const name of ["window", "document"] as const) vi.stubGlobal(name, name === "window" ? window : window.document);
  client = connect();
  page = document.body.appendChild(document.createElement("main"));
  root = (await import("react-dom/client")).createRoot(page);
  root.render(<Page />);
});
afterAll(async () => {
  root.unmount();
  await window.happyDOM.close();
  vi.unstubAllGlobals();
});

/** A client with a browser's cookies. */
function connect() {
  return createAuthClient({
    baseURL: baseUrl(),
    plugins: [organizationClient()],
    fetchOptions: { customFetchImpl: browserFetch(baseUrl, new Map()) },
  });
}

/** Shows what each hook gives. */
function Page(): ReactNode {
  const session = client.useSession();
  const organizations = client.useListOrganizations();
  const active = client.useActiveOrganization();
  const shown = {
    user: session.isPending ? "…" : (session.data?.user.name ?? "nobody"),
    organizations: organizations.isPending ? "…" : (organizations.data ?? []).map(({ name }) => name),
    active: active.isPending ? "…" : (active.data?.name ?? "none"),
    members: active.data?.members.map(({ role, user }) => `${user.email}: ${role}`) ?? [],
  };
  return <pre>{JSON.stringify(shown)}</pre>;
}

/** Waits until the page shows that. */
const shows = (expected: Record<string, unknown>) =>
  vi.waitFor(() => expect(JSON.parse(page.textContent!)).toMatchObject(expected), 5000);

const ada = { name: "Ada", email: "ada@react.example", password: "correct horse battery" };

test("without a session there is nobody", async () => {
  await shows({ user: "nobody", organizations: [], active: "none" });
});

test("who signs up is shown, with the organization that sign-up made", async () => {
  await client.signUp.email(ada);
  await shows({ user: "Ada", members: ["ada@react.example: owner"] });
});

test("a change of name is shown", async () => {
  await client.updateUser({ name: "Ada Lovelace" });
  await shows({ user: "Ada Lovelace" });
});

test("a new organization is listed, and active", async () => {
  await client.organization.create({ name: "Acme", slug: "acme" });
  await client.organization.setActive({ organizationSlug: "acme" });
  await shows({ organizations: expect.arrayContaining(["Acme"]), active: "Acme", members: ["ada@react.example: owner"] });
});

test("a new name of the organization is shown, and none when it is left", async () => {
  await client.organization.update({ data: { name: "Acme Inc." } });
  await shows({ organizations: expect.arrayContaining(["Acme Inc."]), active: "Acme Inc." });
  await client.organization.setActive({ organizationId: null });
  await shows({ active: "none" });
});

test("who signs out is nobody", async () => {
  await client.signOut();
  await shows({ user: "nobody" });
});
