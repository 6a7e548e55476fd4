import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    projects: ["unit", "infra", "local", "e2e"].map((name) => ({
      test: { name, include: [`test/${name}/**/*.test.ts`], testTimeout: 30_000, hookTimeout: 180_000 },
    })),
  },
});
