import { defineConfig } from "vitest/config";
import { Summary } from "./test/summary.ts";

export default defineConfig({
  test: {
    reporters: ["default", new Summary()],
    projects: ["unit", "infra", "local", "e2e", "docs"].map((name) => ({
      test: { name, include: [`test/${name}/**/*.test.ts`], testTimeout: 30_000, hookTimeout: 180_000 },
    })),
  },
});
