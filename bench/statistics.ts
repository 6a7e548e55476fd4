// Measures side by side: contenders take turns in every round, so that a busy machine slows all of them alike.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** One thing to measure. */
export interface Contender {
  readonly name: string;
  /** How often one `run` does it. */
  readonly times: number;
  /** How many runs make a turn: few operations in each, for what is prepared must not become the collector's work. */
  readonly runs: number;
  /** Makes what a run uses up; not timed. */
  readonly prepare?: () => void;
  readonly run: () => void | Promise<void>;
}

/** CPU microseconds per operation, one figure a round, by contender. */
export type Rounds = ReadonlyMap<string, readonly number[]>;

/** Turns before the first counted one: code is compiled and inlined by then. */
const WARM_UP_TURNS = 5;

/** Runs all contenders in turns; every round starts with another one. */
export async function interleave(contenders: readonly Contender[], rounds: number): Promise<Rounds> {
  const figures = new Map(contenders.map(({ name }) => [name, [] as number[]]));
  for (let round = -WARM_UP_TURNS; round < rounds; round += 1) {
    for (const contender of rotated(contenders, round + WARM_UP_TURNS)) {
      const figure = await turn(contender);
      if (round >= 0) figures.get(contender.name)?.push(figure);
    }
  }
  return figures;
}

async function turn({ times, runs, prepare, run }: Contender): Promise<number> {
  let spent = 0;
  for (let i = 0; i < runs; i += 1) {
    prepare?.();
    collectGarbage();
    const before = process.cpuUsage();
    await run();
    const { user, system } = process.cpuUsage(before);
    spent += user + system;
  }
  return spent / (times * runs);
}

/** The list, beginning at another place each time. */
export function rotated<T>(list: readonly T[], by: number): readonly T[] {
  const at = list.length === 0 ? 0 : by % list.length;
  return [...list.slice(at), ...list.slice(0, at)];
}

/** The middle value; NaN for none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? Number.NaN;
  return (upper + lower) / 2;
}

/** The median over the rounds of one figure over another; undefined when either was not measured. */
export function ratio(rounds: Rounds, name: string, to: string): number | undefined {
  const [above, below] = [rounds.get(name), rounds.get(to)];
  if (!above?.length || !below?.length) return undefined;
  return median(above.map((value, round) => value / (below[round] ?? Number.NaN)));
}

setFlagsFromString("--expose-gc");
const gc: unknown = runInNewContext("gc");

/** One contender's garbage is not the next one's work. A full collection would also throw away compiled code. */
function collectGarbage(): void {
  if (typeof gc === "function") gc({ type: "minor" });
}
