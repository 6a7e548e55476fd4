// 20,000 generated requests, through both builds: nothing is served that should not be, nothing is told that is secret.
import { expect, test, vi } from "vitest";
import { NOW } from "../fixtures/config.ts";
import { type Outcomes, tryWorlds } from "./worlds.ts";

const TRIES = 20_000;

test(`${TRIES} requests, and every invariant holds for each`, { timeout: 300_000 }, async () => {
  vi.useFakeTimers({ toFake: ["Date"], now: NOW });
  const outcomes: Outcomes = new Map();
  const seed = Math.floor(Math.random() * 2 ** 31);
  try {
    await tryWorlds(TRIES, seed, outcomes);
  } finally {
    vi.useRealTimers();
  }
  const counted = [...outcomes].sort(([, a], [, b]) => b - a);
  process.stdout.write(`${counted.map(([outcome, count]) => `${count} ${outcome}`).join("\n")}\n`);
  expect(counted.reduce((sum, [, count]) => sum + count, 0)).toBe(TRIES);
  // The tries reach what they are meant to try.
  const wanted = [
    "signed signed-in",
    "signed group",
    "signed owner",
    "signed list",
    "401 token_expired",
    "403 access_denied",
  ];
  for (const outcome of wanted) expect(outcomes.get(outcome) ?? 0, outcome).toBeGreaterThan(20);
});
