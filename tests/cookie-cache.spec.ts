// A copy of the session in a cookie, made by one server, is read by the other.
import { DatabaseSync } from "node:sqlite";
import { betterAuth } from "better-auth";
import { getMigrations } from "better-auth/db/migration";
import { describe, expect, test, beforeAll, afterAll } from "vitest";
import { configured, ORIGIN } from "./reference.ts";
import { harness, SECRET } from "./world.ts";

/** What JSON writes in more than one way, if it is not written as JavaScript does. */
const NAME = 'Ada "\\/ \u0007\b\n\u007f é 😀 \u2028 </script>';

interface Seen {
  cookies: string;
  body: any;
  d1Calls: string | null;
}

/** What an answer says, and the cookies that a browser would have after it. */
async function seen(response: Response): Promise<Seen> {
  const cookies = response.headers.getSetCookie().map((line) => line.split(";")[0]);
  return { cookies: cookies.join("; "), body: await response.json(), d1Calls: response.headers.get("x-test-d1-calls") };
}

const signUp = (origin: string, image: string) => ({
  method: "POST",
  headers: { "content-type": "application/json", origin },
  body: JSON.stringify({ name: NAME, email: `${crypto.randomUUID()}@example.com`, password: "correct horse battery", image }),
});

describe.each(["compact", "jwt", "jwe"])("%s", (COOKIE_CACHE) => {
  const worker = harness({ COOKIE_CACHE });
  const options = configured(new DatabaseSync(":memory:"), ORIGIN, SECRET, { COOKIE_CACHE }, () => {});
  const reference = betterAuth(options);
  let ours: URL;

  beforeAll(async () => {
    ours = (await worker.listen()).url;
    await worker.getWorker().applyD1Migrations("DB");
    await (await getMigrations(options)).runMigrations();
  });
  afterAll(() => worker.close());

  const askUs = async (path: string, init?: RequestInit) => seen(await fetch(new URL(`/api/auth${path}`, ours), init));
  const askReference = async (path: string, init?: RequestInit) => seen(await reference.handler(new Request(`${ORIGIN}/api/auth${path}`, init)));

  // The long picture makes chunks.
  test.each([10, 5000])("goes both ways, with a picture of %i characters", async (length) => {
    const image = `data:${"x".repeat(length)}`;
    for (const [make, origin, read] of [
      [askUs, ours.origin, askReference],
      [askReference, ORIGIN, askUs],
    ] as const) {
      const made = await make("/sign-up/email", signUp(origin, image));
      const own = await make("/get-session", { headers: { cookie: made.cookies } });
      // The other server has no such user in its database.
      const others = await read("/get-session", { headers: { cookie: made.cookies } });
      expect(others.body).toEqual(own.body);
      expect(others.body.user).toMatchObject({ name: NAME, image });
      expect(others.cookies).toBe("");
      for (const answer of [own, others]) expect(answer.d1Calls ?? "0").toBe("0");

      const without = made.cookies.split("; ").filter((pair) => !pair.includes("session_data")).join("; ");
      expect((await read("/get-session", { headers: { cookie: without } })).body).toBeNull();
    }
  });
});
