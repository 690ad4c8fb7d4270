// What the docs show is what happens.
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { freePort } from "./deployment.ts";
import { baseUrl, world } from "./world.ts";

// As `npm start` has it: scripts/start.mjs.
world({ WEBHOOK_ALLOW_LOOPBACK: "true" });

const ROOT = join(import.meta.dirname, "..");
const blocks = (language: string, file = "README.md") => [...readFileSync(join(ROOT, file), "utf8").matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\``, "gm"))].map(([, text]) => text!);

function run(program: string, args: string[]) {
  return new Promise<string>((resolve, reject) =>
    execFile(program, args, { cwd: ROOT }, (error, stdout) => (error ? reject(error) : resolve(stdout))),
  );
}

/** What is different each time: ids, tokens, instants. */
const alike = (text: string) =>
  text
    .replaceAll(/(ds|db|wg|au|run)_[0-9a-f]{32}/g, "$1_…")
    .replaceAll(/\b[A-Za-z0-9]{32}\b/g, "…")
    .replaceAll(/"key":"\w{8}"/g, '"key":"…"')
    .replaceAll(/"elapsedMs":\d+/g, '"elapsedMs":…')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "…")
    .trim();

test("each command prints what is shown below it", async () => {
  const shown = blocks("console").join("").split(/^\$ /m).slice(1);
  const commands = shown.map((entry) => entry.slice(0, entry.indexOf("\n")));
  expect(commands.length).toBeGreaterThan(5);
  // One shell for all, for one command uses what another has set; a mark tells whose output is whose.
  const directory = mkdtempSync(join(tmpdir(), "orgscope-tour-"));
  const port = await freePort();
  const script = commands
    .map((command) => `${command}\nprintf '\\n%s\\n' END-OF-COMMAND`)
    .join("\n")
    .replaceAll("http://localhost:8787", baseUrl())
    .replaceAll("http://127.0.0.1:8790", `http://127.0.0.1:${port}`)
    .replaceAll(/\b(received\.txt|report\.html)/g, `${directory}/$1`);
  const printed = await run("bash", ["-euc", `export PORT=${port}\n${script}`]);
  const outputs = printed.split(/\n?END-OF-COMMAND\n?/).slice(0, -1);
  expect(outputs.map(alike)).toEqual(shown.map((entry) => alike(entry.slice(entry.indexOf("\n")))));
}, 60_000);

test.each<[file: string, printed: string, at?: number]>([
  ["README.md", "Ada"],
  ["docs/permissions.md", "true false\n"],
  ["docs/agents.md", "[ [ 2.5 ] ]\n"],
  ["docs/agents.md", "APPROVAL_REQUIRED\ntrue\n", 1],
  ["docs/agents.md", "MODEL_NOT_CONFIGURED\n", 2],
  ["docs/api-keys.md", "true { dataset: [ 'create', 'read', 'update', 'query' ] }\nsales\nINSUFFICIENT_SCOPE\n"],
  ["docs/oauth.md", "<li>Datasets: create, read</li>\n42 true\ndataset:create dataset:read 600\ndataset:create dataset:read\n"],
])("the JavaScript of %s runs: %s", async (file, printed, at = 0) => {
  const program = blocks("js", file)[at];
  const output = await run(process.execPath, ["--input-type=module", "-e", program!.replaceAll("http://localhost:8787", baseUrl())]);
  expect(output).toContain(printed);
});
