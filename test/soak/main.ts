// `npm run soak`: every deployment that fails, people and paths where folders are named after claims and
// groups, then a million generated requests, or as many as `--tries` says.
import { mock } from "node:test";
import { readCommandLine } from "../../infra/build/command-line.ts";
import { checkPairs } from "../infra/claims-pairs.ts";
import { checkTeamPairs } from "../infra/teams-pairs.ts";
import { NOW } from "../unit/fixtures/config.ts";
import { Leak } from "../unit/hostile/invariants.ts";
import { type Outcomes, tryWorlds } from "../unit/hostile/worlds.ts";
import { soakDeployments } from "./deployments.ts";

/** Tries between two lines of progress. */
const BLOCK = 20_000;
const PAIRS = 100_000;
const MAX_TRIES = 100_000_000;
const USAGE = "usage: npm run soak -- [--only deployments|requests] [--tries <number>] [--seed <number>]";

try {
  const { only, tries, seed } = options();
  if (only !== "requests") await soakDeployments();
  if (only !== "deployments") {
    console.log(`${checkPairs(PAIRS, seed).pairs} pairs of people and paths agree, seed ${seed}`);
    console.log(`${checkTeamPairs(PAIRS, seed).pairs} pairs of members and paths agree, seed ${seed}`);
    mock.timers.enable({ apis: ["Date"], now: NOW });
    await soak(tries, seed);
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

function options(): { readonly only: string | undefined; readonly tries: number; readonly seed: number } {
  const values = readCommandLine(
    { only: { type: "string" }, tries: { type: "string", default: "1000000" }, seed: { type: "string" } },
    USAGE,
  );
  const [tries, seed] = [Number(values.tries), Number(values.seed ?? Math.floor(Math.random() * 2 ** 31))];
  const { only } = values;
  const isKnown = only === undefined || only === "deployments" || only === "requests";
  if (!(isKnown && Number.isInteger(tries) && tries > 0 && tries <= MAX_TRIES && Number.isInteger(seed)))
    throw new Error(USAGE);
  return { only, tries, seed };
}

async function soak(tries: number, seed: number): Promise<void> {
  const startedAt = performance.now();
  const outcomes: Outcomes = new Map();
  console.log(`seed ${seed}, ${tries} tries`);
  for (let done = 0; done < tries; done += BLOCK) {
    const count = Math.min(BLOCK, tries - done);
    try {
      // A block is run again by its own seed alone.
      await tryWorlds(count, seed + done, outcomes);
    } catch (error) {
      report(outcomes, startedAt);
      throw new Error(`seed ${seed + done}: ${isLeak(error) ? "1 leak" : "1 error"}\n${describe(error)}`, {
        cause: error,
      });
    }
    if (process.stdout.isTTY) process.stdout.write(`\r${done + count}`);
  }
  report(outcomes, startedAt);
  console.log("leaks 0, errors 0");
}

function report(outcomes: Outcomes, startedAt: number): void {
  const counted = [...outcomes].sort(([, a], [, b]) => b - a);
  for (const [outcome, count] of counted) console.log(`${String(count).padStart(9)}  ${outcome}`);
  const tries = counted.reduce((sum, [, count]) => sum + count, 0);
  const seconds = (performance.now() - startedAt) / 1000;
  console.log(
    `${tries} tries in ${seconds.toFixed(0)} s, ${(tries / seconds).toFixed(0)} a second, through both builds`,
  );
}

function isLeak(error: unknown): boolean {
  return error instanceof Leak || (error instanceof Error && isLeak(error.cause));
}

/** The smallest try that fails, and what it breaks. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message}\n${describe(error.cause)}`;
}
