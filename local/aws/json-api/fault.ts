// Failures that are played on demand, one for each of the next calls of an action.

import { setTimeout as pause } from "node:timers/promises";
import { ApiError } from "./error.ts";

/**
 * What the next call meets: an answer of this status and type, silence, a cut connection, something that is no JSON,
 * or a pause of so many milliseconds before the real answer.
 */
export type Fault =
  | { readonly status: number; readonly type: string }
  | "hang"
  | "cut"
  | "garbage"
  | { readonly slowMs: number };

/** The faults to play and the calls so far; its state is both, by action. */
export class Faults {
  readonly #next = new Map<string, Fault[]>();
  readonly #calls = new Map<string, number>();

  /** Plays faults on the next calls of an action, one each. */
  failNext(action: string, ...faults: readonly Fault[]): void {
    this.#next.set(action, [...(this.#next.get(action) ?? []), ...faults]);
  }

  /** How often an action has been called, failures included. */
  calls(action: string): number {
    return this.#calls.get(action) ?? 0;
  }

  /** Counts a call, and says what it meets. */
  take(action: string): Fault | undefined {
    this.#calls.set(action, this.calls(action) + 1);
    return this.#next.get(action)?.shift();
  }
}

/**
 * Waits or fails as the fault says.
 * @throws ApiError with the status and type of the fault.
 */
export async function play(fault: Fault | undefined): Promise<void> {
  if (typeof fault !== "object") return;
  if ("slowMs" in fault) await pause(fault.slowMs);
  else throw new ApiError(fault.type, "played on demand", fault.status);
}
