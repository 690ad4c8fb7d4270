// The corpora of src/confined_sql/corpus, as src/confined_sql/attacks.rs reads them.
import { readFileSync, readdirSync } from "node:fs";

const CORPUS = new URL("../src/confined_sql/corpus/", import.meta.url);

export interface Statement {
  sql: string;
  /** Whether it is answered; otherwise it is refused, before it starts or while it runs. */
  answered: boolean;
}

export const attacks = (): Statement[] => readdirSync(new URL("attacks/", CORPUS)).sort().flatMap((file) => statements(`attacks/${file}`));
export const endless = (): Statement[] => statements("endless.sql");

function statements(file: string): Statement[] {
  let answered = false;
  const found: Statement[] = [];
  for (const line of readFileSync(new URL(file, CORPUS), "utf8").split("\n")) {
    if (line.startsWith("-- ")) answered = line === "-- answered";
    else if (line !== "") found.push({ sql: line.replace(/\\u\{([0-9a-f]+)\}/g, (_, code) => String.fromCodePoint(parseInt(code, 16))), answered });
  }
  return found;
}

/** The functions that a statement may call, each called. */
export function functionCalls(): string[] {
  const source = readFileSync(new URL("../function.rs", CORPUS), "utf8");
  const lines = source.matchAll(/^ {4}"(\w+)" (\d+)\.\.=\d+ (\w+)/gm);
  return Array.from(lines, ([, name, least, kind]) => {
    const args = Array.from({ length: Number(least) }, (_, at) => (kind === "Time" ? "'%Y'" : name === "replace" ? `'${at}'` : "1"));
    return `${name}(${args.join(", ")})${kind === "Window" ? " over (order by day)" : ""}`;
  });
}
