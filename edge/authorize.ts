// The story of one request, from CloudFront's event to the signed request or a refusal; and of one to an API.

import { causeNames, type Described, frames, type Log, userHash } from "./answer/log.ts";
import { moved } from "./answer/moved.ts";
import { API_METHODS, type ErrorPage, preflight, refusal } from "./answer/respond.ts";
import { apiPath, apiPlaces, forwardToApi } from "./api.ts";
import { type Access, type Areas, tokenFor } from "./areas.ts";
import type { Area, Config } from "./config/config.ts";
import { GateError } from "./errors.ts";
import { askedOf } from "./request/asked.ts";
import {
  type RequestResult,
  type ResponseResult,
  readEvent,
  type ViewerRequest,
} from "./request/cloudfront.ts";
import { Cookies } from "./request/cookies.ts";
import { isPreflight, routeOf } from "./request/route.ts";
import { audienceSuffix } from "./s3/audience.ts";
import { forward } from "./s3/forward.ts";
import { signedQuery } from "./s3/others.ts";
import type { Sign } from "./s3/sign.ts";
import { accessOf, targetOf } from "./s3/target.ts";
import type { Session } from "./session/exchange.ts";
import type { SessionStore } from "./session/session-store.ts";
import type { LinkRequest, SignIn } from "./sign-in.ts";
import { type Page, pageOf } from "./site.ts";
import { tokenPlaces } from "./token/candidates.ts";
import type { TokenVerifier, VerifiedToken } from "./token/token.ts";

/** Everything with an effect or a memory; made once, in `handler`. */
export interface Deps {
  readonly config: Config;
  readonly tokens: TokenVerifier;
  readonly areas: Areas;
  readonly sessions: SessionStore;
  readonly sign: Sign;
  /** The endpoints and renewal, where sign-in is configured. */
  readonly signIn: SignIn | undefined;
  readonly errorPage: ErrorPage;
  readonly log: Log;
  /** Whether an allowed request gets a log line, too. */
  readonly sampled: () => boolean;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Lambda ends a viewer-request function after 5 s; our own answer must come first. In milliseconds. */
const TIME_BOX_MS = 4_200;

/** What is known of a request so far, for its log line. */
export interface Visit {
  readonly startedAt: number;
  readonly deadline: number;
  readonly isApi?: boolean;
  request: ViewerRequest;
  token?: VerifiedToken;
  /** Whose rights count. */
  sub?: string;
  area?: Area;
}

/** What may be read, and with whose credentials. */
interface Allowed {
  readonly page: Exclude<Page, { kind: "moved" }>;
  readonly access: Access;
  readonly session: Session;
}

/**
 * Decides on one viewer request. Never returns the request without a verified token, or a link made with
 * one, whose area allows it.
 */
export async function authorize(event: unknown, deps: Deps): Promise<RequestResult | ResponseResult> {
  const visit = begin(deps);
  const { deadline } = visit;
  return await decided(visit, deps, async () => {
    const request = readEvent(event);
    visit.request = request;
    const link = deps.signIn?.linkOf(request);
    if (link) return await sent(opened(link, visit), visit, deps);
    const route = routeOf(request, deps.config);
    if (route.kind === "preflight") return preflight(request, deps.config);
    if (route.kind === "endpoint") return await endpoint(deps).answer(request, route, deadline);
    const token = await deps.tokens.verifyFirst(tokenPlaces(request, deps.config), deadline, true);
    visit.token = token;
    visit.sub = token.sub;
    const page = pageOf(route, askedOf(request), deps.areas);
    if (page.kind === "moved") return moved(page.to, request.querystring, request, deps.config);
    const access = accessOf(page, deps.areas, token);
    visit.area = access.area;
    const input = { token: tokenFor(access, token), roleArn: access.roleArn, request, deadline };
    const session = await deps.sessions.get(input);
    return await sent({ page, access, session }, visit, deps);
  });
}

/**
 * Decides on one request to an API: the same, but that nothing is signed. That it is a function of its own says which
 * origin CloudFront asks: what is signed for S3 never reaches an API, and no token reaches S3.
 */
export async function authorizeApi(event: unknown, deps: Deps): Promise<RequestResult | ResponseResult> {
  const visit: Visit = { ...begin(deps), isApi: true };
  return await decided(visit, deps, async () => {
    const request = readEvent(event);
    visit.request = request;
    if (isPreflight(request)) return preflight(request, deps.config, API_METHODS);
    const path = apiPath(request, deps.config);
    const token = await deps.tokens.verifyFirst(apiPlaces(request, deps.config), visit.deadline);
    visit.token = token;
    visit.sub = token.sub;
    visit.area = deps.areas.apiFor(path, token);
    const forwarded = forwardToApi(request, path, token);
    noteAllowed(visit, deps);
    return forwarded;
  });
}

type Result = RequestResult | ResponseResult;

/** The one `catch`: it never returns the request. */
async function decided(visit: Visit, deps: Deps, decide: () => Promise<Result>): Promise<Result> {
  try {
    return await decide();
  } catch (error) {
    return await refuse(error, visit, deps);
  }
}

/** The visit of a request that has not been read yet. */
export function begin({ now }: Deps): Visit {
  const startedAt = now();
  return { startedAt, deadline: startedAt + TIME_BOX_MS, request: UNREADABLE };
}

/** The request on its way to the cache and S3, signed. */
async function sent({ page, access, session }: Allowed, visit: Visit, deps: Deps): Promise<RequestResult> {
  const { request } = visit;
  const target = targetOf(page, request.querystring, access, session.identityId, deps);
  const query = await signedQuery(target, request.requestId, session.credentials, deps);
  const audience = audienceSuffix(request, () => deps.signIn?.languageOf(request) ?? "");
  const scope = deps.signIn?.lockedScope(target.cacheScope) ?? target.cacheScope;
  const forwarded = forward(request, target.path, query, scope + audience);
  noteAllowed(visit, deps);
  return forwarded;
}

function opened(link: LinkRequest, visit: Visit): Allowed {
  visit.request = link.request;
  const linked = link.open();
  visit.sub = linked.sub;
  visit.area = linked.access.area;
  return linked;
}

/** Writes the line of an allowed request, if it is one that gets one. */
export function noteAllowed(visit: Visit, deps: Deps): void {
  if (deps.sampled()) deps.log({ level: "info", code: "allowed", ...described(visit, deps) });
}

/** Stands for an event that could not be read. */
const UNREADABLE: ViewerRequest = {
  method: "",
  uri: "",
  querystring: "",
  clientIp: "",
  headers: {},
  cookies: new Cookies([]),
  body: undefined,
  requestId: "",
};

function endpoint({ signIn }: Deps): SignIn {
  if (!signIn) throw new GateError("not_found");
  return signIn;
}

/** Somebody who can be helped to a session is; everybody else is told why not. */
export async function refuse(error: unknown, visit: Visit, deps: Deps): Promise<ResponseResult> {
  const { request, deadline, token, isApi = false } = visit;
  const { code, scopes } = error instanceof GateError ? error : new GateError("internal_error");
  const help = await deps.signIn?.instead(code, request, deadline, token, isApi);
  const answer = help ?? refusal(code, request, deps, undefined, scopes);
  const status = Number(answer.status);
  deps.log({
    level: levelOf(status),
    code,
    status,
    ...described(visit, deps),
    ...(error instanceof Error && error.cause !== undefined && { cause: causeNames(error.cause) }),
    ...(code === "internal_error" && { cause: causeNames(error), at: frames(error) }),
  });
  return answer;
}

function described({ request, sub, area, startedAt }: Visit, { now }: Deps): Described {
  return {
    requestId: request.requestId,
    method: request.method,
    ms: now() - startedAt,
    ...(sub !== undefined && { user: userHash(sub) }),
    ...(area && { area: area.path }),
  };
}

function levelOf(status: number): "info" | "warn" | "error" {
  if (status < 400) return "info";
  return status < 500 ? "warn" : "error";
}
