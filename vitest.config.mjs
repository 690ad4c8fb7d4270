// Tests against the built Worker in workerd: `npm test` builds it first.
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: { include: ["tests/**/*.spec.ts"], testTimeout: 20_000, hookTimeout: 60_000 },
});
