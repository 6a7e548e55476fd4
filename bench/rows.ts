// From measurements to the rows of the table.
import type { Builds } from "./builds.ts";
import { HOT } from "./hot.ts";
import type { MemoryPoint } from "./memory.ts";
import { COGNITO_AT_EDGE, HENRIST, type Peer } from "./peers.ts";
import type { StartReport } from "./process.ts";
import { type Starts, typical } from "./starts.ts";
import { median, type Rounds, ratio } from "./statistics.ts";
import type { Row } from "./table.ts";
import type { Seal } from "./users.ts";

const MB = 1_048_576;
const KB = 1_024;
const GOALS_FOR_PEERS: Readonly<Record<string, number>> = { [COGNITO_AT_EDGE]: 0.1, [HENRIST]: 0.04 };
/** The aws-samples handler, which is not on npm. */
const GOAL_FOR_FILES = 0.11;

/** A warm container. */
export function hotRows(rounds: Rounds, peers: readonly Peer[]): readonly Row[] {
  const microseconds = median(rounds.get(HOT.complete) ?? []);
  const rsa = median(rounds.get(HOT.rsa) ?? []);
  const row = (name: string, of: string, to: string, goal?: number): Row => ({
    name,
    figure: ratio(rounds, of, to),
    unit: "ratio",
    ...(goal !== undefined && { goal }),
  });
  return [
    {
      ...row("warm request / one RSA-2048 verify", HOT.complete, HOT.rsa, 0.25),
      note: `${microseconds.toFixed(1)} µs of CPU / ${rsa.toFixed(1)} µs`,
    },
    ...peers.map(({ name }) => ({
      ...row(`warm request / ${name}`, HOT.complete, name, GOALS_FOR_PEERS[name] ?? GOAL_FOR_FILES),
      note: `which only authorises, in ${median(rounds.get(name) ?? []).toFixed(1)} µs`,
    })),
    row("warm request / our SDK build", HOT.complete, HOT.sdk, 0.04),
    row("first request of a token, sealed cookie / RSA verify", HOT.first, HOT.rsa, 2.5),
  ];
}

/** What the warm figures are due to. */
export function hotCauses(rounds: Rounds): readonly Row[] {
  const row = (name: string, of: string, to: string): Row => ({
    name,
    figure: ratio(rounds, of, to),
    unit: "ratio",
  });
  return [
    row("cause: warm, lock alone / RSA verify", HOT.lock, HOT.rsa),
    row("cause: warm, token in Amplify's cookies / in ours", HOT.amplify, HOT.complete),
    row("cause: warm, with the event's JSON in and out / without", HOT.json, HOT.complete),
    row("cause: first request of a token / SDK build's", HOT.first, HOT.sdkFirst),
  ];
}

/** Until the handler is ready. */
export function readyRows(starts: Starts): readonly Row[] {
  const over = figureOver(starts, ({ ready }) => ready.cpuMs);
  const memory = (name: string) => typical(starts, name, ({ ready }) => ready.memory.rss);
  const crypto = over("crypto");
  const row = (name: string, of: string, goal?: number): Row => ({
    name,
    figure: over(of) / crypto,
    unit: "ratio",
    note: `${over(of).toFixed(1)} ms of CPU / ${crypto.toFixed(1)} ms, both over an empty process`,
    ...(goal !== undefined && { goal }),
  });
  return [
    row("process start to handler ready / require('node:crypto')", "complete", 1.4),
    row("cause: the same, lock alone", "lock"),
    row("cause: the same, https loaded eagerly", "eager"),
    row("cause: the same, SDK build", "sdk"),
    {
      name: "memory when ready, over an empty process",
      figure: (memory("complete") - memory("empty")) / MB,
      unit: "MB",
      goal: 4,
      note: "resident",
    },
  ];
}

/** Until the first signed answer. */
export function firstAnswerRows(starts: Starts, isShared: boolean): readonly Row[] {
  const over = figureOver(starts, ({ answered }) => (isShared ? answered.wallMs : answered.cpuMs));
  const how = isShared ? "wall clock at 1/14 vCPU" : "CPU at full speed: no control group with a quota here";
  const row = (name: string, of: string, to: string, goal?: number): Row => ({
    name: `start to first signed answer, ${name}`,
    figure: over(of) / over(to),
    unit: "ratio",
    note: `${over(of).toFixed(0)} / ${over(to).toFixed(0)} ms over an empty process, ${how}`,
    ...(goal !== undefined && { goal }),
  });
  return [
    row("sealed / SDK build with exchange", "sealed", "sdk exchange", 0.1),
    row("with exchange / SDK build with exchange", "exchange", "sdk exchange", 0.55),
    row("sealed / SDK build sealed", "sealed", "sdk sealed"),
    row("cause: sealed / with exchange", "sealed", "exchange"),
  ];
}

function figureOver(starts: Starts, figure: (report: StartReport) => number): (name: string) => number {
  return (name) => typical(starts, name, figure) - typical(starts, "empty", figure);
}

/** Bytes of the bundles, without configuration. */
export function sizeRows({ lock, complete, sdkComplete }: Builds): readonly Row[] {
  const size = (name: string, bytes: number, goal?: number): Row => ({
    name: `bundle: ${name}`,
    figure: bytes / KB,
    unit: "KB",
    note: `${bytes} bytes`,
    ...(goal !== undefined && { goal }),
  });
  return [
    size("lock alone", lock.bytes, 41),
    size("with everything", complete.bytes, 74),
    size("SDK build with everything", sdkComplete.bytes),
  ];
}

/** A container after many users. */
export function memoryRows(points: readonly MemoryPoint[]): readonly Row[] {
  const last = points.at(-1);
  const half = points.find(({ users }) => last !== undefined && users >= last.users / 2);
  if (!last || !half) return [];
  const users = last.users.toLocaleString("en");
  return [
    {
      name: `memory after ${users} users, over an empty process`,
      figure: last.rss / MB,
      unit: "MB",
      goal: 24,
      note: `resident; ${(last.heap / MB).toFixed(1)} MB of heap and buffers in use`,
    },
    {
      name: "the same: growth over the second half of them",
      figure: (last.heap - half.heap) / MB,
      unit: "MB",
      goal: 1,
      note: "heap and buffers in use; flat means none",
    },
  ];
}

/** Before the first answer of a cold container. */
export function roundTripRows(counts: ReadonlyMap<Seal, number>): readonly Row[] {
  const row = (name: string, seal: Seal, goal: number): Row => ({
    name: `round trips of a cold container: ${name}`,
    figure: counts.get(seal),
    unit: "round trips",
    goal,
    note: "each connection counts one for TCP and one for TLS 1.3, each request one",
  });
  return [
    row("sealed session", "live", 0),
    row("expired session, identity known", "expired", 3),
    row("nothing known", "none", 4),
  ];
}
