// `npm run guards`: removes each guard of SECURITY.md's tables in a copy of the repository, and sees its test go red.
// `npm run guards -- --row <text>` takes the rows whose first cell holds the text.
import { parseArgs } from "node:util";
import { Copy } from "./copy.ts";
import { GUARDS, type Guard, type NamedTest } from "./guards.ts";
import { type Outcome, runTest } from "./run.ts";

const { values } = parseArgs({ options: { row: { type: "string", default: "" } } });
const chosen = Object.entries(GUARDS)
  .filter(([row]) => row.includes(values.row))
  .flatMap(([row, guards]) => guards.map((guard) => ({ row, guard })));
if (chosen.length === 0) throw new Error(`no row holds the text ${values.row}`);

const copy = new Copy();
const intact = new Map<string, Outcome>();
try {
  const seen = chosen.map(({ row, guard }) => show(row, guard)).filter((isRed) => isRed).length;
  const missed = chosen.length - seen;
  console.log(`${chosen.length} guards removed, ${seen} seen red, ${missed} missed`);
  process.exitCode = missed > 0 ? 1 : 0;
} finally {
  copy.remove();
}

/** Whether the test is green with its guard, and red without it. */
function show(row: string, { test, edits }: Guard): boolean {
  const startedAt = performance.now();
  const before = withGuard(test);
  const after = before.verdict === "green" ? withoutGuard({ test, edits }) : before;
  const isRed = before.verdict === "green" && after.verdict === "red";
  const files = [...new Set(edits.map(({ file }) => file))].join(", ");
  const seconds = Math.round((performance.now() - startedAt) / 1000);
  console.log(`${isRed ? "red  " : "GREEN"} ${row} | ${files} | ${test.file} "${test.name}" | ${seconds} s`);
  if (before.verdict !== "green") console.log(`      not green with its guard: ${firstLines(before.why)}`);
  else if (after.verdict === "broken") console.log(`      not by an expectation: ${firstLines(after.why)}`);
  return isRed;
}

/** Once for each test, however many guards it holds. */
function withGuard(test: NamedTest): Outcome {
  const key = JSON.stringify(test);
  const outcome = intact.get(key) ?? runTest(copy.folder, test);
  intact.set(key, outcome);
  return outcome;
}

function withoutGuard({ test, edits }: Guard): Outcome {
  try {
    return copy.without(edits, () => runTest(copy.folder, test));
  } catch (error) {
    return { verdict: "broken", why: error instanceof Error ? error.message : String(error) };
  }
}

function firstLines(text: string): string {
  return text.split("\n").slice(0, 3).join(" / ");
}
