// SECURITY.md names files and tests: each of them exists.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "../..");
const PAGE = readFileSync(join(ROOT, "SECURITY.md"), "utf8");

/** The rows of the table under a heading: their first cell, and the others. */
function rowsUnder(heading: string): readonly (readonly [name: string, ...cells: string[]])[] {
  const section = PAGE.split(/^## /m).find((text) => text.startsWith(`${heading}\n`)) ?? "";
  const lines = section.split("\n").filter((line) => line.startsWith("| "));
  return lines.slice(2).map((line) => {
    const [name = "", ...cells] = line.slice(2, -2).split(" | ");
    return [name, ...cells];
  });
}

/** The tests that a cell names: a file, and what the test is called there. */
function testsIn(cell: string): readonly { readonly file: string; readonly name: string }[] {
  return cell.split("; ").map((text) => {
    const [, file = "", name = ""] = /^`([^`]+)`(?: "(.+)")?$/.exec(text) ?? [];
    return { file, name };
  });
}

const THREATS = rowsUnder("Threats");
const INCIDENTS = rowsUnder("What has gone wrong elsewhere");

function expectTests(cell: string): void {
  for (const { file, name } of testsIn(cell)) {
    expect(existsSync(join(ROOT, file)) && /\.test\.ts$/.test(file), `${file || cell} is a test file`).toBe(
      true,
    );
    expect(readFileSync(join(ROOT, file), "utf8").includes(name), `${file} has "${name}"`).toBe(true);
  }
}

describe("threats", () => {
  test.each(THREATS)("%s", (_, where = "", tests = "") => {
    const files = where.split(", ").map((file) => file.slice(1, -1));
    expect(files.filter((file) => !existsSync(join(ROOT, file)))).toEqual([]);
    expectTests(tests);
  });
});

describe("incidents of others", () => {
  test.each(INCIDENTS)("%s", (_, seen = "", tests = "") => {
    expect(seen).toMatch(/\]\(https:\/\//);
    expectTests(tests);
  });
});

test("none is left out: the table is read whole, and every row names a test", () => {
  expect(THREATS.length).toBeGreaterThanOrEqual(30);
  expect(INCIDENTS.length).toBeGreaterThanOrEqual(15);
  for (const [name, ...cells] of [...THREATS, ...INCIDENTS]) expect([name, cells.length]).toEqual([name, 2]);
});

test("the page says how to report, and who can read the sealing key", () => {
  expect(PAGE).toContain("Report a vulnerability");
  expect(PAGE).toContain("lambda:GetFunction");
});
