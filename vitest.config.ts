import { defineConfig } from "vitest/config";
import { Summary } from "./test/summary.ts";

/** Property runs, attacks by the thousand, and faults in every state: what a quick look leaves out. */
const LONG = [
  "test/unit/faults/**",
  "test/unit/hostile/**",
  "test/unit/path-tricks.test.ts",
  "test/infra/**/*.property.test.ts",
  "test/infra/agreement.test.ts",
  "test/infra/public-paths.test.ts",
  "test/infra/rights.test.ts",
  "test/local/rgw/**",
];

/** `--mode quick` is `npm run test:quick`. */
export default defineConfig(({ mode }) => {
  const isQuick = mode === "quick";
  const names = isQuick ? ["unit", "infra", "local"] : ["unit", "infra", "local", "e2e", "docs"];
  return {
    test: {
      reporters: ["default", new Summary()],
      projects: names.map((name) => ({
        test: {
          name,
          include: [`test/${name}/**/*.test.ts`],
          exclude: isQuick ? LONG : [],
          testTimeout: 30_000,
          hookTimeout: 180_000,
        },
      })),
    },
  };
});
