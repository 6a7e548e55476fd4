// A control group that holds processes to Lambda's share of a CPU, where this machine lets us make one.
import { mkdirSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A 128 MB function gets 128/1769 of a vCPU. https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html */
export const LAMBDA_SHARE = 128 / 1769;

/** Short periods: within one, a process runs at full speed. In microseconds. */
const PERIOD_US = 14_000;
const QUOTA_US = Math.round(PERIOD_US * LAMBDA_SHARE);

/** A group with that share. */
export interface CpuShare {
  /** A process that writes its id here belongs to the group. */
  readonly file: string;
  readonly close: () => void;
}

interface Hierarchy {
  readonly root: string;
  readonly members: string;
  readonly settings: readonly (readonly [file: string, value: string])[];
}

const HIERARCHIES: readonly Hierarchy[] = [
  {
    root: "/sys/fs/cgroup/cpu",
    members: "tasks",
    settings: [
      ["cpu.cfs_period_us", String(PERIOD_US)],
      ["cpu.cfs_quota_us", String(QUOTA_US)],
    ],
  },
  { root: "/sys/fs/cgroup", members: "cgroup.procs", settings: [["cpu.max", `${QUOTA_US} ${PERIOD_US}`]] },
];

/** Makes the group, by version 1 or 2 of control groups; undefined where that is not allowed. */
export function makeCpuShare(): CpuShare | undefined {
  for (const { root, members, settings } of HIERARCHIES) {
    const folder = join(root, `gatehouse-bench-${process.pid}`);
    try {
      mkdirSync(folder);
    } catch {
      continue;
    }
    try {
      for (const [file, value] of settings) writeFileSync(join(folder, file), value, { flag: "r+" });
      return { file: join(folder, members), close: () => rmdirSync(folder) };
    } catch {
      rmdirSync(folder);
    }
  }
  return undefined;
}
