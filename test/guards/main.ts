// `npm run guards`: removes each guard of SECURITY.md's tables in a copy of the repository, and sees its test go red.
// `npm run guards -- --row <text>` takes the rows whose first cell holds the text.
import { readCommandLine, runCommand, UsageError } from "../../infra/build/command-line.ts";
import { Copy } from "./copy.ts";
import { GUARDS, type Guard, type NamedTest } from "./guards.ts";
import { type Outcome, runTest } from "./run.ts";

const USAGE = "usage: npm run guards -- [--row <text>]";
const intact = new Map<string, Outcome>();

await runCommand(() => {
  const chosen = chosenGuards(readCommandLine({ row: { type: "string", default: "" } }, USAGE).row);
  const copy = new Copy();
  try {
    const seen = chosen.map(({ row, guard }) => show(copy, row, guard)).filter((isRed) => isRed).length;
    const missed = chosen.length - seen;
    console.log(`${chosen.length} guards removed, ${seen} seen red, ${missed} missed`);
    process.exitCode = missed > 0 ? 1 : 0;
  } finally {
    copy.remove();
  }
});

function chosenGuards(text: string): readonly { readonly row: string; readonly guard: Guard }[] {
  const chosen = Object.entries(GUARDS)
    .filter(([row]) => row.includes(text))
    .flatMap(([row, guards]) => guards.map((guard) => ({ row, guard })));
  if (chosen.length === 0) throw new UsageError(`--row: no row holds the text "${text}"\n${USAGE}`);
  return chosen;
}

/** Whether the test is green with its guard, and red without it. */
function show(copy: Copy, row: string, { test, edits }: Guard): boolean {
  const startedAt = performance.now();
  const before = withGuard(copy, test);
  const after = before.verdict === "green" ? withoutGuard(copy, { test, edits }) : before;
  const isRed = before.verdict === "green" && after.verdict === "red";
  const files = [...new Set(edits.map(({ file }) => file))].join(", ");
  const seconds = Math.round((performance.now() - startedAt) / 1000);
  console.log(`${isRed ? "red  " : "GREEN"} ${row} | ${files} | ${test.file} "${test.name}" | ${seconds} s`);
  if (before.verdict !== "green") console.log(`      not green with its guard: ${firstLines(before.why)}`);
  else if (after.verdict === "broken") console.log(`      not by an expectation: ${firstLines(after.why)}`);
  return isRed;
}

/** Once for each test, however many guards it holds. */
function withGuard(copy: Copy, test: NamedTest): Outcome {
  const key = JSON.stringify(test);
  const outcome = intact.get(key) ?? runTest(copy.folder, test);
  intact.set(key, outcome);
  return outcome;
}

function withoutGuard(copy: Copy, { test, edits }: Guard): Outcome {
  try {
    return copy.without(edits, () => runTest(copy.folder, test));
  } catch (error) {
    return { verdict: "broken", why: error instanceof Error ? error.message : String(error) };
  }
}

function firstLines(text: string): string {
  return text.split("\n").slice(0, 3).join(" / ");
}
