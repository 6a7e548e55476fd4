// What a candidate says, before its signature is checked: whether it can be a token of ours at all.
import { decomposeUnverifiedJwt } from "aws-jwt-verify/jwt";
import { isRecord } from "../config/json.ts";
import { claimOf } from "../config/owner.ts";
import { type ErrorCode, GateError } from "../errors.ts";

/** What an ID token of ours says. */
export interface Claims {
  /** The user pool that it is of; undefined for `userPool`, the one of sign-in. */
  readonly pool?: string | undefined;
  /** The user; one of another pool is called after it, `us-east-1_Sub1_<sub>`: one `sub` in two pools is two people. */
  readonly sub: string;
  /** The app client that it was issued to. */
  readonly clientId: string;
  /** The user's groups in the pool; those of another pool are called after it, `us-east-1_Sub1/editors`. */
  readonly groups: readonly string[];
  /** The roles of those groups, as ARNs. */
  readonly roles: readonly string[];
  /** What the user's own folders are called by claims that are texts; undefined where no folders are named so. */
  readonly names?: Readonly<Record<string, string>> | undefined;
  /** Of a machine, which speaks for itself (RFC 6749 §4.4), what it may do; undefined for a user. */
  readonly scopes?: readonly string[];
  /** Seconds since the epoch, as are the others. */
  readonly issuedAt: number;
  readonly notBefore: number;
  readonly expiresAt: number;
}

/** Why a candidate is no token for us; a value, for an error takes as long as a signature. */
export interface Failure {
  readonly code: ErrorCode;
  /** A name for the log, where the code says too little. */
  readonly why?: string;
}

export const MALFORMED: Failure = { code: "token_invalid" };
export const FORGED: Failure = { code: "token_invalid", why: "InvalidSignature" };
export const TOO_MANY: Failure = { code: "token_invalid", why: "TooMany" };
export const UNKNOWN_KEY: Failure = { code: "token_invalid", why: "UnknownKey" };
export const NO_KEY: Failure = { code: "token_invalid", why: "NoKey" };
export const NOT_YET: Failure = { code: "token_invalid", why: "NotYet" };
export const ACCESS_TOKEN: Failure = { code: "id_token_required" };
export const EXPIRED: Failure = { code: "token_expired" };
export const ANOTHER_POOL: Failure = { code: "token_invalid", why: "AnotherPool" };
const ANOTHER_ISSUER: Failure = { code: "token_invalid", why: "AnotherIssuer" };
const NOT_OURS: Failure = { code: "token_invalid", why: "AnotherClient" };

/** The error for a request that ends with a failure. */
export function errorOf(failure: Failure): GateError {
  if (failure instanceof GateError) return failure;
  const { code, why } = failure;
  return new GateError(code, why === undefined ? why : Object.assign(new Error(), { name: why }));
}

/** Of a signature with RSA-2048, the shortest that a user pool makes. */
const MIN_SIGNATURE = 342;
/** Of a token: such a signature behind a header with a key's id and a payload. */
const MIN_CHARACTERS = 404;
const WELL_FORMED = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/** Whether a text is as long as the shortest well-formed token. */
export function isLongEnough(candidate: string): boolean {
  return candidate.length >= MIN_CHARACTERS;
}

/** Whether a text has the form of a token. */
export function isWellFormed(candidate: string): boolean {
  return isLongEnough(candidate) && WELL_FORMED.test(candidate);
}

/** Header and payload of a candidate. */
export interface Unverified {
  readonly header: Readonly<Record<string, unknown>>;
  readonly payload: Readonly<Record<string, unknown>>;
}

/**
 * Reads a candidate in a few microseconds. What does not name our pool in so many letters is not even parsed: it may be no
 * JSON, and the shorter planted ones are, the more of them fit. `isStrict` has the last word on the form.
 */
export function readUnverified(candidate: string, issuers: readonly string[]): Unverified | Failure {
  const [first, last] = [candidate.indexOf("."), candidate.lastIndexOf(".")];
  if (candidate.length - last <= MIN_SIGNATURE) return MALFORMED;
  const payloadText = decoded(candidate.slice(first + 1, last));
  if (!issuers.some((issuer) => payloadText.includes(issuer))) return ANOTHER_ISSUER;
  const [header, payload] = [parsed(decoded(candidate.slice(0, first))), parsed(payloadText)];
  return isRecord(header) && isRecord(payload) ? { header, payload } : MALFORMED;
}

function decoded(part: string): string {
  return Buffer.from(part, "base64url").toString();
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // No JSON, no token: the parser's message would quote it.
    return undefined;
  }
}

/**
 * What makes a token an ID token for us: its issuer, its use, its one audience, and no `crit` header, which would name
 * extensions that must be understood (RFC 7515 §4.1.11). Nothing of it is to be believed before the signature.
 */
export function claimsOf(
  { header, payload }: Unverified,
  issuers: readonly string[],
  clientIds: readonly string[],
  claimed: readonly string[] = [],
  machineClientIds: readonly string[] = [],
): Claims | Failure {
  const { iss, sub, aud, token_use: use } = payload;
  if (typeof iss !== "string" || !issuers.includes(iss)) return ANOTHER_ISSUER;
  if (use === "access") return machineClaims({ header, payload }, machineClientIds);
  const isOurs = use === "id" && !("crit" in header) && typeof aud === "string" && clientIds.includes(aud);
  const times = timesOf(payload);
  if (!isOurs || typeof sub !== "string" || sub === "" || !times) return NOT_OURS;
  return {
    ...times,
    sub,
    clientId: aud,
    groups: strings(payload["cognito:groups"]),
    roles: strings(payload["cognito:roles"]),
    names: claimed.length > 0 ? namesIn(payload, claimed) : undefined,
  };
}

/**
 * An access token is good for a machine that got it for itself: Cognito's names no user then, and its subject is the client.
 * https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-access-token.html
 */
function machineClaims({ header, payload }: Unverified, clientIds: readonly string[]): Claims | Failure {
  const { sub, client_id: clientId, scope } = payload;
  if (typeof clientId !== "string" || !clientIds.includes(clientId)) return ACCESS_TOKEN;
  const isUsers = sub !== clientId || "username" in payload || "cognito:username" in payload;
  if (isUsers || "crit" in header) return ACCESS_TOKEN;
  const times = timesOf(payload);
  if (!times) return NOT_OURS;
  const scopes = typeof scope === "string" ? scope.split(" ") : [];
  return { ...times, sub, clientId, groups: [], roles: [], scopes };
}

/** Undefined for a token that does not say when it was issued, or when it ends. */
function timesOf({ exp, iat, nbf = 0 }: Unverified["payload"]) {
  const isSound = typeof exp === "number" && exp >= FIRST_DATE && typeof nbf === "number";
  if (!isSound || typeof iat !== "number") return undefined;
  return { issuedAt: iat, notBefore: nbf, expiresAt: exp };
}

/** No date lies before it, in seconds (ECMAScript, "Time Values and Time Range"). */
const FIRST_DATE = -8.64e12;

function namesIn(payload: Unverified["payload"], claimed: readonly string[]): Claims["names"] {
  const names: Record<string, string> = {};
  for (const placeholder of claimed) {
    const value = payload[claimOf(placeholder)];
    if (typeof value === "string") names[placeholder] = value;
  }
  return names;
}

function strings(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}

/**
 * Whether a signed token is one by the rules of aws-jwt-verify, too, and its signature in the canonical spelling: base64url
 * has several of one (RFC 4648 §3.5).
 */
export function isStrict(candidate: string): boolean {
  const signature = candidate.slice(candidate.lastIndexOf(".") + 1);
  const isCanonical = Buffer.from(signature, "base64url").toString("base64url") === signature;
  if (!isCanonical || !isWellFormed(candidate)) return false;
  try {
    decomposeUnverifiedJwt(candidate);
    return true;
  } catch {
    // As above.
    return false;
  }
}
