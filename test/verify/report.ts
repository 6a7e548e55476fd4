// What is printed: a line for each check, and at the end what went wrong, what it means and what to set.
import type { Finding } from "./check.ts";
import { CHECKS } from "./checks/index.ts";
import type { Result } from "./verify.ts";

const WORDS: Readonly<Record<Finding["verdict"], string>> = { pass: "pass", fail: "FAIL", skip: "skip" };
const WIDTH = Math.max(...CHECKS.map(({ id }) => id.length));

/** One line. */
export function line({ check, finding }: Result): string {
  return `${WORDS[finding.verdict]}  ${check.id.padEnd(WIDTH)}  ${check.does}: ${finding.detail}`;
}

/** What comes after the lines. */
export function conclusion(results: readonly Result[]): string {
  const failed = results.filter(({ finding }) => finding.verdict === "fail");
  return [...failed.map(explanation), counts(results)].join("\n\n");
}

function explanation({ check, finding }: Result): string {
  return `${check.id}: ${finding.detail}
  what it means  ${finding.means ?? check.means}
  what to set    ${finding.set ?? check.set}`;
}

function counts(results: readonly Result[]): string {
  const { passed, failed, skipped } = countsOf(results);
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

function countsOf(results: readonly Result[]) {
  const count = (verdict: Finding["verdict"]) =>
    results.filter(({ finding }) => finding.verdict === verdict).length;
  return { passed: count("pass"), failed: count("fail"), skipped: count("skip") };
}

/** The same for programs. */
export function json(url: URL, results: readonly Result[]): string {
  const checks = results.map(({ check: { id, does, means, set, settles }, finding }) => ({
    id,
    does,
    ...(settles !== undefined && { settles }),
    ...(finding.verdict === "fail" ? { means, set } : {}),
    ...finding,
  }));
  return JSON.stringify({ url: url.origin, ...countsOf(results), checks }, null, 2);
}

/** 0 when nothing failed. */
export function exitCode(results: readonly Result[]): 0 | 1 {
  return results.some(({ finding }) => finding.verdict === "fail") ? 1 : 0;
}
