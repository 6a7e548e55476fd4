// Whose request it is: a program's by its token, read unverified, or a browser's by a pass that this gate has signed.
import { groupPrefix, userPrefix } from "../config/pools.ts";
import { ID_HASH_CHARACTERS, passStart } from "../request/pass.ts";
import { isMachine } from "./claims.ts";
import { type FunctionRequest, type FunctionValues, header, valuesOf } from "./event.ts";
import { refuse } from "./gate-error.ts";
import { type Claims, holds, objectIn } from "./json.ts";
import { CONFIG, type FunctionPool, hmac, KEYS, sha256 } from "./settings.ts";

/** Who asks, with the ID token by which a miss decides once more. */
export interface Session {
  readonly sub: string;
  readonly issuedAt: number;
  readonly groups: unknown;
  /** The further user pool that it is of; empty for the one of sign-in. */
  readonly pool: string;
  /** What a program's token says; what a browser's says is read where that decides. */
  readonly claims: Claims | undefined;
  readonly token: string;
  /** The token's hash for a program, whose claims nobody has verified yet: what is cached under it was, back then. */
  readonly hash: string;
}

/** Whether what a token says besides groups decides. */
declare const GATEHOUSE_CLAIMS: boolean;
/** Whether tokens may be in cookies that are not the gate's. */
declare const GATEHOUSE_COOKIES: boolean;

/** Passes with the right start that are tried for each token. */
const MAX_TRIED = 4;
/** No token is shorter. */
const MIN_TOKEN = 404;
/** `~`, how many parts, eight characters of a hash, `~`: before each part. */
const MARK_CHARACTERS = 11;
const AMPLIFY = "CognitoIdentityServiceProvider.";

/**
 * The session of a request; undefined where there may be one that has no pass.
 * @throws a refusal where there is none
 */
export function sessionOf(request: FunctionRequest): Session | undefined {
  const now = Date.now() / 1000;
  const text = header(request, "authorization")
    .replace(/^Bearer /i, "")
    .trim();
  const claims = text === "" ? undefined : claimsOf(text);
  const bearer = claims && bearerIn(claims, text);
  if (bearer && isTimely(bearer, Number(claims["exp"]), now)) return bearer;
  const tokens = tokensIn(request);
  const session = passedBy(own(request, "pass"), tokens, now);
  // An expired token still says whose session it may be.
  if (session && (!bearer || bearer.sub === session.sub)) return session;
  if (bearer) throw refuse(401, "token_expired");
  if (tokens.length > 0 || own(request, "refresh").length > 0) return undefined;
  if (text === "") throw refuse(401, "token_missing");
  throw refuse(401, claims && claims["token_use"] === "access" ? "id_token_required" : "token_invalid");
}

/** What a text says that may be a token of a pool's; undefined for what is none. */
function claimsOf(text: string): Claims | undefined {
  const claims = /^[\w-]+\.[\w-]+\.[\w-]+$/.test(text) ? objectIn(text) : undefined;
  return claims && issuingPool(claims) ? claims : undefined;
}

function issuingPool(claims: Claims): FunctionPool | undefined {
  return CONFIG.pools.find((each) => String(claims["iss"]).endsWith(`.amazonaws.com/${each.pool}`));
}

/** The session of a token, whoever wrote it: its hash decides what it may see of what others have verified. */
function bearerIn(claims: Claims, token: string): Session | undefined {
  const issuer = issuingPool(claims);
  const isUser = claims["token_use"] === "id" && issuer && holds(issuer.clients, claims["aud"]);
  if (!isUser && !(GATEHOUSE_CLAIMS && isMachine(claims))) return undefined;
  const pool = GATEHOUSE_CLAIMS && issuer && issuer !== CONFIG.pools[0] ? issuer.pool : "";
  return {
    sub: (pool && userPrefix(pool)) + String(claims["sub"]),
    issuedAt: Number(claims["iat"]),
    groups: GATEHOUSE_CLAIMS && pool ? groupsOf(claims, pool) : claims["cognito:groups"],
    pool: pool,
    claims: claims,
    token: token,
    hash: sha256(token),
  };
}

/** The further user pool of somebody who is called after it, as no user of another one is; empty for the others. */
function poolOf(sub: string): string {
  const pool =
    GATEHOUSE_CLAIMS && CONFIG.pools.slice(1).find((each) => sub.startsWith(userPrefix(each.pool)));
  return pool ? pool.pool : "";
}

/** A further pool's groups, by the names that areas have for them. */
function groupsOf(claims: Claims, pool: string): readonly string[] {
  const groups = claims["cognito:groups"];
  return Array.isArray(groups) ? groups.map((name) => groupPrefix(pool) + name) : [];
}

/** Whether a session is good now; what is no number is no time of ours. */
function isTimely(session: Session, exp: number, now: number): boolean {
  return exp > now && session.issuedAt >= CONFIG.since;
}

/** All values of one of our cookies. */
export function own(request: FunctionRequest, name: string): readonly string[] {
  return valuesOf(request.cookies, CONFIG.prefix + name);
}

/** The ID tokens that cookies may hold, most trusted first; whole, or as long as one. */
function tokensIn(request: FunctionRequest): readonly string[] {
  const tokens = own(request, "id").map((value) => (value.startsWith("~") ? joined(value, request) : value));
  return GATEHOUSE_COOKIES ? tokens.concat(othersIn(request.cookies)) : tokens;
}

function othersIn(cookies: FunctionValues): readonly string[] {
  let tokens: readonly string[] = [];
  const amplify = Object.keys(cookies).filter(isAmplify);
  CONFIG.names.concat(amplify).forEach((name) => {
    tokens = tokens.concat(valuesOf(cookies, name).filter((value) => value.length >= MIN_TOKEN));
  });
  return tokens;
}

function isAmplify(name: string): boolean {
  return CONFIG.amplify && name.startsWith(AMPLIFY) && name.endsWith(".idToken");
}

/** A token that is kept in parts, each behind the same mark; whether it is whole, the pass says. */
function joined(head: string, request: FunctionRequest): string {
  const mark = head.slice(0, MARK_CHARACTERS);
  let whole = head;
  for (let index = 1; index < Number(mark[1]); index += 1)
    whole += own(request, `id-${index}`).find((value) => value.startsWith(mark));
  return whole.split(mark).join("");
}

/** The session of the first token that a pass belongs to; others' passes for it cost four comparisons at most. */
function passedBy(passes: readonly string[], tokens: readonly string[], now: number): Session | undefined {
  let session: Session | undefined;
  tokens.some((token) => {
    const start = passStart(token);
    const candidates = passes.filter((pass) => pass.startsWith(start)).slice(0, MAX_TRIED);
    return candidates.some((pass) => {
      session = sessionIn(pass, token, now);
      return session;
    });
  });
  return session;
}

function sessionIn(pass: string, token: string, now: number): Session | undefined {
  const end = pass.lastIndexOf(".");
  const claims = [KEYS.pass, KEYS.before].some((key) => isSigned(pass, end, key))
    ? objectIn(pass)
    : undefined;
  if (!claims || claims["iss"] !== CONFIG.gateId) return undefined;
  if (claims["id_hash"] !== sha256(token).slice(0, ID_HASH_CHARACTERS)) return undefined;
  const sub = String(claims["sub"]);
  const session = {
    sub: sub,
    issuedAt: Number(claims["iat"]),
    groups: claims["groups"],
    pool: poolOf(sub),
    claims: undefined,
    token: token,
    hash: "",
  };
  return isTimely(session, Number(claims["exp"]), now) ? session : undefined;
}

function isSigned(pass: string, end: number, key: string): boolean {
  return equal(hmac(key, pass.slice(0, end)), pass.slice(end + 1), key);
}

/** By their HMACs, of which nobody can choose how far they are alike: how long it takes says nothing of either. */
function equal(expected: string, given: string, key: string): boolean {
  return hmac(key, expected) === hmac(key, given);
}
