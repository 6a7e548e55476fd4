// Runs one test of one file, and tells an expectation that failed from a test that could not run.
import { spawnSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { NamedTest } from "./guards.ts";

/** `red` is an expectation that failed; `broken` is anything else that is not green. */
export interface Outcome {
  readonly verdict: "green" | "red" | "broken";
  /** What went wrong, for `broken`. */
  readonly why: string;
}

/** The longest run, in milliseconds: every fault of every endpoint takes more than two minutes by itself. */
const MAX_MS = 360_000;

/** How an expectation fails: by itself, after polling, on a promise, or inside a property of fast-check's. */
const ASSERTED = /^(AssertionError|Error: (expected |promise (resolved|rejected) |Property failed after))/;

/** Runs the test in this folder. */
export function runTest(folder: string, test: NamedTest): Outcome {
  const { results, why } = report(folder, test);
  const own = matching(results, test.name);
  const others = (test.after ?? []).flatMap((name) => matching(results, name));
  const failed = own.filter(({ status }) => status === "failed");
  const messages = failed.flatMap(({ messages }) => messages);
  if (others.some(({ status }) => status !== "passed"))
    return { verdict: "broken", why: "a test that comes before it failed" };
  if (messages.some((message) => ASSERTED.test(message))) return { verdict: "red", why: "" };
  if (failed.length > 0) return { verdict: "broken", why: messages[0] ?? "failed without a message" };
  if (own.some(({ status }) => status === "passed")) return { verdict: "green", why: "" };
  return { verdict: "broken", why: why || "no test of this name ran" };
}

interface Result {
  readonly titles: readonly string[];
  readonly status: string;
  readonly messages: readonly string[];
}

interface Report {
  readonly results: readonly Result[];
  readonly why: string;
}

function report(folder: string, { file, name, after = [] }: NamedTest): Report {
  const output = join(folder, "guards-report.json");
  rmSync(output, { force: true });
  const pattern = [...after, name].map(patternOf).join("|");
  const args = ["run", join(folder, file), "--testNamePattern", pattern, "--reporter=json"];
  const { error, stderr } = spawnSync(
    process.execPath,
    ["node_modules/vitest/vitest.mjs", ...args, `--outputFile=${output}`],
    { cwd: folder, encoding: "utf8", timeout: MAX_MS, killSignal: "SIGKILL", maxBuffer: 64_000_000 },
  );
  try {
    return parseReport(JSON.parse(readFileSync(output, "utf8")));
  } catch {
    return { results: [], why: error?.message ?? stderr.trim() };
  }
}

/** The results that a name means: those of that very title or group where there are any, else of titles that hold it. */
function matching(results: readonly Result[], name: string): readonly Result[] {
  const ran = results.filter(({ status }) => status === "passed" || status === "failed");
  const titled = (pattern: RegExp) => ran.filter(({ titles }) => titles.some((title) => pattern.test(title)));
  const exact = titled(new RegExp(`^${patternOf(name)}$`, "s"));
  return exact.length > 0 ? exact : titled(new RegExp(patternOf(name), "s"));
}

/** A name as a pattern: `%s` and its like are whatever the table of the test has there. */
function patternOf(name: string): string {
  return name.replace(/[$()*+.?[\\\]^{|}]/g, "\\$&").replace(/%[sij]/g, ".*");
}

// Reading the report of vitest's JSON reporter.

function parseReport(value: unknown): Report {
  const files = listAt(value, "testResults");
  return {
    results: files.flatMap((file) => listAt(file, "assertionResults")).map(parseResult),
    why: files.map((file) => textAt(file, "message")).join("\n"),
  };
}

function parseResult(value: unknown): Result {
  return {
    titles: [...listAt(value, "ancestorTitles"), textAt(value, "title")].map(String),
    status: textAt(value, "status"),
    messages: listAt(value, "failureMessages").map(String),
  };
}

function listAt(value: unknown, name: string): readonly unknown[] {
  const found = fieldAt(value, name);
  return Array.isArray(found) ? found : [];
}

function textAt(value: unknown, name: string): string {
  const found = fieldAt(value, name);
  return typeof found === "string" ? found : "";
}

function fieldAt(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? new Map(Object.entries(value)).get(name) : undefined;
}
