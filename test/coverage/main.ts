// `npm run coverage`: which branches of edge/ the unit tests take. Most of them run built bundles, so that the sources
// are given counters first, in a copy of the repository, and the bundles are built from those.
import { type SpawnSyncOptions, spawnSync } from "node:child_process";
import { cp, mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";

const ROOT = join(import.meta.dirname, "../..");
const NYC = join(import.meta.dirname, "node_modules/nyc/bin/nyc.js");
const REPORT = join(ROOT, "reports/coverage");
/** In percent, as the reports have it. */
const MIN_BRANCHES = "98";
const LEFT_OUT = new Set(["node_modules", "dist", "reports", "cdk.out", ".git", ".stryker-tmp", ".local"]);

const copy = await mkdtemp(join(tmpdir(), "gatehouse-coverage-"));
try {
  process.exitCode = await measure();
} finally {
  await rm(copy, { recursive: true, force: true });
}

async function measure(): Promise<number> {
  await cp(ROOT, copy, { recursive: true, filter: (source) => !LEFT_OUT.has(basename(source)) });
  await symlink(join(ROOT, "node_modules"), join(copy, "node_modules"));
  const counting = ["edge", "--in-place", "--extension", ".ts", "--parser-plugins", "typescript"];
  await mkdir(REPORT, { recursive: true });
  const report = ["report", "--reporter", "text", "--reporter", "json-summary", "--report-dir", REPORT];
  return (
    run([NYC, "instrument", ...counting]) ||
    run(["infra/build-edge.ts", "--all"]) ||
    run(["node_modules/vitest/vitest.mjs", "run", "--config", "test/coverage/vitest.config.mts"]) ||
    run([NYC, ...report, "--extension", ".ts"]) ||
    run([NYC, "check-coverage", "--branches", MIN_BRANCHES, "--extension", ".ts"])
  );
}

/** Runs a script in the copy, on this Node.js, and returns its exit code. */
function run(command: readonly string[]): number {
  const options: SpawnSyncOptions = { cwd: copy, stdio: "inherit" };
  return spawnSync(process.execPath, command, options).status ?? 1;
}
