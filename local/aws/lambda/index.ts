// Runs a function's inline code as Lambda would: instances, cold starts, limits, errors.

import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FunctionDefinition } from "./definition.ts";
import { LambdaError } from "./errors.ts";
import { Instance, type LogLine } from "./instance.ts";

export { type FunctionDefinition, parseFunctionProperties } from "./definition.ts";
export { LambdaError, type LambdaErrorShape } from "./errors.ts";
export type { LogLine } from "./instance.ts";

/** How one function is run. */
export interface LambdaOptions {
  /** Every line the code writes; default: dropped. */
  readonly log?: (line: LogLine) => void;
  /** Instances at the same time; default 8 (AWS: 1,000 a region). */
  readonly maxInstances?: number;
  /** What a request meets when all instances are busy: Lambda throttles, a small machine rather waits. Default `"wait"`. */
  readonly whenFull?: "wait" | "throttle";
  /** `"always"`: a new instance for every request, so that nothing is remembered in between. Default `"when needed"`. */
  readonly coldStarts?: "when needed" | "always";
}

/** A function that can be invoked until it is closed. */
export interface LambdaFunction {
  /** The handler's answer as it survives JSON; throws `LambdaError` (thrown error, time-out, throttle, exit). */
  readonly invoke: (event: unknown) => Promise<unknown>;
  /** Instances that are alive. */
  readonly instanceCount: () => number;
  /** Ends all instances and removes the code folder; requests under way fail. */
  readonly close: () => Promise<void>;
}

const DEFAULT_MAX_INSTANCES = 8;
// "Lambda quotas": synchronous responses up to 6 MB; the service's own message gives this number.
const MAX_RESPONSE_BYTES = 6_291_556;

/** Writes the code to a folder of its own and returns the function; nothing runs before the first `invoke`. */
export function createLambda(definition: FunctionDefinition, options: LambdaOptions = {}): LambdaFunction {
  const taskRoot = mkdtempSync(join(tmpdir(), "lambda-"));
  const file = join(taskRoot, "index.js");
  writeFileSync(file, definition.code);
  // Ends Node's search for a package.json: a "type" further up must not reach the function.
  writeFileSync(join(taskRoot, "package.json"), "{}");
  const pool = new Pool(options, () => new Instance(definition, file, taskRoot, options.log ?? (() => {})));
  return {
    invoke: (event) => pool.invoke(event),
    instanceCount: () => pool.size,
    close: async () => {
      await pool.close();
      rmSync(taskRoot, { recursive: true, force: true });
    },
  };
}

/** Holds the living instances, which of them are idle, and the requests that wait for one. */
class Pool {
  readonly #all = new Set<Instance>();
  readonly #idle: Instance[] = [];
  readonly #waiting: (() => void)[] = [];
  readonly #start: () => Instance;
  readonly #max: number;
  readonly #throttles: boolean;
  readonly #keeps: boolean;
  #closed = false;

  constructor(options: LambdaOptions, start: () => Instance) {
    this.#start = start;
    this.#max = options.maxInstances ?? DEFAULT_MAX_INSTANCES;
    this.#throttles = options.whenFull === "throttle";
    this.#keeps = options.coldStarts !== "always";
  }

  get size(): number {
    return this.#all.size;
  }

  async invoke(event: unknown): Promise<unknown> {
    const payload = JSON.stringify(event ?? null);
    const instance = await this.#acquire();
    try {
      return bounded(await instance.invoke(randomUUID(), payload));
    } finally {
      if (!this.#keeps) await instance.close();
      this.#release(instance);
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#all].map((instance) => instance.close()));
    for (const wake of this.#waiting.splice(0)) wake();
  }

  async #acquire(): Promise<Instance> {
    for (;;) {
      if (this.#closed)
        throw new LambdaError({ errorType: "Runtime.Closed", errorMessage: "function is closed" });
      const idle = this.#idle.pop();
      if (idle?.dead) this.#all.delete(idle);
      else if (idle) return idle;
      else if (this.#all.size < this.#max) return this.#cold();
      else await this.#turn();
    }
  }

  #cold(): Instance {
    const instance = this.#start();
    this.#all.add(instance);
    return instance;
  }

  #turn(): Promise<void> {
    if (this.#throttles) {
      throw new LambdaError({ errorType: "TooManyRequestsException", errorMessage: "Rate Exceeded." });
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #release(instance: Instance): void {
    if (instance.dead) this.#all.delete(instance);
    else this.#idle.push(instance);
    this.#waiting.shift()?.();
  }
}

function bounded(payload: unknown): unknown {
  const bytes = Buffer.byteLength(JSON.stringify(payload));
  if (bytes <= MAX_RESPONSE_BYTES) return payload;
  throw new LambdaError({
    errorType: "Function.ResponseSizeTooLarge",
    errorMessage: `Response payload size exceeded maximum allowed payload size (${MAX_RESPONSE_BYTES} bytes).`,
  });
}
