// The list of differences on purpose (compatibility.json): what is in it may differ, exactly so; what is not may not.
import { readFileSync } from "node:fs";
import { end, type Difference } from "./normalise.ts";
import type { Call } from "./script.ts";

interface Purpose {
  /** Whose it is (`POST /sign-in/email`); of all if not said. */
  endpoints?: string[];
  /** What the reference does. */
  reference: string;
  /** What we do. */
  orgscope: string;
  why: string;
  /** Each place where a scenario sees it: `scenario / step`, where in the answer, and both values. */
  seen?: (Difference & { step: string })[];
  /** What a random sequence may see of it: the two outcomes of a request. */
  random?: { request: string; reference: string; orgscope: string }[];
}

const { differences } = JSON.parse(readFileSync(new URL("compatibility.json", import.meta.url), "utf8")) as { differences: Purpose[] };
const listed = new Map(differences.flatMap(({ seen = [] }) => seen.map((entry) => [key(entry.step, entry), entry])));
const unused = new Set(listed.keys());

function key(step: string, { at, reference, orgscope }: Difference): string {
  return JSON.stringify([step, at, reference ?? null, orgscope ?? null]);
}

/** Those of `found` in `step` that are not in the list, ready to be put there. */
export function unlisted(step: string, found: Difference[]) {
  return found.filter((difference) => {
    const name = key(step, difference);
    unused.delete(name);
    return !listed.has(name);
  }).map((difference) => ({ step, ...difference }));
}

/** The entries that no step has met: they are of the past. */
export const stale = () => [...unused].map((name) => listed.get(name));

/** Whether two answers to a call of a random sequence may end as they do. */
export function isOnPurpose(step: Call, reference: unknown, orgscope: unknown): boolean {
  const request = step.request.split("?")[0];
  const [theirs, ours] = [end(reference), end(orgscope)].map((told) => told?.split(":")[0]);
  return differences.some(({ random = [] }) =>
    random.some((entry) => entry.request === request && entry.reference === theirs && entry.orgscope === ours),
  );
}
