// `npm run bench -- --load`: the local stack under autocannon for a bounded time.
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { startGate } from "../local/gate/gate.ts";
import { installPeers } from "./peers.ts";

const AUTOCANNON = join(import.meta.dirname, "node_modules/autocannon/autocannon.js");
const ASSETS = join(import.meta.dirname, "../local/assets");
const PATH = "/documents/opening-hours.txt";
const SECONDS = 10;
const CONNECTIONS = 8;

/** Loads one cached object with one user's token; every request runs the function. */
export async function load(): Promise<string> {
  installPeers();
  const gate = await startGate({ port: 0, assets: ASSETS });
  try {
    const token = await gate.userPool.issueIdToken("ada");
    return summary(await cannon(`${gate.url}${PATH}`, `__Host-gatehouse-id=${token}`));
  } finally {
    await gate.close();
  }
}

async function cannon(url: string, cookie: string): Promise<unknown> {
  const limits = ["-d", String(SECONDS), "-c", String(CONNECTIONS)];
  const args = [AUTOCANNON, "--json", ...limits, "-H", `Cookie=${cookie}`, url];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return JSON.parse(stdout);
}

/** What autocannon reports, as far as it is read here. */
interface Report {
  readonly requests: { readonly average: number; readonly total: number };
  readonly latency: { readonly p50: number; readonly p99: number };
  readonly errors: number;
  readonly timeouts: number;
  readonly non2xx: number;
}

function summary(report: unknown): string {
  const { requests, latency, errors, timeouts, non2xx } = report as Report;
  return [
    `- ${requests.total} requests in ${SECONDS} s over ${CONNECTIONS} connections: ${Math.round(requests.average)} a second`,
    `- latency: p50 ${latency.p50} ms, p99 ${latency.p99} ms`,
    `- errors: ${errors}, timeouts: ${timeouts}, answers other than 2xx: ${non2xx}`,
  ].join("\n");
}
