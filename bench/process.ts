// Fresh processes of this Node.js, and what they report of themselves.
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";

const CHILDREN = join(import.meta.dirname, "children");

/** Milliseconds since the process started. */
export interface Spent {
  readonly cpuMs: number;
  readonly wallMs: number;
}

/** What `children/start.cjs` prints. */
export interface StartReport {
  readonly ready: Spent & { readonly memory: { readonly rss: number; readonly heapUsed: number } };
  readonly answered: Spent;
  /** Whether the event was answered with a signed request. */
  readonly signed: boolean;
  /** Those of Node's modules for TLS and compression that were loaded. */
  readonly modules: readonly string[];
}

/** How a process is started. */
export interface StartOptions {
  readonly file: string;
  readonly eventFile?: string;
  readonly env: Readonly<Record<string, string>>;
  /** A file that a process writes itself into to be held to a share of a CPU; undefined for all of it. */
  readonly shareFile?: string | undefined;
}

/** One of the files that are measured as they are. */
export function childFile(name: string): string {
  return join(CHILDREN, `${name}.cjs`);
}

/** Starts a process and waits for its report. */
export async function start({ file, eventFile, env, shareFile }: StartOptions): Promise<StartReport> {
  const command = [process.execPath, childFile("start"), file, ...(eventFile ? [eventFile] : [])];
  const [program = "", ...args] = shareFile ? ["sh", "-c", JOIN, shareFile, ...command] : command;
  return JSON.parse(await output(spawn(program, args, { env, stdio: ["ignore", "pipe", "inherit"] })));
}

/** Joins the group before Node.js starts: `$0` is the group's file. */
const JOIN = 'echo $$ > "$0" && exec "$@"';

/** Everything a process prints; rejects when it fails. */
export function output(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    child.stdout?.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
    });
    child.on("error", reject);
    child.on("close", (code) =>
      code === 0 ? resolve(text) : reject(new Error(`${child.spawnfile} ended with ${code}`)),
    );
  });
}
