// One event for one function, in this process and by another clock: waiting takes no time.

import { createRequire } from "node:module";
import { format } from "node:util";
import { Script } from "node:vm";
import type { JsonObject } from "../cloudformation/json.ts";
import { lambdaEnvironment } from "./environment.ts";
import type { FunctionDefinition, LogLine } from "./index.ts";

/** A clock that stands still until it is told to go on. */
export interface Clock {
  /** Milliseconds. */
  readonly now: () => number;
  readonly pass: (ms: number) => void;
}

/** What the function finds around it. */
export interface Surroundings {
  readonly clock: Clock;
  readonly fetch: typeof fetch;
}

type Handler = (event: unknown) => unknown;
type Pause = (ms?: number) => Promise<void>;

const NAMES = ["exports", "module", "require", "process", "console", "Date", "setTimeout", "fetch"];
const require = createRequire(import.meta.url);
const compiled = new Map<string, unknown>();

/**
 * Runs the function. Its pauses, `setTimeout` and that of `node:timers/promises`, pass the clock on at once; a pause
 * over the function's time-out never ends, as for an instance that is gone.
 * @throws what it throws, or Lambda's time-out.
 */
export async function runHere(
  definition: FunctionDefinition,
  event: JsonObject,
  log: (line: LogLine) => void,
  { clock, fetch }: Surroundings,
): Promise<void> {
  const { promise: timedOut, reject } = Promise.withResolvers<never>();
  const endsAt = clock.now() + definition.timeoutMs;
  const pause: Pause = async (ms = 0) => {
    clock.pass(Math.min(ms, Math.max(0, endsAt - clock.now())));
    if (clock.now() < endsAt) return;
    reject(new Error(`Task timed out after ${(definition.timeoutMs / 1000).toFixed(2)} seconds`));
    await new Promise(() => {});
  };
  const handler = loadHandler(definition, { log, clock, fetch, pause });
  await Promise.race([handler(JSON.parse(JSON.stringify(event))), timedOut]);
}

interface Globals extends Surroundings {
  readonly log: (line: LogLine) => void;
  readonly pause: Pause;
}

function loadHandler(definition: FunctionDefinition, { log, clock, fetch, pause }: Globals): Handler {
  const module: { exports: Record<string, unknown> } = { exports: {} };
  const process = { env: lambdaEnvironment(definition, "/var/task"), version: globalThis.process.version };
  const load = (id: string) => (id === "node:timers/promises" ? { setTimeout: pause } : require(id));
  const later = (callback: () => void, ms = 0) => void pause(ms).then(callback);
  compile(definition.code)(
    module.exports,
    module,
    load,
    process,
    consoleOf(log),
    dateOf(clock),
    later,
    fetch,
  );
  const handler = module.exports[definition.handler.slice(definition.handler.lastIndexOf(".") + 1)];
  if (typeof handler !== "function") throw new Error(`${definition.handler} is undefined or not exported`);
  return (event) => handler(event);
}

/** V8 compiles the same text once; state of modules is made anew by each call. */
function compile(code: string): (...values: unknown[]) => unknown {
  const known = compiled.get(code);
  const made: unknown = known ?? new Script(`(function(${NAMES.join(",")}){${code}\n})`).runInThisContext();
  compiled.set(code, made);
  if (typeof made !== "function") throw new Error("not a function");
  return (...values) => Reflect.apply(made, undefined, values);
}

function consoleOf(log: (line: LogLine) => void): Record<string, (...values: unknown[]) => void> {
  const levels = { log: "INFO", info: "INFO", debug: "DEBUG", warn: "WARN", error: "ERROR" };
  const entries = Object.entries(levels).map(([method, level]) => [
    method,
    (...values: unknown[]) => log({ level, message: format(...values), requestId: "" }),
  ]);
  return Object.fromEntries(entries);
}

function dateOf({ now }: Clock): typeof Date {
  return new Proxy(Date, {
    get: (target, name, receiver) => (name === "now" ? now : Reflect.get(target, name, receiver)),
    construct: (target, args) => Reflect.construct(target, args.length === 0 ? [now()] : args),
  });
}
