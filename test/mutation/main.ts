// `npm run mutation`: StrykerJS over edge/, twice. First each mutant meets the tests that are seen to run its code. What a
// module computes when it is loaded, such as a pattern, belongs to whichever test loads it first, so that what is left
// meets every test. What is known from an earlier run is kept until a test of it changes: `-- --force` starts anew, and
// `-- --mutate edge/token/token.ts` takes a part.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "../..");
const STRYKER = join(import.meta.dirname, "node_modules/@stryker-mutator/core/bin/stryker.js");
const REPORT = join(ROOT, "reports/mutation/mutation.json");
/** `Ignored` is what nothing but the loading of a module reaches. */
const LEFT = new Set(["Survived", "NoCoverage", "Ignored"]);

rmSync(REPORT, { force: true });
stryker("--ignoreStatic", ...process.argv.slice(2));
if (!existsSync(REPORT))
  throw new Error("the tests are not green without a mutant, or StrykerJS could not start");
const left = survivors();
if (left.length > 0) process.exitCode = stryker("--force", "--mutate", left.join(","));

function stryker(...options: readonly string[]): number {
  const command = [STRYKER, "run", "--incremental", ...options];
  return spawnSync(process.execPath, command, { cwd: ROOT, stdio: "inherit" }).status ?? 1;
}

interface Place {
  readonly line: number;
  readonly column: number;
}

/** As far as it is read here: https://github.com/stryker-mutator/mutation-testing-elements */
interface Report {
  readonly files: Readonly<Record<string, ReportedFile>>;
}

interface ReportedFile {
  readonly source: string;
  readonly mutants: readonly {
    readonly status: string;
    readonly location: { readonly start: Place; readonly end: Place };
  }[];
}

/** Where mutants of constants are left, as ranges that StrykerJS takes: its columns start at 0, those of the report at 1. */
function survivors(): readonly string[] {
  const { files }: Report = JSON.parse(readFileSync(REPORT, "utf8"));
  const at = ({ line, column }: Place) => `${line}:${column - 1}`;
  return Object.entries(files).flatMap(([file, { source, mutants }]) =>
    mutants
      .filter(({ status, location: { start } }) => LEFT.has(status) && isConstant(source.split("\n"), start))
      .map(({ location: { start, end } }) => `${file}:${at(start)}-${at(end)}`),
  );
}

/** Whether the statement of the module that a place is in computes a value, rather than being a function. */
function isConstant(lines: readonly string[], { line }: Place): boolean {
  const statement = lines.slice(0, line).findLast((text) => /^[a-z]/.test(text)) ?? "";
  return /^(export )?const /.test(statement) && !statement.includes("=>");
}
