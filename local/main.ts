// `npm start`: runs the whole chain on this machine until Ctrl-C, and says how to try it.
import { readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { ConfigError } from "../edge/config.ts";
import { type Gate, startGate } from "./gate.ts";

const USAGE = "npm start -- [--port <port>] [--config <context.json>] [--assets <folder>]";
const DEFAULT_PORT = 8080;

interface Arguments {
  readonly port: number;
  readonly assets: string;
  readonly context: Readonly<Record<string, unknown>>;
}

/** A mistake of the person at the keyboard: told without a stack trace. */
class UsageError extends Error {}

try {
  const options = readArguments();
  const gate = await startGate({ ...options, functionLog: console.log });
  stopOnSignal(gate);
  console.log(await introduction(gate));
} catch (error) {
  console.error(explanation(error));
  process.exitCode = 1;
}

/** @throws UsageError naming the option that does not fit */
function readArguments(): Arguments {
  const { values } = parseOptions();
  const port = Number(values.port ?? DEFAULT_PORT);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new UsageError(`--port: ${values.port} is no port`);
  const assets = resolve(values.assets ?? join(import.meta.dirname, "assets"));
  if (!statSync(assets, { throwIfNoEntry: false })?.isDirectory())
    throw new UsageError(`--assets: ${assets} is no folder`);
  return { port, assets, context: values.config ? readContext(values.config) : {} };
}

function parseOptions() {
  const options = {
    port: { type: "string" },
    config: { type: "string" },
    assets: { type: "string" },
  } as const;
  try {
    return parseArgs({ options });
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : error}\nusage: ${USAGE}`);
  }
}

function readContext(file: string): Readonly<Record<string, unknown>> {
  try {
    const context: unknown = JSON.parse(readFileSync(file, "utf8"));
    if (typeof context === "object" && context !== null) return { ...context };
  } catch (error) {
    throw new UsageError(`--config: ${error instanceof Error ? error.message : error}`);
  }
  throw new UsageError(`--config: ${file} holds no JSON object`);
}

async function introduction({ url, userPool }: Gate): Promise<string> {
  const token = await userPool.issueIdToken("ada");
  return `
Gatehouse serves ${url}/ to signed-in users.

A token of the user "ada", good for an hour:

TOKEN=${token}

By header, by cookie, a second time from the cache, and without a token:

curl -i -H "Authorization: Bearer $TOKEN" ${url}/notes.txt
curl -i -H "Cookie: __Host-gatehouse-id=$TOKEN" ${url}/notes.txt
curl -i ${url}/notes.txt

Stop it with Ctrl-C.
`;
}

function stopOnSignal(gate: Gate): void {
  const stop = () => {
    process.off("SIGINT", stop).off("SIGTERM", stop);
    void gate.close();
  };
  process.on("SIGINT", stop).on("SIGTERM", stop);
}

function explanation(error: unknown): string {
  if (error instanceof UsageError || error instanceof ConfigError) return error.message;
  if (!(error instanceof Error)) return String(error);
  if ("code" in error && error.code === "EADDRINUSE" && "port" in error)
    return `Port ${error.port} is in use. Stop what uses it, or choose another: npm start -- --port ${Number(error.port) + 1}`;
  return error.stack ?? error.message;
}
