// The messages between an instance and its worker thread, and how each side narrows them.

import type { LambdaErrorShape } from "./errors.ts";

/** Handed to the thread when it starts. */
export interface WorkerSetup {
  readonly file: string;
  readonly exportName: string;
  readonly functionName: string;
  readonly functionVersion: string;
  readonly functionArn: string;
  readonly memoryMb: number;
  /** How many requests were handed over; the thread sleeps while it has answered all of them. */
  readonly requests: Int32Array<SharedArrayBuffer>;
}

/** One request to the thread; `deadline` in epoch milliseconds. */
export interface InvokeMessage {
  readonly requestId: string;
  readonly event: string;
  readonly deadline: number;
}

/** What the thread says. */
export type WorkerMessage =
  | { readonly type: "ready" }
  | { readonly type: "log"; readonly level: string; readonly message: string; readonly requestId: string }
  | { readonly type: "result"; readonly payload: string }
  | { readonly type: "error"; readonly error: LambdaErrorShape; readonly fatal: boolean };
