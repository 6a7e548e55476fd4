// What one container keeps when ever more people come by.
import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Builds } from "./builds.ts";
import { eventText } from "./events.ts";
import { childFile, output } from "./process.ts";
import type { Users } from "./users.ts";

/** Memory after so many users, over a process that read the same lines and answered nobody; in bytes. */
export interface MemoryPoint {
  readonly users: number;
  readonly rss: number;
  readonly heap: number;
}

/** Like a 128 MB function's heap, as far as Lambda's settings are known. */
const FLAGS = ["--expose-gc", "--max-semi-space-size=6", "--max-old-space-size=115"];
const BATCH = 500;

/** Sends `count` users, one request each, to a container and beside it to an empty process. */
export async function measureMemory(
  users: Users,
  builds: Builds,
  count: number,
): Promise<readonly MemoryPoint[]> {
  const marks = [0.1, 0.25, 0.5, 0.75, 1].map((part) => Math.round(count * part));
  const template = eventText(await users.user(0), "");
  const begin = (file: string) =>
    spawn(process.execPath, [...FLAGS, childFile("users"), file, template, marks.join(",")], {
      stdio: ["pipe", "pipe", "inherit"],
    });
  const containers = [begin(builds.complete.file), begin(childFile("empty"))];
  const outputs = Promise.all(containers.map(output));
  for (let from = 0; from < count; from += BATCH) {
    const lines = await cookieLines(users, from, Math.min(BATCH, count - from));
    for (const { stdin } of containers) if (!stdin.write(lines)) await once(stdin, "drain");
  }
  for (const { stdin } of containers) stdin.end();
  const [ours = "", empty = ""] = await outputs;
  return difference(points(ours), points(empty));
}

async function cookieLines(users: Users, from: number, count: number): Promise<string> {
  const lines = Array.from({ length: count }, async (_, index) => {
    const user = await users.user(from + index);
    return `__Host-gatehouse-id=${user.token}; __Host-gatehouse-aws=${users.sealed(user, "live")}\n`;
  });
  return (await Promise.all(lines)).join("");
}

interface Point {
  readonly users: number;
  readonly rss: number;
  readonly heapUsed: number;
  readonly external: number;
}

function points(text: string): readonly Point[] {
  return text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
}

function difference(ours: readonly Point[], empty: readonly Point[]): readonly MemoryPoint[] {
  return ours.map((point, index) => {
    const base = empty[index] ?? point;
    const heap = point.heapUsed + point.external - base.heapUsed - base.external;
    return { users: point.users, rss: point.rss - base.rss, heap };
  });
}
