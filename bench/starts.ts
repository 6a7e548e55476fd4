// Cold containers: fresh processes in turns, until the handler is ready and until the first request is signed.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Builds } from "./builds.ts";
import { makeCpuShare } from "./cpu-share.ts";
import { eventText } from "./events.ts";
import type { IdentityPoolServer } from "./identity-pool.ts";
import { childFile, type StartReport, start } from "./process.ts";
import { median, rotated } from "./statistics.ts";
import type { Seal, Users } from "./users.ts";

/** What cold containers are measured with. */
export interface StartsInput {
  readonly folder: string;
  readonly users: Users;
  readonly builds: Builds;
  readonly identityPool: IdentityPoolServer;
}

/** Reports of several starts, by what was started. */
export type Starts = ReadonlyMap<string, readonly StartReport[]>;

/** Processes at full speed, until the handler is ready. */
export async function measureReady({ builds, identityPool }: StartsInput, times: number): Promise<Starts> {
  const files = {
    empty: childFile("empty"),
    crypto: childFile("crypto"),
    complete: builds.complete.file,
    lock: builds.lock.file,
    eager: builds.eager.file,
    sdk: builds.sdkComplete.file,
  };
  const env = environment(identityPool);
  const starts = Object.entries(files).map(([name, file]) => [name, () => start({ file, env })] as const);
  return await inTurns(starts, times);
}

/** Processes until their first signed answer, at Lambda's share of a CPU where `share` is "lambda". */
export async function measureFirstAnswers(
  input: StartsInput,
  times: number,
): Promise<{ readonly starts: Starts; readonly isShared: boolean }> {
  const { builds, identityPool } = input;
  const share = makeCpuShare();
  const common = { env: environment(identityPool), shareFile: share?.file };
  const [sealed, unsealed] = [await eventFile(input, "live"), await eventFile(input, "none")];
  const begin = (file: string, eventFile: string) => () => start({ ...common, file, eventFile });
  try {
    const starts = await inTurns(
      [
        ["empty", begin(childFile("empty"), sealed)],
        ["sealed", begin(builds.complete.file, sealed)],
        ["exchange", begin(builds.complete.file, unsealed)],
        ["sdk sealed", begin(builds.sdkComplete.file, sealed)],
        ["sdk exchange", begin(builds.sdkComplete.file, unsealed)],
      ],
      times,
    );
    for (const [name, reports] of starts)
      if (name !== "empty" && !reports.every(({ signed }) => signed)) throw new Error(`${name}: not signed`);
    return { starts, isShared: share !== undefined };
  } finally {
    share?.close();
  }
}

/** Connections and requests that the first answer of a cold container needs, by what the viewer's cookie is worth. */
export async function countRoundTrips(input: StartsInput): Promise<ReadonlyMap<Seal, number>> {
  const counts = new Map<Seal, number>();
  for (const seal of ["live", "expired", "none"] as const) {
    input.identityPool.takeCounts();
    const options = { file: input.builds.complete.file, env: environment(input.identityPool) };
    const { signed } = await start({ ...options, eventFile: await eventFile(input, seal) });
    if (!signed) throw new Error(`not signed with a session that is ${seal}`);
    const { connections, requests } = input.identityPool.takeCounts();
    counts.set(seal, connections * ROUND_TRIPS_PER_CONNECTION + requests);
  }
  return counts;
}

/** One for TCP, one for TLS 1.3. */
const ROUND_TRIPS_PER_CONNECTION = 2;

async function eventFile({ folder, users }: StartsInput, seal: Seal): Promise<string> {
  const user = await users.user(0);
  const file = join(folder, `event-${seal}.json`);
  writeFileSync(file, eventText(user, users.sealed(user, seal)));
  return file;
}

function environment({ certificateFile }: IdentityPoolServer): Readonly<Record<string, string>> {
  return {
    PATH: process.env["PATH"] ?? "",
    AWS_REGION: "us-east-1",
    ...(certificateFile && { NODE_EXTRA_CA_CERTS: certificateFile }),
  };
}

async function inTurns(
  starts: readonly (readonly [name: string, begin: () => Promise<StartReport>])[],
  times: number,
): Promise<Starts> {
  const reports = new Map(starts.map(([name]) => [name, [] as StartReport[]]));
  for (let round = 0; round < times; round += 1)
    for (const [name, begin] of rotated(starts, round)) reports.get(name)?.push(await begin());
  return reports;
}

/** The median of one figure over all starts of one kind. */
export function typical(starts: Starts, name: string, figure: (report: StartReport) => number): number {
  return median((starts.get(name) ?? []).map(figure));
}
