// SECURITY.md names files and tests: each of them exists, and for each a guard is listed that `npm run guards` removes.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { GUARDS, type Guard } from "../guards/guards.ts";

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

/** The files that a cell names. */
function filesIn(cell: string): readonly string[] {
  return cell.split(", ").map((file) => file.slice(1, -1));
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
    expect(filesIn(where).filter((file) => !existsSync(join(ROOT, file)))).toEqual([]);
    expectTests(tests);
  });
});

describe("incidents of others", () => {
  test.each(INCIDENTS)("%s", (_, seen = "", tests = "") => {
    expect(seen).toMatch(/\]\(https:\/\//);
    expectTests(tests);
  });
});

describe("guards", () => {
  const ROWS = [...THREATS, ...INCIDENTS];
  const of = (row: string): readonly Guard[] => GUARDS[row] ?? [];
  const textOf = ({ file, name }: { readonly file: string; readonly name: string }) => `${file} "${name}"`;
  const EDITS = Object.entries(GUARDS).flatMap(([row, guards]) =>
    guards.flatMap(({ edits }) => edits.map((edit) => ({ row, ...edit }))),
  );

  test.each(ROWS)("%s: every test is of a guard, and every guard of a test", (row, _, tests = "") => {
    const guarded = of(row).map(({ test }) => textOf(test));
    expect([...new Set(guarded)].sort()).toEqual(testsIn(tests).map(textOf).sort());
  });

  test.each(THREATS)("%s: something is removed in every file that stops it", (row, where = "") => {
    const edited = of(row).flatMap(({ edits }) => edits.map(({ file }) => file));
    expect(filesIn(where).filter((file) => !edited.includes(file))).toEqual([]);
  });

  test("each is of a row, and removes something", () => {
    expect(Object.keys(GUARDS).sort()).toEqual(ROWS.map(([row]) => row).sort());
    expect(
      Object.values(GUARDS).flatMap((guards) => guards.filter(({ edits }) => edits.length === 0)),
    ).toEqual([]);
    expect(EDITS.filter(({ find, replace }) => find === replace)).toEqual([]);
  });

  test("the text that is removed is there exactly once", () => {
    const times = EDITS.map(
      ({ file, find }) => readFileSync(join(ROOT, file), "utf8").split(find).length - 1,
    );
    expect(EDITS.filter((_, index) => times[index] !== 1)).toEqual([]);
  });

  test("a test that comes before another is in its file", () => {
    const guards = Object.values(GUARDS).flat();
    for (const { file, after = [] } of guards.map(({ test }) => test))
      for (const name of after) expect(readFileSync(join(ROOT, file), "utf8")).toContain(name);
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
