// Whose request it is: a program's by its token, read unverified, or a browser's by a pass that this gate has signed.
import { issuersOf } from "../config/aws-names.ts";
import { ID_HASH_CHARACTERS, passStart } from "../request/pass.ts";
import { type FunctionRequest, valuesOf } from "./event.ts";
import { refuse } from "./gate-error.ts";
import { holds, objectIn } from "./json.ts";
import { CONFIG, hmac, KEYS, sha256 } from "./settings.ts";

/** Who asks, with the ID token by which a miss decides once more. */
export interface Session {
  readonly sub: string;
  readonly issuedAt: number;
  readonly groups: unknown;
  readonly token: string;
  /** The token's hash for a program, whose claims nobody has verified yet: what is cached under it was, back then. */
  readonly hash: string;
}

/** Passes with the right start that are tried for each token. */
const MAX_TRIED = 4;
/** No token is shorter. */
const MIN_TOKEN = 404;
const AMPLIFY = "CognitoIdentityServiceProvider.";

/**
 * The session of a request; undefined where there may be one that has no pass.
 * @throws a refusal where there is none
 */
export function sessionOf(request: FunctionRequest): Session | undefined {
  const now = Date.now() / 1000;
  const bearer = bearerOf(request, now);
  if (bearer && !bearer.code) return bearer.session;
  const tokens = tokensIn(request);
  const session = passedBy(own(request, "pass"), tokens, now);
  if (session && (!bearer?.session || bearer.session.sub === session.sub)) return session;
  if (!bearer?.session && (tokens.length > 0 || own(request, "refresh").length > 0)) return undefined;
  throw refuse(bearer?.code || "token_missing");
}

/** All values of one of our cookies. */
export function own(request: FunctionRequest, name: string): readonly string[] {
  return valuesOf(request.cookies, CONFIG.prefix + name);
}

interface Bearer {
  /** Why it does not count. */
  readonly code?: "token_invalid" | "token_expired" | "id_token_required";
  /** Who it says it is for. */
  readonly session?: Session;
}

/** What `Authorization` holds, with or without `Bearer`; undefined without one. */
function bearerOf(request: FunctionRequest, now: number): Bearer | undefined {
  const token = (valuesOf(request.headers, "authorization")[0] ?? "").replace(/^Bearer /i, "").trim();
  if (token === "") return undefined;
  const claims = /^[\w-]+\.[\w-]+\.[\w-]+$/.test(token) ? objectIn(token.split(".")[1] ?? "") : undefined;
  if (!claims || !holds(issuersOf(CONFIG.userPoolId), claims["iss"])) return { code: "token_invalid" };
  if (claims["token_use"] === "access") return { code: "id_token_required" };
  const iat = claims["iat"];
  const exp = claims["exp"];
  if (typeof claims["sub"] !== "string" || typeof iat !== "number" || typeof exp !== "number")
    return { code: "token_invalid" };
  const groups = claims["cognito:groups"];
  const session = { sub: claims["sub"], issuedAt: iat, groups: groups, token: token, hash: sha256(token) };
  if (!holds(CONFIG.clientIds, claims["aud"])) return { code: "token_invalid" };
  return isTimely(iat, exp, now) ? { session: session } : { session: session, code: "token_expired" };
}

function isTimely(iat: number, exp: number, now: number): boolean {
  return exp > now && iat >= CONFIG.notBefore;
}

/** The ID tokens that cookies may hold, most trusted first; whole, or as long as one. */
function tokensIn(request: FunctionRequest): readonly string[] {
  const names = CONFIG.names.concat(
    CONFIG.amplify
      ? Object.keys(request.cookies).filter((name) => name.startsWith(AMPLIFY) && name.endsWith(".idToken"))
      : [],
  );
  return names.reduce(
    (found: readonly string[], name) =>
      found.concat(valuesOf(request.cookies, name).filter((value) => value.length >= MIN_TOKEN)),
    own(request, "id").map((value) => (value.startsWith("~") ? joined(value, request) : value)),
  );
}

/** A token that is kept in parts, each behind the same mark; whether it is whole, the pass says. */
function joined(head: string, request: FunctionRequest): string {
  const mark = head.slice(0, 11);
  let whole = head.slice(11);
  for (let index = 1; index < Number(mark[1]); index += 1) {
    const part = own(request, `id-${index}`).find((value) => value.startsWith(mark));
    whole += (part ?? "").slice(11);
  }
  return whole;
}

/** The session of the first token that a pass belongs to; others' passes for it cost four comparisons at most. */
function passedBy(passes: readonly string[], tokens: readonly string[], now: number): Session | undefined {
  for (let index = 0; passes.length > 0 && index < tokens.length; index += 1) {
    const token = tokens[index] ?? "";
    const start = passStart(token);
    const candidates = passes.filter((pass) => pass.startsWith(start)).slice(0, MAX_TRIED);
    for (let tried = 0; tried < candidates.length; tried += 1) {
      const session = sessionIn(candidates[tried] ?? "", token, now);
      if (session) return session;
    }
  }
  return undefined;
}

function sessionIn(pass: string, token: string, now: number): Session | undefined {
  const end = pass.lastIndexOf(".");
  const signed = pass.slice(0, end);
  const given = pass.slice(end + 1);
  const isOurs = equal(hmac(KEYS.pass, signed), given) || (KEYS.before && equal(hmac(KEYS.before, signed), given));
  const claims = isOurs ? objectIn(pass.split(".")[1] ?? "") : undefined;
  if (!claims || claims["iss"] !== CONFIG.gateId) return undefined;
  if (claims["id_hash"] !== sha256(token).slice(0, ID_HASH_CHARACTERS)) return undefined;
  const iat = Number(claims["iat"]);
  if (!isTimely(iat, Number(claims["exp"]), now)) return undefined;
  return { sub: String(claims["sub"]), issuedAt: iat, groups: claims["groups"], token: token, hash: "" };
}

/** In the same time for all texts of a length. */
function equal(expected: string, given: string): boolean {
  let difference = expected.length ^ given.length;
  for (let index = 0; index < expected.length; index += 1)
    difference |= expected.charCodeAt(index) ^ given.charCodeAt(index);
  return difference === 0;
}
