// The CloudFront Function of the split placement: decides every request before the cache. Written in what its engine, njs,
// takes of TypeScript: no destructuring, classes, spread, `for…of` or defaults; the build refuses anything else.
import { FALLBACK } from "../config/languages.ts";
import {
  type AreaRule,
  isSiteFolder,
  type RuledArea,
  ruleFor,
  scopeOfMachines,
  scopeOfPool,
  sharedBy,
} from "../request/area-rules.ts";
import { carriedQuery, keyedScope, tokenScope } from "../request/keyed-scope.ts";
import { isJustRenewed } from "../request/marks.ts";
import { canonicalPath } from "../request/path.ts";
import { endpoint, isNavigation, isTab, preflight, refused, sent, withQuery } from "./answers.ts";
import { grantedIn, isMachine, namesIn } from "./claims.ts";
import {
  type FunctionEvent,
  type FunctionForward,
  type FunctionRequest,
  type FunctionResponse,
  header,
} from "./event.ts";
import { forwarded } from "./forward.ts";
import { denied, type Refusal, refuse } from "./gate-error.ts";
import { holds } from "./json.ts";
import { own, type Session, sessionOf } from "./session.ts";
import { CONFIG, hmac, KEYS, store } from "./settings.ts";

/** What nobody's browser sends; the rest would only cost time. */
const MAX_LANGUAGES = 500;

/** What CloudFront is told: the request goes on, or this is the answer. */
type Decision = FunctionForward | FunctionResponse;

/** Which parts the build has; those of settings that are off would only take room. */
declare const GATEHOUSE_CLAIMS: boolean;
declare const GATEHOUSE_CORS: boolean;
declare const GATEHOUSE_REVOCATION: boolean;
declare const GATEHOUSE_SITES: boolean;

/** A reference that nothing was put into the place of would be a key that others know. */
const HAS_KEYS = [KEYS.pass, KEYS.before, KEYS["scope"]].every((key) => /^[\w-]{43}$/.test(key));

/** Decides on one request. It goes on with a pass that the gate has signed, or bound to a token that a miss verifies. */
export function handler(event: FunctionEvent): Decision | Promise<Decision> {
  try {
    const request = event.request;
    if (request.method === "OPTIONS" && header(request, "origin")) {
      if (GATEHOUSE_CORS) return preflight(event);
      throw refuse(403, "origin_not_allowed");
    }
    if (request.method !== "GET" && request.method !== "HEAD") throw refuse(405, "method_not_allowed");
    const path = canonicalPath(request.uri);
    if (path.startsWith(CONFIG.base)) throw refuse(404, "not_found");
    if (!HAS_KEYS) throw refuse(503, "keys_unavailable");
    const session = sessionOf(request);
    if (!session) return withoutPass(event);
    return GATEHOUSE_REVOCATION ? unlessRevoked(session, path, event) : decided(session, path, event);
  } catch (error) {
    return ended(error, event);
  }
}

/** Whoever may have a session without a pass gets one, once: a browser that keeps none is not sent round in circles. */
function withoutPass(event: FunctionEvent): Decision {
  const request = event.request;
  if (!isJustRenewed(request.rawQueryString(), Date.now()))
    return sent(307, endpoint("pass", request), event);
  // Signed with keys that have not arrived here yet, or not any more.
  if (own(request, "pass").length > 0) throw refuse(503, "keys_unavailable");
  throw refuse(401, "token_invalid");
}

async function unlessRevoked(session: Session, path: string, event: FunctionEvent): Promise<Decision> {
  try {
    if ((await isRevoked("*", session)) || (await isRevoked(session.sub, session)))
      throw refuse(401, "session_ended");
    return decided(session, path, event);
  } catch (error) {
    return ended(error, event);
  }
}

/** Whether what was issued so early is revoked. What cannot be read may say so. */
async function isRevoked(name: string, session: Session): Promise<boolean> {
  const time = await revokedAt(`revoked/${name}`);
  if (!/^\d+$/.test(time)) throw refuse(503, "keys_unavailable");
  return session.issuedAt < Number(time);
}

async function revokedAt(key: string): Promise<string> {
  try {
    return (await store().exists(key)) ? await store().get(key) : "0";
  } catch (_) {
    return "";
  }
}

/**
 * What goes on when the area of the path allows it. Of a site only a miss knows which key the path stands for.
 * @throws a refusal of the area's
 */
function decided(session: Session, path: string, event: FunctionEvent): Decision {
  const request = event.request;
  if (GATEHOUSE_SITES && isSiteFolder(path, CONFIG.rules))
    return sent(308, withQuery(`${path}/`, request.rawQueryString()), event);
  const rule = ruleFor(path, CONFIG.rules, CONFIG.folders);
  if (!rule) throw denied();
  const isPerson = isNavigation(request);
  const saying = {
    language: isPerson ? languageOf(request) : "",
    query:
      GATEHOUSE_SITES && rule.area.site && (isPerson || PAGE.test(path))
        ? carriedQuery(request.rawQueryString())
        : "",
  };
  const scope = keyedScope(baseOf(rule, path, session), saying, (text) => hmac(KEYS["scope"], text));
  const uri = request.uri.endsWith("/") ? path.slice(0, -"index.html".length) : path;
  return forwarded(request, uri, rule.area, scope, session.token);
}

/** What may lead a program to another address, with its query: a page. */
const PAGE = /(\.html|\/[^.]*)$/;

/** What an entry may be shared by; in an owner area by the user, whose folder only a miss needs to know. */
function baseOf(rule: AreaRule<RuledArea>, path: string, session: Session): string {
  const area = rule.area;
  const scope = CONFIG.gateId + rule.scope;
  if (GATEHOUSE_CLAIMS && session.claims && isMachine(session.claims))
    return tokenScope(scopeOfMachines(scope, grantedIn(area, session.claims)), session.hash);
  const group = area.groups?.find((name) => holds(session.groups, name));
  if (area.groups && group === undefined) throw denied();
  const names = GATEHOUSE_CLAIMS
    ? namesIn(area, path.slice(rule.path.length), session)
    : { "{identityId}": session.sub };
  const own = scopeOfPool(scope, session.pool);
  return session.hash ? tokenScope(own, session.hash) : sharedBy(own, area, group, names);
}

/** Browsers name the language that they like best first, and with `q=0` one that they do not take. */
function languageOf(request: FunctionRequest): string {
  const liked = header(request, "accept-language").toLowerCase().slice(0, MAX_LANGUAGES).split(",");
  const taken = liked.filter((range) => !/;\s*q=0(\.0*)?\s*$/.test(range));
  return taken.map((range) => range.trim().split(/[-;]/)[0] || "").find(isOffered) || FALLBACK;
}

function isOffered(language: string): boolean {
  return CONFIG.langs.includes(language);
}

/** People are led to sign in, or to a page that says in their language what they may not see; all others are told. */
function ended(error: unknown, event: FunctionEvent): FunctionResponse {
  const refusal = refusalIn(Object(error));
  const request = event.request;
  if (refusal.status === 401 && isTab(request)) return sent(302, endpoint("login", request), event);
  const isNew = !isJustRenewed(request.rawQueryString(), Date.now());
  if (refusal.code === "access_denied" && isNew && isNavigation(request))
    return sent(307, endpoint("pass", request), event);
  return refused(refusal, event);
}

/** What is not one of ours was not foreseen. */
function refusalIn(thrown: Partial<Refusal>): Refusal {
  return refuse(thrown.status || 500, thrown.code || "internal_error", thrown.scopes);
}
