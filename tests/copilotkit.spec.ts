// examples/copilotkit in a browser: the page as it is built, CopilotKit's own components, and a person who clicks. The model is
// a script on loopback (model.ts).
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, type Page, chromium } from "playwright-core";
import { type PreviewServer, build, preview } from "vite";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { CHROMIUM } from "../scripts/lib/chromium.mjs";
import { type ModelMessage, model } from "./model.ts";
import { type Person, baseUrl, member, owner, world } from "./world.ts";

/** How long the page may take for one thing, beside everything else that runs. */
const PATIENCE_MS = 20_000;
vi.setConfig({ testTimeout: 3 * PATIENCE_MS });

/** Makes and deletes dashboards, as it is told. Which id a name has it looks up first. */
const scripted = await model((messages) => {
  const last = messages.findLastIndex(({ role }) => role === "user");
  const [, verb, name] = /^(Make|Delete) (.*)$/.exec(messages[last]!.content!)!;
  const answers = messages.slice(last).filter(({ role }) => role === "tool").map(answer);
  if (verb === "Make") return answers.length ? `I made ${answers[0].name}.` : [{ tool: "dashboard_create", arguments: { name } }];
  if (answers.length === 0) return [{ tool: "dashboard_list", arguments: {} }];
  const { id } = answers[0].items.find((dashboard: { name: string }) => dashboard.name === name);
  if (answers.length === 1) return [{ tool: "dashboard_delete", arguments: { id } }];
  return answers[1].deleted ? `I deleted ${name}.` : `I was not allowed to: ${answers[1].code}.`;
});
/** What a tool answered, behind the line that marks it as data. */
const answer = ({ content }: ModelMessage) => JSON.parse(content!.slice(content!.indexOf("\n") + 1));

world({ LLM_BASE_URL: scripted.url, LLM_MODEL: "scripted", LLM_API_KEY: "the-deployments" });

let server: PreviewServer;
let browser: Browser;
let url: string;
beforeAll(async () => {
  process.env.ORGSCOPE_URL = baseUrl();
  const outDir = mkdtempSync(join(tmpdir(), "orgscope-page-"));
  const page = { root: "examples/copilotkit", logLevel: "error", build: { outDir } } as const;
  await build(page);
  server = await preview({ ...page, preview: { port: 0 } });
  url = server.resolvedUrls!.local[0]!;
  const quiet = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
  browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox", ...quiet] });
}, 300_000);
afterAll(async () => {
  await browser?.close();
  await server?.close();
  await scripted.close();
});

let page: Page;
/** What the page has asked of others than its own origin, and what went wrong in it. */
let wrong: string[];
beforeEach(async () => {
  page = await browser.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  wrong = [];
  page.on("request", (request) => {
    if (new URL(request.url()).origin !== new URL(url).origin && !request.url().startsWith("data:")) wrong.push(request.url());
  });
  page.on("pageerror", (error) => wrong.push(String(error)));
  await page.goto(url);
});
afterEach(async () => {
  await page.context().close();
  expect(wrong).toEqual([]);
});

async function signIn({ email, password }: Person) {
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
}

async function ask(text: string) {
  await page.getByPlaceholder("Make a dashboard called Sales").fill(text);
  await page.getByTestId("copilot-send-button").click();
}

const shown = (text: string) => page.getByText(text, { exact: true }).waitFor();
const inList = () => page.locator("main li").evaluateAll((items) => items.map((item) => item.firstChild!.textContent));
const listed = (names: string[]) => expect.poll(inList, { timeout: PATIENCE_MS }).toEqual(names);
const inRest = async (of: Person) => (await of.send("GET", "/api/dashboards")).body.items.map(({ name }: { name: string }) => name);

test("a stranger signs up, asks for a dashboard, and sees it in his organization", async () => {
  await page.getByRole("button", { name: "I have no account" }).click();
  await page.getByLabel("Name").fill("Stella");
  await page.getByLabel("E-mail").fill("stella@copilotkit.example");
  await page.getByLabel("Password").fill("correct horse battery");
  await page.getByRole("button", { name: "Create it" }).click();
  await shown("There are none yet. Ask for one.");

  await ask("Make Sales");
  await shown("I made Sales.");
  await listed(["Sales"]);
  expect(await page.evaluate(async () => (await (await fetch("/api/dashboards")).json()).items.map((item: { name: string }) => item.name))).toEqual(["Sales"]);
});

test.each([
  ["Approve", "I deleted Old.", []],
  ["Refuse", "I was not allowed to: APPROVAL_DENIED.", ["Old"]],
])("what deletes waits for the person: %s", async (decision, said, left) => {
  const ada = await owner("Ada");
  await ada.send("POST", "/api/dashboards", { body: { name: "Old" } });
  await signIn(ada);
  await listed(["Old"]);

  await ask("Delete Old");
  const approval = page.getByRole("region", { name: "Approval" });
  await approval.getByText("That is the dashboard Old.").waitFor();
  expect(await inRest(ada)).toEqual(["Old"]);
  await approval.getByRole("button", { name: decision }).click();
  await shown(said);
  await approval.waitFor({ state: "detached" });
  await listed(left);
  expect(await inRest(ada)).toEqual(left);
});

test("the assistant acts in the organization that is chosen, and another's chat is not shown there", async () => {
  const ada = await owner("Ada");
  const grace = await member(ada, "admin", "Grace");
  const [own] = (await grace.send("GET", "/api/auth/organization/list")).body.filter(({ id }: { id: string }) => id !== ada.orgId);
  await signIn(grace);
  await page.getByLabel("Organization").selectOption(own.id);
  await ask("Make Own");
  await shown("I made Own.");
  await page.getByLabel("Organization").selectOption(ada.orgId);
  await shown("There are none yet. Ask for one.");
  expect(await page.getByText("I made Own.").count()).toBe(0);
  await ask("Make Shared");
  await shown("I made Shared.");
  await listed(["Shared"]);
  expect(await inRest(ada)).toEqual(["Shared"]);
});

test("a wrong password is said, and who signs out sees the form again", async () => {
  const ada = await owner("Ada");
  await signIn({ ...ada, password: "another password" });
  await page.getByRole("alert").getByText("Invalid email or password").waitFor();
  await signIn(ada);
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
});
