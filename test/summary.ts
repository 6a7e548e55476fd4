// A reporter whose last line counts what ran, for tools that read no other.
import type { Reporter, TestModule } from "vitest/node";

/** Prints `N passed, N failed`, and what was skipped. */
export class Summary implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const counts = { passed: 0, failed: unhandledErrors.length, skipped: 0, pending: 0 };
    for (const module of modules) {
      if (module.state() === "failed" && module.errors().length > 0) counts.failed += 1;
      for (const test of module.children.allTests()) counts[test.result().state] += 1;
    }
    const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : "";
    setImmediate(() => console.log(`${counts.passed} passed, ${counts.failed} failed${skipped}`));
  }
}
