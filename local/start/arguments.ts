// What `npm start` is told: options, the context file, and the keys of a real S3 server.
import { readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import type { RgwKeys, RgwServer } from "../rgw/server.ts";
import { DEMO_CONTEXT, SITE_CONTEXT } from "./demo.ts";

/** What `--help` prints. */
export const HELP = `npm start -- [options]: the whole chain on this machine, until it is stopped

  --port <port>            where it is served, on localhost; 0 takes a free port (8080)
  --config <context.json>  context keys as in cdk.json, see docs/configuration.md (a gate with an area of each kind)
  --assets <folder>        what is served (a sample set)
  --site                   the folder is a site, for every signed-in user; instead of --config
  --placement <placement>  split: a CloudFront Function decides, and a Lambda runs on misses only (lambda)
  --s3 <endpoint>          a RADOS Gateway instead of the embedded S3; npm run rgw starts one and says how
  --help                   this`;

const USAGE =
  "npm start -- [--port <port>] [--config <context.json>] [--assets <folder>] [--site] [--placement <placement>] [--s3 <endpoint>]";
const DEFAULT_PORT = 8080;
const DEFAULT_REGION = "us-east-1";

/** What to run. */
export interface Arguments {
  readonly port: number;
  readonly assets: string;
  /** Whether `assets` is the sample set. */
  readonly isSample: boolean;
  readonly context: Readonly<Record<string, unknown>>;
  /** Undefined for the embedded S3. */
  readonly s3: RgwServer | undefined;
}

/** A mistake of the person at the keyboard: told without a stack trace. */
export class UsageError extends Error {}

/** Whether somebody wants to know what there is, whatever else is said. */
export function asksForHelp(args: readonly string[]): boolean {
  return args.includes("--help") || args.includes("-h");
}

/** @throws UsageError naming the option or the variable that does not fit */
export function readArguments(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Arguments {
  const { port, config, assets, site, placement, s3 } = parseOptions(args);
  const given = contextOf(config, site);
  const context = placement === undefined ? given : { ...given, placement };
  return {
    port: portOf(port),
    assets: folderOf(assets),
    isSample: assets === undefined,
    context,
    s3:
      s3 === undefined
        ? undefined
        : serverOf(s3, String(context["bucketRegion"] ?? DEFAULT_REGION), environment),
  };
}

function parseOptions(args: readonly string[]) {
  const options = {
    port: { type: "string" },
    config: { type: "string" },
    assets: { type: "string" },
    site: { type: "boolean" },
    placement: { type: "string" },
    s3: { type: "string" },
    help: { type: "boolean", short: "h" },
  } as const;
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw new UsageError(
      `${error instanceof Error ? error.message : error}\nusage: ${USAGE}\nnpm start -- --help says more`,
    );
  }
}

function portOf(text: string | undefined): number {
  const port = Number(text ?? DEFAULT_PORT);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new UsageError(`--port: ${text} is no port`);
}

function folderOf(text: string | undefined): string {
  const folder = resolve(text ?? join(import.meta.dirname, "../assets"));
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return folder;
  throw new UsageError(`--assets: ${folder} is no folder`);
}

/** A file of one's own is taken as it is: its areas say themselves what is a site. */
function contextOf(file: string | undefined, site = false): Readonly<Record<string, unknown>> {
  if (site && file !== undefined) throw new UsageError("--site: the areas of --config say what is a site");
  if (site) return SITE_CONTEXT;
  return file === undefined ? DEMO_CONTEXT : readContext(file);
}

function readContext(file: string): Readonly<Record<string, unknown>> {
  try {
    const context: unknown = JSON.parse(readFileSync(file, "utf8"));
    if (typeof context === "object" && context !== null && !Array.isArray(context)) return { ...context };
  } catch (error) {
    throw new UsageError(`--config: ${error instanceof Error ? error.message : error}`);
  }
  throw new UsageError(`--config: ${file} holds no JSON object`);
}

function serverOf(
  endpoint: string,
  region: string,
  environment: Readonly<Record<string, string | undefined>>,
): RgwServer {
  if (!/^https?:\/\/[^/?#]+\/?$/.test(endpoint))
    throw new UsageError(`--s3: ${endpoint} is no endpoint such as http://127.0.0.1:8000`);
  const admin = keysOf("S3_ADMIN", environment);
  if (admin === undefined)
    throw new UsageError(
      "--s3: set S3_ADMIN_ACCESS_KEY_ID and S3_ADMIN_SECRET_ACCESS_KEY to the keys of the server's user " +
        `"gatehouse"; npm run rgw starts a server and prints them`,
    );
  const cloudfront = keysOf("S3_CLOUDFRONT", environment);
  return { endpoint, region, admin, ...(cloudfront && { cloudfront }) };
}

function keysOf(
  prefix: string,
  environment: Readonly<Record<string, string | undefined>>,
): RgwKeys | undefined {
  const accessKeyId = environment[`${prefix}_ACCESS_KEY_ID`];
  const secretAccessKey = environment[`${prefix}_SECRET_ACCESS_KEY`];
  return accessKeyId && secretAccessKey ? { accessKeyId, secretAccessKey } : undefined;
}
