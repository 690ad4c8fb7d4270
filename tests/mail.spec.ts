// Mail leaves behind the answer, by a provider's API or by Cloudflare's binding; development keeps it.
import { randomUUID } from "node:crypto";
import { globSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { harness, person, send, world } from "./world.ts";

world();

interface Mail {
  to: string;
  subject: string;
  text: string;
  html: string;
}

const outbox = async (to: string): Promise<Mail[]> => (await send("GET", `/__dev/outbox?to=${encodeURIComponent(to)}`)).body;

test("development shows each mail as soon as the answer that caused it is there", async () => {
  const ada = await person();
  for (const subjects of [["Reset your password"], ["Reset your password", "Reset your password"]]) {
    expect((await send("POST", "/api/auth/request-password-reset", { body: { email: ada.email } })).status).toBe(200);
    expect((await outbox(ada.email)).map(({ subject }) => subject)).toEqual(subjects);
  }
  const [mail] = await outbox(ada.email.toUpperCase());
  expect(Object.keys(mail!).sort()).toEqual(["html", "subject", "text", "to"]);
  expect(mail!.text).toMatch(/^http:\/\/\S+\/api\/auth\/reset-password\/[A-Za-z0-9]{24}\?callbackURL=$/m);
});

test("a link resets the password and one verifies the address", async () => {
  const ada = await person();
  await send("POST", "/api/auth/request-password-reset", { body: { email: ada.email, redirectTo: "/new-password" } });
  const follow = async () => {
    const link = new URL(/^http\S+$/m.exec((await outbox(ada.email)).at(-1)!.text)![0]);
    return send("GET", link.pathname + link.search);
  };
  const leads = new URL((await follow()).headers.get("location")!);
  expect(leads.pathname).toBe("/new-password");
  const body = { newPassword: "another password", token: leads.searchParams.get("token") };
  const answers = await Promise.all([1, 2, 3].map(() => send("POST", "/api/auth/reset-password", { body })));
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 400, 400]);
  const signIn = { email: ada.email, password: body.newPassword };
  expect((await send("POST", "/api/auth/sign-in/email", { body: signIn })).status).toBe(200);

  const start = performance.now();
  for (const email of [ada.email, "nobody@mail.example"]) {
    expect((await send("POST", "/api/auth/send-verification-email", { body: { email } })).body).toEqual({ status: true });
  }
  expect(performance.now() - start, "no sooner for one than for the other").toBeGreaterThan(1000);
  expect((await follow()).headers.get("location")).toBe("/");
  expect((await ada.send("GET", "/api/auth/get-session")).body.user.emailVerified).toBe(true);
});

/** What a Worker of its own sends; `started` asks it for the reset of a password. */
function worker(vars: Record<string, string>, config?: string) {
  const server = harness({ RATE_LIMIT: "false", ...vars }, config);
  let base: URL;
  const headers = { "content-type": "application/json", origin: vars.BETTER_AUTH_URL! };
  const post = (path: string, body: unknown) =>
    fetch(new URL(`/api/auth${path}`, base), { method: "POST", headers, body: JSON.stringify(body) });
  return {
    server,
    async start() {
      base = (await server.listen()).url;
      await server.getWorker().applyD1Migrations("DB" as never);
      for (const email of ["ada@mail.example", "bob@mail.example"]) {
        expect((await post("/sign-up/email", { name: "Ada", email, password: "correct horse" })).status).toBe(200);
      }
    },
    get: (path: string) => fetch(new URL(path, base)),
    reset: (email: string) => post("/request-password-reset", { email }),
    /** The line of the log that says why a mail was not sent, once it is there. */
    async failure(why: string) {
      const lines = () => server.getLogs().map((log) => JSON.stringify(log)).filter((log) => log.includes("a mail was not sent") && log.includes(why));
      await expect.poll(() => lines().length, { timeout: 10_000 }).toBe(1);
      return lines()[0]!;
    },
  };
}

describe("a provider", () => {
  const requests: { headers: IncomingMessage["headers"]; body: any }[] = [];
  let answers: (() => Promise<number>)[] = [];
  const provider = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = JSON.parse(Buffer.concat(chunks).toString());
    requests.push({ headers: request.headers, body });
    // Some repeat what they were sent.
    response.writeHead((await answers.shift()?.()) ?? 200).end(JSON.stringify(body));
  });
  let ours: ReturnType<typeof worker>;

  beforeAll(async () => {
    await new Promise<void>((resolve) => provider.listen(0, "127.0.0.1", resolve));
    ours = worker({
      ENVIRONMENT: "production",
      BETTER_AUTH_URL: "https://auth.mail.example",
      MAIL_TRANSPORT: "resend",
      MAIL_URL: `http://127.0.0.1:${(provider.address() as AddressInfo).port}/emails`,
      MAIL_TOKEN: "the-providers-key",
      MAIL_FROM: "Acme <mail@mail.example>",
    });
    await ours.start();
  });
  afterAll(async () => {
    provider.closeAllConnections();
    provider.close();
    await ours.server.close();
  });
  beforeEach(() => {
    requests.length = 0;
    answers = [];
  });

  test("gets the mail, with links to the configured origin", async () => {
    expect((await ours.reset("ada@mail.example")).status).toBe(200);
    await expect.poll(() => requests.length, { timeout: 10_000 }).toBe(1);
    const { headers, body } = requests[0]!;
    expect(headers).toMatchObject({ authorization: "Bearer the-providers-key", "content-type": "application/json" });
    expect(body).toMatchObject({ from: "Acme <mail@mail.example>", to: "ada@mail.example", subject: "Reset your password" });
    expect(body.text).toMatch(/^https:\/\/auth\.mail\.example\/api\/auth\/reset-password\/\w{24}\?callbackURL=$/m);
    expect(body.html).toContain("https://auth.mail.example/api/auth/reset-password/");
  });

  test("that is slow does not hold the answer up", async () => {
    let release = () => {};
    const released = new Promise<void>((resolve) => (release = resolve));
    answers = [() => released.then(() => 200)];
    // With the provider's answer still to come: otherwise this would wait for ever.
    expect((await ours.reset("ada@mail.example")).status).toBe(200);
    await expect.poll(() => requests.length, { timeout: 10_000 }).toBe(1);
    release();
  });

  test.each([500, 422])("that answers %i is logged without address, link or key", async (status) => {
    answers = [async () => status];
    expect((await ours.reset("ada@mail.example")).status).toBe(200);
    const log = await ours.failure(`answered ${status}`);
    expect(log).toContain("reset-password");
    const token = /reset-password\/(\w{24})/.exec(requests[0]!.body.text)![1]!;
    for (const secret of ["mail.example", token, "the-providers-key"]) expect(log).not.toContain(secret);
    expect(requests, "and not asked again").toHaveLength(1);
  });

  test("in production has no outbox beside it", async () => {
    const [outbox, unknown] = await Promise.all([ours.get("/__dev/outbox"), ours.get("/__dev/other")]);
    expect([outbox.status, await outbox.text()]).toEqual([404, await unknown.text()]);
  });
});

/** The Worker's configuration with the binding that it has in a comment, which here takes mail to one address only. */
function withBinding(): string {
  const path = "dist/mail.toml";
  const config = readFileSync("wrangler.toml", "utf8")
    .replace('# [[send_email]]\n# name = "EMAIL"', '[[send_email]]\nname = "EMAIL"\nallowed_destination_addresses = ["ada@mail.example"]')
    .replace('main = "entry.js"', 'main = "../entry.js"')
    .replace('migrations_dir = "migrations"', 'migrations_dir = "../migrations"');
  writeFileSync(path, config);
  return path;
}
/** Where it leaves, on this machine, the texts that it was given. */
const SENT = "dist/.wrangler/tmp/email";

test("Cloudflare's binding takes a mail, and one that it refuses is logged", async () => {
  const origin = `https://${randomUUID()}.example`;
  const ours = worker(
    { ENVIRONMENT: "production", BETTER_AUTH_URL: origin, MAIL_TRANSPORT: "cloudflare", MAIL_FROM: "Acme <mail@mail.example>" },
    withBinding(),
  );
  try {
    await ours.start();
    expect((await ours.reset("ada@mail.example")).status).toBe(200);
    const texts = () => globSync(`${SENT}/*/email-text/*.txt`).map((file) => readFileSync(file, "utf8"));
    await expect.poll(texts, { timeout: 10_000 }).toContainEqual(expect.stringContaining(`${origin}/api/auth/reset-password/`));
    expect((await ours.reset("bob@mail.example")).status).toBe(200);
    expect(await ours.failure("the binding refused")).not.toContain("mail.example");
  } finally {
    await ours.server.close();
    rmSync(SENT, { recursive: true, force: true });
  }
});
