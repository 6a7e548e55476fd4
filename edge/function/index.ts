// The CloudFront Function of the split placement: decides every request before the cache. Written in what its engine, njs,
// takes of TypeScript: no destructuring, classes, spread, `for…of` or defaults; the build refuses anything else.
import { FALLBACK } from "../config/languages.ts";
import { isForPerson, preferred } from "../request/audience.ts";
import { isSiteFolder, ruleFor, type RuledArea, type AreaRule, sharedBy } from "../request/area-rules.ts";
import { carriedQuery, keyedScope, tokenScope } from "../request/keyed-scope.ts";
import { isJustRenewed } from "../request/marks.ts";
import { canonicalPath } from "../request/path.ts";
import { REFUSALS } from "../refusals.ts";
import { type Page, pageOf } from "../site.ts";
import { endpoint, isNavigation, isTab, preflight, refused, sent, withQuery } from "./answers.ts";
import { type FunctionEvent, type FunctionForward, type FunctionRequest, type FunctionResponse, header } from "./event.ts";
import { forwarded } from "./forward.ts";
import { type RefusalCode, refuse } from "./gate-error.ts";
import { holds } from "./json.ts";
import { own, type Session, sessionOf } from "./session.ts";
import { CONFIG, hmac, KEYS, store } from "./settings.ts";

/** What CloudFront is told: the request goes on, or this is the answer. */
type Decision = FunctionForward | FunctionResponse;

/** Which parts the build has; those of settings that are off would only take room. */
declare const GATEHOUSE_SITES: boolean;
declare const GATEHOUSE_CORS: boolean;
declare const GATEHOUSE_REVOCATION: boolean;

const AREAS = {
  hasSites: true,
  isSiteFolder: (path: string) => isSiteFolder(path, CONFIG.rules),
  of: (path: string) => ruleOf(path)?.area,
};

/** Decides on one request. It goes on with a pass that the gate has signed, or bound to a token that a miss verifies. */
export function handler(event: FunctionEvent): Decision | Promise<Decision> {
  try {
    const request = event.request;
    if (GATEHOUSE_CORS && request.method === "OPTIONS" && header(request, "origin")) return preflight(event);
    if (request.method !== "GET" && request.method !== "HEAD") throw refuse("method_not_allowed");
    const path = canonicalPath(request.uri);
    if (path.startsWith(CONFIG.base)) throw refuse("not_found");
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
  if (!isJustRenewed(request.rawQueryString(), Date.now())) return sent(307, endpoint("pass", request), event);
  // Signed with keys that have not arrived here yet, or not any more.
  if (own(request, "pass").length > 0) throw refuse("keys_unavailable");
  throw refuse("token_invalid");
}

async function unlessRevoked(session: Session, path: string, event: FunctionEvent): Promise<Decision> {
  try {
    if ((await isRevoked("*", session)) || (await isRevoked(session.sub, session))) throw refuse("session_ended");
    return decided(session, path, event);
  } catch (error) {
    return ended(error, event);
  }
}

/** Whether what was issued so early is revoked. What cannot be read may say so. */
async function isRevoked(name: string, session: Session): Promise<boolean> {
  if (!(await store().exists(`revoked/${name}`))) return false;
  const time = await store().get(`revoked/${name}`);
  if (!/^\d+$/.test(time)) throw refuse("keys_unavailable");
  return session.issuedAt < Number(time);
}

/** @throws a refusal of the area's */
function decided(session: Session, path: string, event: FunctionEvent): Decision {
  const request = event.request;
  const isFolder = request.uri.endsWith("/");
  const isPerson = isForPerson(header(request, "sec-fetch-dest"), header(request, "accept"));
  const route = { kind: "asset", method: "GET", path: path } as const;
  const page: Page = GATEHOUSE_SITES ? pageOf(route, { isFolder, isPerson }, AREAS) : route;
  const query = request.rawQueryString().replace(/[^!-~]+/g, encodeURIComponent);
  if (page.kind === "moved") return sent(308, withQuery(page.to, query), event);
  const rule = ruleOf(page.path);
  if (!rule) throw refuse("access_denied");
  const leadsElsewhere =
    GATEHOUSE_SITES && page.kind === "asset" && page.others?.some((other) => other.status === 308);
  const saying = {
    language: isNavigation(request) ? languageOf(request) : "",
    isPerson: isPerson,
    query: leadsElsewhere ? carriedQuery(query) : "",
  };
  const scope = keyedScope(baseOf(rule, session), saying, (text) => hmac(KEYS.scope, text));
  const uri = isFolder ? path.slice(0, -"index.html".length) : path;
  return forwarded(request, uri, rule.area, scope, session.token);
}

function ruleOf(path: string): AreaRule<RuledArea> | undefined {
  return ruleFor(path, CONFIG.rules, CONFIG.folders);
}

/** What an entry may be shared by; in an owner area by the user, whose folder only a miss needs to know. */
function baseOf(rule: AreaRule<RuledArea>, session: Session): string {
  const groups = rule.area.groups;
  const group = groups && groups.find((name) => holds(session.groups, name));
  if (groups && group === undefined) throw refuse("access_denied");
  const scope = CONFIG.gateId + rule.scope;
  return session.hash ? tokenScope(scope, session.hash) : sharedBy(scope, rule.area, group, session.sub);
}

function languageOf(request: FunctionRequest): string {
  return preferred(header(request, "accept-language"), CONFIG.languages) || FALLBACK;
}

/** People are led to sign in, or to a page that says in their language what they may not see; all others are told. */
function ended(error: unknown, event: FunctionEvent): FunctionResponse {
  const code = codeOf(error);
  const request = event.request;
  const isRead = request.method === "GET" || request.method === "HEAD";
  if (REFUSALS[code][0] === 401 && isRead && isTab(request)) return sent(302, endpoint("login", request), event);
  const isNew = !isJustRenewed(request.rawQueryString(), Date.now());
  if (code === "access_denied" && isNew && isNavigation(request))
    return sent(307, endpoint("pass", request), event);
  return refused(code, event);
}

/** What is not one of ours was not foreseen. */
function codeOf(error: unknown): RefusalCode {
  const thrown: { readonly code?: unknown } = Object(error);
  return isCode(thrown.code) ? thrown.code : "internal_error";
}

function isCode(code: unknown): code is RefusalCode {
  return Object.keys(REFUSALS).some((known) => known === code);
}
