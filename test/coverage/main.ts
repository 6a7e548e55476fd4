// `npm run coverage`: which branches of edge/ the unit tests take. Most of them run built bundles, so that the sources
// are given counters first, in a copy of the repository, and the bundles are built from those.
import { type SpawnSyncOptions, spawnSync } from "node:child_process";
import { cp, mkdir, mkdtemp, rename, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { readCommandLine, runCommand } from "../../infra/build/command-line.ts";

const ROOT = join(import.meta.dirname, "../..");
const NYC = join(import.meta.dirname, "node_modules/nyc/bin/nyc.js");
const REPORT = join(ROOT, "reports/coverage");
/** In percent, as the reports have it. */
const MIN_BRANCHES = "98";
const LEFT_OUT = new Set(["node_modules", "dist", "reports", "cdk.out", ".git", ".stryker-tmp", ".local"]);

await runCommand(async () => {
  readCommandLine({}, "usage: npm run coverage");
  const copy = await mkdtemp(join(tmpdir(), "gatehouse-coverage-"));
  try {
    process.exitCode = await measure(copy);
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
});

async function measure(copy: string): Promise<number> {
  const run = (command: readonly string[]) => runIn(copy, command);
  const nyc = (command: string, ...options: readonly string[]) =>
    run([NYC, command, "--nycrc-path", join(import.meta.dirname, "nycrc.json"), ...options]);
  await cp(ROOT, copy, { recursive: true, filter: (source) => !LEFT_OUT.has(basename(source)) });
  await symlink(join(ROOT, "node_modules"), join(copy, "node_modules"));
  if (nyc("instrument", "--complete-copy", "edge", "counting") !== 0) return 1;
  await rename(join(copy, "edge"), join(copy, "sources"));
  await rename(join(copy, "counting"), join(copy, "edge"));
  if (run(["infra/build/build-edge.ts", "--all"]) !== 0) return 1;
  const failed = run([
    "node_modules/vitest/vitest.mjs",
    "run",
    "--config",
    "test/coverage/vitest.config.mts",
  ]);
  await rename(join(copy, "edge"), join(copy, "counting"));
  await rename(join(copy, "sources"), join(copy, "edge"));
  await mkdir(REPORT, { recursive: true });
  const shown = nyc("report", "--reporter", "text", "--reporter", "json-summary", "--report-dir", REPORT);
  return failed || shown || nyc("check-coverage", "--branches", MIN_BRANCHES);
}

/** Runs a script in the copy, on this Node.js, and returns its exit code. */
function runIn(copy: string, command: readonly string[]): number {
  const options: SpawnSyncOptions = { cwd: copy, stdio: "inherit" };
  return spawnSync(process.execPath, command, options).status ?? 1;
}
