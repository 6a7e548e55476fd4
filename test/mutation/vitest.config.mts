// What each mutant is tried against: the unit tests, less what measures bundles or takes long.

import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Quick ones first: the first test that fails ends a mutant. */
const SLOW =
  /sign|path-tricks|sealed|handler|hostile\/tokens|auth\/(cookies|callback|logout|login|navigation|renew)/;

class QuickFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isSlow = ({ moduleId }: TestSpecification) => SLOW.test(moduleId);
    return [...files.filter((file) => !isSlow(file)), ...files.filter(isSlow)];
  }
}

export default defineConfig({
  test: {
    include: ["test/unit/**/*.test.ts"],
    // Instrumented bundles are larger than their budget; what takes long or counts time is for whole runs.
    exclude: [
      "test/unit/{budgets,bundle,security}.test.ts",
      "test/unit/faults/**",
      "test/unit/hostile/{agreement,cost,requests}.test.ts",
    ],
    setupFiles: ["test/mutation/hurry.ts"],
    isolate: false,
    sequence: { sequencer: QuickFirst },
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
