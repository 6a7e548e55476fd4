// The thread of one instance: loads the code, answers one request at a time, and sleeps in between.

import { createRequire } from "node:module";
import { format } from "node:util";
import { parentPort, workerData } from "node:worker_threads";
import type { LambdaErrorShape } from "./errors.ts";
import type { InvokeMessage, WorkerMessage, WorkerSetup } from "./messages.ts";

type Handler = (event: unknown, context: unknown) => unknown;

const setup: WorkerSetup = workerData;
let requestId = "";
let answered = 0;

function post(message: WorkerMessage): void {
  parentPort?.postMessage(message);
}

// Lambda's Node runtime turns console calls into log lines of a level.
function captureConsole(): void {
  const levels = { log: "INFO", info: "INFO", debug: "DEBUG", warn: "WARN", error: "ERROR", trace: "TRACE" };
  for (const [method, level] of Object.entries(levels)) {
    Reflect.set(console, method, (...values: unknown[]) => {
      post({ type: "log", level, message: format(...values), requestId });
    });
  }
}

function errorShape(error: unknown): LambdaErrorShape {
  if (!(error instanceof Error)) return { errorType: typeof error, errorMessage: String(error), trace: [] };
  return { errorType: error.name, errorMessage: error.message, trace: (error.stack ?? "").split("\n") };
}

// "AWS Lambda has removed support for callback-based function handlers starting with Node.js 24."
const CALLBACK_PARAMETERS = 3;

function loadHandler(): Handler {
  let module: unknown;
  try {
    module = createRequire(setup.file)(setup.file);
  } catch (error) {
    const errorType =
      error instanceof SyntaxError ? "Runtime.UserCodeSyntaxError" : errorShape(error).errorType;
    throw Object.assign(new Error(errorShape(error).errorMessage, { cause: error }), { name: errorType });
  }
  const handler: unknown =
    typeof module === "object" && module !== null ? Reflect.get(module, setup.exportName) : undefined;
  if (typeof handler !== "function") {
    throw Object.assign(new Error(`index.${setup.exportName} is undefined or not exported`), {
      name: "Runtime.HandlerNotFound",
    });
  }
  if (handler.length >= CALLBACK_PARAMETERS) {
    throw Object.assign(new Error("callback-based handlers are not supported from Node.js 24 on"), {
      name: "Runtime.CallbackHandlerDeprecated",
    });
  }
  return (event, context) => Reflect.apply(handler, undefined, [event, context]);
}

function contextOf(message: InvokeMessage): Record<string, unknown> {
  return {
    awsRequestId: message.requestId,
    callbackWaitsForEmptyEventLoop: true,
    functionName: setup.functionName,
    functionVersion: setup.functionVersion,
    invokedFunctionArn: setup.functionArn,
    memoryLimitInMB: String(setup.memoryMb),
    logGroupName: process.env["AWS_LAMBDA_LOG_GROUP_NAME"],
    logStreamName: process.env["AWS_LAMBDA_LOG_STREAM_NAME"],
    getRemainingTimeInMillis: () => message.deadline - Date.now(),
  };
}

async function answer(handler: Handler, message: InvokeMessage): Promise<void> {
  requestId = message.requestId;
  try {
    const result = await handler(JSON.parse(message.event), contextOf(message));
    post({ type: "result", payload: JSON.stringify(result ?? null) ?? "null" });
  } catch (error) {
    post({ type: "error", error: errorShape(error), fatal: false });
  }
  answered += 1;
  freeze();
}

// Nothing runs after the answer: timers and sockets of the instance stand still until its next request.
function freeze(): void {
  Atomics.wait(setup.requests, 0, answered);
}

captureConsole();
try {
  const handler = loadHandler();
  parentPort?.on("message", (message: InvokeMessage) => void answer(handler, message));
  post({ type: "ready" });
  freeze();
} catch (error) {
  post({ type: "error", error: errorShape(error), fatal: true });
}
