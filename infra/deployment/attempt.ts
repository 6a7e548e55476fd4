// A call to another machine: boxed in time, and tried twice.
import { setTimeout as pause } from "node:timers/promises";

/** How long one call may take, and how long to wait before its second try. */
export interface Limits {
  readonly timeoutMs: number;
  readonly pauseMs: number;
}

/**
 * Runs a call, and once more when it fails: a user pool that was made seconds ago may not answer at once.
 * @throws what the second try throws.
 */
export async function attempt<T>(limits: Limits, call: (signal: AbortSignal) => Promise<T>): Promise<T> {
  try {
    return await call(AbortSignal.timeout(limits.timeoutMs));
  } catch {
    await pause(limits.pauseMs);
    return call(AbortSignal.timeout(limits.timeoutMs));
  }
}

/** Why a call failed, in words; `fetch` hides the reason in `cause`. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${reasonOf(error.cause)}` : error.message;
}
