// One instance (a container, in Lambda's words): a worker thread that serves one request at a time.

import { Worker } from "node:worker_threads";
import type { FunctionDefinition } from "./definition.ts";
import { lambdaEnvironment } from "./environment.ts";
import { LambdaError, type LambdaErrorShape } from "./errors.ts";
import type { InvokeMessage, WorkerMessage, WorkerSetup } from "./messages.ts";

/** One line that the function's code wrote. */
export interface LogLine {
  readonly level: string;
  readonly message: string;
  readonly requestId: string;
}

// "Understanding the Lambda execution environment lifecycle": the Init phase is limited to 10 seconds.
const INIT_TIMEOUT_MS = 10_000;
// The managed Node.js runtime's own split of the configured memory.
const OLD_SPACE_SHARE = 0.9;
const SEMI_SPACE_SHARE = 0.05;

/** Holds the thread and the request it is serving; `dead` once the thread may not be used again. */
export class Instance {
  dead = false;
  readonly #worker: Worker;
  readonly #requests = new Int32Array(new SharedArrayBuffer(4));
  readonly #definition: FunctionDefinition;
  readonly #ready: Promise<void>;
  #settle: ((outcome: WorkerMessage) => void) | undefined;

  constructor(definition: FunctionDefinition, file: string, taskRoot: string, log: (line: LogLine) => void) {
    this.#definition = definition;
    const workerData: WorkerSetup = {
      file,
      exportName: definition.handler.slice(definition.handler.lastIndexOf(".") + 1),
      functionName: definition.functionName,
      functionVersion: definition.functionVersion,
      functionArn: definition.functionArn,
      memoryMb: definition.memoryMb,
      requests: this.#requests,
    };
    this.#worker = new Worker(new URL("./worker.ts", import.meta.url), {
      workerData,
      env: lambdaEnvironment(definition, taskRoot),
      stdout: true,
      stderr: true,
      execArgv: ["--disable-warning=ExperimentalWarning"],
      resourceLimits: {
        maxOldGenerationSizeMb: Math.ceil(definition.memoryMb * OLD_SPACE_SHARE),
        maxYoungGenerationSizeMb: Math.ceil(definition.memoryMb * SEMI_SPACE_SHARE),
      },
    });
    this.#listen(log);
    this.#ready = this.#outcome(INIT_TIMEOUT_MS, "Sandbox.Timedout", "Init phase timed out").then(
      (message) => {
        if (message.type === "error") throw new LambdaError(message.error);
      },
    );
    this.#ready.catch(() => this.close());
  }

  /** Runs one request; `requestId` is the context's `awsRequestId`. */
  async invoke(requestId: string, event: string): Promise<unknown> {
    await this.#ready;
    const { timeoutMs } = this.#definition;
    const seconds = (timeoutMs / 1000).toFixed(2);
    const outcome = this.#outcome(
      timeoutMs,
      "Sandbox.Timedout",
      `${requestId} Task timed out after ${seconds} seconds`,
    );
    const message: InvokeMessage = { requestId, event, deadline: Date.now() + timeoutMs };
    this.#worker.postMessage(message);
    this.#thaw();
    const answer = await outcome;
    if (answer.type === "result") return JSON.parse(answer.payload);
    if (answer.type === "error") throw new LambdaError(answer.error);
    throw new LambdaError({ errorType: "Runtime.ExitError", errorMessage: `unexpected ${answer.type}` });
  }

  /** Ends the thread; a request under way fails. */
  async close(): Promise<void> {
    this.dead = true;
    this.#thaw();
    await this.#worker.terminate();
  }

  #thaw(): void {
    Atomics.add(this.#requests, 0, 1);
    Atomics.notify(this.#requests, 0);
  }

  #listen(log: (line: LogLine) => void): void {
    this.#worker.on("message", (message: WorkerMessage) => {
      if (message.type === "log") {
        log({ level: message.level, message: message.message, requestId: message.requestId });
        return;
      }
      this.#finish(message);
    });
    for (const stream of [this.#worker.stdout, this.#worker.stderr]) {
      stream.on("data", (chunk: Buffer) =>
        log({ level: "", message: chunk.toString().trimEnd(), requestId: "" }),
      );
    }
    this.#worker.on("error", (error: unknown) => this.#die(exitShape(error)));
    this.#worker.on("exit", (code) => {
      this.#die({
        errorType: "Runtime.ExitError",
        errorMessage: `Runtime exited with error: exit status ${code}`,
      });
    });
  }

  #die(error: LambdaErrorShape): void {
    this.dead = true;
    this.#finish({ type: "error", error, fatal: true });
  }

  #finish(message: WorkerMessage): void {
    this.#settle?.(message);
  }

  #outcome(timeoutMs: number, errorType: string, errorMessage: string): Promise<WorkerMessage> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#die({ errorType, errorMessage });
        void this.close();
      }, timeoutMs);
      this.#settle = (message) => {
        clearTimeout(timer);
        this.#settle = undefined;
        resolve(message);
      };
    });
  }
}

function exitShape(error: unknown): LambdaErrorShape {
  if (!(error instanceof Error)) return { errorType: "Runtime.Unknown", errorMessage: String(error) };
  if (Reflect.get(error, "code") === "ERR_WORKER_OUT_OF_MEMORY") {
    return { errorType: "Runtime.OutOfMemory", errorMessage: "Runtime exited with error: signal: killed" };
  }
  return { errorType: error.name, errorMessage: error.message, trace: (error.stack ?? "").split("\n") };
}
