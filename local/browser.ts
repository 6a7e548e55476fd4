// Debian's Chromium (or another one that is installed), driven by playwright-core, which downloads no browser.

import { accessSync, constants } from "node:fs";
import { type Browser, chromium } from "playwright-core";

/** What the browser can be told. */
export interface ChromiumOptions {
  /** A window to watch it by. */
  readonly headed?: boolean;
}

const ENV = "CHROMIUM_PATH";

const PLACES = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/** No GPU and no talking to anybody: names other than this machine's do not resolve. */
const FLAGS = [
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1, EXCLUDE [::1]",
];

/** Why there is no browser to drive; undefined when there is one. */
export function chromiumMissing(): string | undefined {
  if (chromiumPath() !== undefined) return undefined;
  const named = process.env[ENV];
  if (named !== undefined) return `${ENV} is ${named}, which cannot be run`;
  return `no Chromium in ${PLACES.join(", ")}; install the package "chromium", or set ${ENV}`;
}

/**
 * Starts a browser without a window; its sandbox is off, for it runs as root in containers and opens only what this
 * machine serves. `close()` it when done.
 * @throws when there is none, saying where it was looked for
 */
export async function launchChromium({ headed = false }: ChromiumOptions = {}): Promise<Browser> {
  const executablePath = chromiumPath();
  if (executablePath === undefined) throw new Error(`Chromium: ${chromiumMissing()}`);
  return await chromium.launch({ executablePath, headless: !headed, chromiumSandbox: false, args: FLAGS });
}

function chromiumPath(): string | undefined {
  const named = process.env[ENV];
  return (named === undefined ? PLACES : [named]).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
