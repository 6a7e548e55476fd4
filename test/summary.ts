// A reporter whose last line counts what ran, for tools that read no other; a path without a test is a failure.
import type { Reporter, TestModule, TestSpecification } from "vitest/node";

/** Prints `N passed, N failed`, and what was skipped. Its state are the paths that no test file has. */
export class Summary implements Reporter {
  #unmatched: readonly string[] = [];

  onTestRunStart(specifications: readonly TestSpecification[]): void {
    const files = specifications.map(({ moduleId }) => moduleId);
    this.#unmatched = unmatchedPaths(process.argv.slice(2), files);
  }

  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const counts = { passed: 0, failed: unhandledErrors.length, skipped: 0, pending: 0 };
    for (const module of modules) {
      if (module.state() === "failed" && module.errors().length > 0) counts.failed += 1;
      for (const test of module.children.allTests()) counts[test.result().state] += 1;
    }
    const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : "";
    const unmatched = this.#unmatched;
    if (unmatched.length > 0) process.exitCode = 1;
    setImmediate(() => {
      for (const path of unmatched) console.error(`no test file is called ${path}`);
      console.log(`${counts.passed} passed, ${counts.failed} failed${skipped}`);
    });
  }
}

/** The paths among the arguments that name none of the files: vitest would run the others and be content. */
export function unmatchedPaths(args: readonly string[], files: readonly string[]): readonly string[] {
  const paths = args.filter(
    (arg, index) => PATH.test(arg) && !/^(-t|--testNamePattern)$/.test(args[index - 1] ?? ""),
  );
  const unmatched = (path: string) => !files.some((file) => file.includes(path.replace(/:\d+$/, "")));
  return paths.map((path) => path.replace(/^\.\//, "")).filter(unmatched);
}

const PATH = /^(?!-)(.*\.test\.ts(:\d+)?|(\.\/)?test\/.*)$/;
