// What the lock knows of sign-in: `edge/auth` implements it, where it is configured.

import type { Log } from "./answer/log.ts";
import type { ErrorPage } from "./answer/respond.ts";
import type { Access, Areas } from "./areas.ts";
import type { Config } from "./config/config.ts";
import type { ErrorCode } from "./errors.ts";
import type { Http } from "./https.ts";
import type { ResponseResult, ViewerRequest } from "./request/cloudfront.ts";
import type { AssetRoute, EndpointRoute } from "./request/route.ts";
import type { Session } from "./session/exchange.ts";
import type { SessionStore } from "./session/session-store.ts";
import type { TokenVerifier, VerifiedToken } from "./token/token.ts";

/** What sign-in is made of. */
export interface SignInParts {
  readonly config: Config;
  readonly http: Http;
  readonly tokens: TokenVerifier;
  readonly areas: Areas;
  readonly sessions: SessionStore;
  readonly errorPage: ErrorPage;
  readonly log: Log;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** A request by a link, which says itself in whose name. */
export interface LinkRequest {
  /** The request for the object alone: nothing of it, nor of what is answered, holds what was sealed. */
  readonly request: ViewerRequest;
  /** Throws a GateError, `link_ended` or `access_denied`. */
  readonly open: () => Linked;
}

/** What a link opens. */
export interface Linked {
  /** Whose rights it has. */
  readonly sub: string;
  readonly page: AssetRoute;
  readonly access: Access;
  readonly session: Session;
}

/** Endpoints for browsers and apps, and help for those whose session has ended. */
export interface SignIn {
  /** The language of the pages that the browser likes best. */
  readonly languageOf: (request: ViewerRequest) => string;
  /** Answers one of the gate's own endpoints; rejects with a GateError. */
  readonly answer: (
    request: ViewerRequest,
    route: EndpointRoute,
    deadline: number,
  ) => Promise<ResponseResult>;
  /** A cache scope as the viewer-request function writes it: one that nobody else can, where viewers' own may get past. */
  readonly lockedScope: (scope: string) => string;
  /** The request by a link, if it is one; throws a GateError for a path that is none. */
  readonly linkOf: (request: ViewerRequest) => LinkRequest | undefined;
  /**
   * What a viewer gets instead of a refusal: a renewed session, the way to sign in or to another account, or undefined
   * for the refusal. Never rejects; `deadline` is in milliseconds since the epoch, and `token` is the viewer's, where one
   * was verified. To an API a request is sent again with its method and body.
   */
  readonly instead: (
    code: ErrorCode,
    request: ViewerRequest,
    deadline: number,
    token: VerifiedToken | undefined,
    isApi: boolean,
  ) => Promise<ResponseResult | undefined>;
}
