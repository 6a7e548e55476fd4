// The entry of the function: builds everything once, at cold start, from the baked-in configuration.
import { Areas } from "./areas.ts";
import { authorize } from "./authorize.ts";
import type { OriginResult, RequestResult, ResponseResult } from "./cloudfront.ts";
import type { Config } from "./config.ts";
import type { Exchange } from "./exchange.ts";
import { createHttp, type Http } from "./https.ts";
import { KeySet } from "./jwks.ts";
import { consoleLog } from "./log.ts";
import { originResponse } from "./origin-response.ts";
import { SessionStore } from "./sessions.ts";
import type { Sign } from "./sign.ts";
import { TokenVerifier } from "./token.ts";

/** The two steps that exist twice: on node:crypto, and on the AWS SDK's packages. */
export interface Implementation {
  readonly createExchange: (config: Config, http: Http, now: () => number) => Exchange;
  readonly createSign: () => Sign;
}

/** What CloudFront invokes. */
export interface Gate {
  /** On viewer-request: every request, before the cache. */
  readonly handler: (event: unknown) => Promise<RequestResult | ResponseResult>;
  /** On origin-response: every miss, before it is cached. */
  readonly originResponse: (event: unknown) => Promise<OriginResult>;
}

/** Builds the gate from a configuration that `parseConfig` made; it is part of the code and not checked again. */
export function createGate(config: Config, { createExchange, createSign }: Implementation): Gate {
  const now = Date.now;
  const http = createHttp();
  const keys = new KeySet(config, http, now);
  const exchange = createExchange(config, http, now);
  const deps = {
    config,
    tokens: new TokenVerifier(config, keys, now),
    areas: new Areas(config),
    sessions: new SessionStore((input) => besides(exchange(input), keys.refreshIfOld()), now),
    sign: createSign(),
    log: consoleLog,
    now,
  };
  return {
    handler: (event) => authorize(event, deps),
    originResponse: async (event) => originResponse(event, deps),
  };
}

/** Waits for both, for a Lambda freezes after its answer; the second one never rejects. */
async function besides<T>(main: Promise<T>, other: Promise<void>): Promise<T> {
  try {
    return await main;
  } finally {
    await other;
  }
}
