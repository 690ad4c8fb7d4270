// Tests against the built Worker in workerd: `npm test` builds it first.
import { defineConfig } from "vitest/config";

/** What the reference says of its own failures, which the tests provoke, is not ours to read. */
const onConsoleLog = (log) => !log.startsWith("# SERVER_ERROR:") && !log.includes("SQLite is an experimental feature");

export default defineConfig({
  test: { include: ["tests/**/*.spec.{ts,tsx}"], testTimeout: 20_000, hookTimeout: 60_000, onConsoleLog },
});
