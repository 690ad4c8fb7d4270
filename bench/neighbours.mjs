// A light organization's query, alone and beside another's that is never done with heavy ones, in turns: `npm run bench`.
//
// 1. Where both stores are in one process, which has one thread: as locally.
// 2. Where the heavy one's store is in a process and on a CPU of its own, as Cloudflare may place objects; everything else, this bench
//    included, shares another CPU.
import { execFileSync } from "node:child_process";
import { ROWS, median, ms, p95, person, sales, start, statement, timed } from "./organizations.mjs";

const TURNS = 10;
const ROUNDS = 40;

let question = 0;
const asked = (of) => of.send("POST", "/api/query", { sql: statement(question++ / 1000) });

/** Measures the light one's query, with `heavy`'s going on beside it at each second turn. */
async function beside(where, heavy, light) {
  const times = { alone: [], beside: [] };
  let count = 0;
  for (let turn = -1; turn < TURNS; turn++) {
    for (const kind of ["alone", "beside"]) {
      let isOver = kind === "alone";
      const neighbour = (async () => {
        for (; !isOver; count++) await asked(heavy);
      })();
      for (let round = 0; round < ROUNDS; round++) {
        const { ms } = await timed(() => asked(light));
        if (turn >= 0) times[kind].push(ms);
      }
      isOver = true;
      await neighbour;
    }
  }
  const [alone, crowded] = [times.alone, times.beside];
  console.log(
    `a light query ${where}, ${alone.length} times: p95 alone ${ms(p95(alone))}, beside ${count} heavy ones of another organization ${ms(p95(crowded))}, ratio ${(p95(crowded) / p95(alone)).toFixed(2)}; median ${ms(median(alone))} and ${ms(median(crowded))}`,
  );
}

/** A new organization, with so many rows. */
async function tenant(where, name, rows) {
  const someone = await person(where, name);
  await sales(someone, rows);
  return someone;
}

const together = await start();
await beside("in one process", await tenant(together, "Ada", ROWS), await tenant(together, "Eve", 1000));
await together.close();

/** Binds this process, and what it starts from now on, to one CPU: by `taskset`, which is Linux's. */
const pin = (cpu) => execFileSync("taskset", ["--all-tasks", "--pid", "--cpu-list", cpu, String(process.pid)], { stdio: "ignore" });

pin("1");
const stores = [await start()];
pin("0");
stores.push(await start());
const front = await start({ STORE_URLS: JSON.stringify(stores.map(({ url }) => url.origin)) });
await beside("on a CPU of its own", await tenant(front, "Ada", ROWS), await tenant(front, "Eve", 1000));
for (const each of [front, ...stores]) await each.close();
