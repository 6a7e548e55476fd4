import { defineConfig } from "vitest/config";
import { Summary } from "./test/summary.ts";

/** Property runs, attacks by the thousand, faults in every state, and whole packages: what a quick look leaves out. */
const LONG = [
  "test/unit/auth/renew.test.ts",
  "test/unit/budgets.test.ts",
  "test/unit/bundle.test.ts",
  "test/unit/faults/**",
  "test/unit/hostile/**",
  "test/unit/path-tricks.test.ts",
  "test/infra/**/*.property.test.ts",
  "test/infra/agreement.test.ts",
  "test/infra/command-lines.test.ts",
  "test/infra/deployments/**",
  "test/infra/package.test.ts",
  "test/infra/public-paths.test.ts",
  "test/infra/resource-schemas.test.ts",
  "test/infra/rights.test.ts",
  "test/infra/version.test.ts",
  "test/local/rgw/**",
];

/** Files of these projects leave nothing behind, so that a quick look may run them in one process. */
const SHARING = ["unit"];

/** `--mode quick` is `npm run test:quick`. */
export default defineConfig(({ mode }) => {
  const isQuick = mode === "quick";
  const names = isQuick ? ["unit", "infra", "local"] : ["unit", "infra", "local", "e2e", "docs"];
  return {
    test: {
      ...(isQuick && { maxWorkers: "100%" }),
      reporters: ["default", new Summary()],
      projects: names.map((name) => ({
        test: {
          name,
          include: [`test/${name}/**/*.test.ts`],
          exclude: isQuick ? LONG : [],
          isolate: !(isQuick && SHARING.includes(name)),
          testTimeout: 90_000,
          hookTimeout: 180_000,
        },
      })),
    },
  };
});
