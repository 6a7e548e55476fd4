// curl, for what no browser sends.

import { execFile, execFileSync } from "node:child_process";
import { promisify } from "node:util";

/** Why there is no curl; undefined when there is one. */
export function curlMissing(): string | undefined {
  try {
    execFileSync("curl", ["--version"], { stdio: "ignore" });
    return undefined;
  } catch {
    return 'no curl on the PATH; install the package "curl"';
  }
}

/** Runs curl and throws its answer away, whatever its status. */
export async function curl(...args: readonly string[]): Promise<void> {
  await promisify(execFile)("curl", ["--silent", "--noproxy", "*", "--output", "/dev/null", ...args], {
    timeout: 20_000,
  });
}
