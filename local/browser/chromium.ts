// Debian's Chromium (or another one that is installed), driven by playwright-core, which downloads no browser.

import { accessSync, constants } from "node:fs";
import { type Browser, type BrowserContext, chromium, type LaunchOptions } from "playwright-core";

/** What the browser can be told. */
export interface ChromiumOptions {
  /** A window to watch it by. */
  readonly headed?: boolean;
  /** HTTPS hosts that are played by ports of this machine, such as `{ "assets.example.test": 8443 }`. */
  readonly hosts?: Readonly<Record<string, number>>;
  /** Keeps pages for the back button, as browsers do; the driver switches that off. */
  readonly backForwardCache?: boolean;
  /** Further switches. */
  readonly flags?: readonly string[];
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
export async function launchChromium(options: ChromiumOptions = {}): Promise<Browser> {
  return await chromium.launch(launchOptions(options));
}

/**
 * Starts a browser with one profile that is kept in a folder, where its preferences can be written before.
 * @throws as `launchChromium`
 */
export async function launchProfile(folder: string, options: ChromiumOptions = {}): Promise<BrowserContext> {
  return await chromium.launchPersistentContext(folder, launchOptions(options));
}

function launchOptions({
  headed = false,
  hosts = {},
  backForwardCache = false,
  flags = [],
}: ChromiumOptions): LaunchOptions {
  const executablePath = chromiumPath();
  if (executablePath === undefined) throw new Error(`Chromium: ${chromiumMissing()}`);
  const args = [...FLAGS, ...flags, `--host-resolver-rules=${resolverRules(hosts)}`];
  return {
    executablePath,
    headless: !headed,
    chromiumSandbox: false,
    args,
    ...(backForwardCache && { ignoreDefaultArgs: ["--disable-back-forward-cache"] }),
  };
}

function resolverRules(hosts: Readonly<Record<string, number>>): string {
  const played = Object.entries(hosts).map(([host, port]) => `MAP ${host}:443 127.0.0.1:${port}`);
  const own = ["localhost", "127.0.0.1", "[::1]"].map((host) => `EXCLUDE ${host}`);
  return [...played, "MAP * ~NOTFOUND", ...own].join(", ");
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
