// What each mutant is tried against: the unit tests, less what measures bundles or takes long.
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    setupFiles: ["test/mutation/hurry.ts"],
    include: ["test/unit/**/*.test.ts"],
    // Instrumented bundles are larger than their budget; what takes long or counts time is for whole runs.
    exclude: [
      "test/unit/{budgets,bundle,security}.test.ts",
      "test/unit/faults/**",
      "test/unit/hostile/{agreement,cost,requests}.test.ts",
    ],
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
