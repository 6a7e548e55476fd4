// The entry of the function: builds everything once, at cold start, from the baked-in configuration.

import { consoleLog } from "./answer/log.ts";
import { type ErrorPage, plainPage } from "./answer/respond.ts";
import { Areas } from "./areas.ts";
import { authorize, authorizeApi, type Deps } from "./authorize.ts";
import type { Config } from "./config/config.ts";
import { createHttp, type Http } from "./https.ts";
import type { OriginResult, RequestResult, ResponseResult } from "./request/cloudfront.ts";
import { originResponse } from "./s3/origin-response.ts";
import type { Sign } from "./s3/sign.ts";
import type { Exchange } from "./session/exchange.ts";
import type { Unseal } from "./session/sealed-session.ts";
import { SessionStore } from "./session/session-store.ts";
import type { SignIn, SignInParts } from "./sign-in.ts";
import { KeySet } from "./token/jwks.ts";
import { TokenVerifier } from "./token/token.ts";
import type { VerifyJwt } from "./token/verify-jwt.ts";

/** What a build is made of. */
export interface Implementation {
  /** These three exist twice: on node:crypto, and on the packages of AWS. */
  readonly createVerifyJwt: () => VerifyJwt;
  readonly createExchange: (config: Config, http: Http, now: () => number) => Exchange;
  readonly createSign: () => Sign;
  /** Sign-in with its pages and sealed sessions, in the builds that have it. */
  readonly signIn: SignInImplementation | undefined;
  /** What runs on misses in the split placement, which needs sign-in. */
  readonly originRequest?:
    | ((event: unknown, deps: Deps) => Promise<RequestResult | ResponseResult>)
    | undefined;
}

interface SignInImplementation {
  readonly createErrorPage: (config: Config) => ErrorPage;
  readonly createUnseal: (config: Config) => Unseal;
  readonly createSignIn: (parts: SignInParts) => SignIn;
}

/** Without sign-in nothing is ever sealed. */
const nothingSealed: Unseal = () => undefined;

/** What CloudFront invokes. */
export interface Gate {
  /** On viewer-request: every request, before the cache. */
  readonly handler: (event: unknown) => Promise<RequestResult | ResponseResult>;
  /** On viewer-request of an API's behaviour: every request. */
  readonly apiRequest: (event: unknown) => Promise<RequestResult | ResponseResult>;
  /** On origin-response: every miss, before it is cached. */
  readonly originResponse: (event: unknown) => Promise<OriginResult>;
  /** On origin-request, in the split placement, which needs sign-in: every miss, before it goes to the origin. */
  readonly originRequest: ((event: unknown) => Promise<RequestResult | ResponseResult>) | undefined;
}

/** Builds the gate from a configuration that `parseConfig` made; it is part of the code and not checked again. */
export function createGate(config: Config, implementation: Implementation): Gate {
  const now = Date.now;
  const http = createHttp();
  const keys = new KeySet(config, http, now);
  const exchange = implementation.createExchange(config, http, now);
  const refreshing: Exchange = (input) => besides(exchange(input), keys.refreshIfOld(input.deadline));
  const parts = {
    config,
    http,
    tokens: new TokenVerifier(config, keys, implementation.createVerifyJwt(), now),
    areas: new Areas(config),
    sessions: new SessionStore(refreshing, implementation.signIn?.createUnseal(config) ?? nothingSealed, now),
    sign: implementation.createSign(),
    errorPage: implementation.signIn?.createErrorPage(config) ?? plainPage,
    log: consoleLog,
    sampled: () => config.log.allowed > 0 && Math.random() < config.log.allowed,
    now,
  };
  const missed = implementation.originRequest;
  const deps = { ...parts, signIn: implementation.signIn?.createSignIn(parts) };
  return {
    handler: (event) => authorize(event, deps),
    apiRequest: (event) => authorizeApi(event, deps),
    originResponse: async (event) => originResponse(event, deps),
    originRequest: missed && ((event) => missed(event, deps)),
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
