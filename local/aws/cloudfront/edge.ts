// What every step of a request needs: the configuration, the cache, and the effects that came in as options.

import type { ObjectCache } from "./cache.ts";
import type { Distribution } from "./distribution.ts";
import type { Invoke } from "./edge-functions.ts";
import type { FunctionRuntime } from "./function-runtime.ts";
import type { Log } from "./log.ts";
import type { OacSigner } from "./oac.ts";
import type { Connect, OriginAgents } from "./origin.ts";
import type { OriginAnswer } from "./origin-answer.ts";
import type { Readings } from "./readings.ts";

/** Milliseconds, for tests to shorten. */
export interface Timeouts {
  readonly viewerFunctionMs: number;
  readonly originFunctionMs: number;
  /** Instead of the origin's own response timeout. */
  readonly originResponseMs: number | undefined;
}

export interface Edge {
  readonly distribution: Distribution;
  readonly cache: ObjectCache;
  /** Fetches under way, by what makes their answers the same. */
  readonly underway: Map<string, Promise<OriginAnswer>>;
  readonly invoke: Invoke;
  /** CloudFront Functions by ARN. */
  readonly functions: ReadonlyMap<string, FunctionRuntime>;
  /** Whether CloudFront lets requests pass its functions, as one page says of those that take too long. */
  skipsFunctions: boolean;
  readonly connect: Connect;
  readonly agents: OriginAgents;
  readonly oac: OacSigner | undefined;
  readonly readings: Readings;
  readonly timeouts: Timeouts;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly log: Log;
  /** Whether a viewer connection without TLS counts as https. */
  readonly plainHttpIsHttps: boolean;
}
