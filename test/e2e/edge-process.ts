// A process of its own for each invocation of a function, as a container that has never run before, at Lambda's pace.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import type { RequestResult, ResponseResult } from "../../edge/request/cloudfront.ts";

/** What an invocation came to. */
export interface Invocation {
  /** The function's answer. */
  readonly result: RequestResult | ResponseResult;
  /** Node's own modules that were loaded for it. */
  readonly modules: readonly string[];
  /** Connections that were opened, to anywhere. */
  readonly connections: number;
}

/** How it is run. */
export interface Pace {
  /** Of a CPU; 1 lets it run freely. A 128 MB function gets a fourteenth. */
  readonly cpuShare?: number;
  /** After which Lambda ends it, in milliseconds of real time. */
  readonly timeoutMs?: number;
}

/** Long enough for timers to hold the share, short enough for a second to have many. In milliseconds. */
const PERIOD_MS = 56;

const RUNTIME = `
const net = require("node:net");
let connections = 0;
const connect = net.Socket.prototype.connect;
net.Socket.prototype.connect = function (...given) { connections += 1; return connect.apply(this, given); };
const before = new Set(process.moduleLoadList);
process.once("message", async (event) => {
  const result = await require("./index.js").handler(event);
  const modules = process.moduleLoadList.filter((name) => !before.has(name));
  process.send({ result, modules, connections }, () => process.exit(0));
});
process.send("ready");
`;

/** Runs a function's code on an event, in a process that is new. */
export async function invoke(code: string, event: unknown, pace: Pace = {}): Promise<Invocation> {
  const folder = mkdtempSync(join(tmpdir(), "edge-"));
  writeFileSync(join(folder, "index.js"), code);
  writeFileSync(join(folder, "package.json"), "{}");
  writeFileSync(join(folder, "runtime.js"), RUNTIME);
  const child = spawn(process.execPath, [join(folder, "runtime.js")], {
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  const errors = child.stderr ? text(child.stderr) : Promise.resolve("");
  try {
    return await new Promise<Invocation>((resolve, reject) => {
      let throttle: NodeJS.Timeout | undefined;
      child.on("exit", (status) => {
        clearInterval(throttle);
        void errors.then((lines) => reject(new Error(`ended with ${status}: ${lines}`)));
      });
      child.on("message", (message) => {
        if (message !== "ready") return resolve(message as Invocation);
        child.send(event as object);
        throttle = slowDown(() => child.pid ?? 0, pace.cpuShare ?? 1);
        setTimeout(() => child.kill("SIGKILL"), pace.timeoutMs ?? 30_000).unref();
      });
    });
  } finally {
    child.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Stops the process for most of each period. */
function slowDown(pid: () => number, share: number): NodeJS.Timeout | undefined {
  if (share >= 1) return undefined;
  return setInterval(() => {
    signal(pid(), "SIGCONT");
    setTimeout(() => signal(pid(), "SIGSTOP"), PERIOD_MS * share);
  }, PERIOD_MS);
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended meanwhile.
  }
}
