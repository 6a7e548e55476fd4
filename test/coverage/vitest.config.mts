// The unit tests, over sources that count; less what measures bundles or time.
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/unit/**/*.test.ts"],
    // Counters make the code larger and slower than its budgets, and late where tries are counted in seconds.
    exclude: [
      "test/unit/{budgets,bundle,security}.test.ts",
      "test/unit/{faults/faults,hostile/cost}.test.ts",
    ],
    setupFiles: ["test/coverage/collect.ts"],
    testTimeout: 60_000,
    hookTimeout: 600_000,
  },
});
