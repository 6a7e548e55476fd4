// The token: every candidate is tried, the first that verifies wins and is remembered until it expires.
import { decomposeUnverifiedJwt } from "aws-jwt-verify/jwt";
import { BoundedMap } from "../bounded-map.ts";
import { regionOf } from "../config/aws-names.ts";
import type { Config } from "../config/config.ts";
import type { Jwks, RsaJwk } from "../config/jwk-set.ts";
import { type ErrorCode, GateError } from "../errors.ts";
import type { KeySet } from "./jwks.ts";
import type { SignedJwt, UnverifiedJwt, VerifyJwt } from "./verify-jwt.ts";

declare const verified: unique symbol;
declare const current: unique symbol;

/** A user-pool ID token of ours, whose signature, issuer, audience and use have been checked; it may have expired. */
export interface GenuineToken {
  readonly [verified]: true;
  readonly raw: string;
  readonly sub: string;
  /** The app client that it was issued to. */
  readonly clientId: string;
  /** The user's groups in the pool. */
  readonly groups: readonly string[];
  /** The roles of those groups, as ARNs. */
  readonly roles: readonly string[];
  /** Seconds since the epoch, as are the others. */
  readonly issuedAt: number;
  readonly notBefore: number;
  readonly expiresAt: number;
}

/** A genuine token whose times have been checked, too. */
export interface VerifiedToken extends GenuineToken {
  readonly [current]: true;
}

/** About 1.5 KB each. */
const MAX_TOKENS = 1_000;

/**
 * At most this many candidates cost a signature check. The shortest well-formed one has 404 characters and CloudFront
 * takes 32,768 bytes of headers at most, so that no number of planted cookies crowds out the real one.
 */
const MAX_CANDIDATES = 81;

/** Three base64url parts; 342 characters are the shortest signature that a user pool makes (RSA-2048). */
const WELL_FORMED = /^[\w-]{20,}\.[\w-]{40,}\.[\w-]{342,}$/;

/** Verifies tokens; its state is the tokens it remembers, and the key set. */
export class TokenVerifier {
  readonly #keys: KeySet;
  readonly #verifyJwt: VerifyJwt;
  readonly #now: () => number;
  readonly #issuer: string[];
  readonly #clientIds: readonly string[];
  readonly #notBefore: number;
  readonly #remembered = new BoundedMap<VerifiedToken>(MAX_TOKENS);
  /** The keys that the remembered ones were verified with. */
  #jwks: Jwks | undefined;

  /** `now` is in milliseconds. */
  constructor({ userPool, auth }: Config, keys: KeySet, verifyJwt: VerifyJwt, now: () => number) {
    this.#keys = keys;
    this.#verifyJwt = verifyJwt;
    this.#now = now;
    this.#issuer = issuersOf(userPool.id);
    this.#clientIds = userPool.clientIds;
    this.#notBefore = auth?.notBefore ?? 0;
  }

  /**
   * Returns the first candidate that verifies.
   * @param deadline when keys must have been fetched, in milliseconds since the epoch
   * @throws GateError `token_missing` without a candidate, else the failure that says most
   */
  async verify(candidates: Iterable<string>, deadline: number): Promise<VerifiedToken> {
    // Made only when needed: an error takes its stack along, which costs more than a whole allowed request.
    let failure: GateError | undefined;
    let checked = 0;
    for (const candidate of candidates) {
      if (!candidate) continue;
      const remembered = this.#recall(candidate);
      if (remembered) return remembered;
      if (checked >= MAX_CANDIDATES) break;
      try {
        if (!isWellFormed(candidate)) throw new GateError("token_invalid");
        checked += 1;
        return this.#remember(this.#assertCurrent(await this.#check(candidate, deadline)));
      } catch (error) {
        failure = moreTelling(failure, tokenError(error));
      }
    }
    throw failure ?? new GateError("token_missing");
  }

  /** All candidates that are genuine, expired or not: say who somebody was. Never rejects. */
  async genuine(candidates: Iterable<string>, deadline: number): Promise<readonly GenuineToken[]> {
    const found: GenuineToken[] = [];
    for (const candidate of [...candidates].filter(isWellFormed).slice(0, MAX_CANDIDATES))
      await this.#check(candidate, deadline).then((token) => found.push(token), ignored);
    return found;
  }

  #recall(candidate: string): VerifiedToken | undefined {
    this.#adoptKeys();
    const token = this.#remembered.get(candidate.slice(-43));
    return token?.raw === candidate && token.expiresAt * 1000 > this.#now() ? token : undefined;
  }

  #remember(token: VerifiedToken): VerifiedToken {
    this.#remembered.set(token.raw.slice(-43), token);
    return token;
  }

  async #check(candidate: string, deadline: number): Promise<GenuineToken> {
    const unverified = decomposeUnverifiedJwt(candidate);
    const jwk = await this.#keyOf(unverified, deadline);
    const signed = this.#verifyJwt(candidate, unverified, jwk, this.#issuer);
    return genuineToken(candidate, signed, this.#clientIds);
  }

  #assertCurrent(token: GenuineToken): VerifiedToken {
    const now = this.#now() / 1000;
    if (token.expiresAt <= now || token.issuedAt < this.#notBefore) throw new GateError("token_expired");
    if (token.notBefore > now) throw new GateError("token_invalid");
    return token as VerifiedToken;
  }

  /** The key a token names. Only a token that names our pool, too, makes us ask the pool for a key we do not know. */
  async #keyOf({ header, payload }: UnverifiedJwt, deadline: number): Promise<RsaJwk> {
    const find = () => this.#keys.current.keys.find(({ kid }) => kid === header.kid);
    const known = find();
    if (known) return known;
    if (!header.kid || !payload.iss || !this.#issuer.includes(payload.iss))
      throw new GateError("token_invalid");
    await this.#keys.refetch(deadline);
    const fetched = find();
    if (!fetched) throw new GateError("token_invalid");
    return fetched;
  }

  /** Tokens of a key that the pool no longer has are forgotten with it. */
  #adoptKeys(): void {
    if (this.#jwks === this.#keys.current) return;
    this.#jwks = this.#keys.current;
    this.#remembered.clear();
  }
}

/** A pool's two issuer names: the regional one, and the one of pools that use the newer endpoint. */
function issuersOf(userPoolId: string): string[] {
  const region = regionOf(userPoolId);
  return [
    `https://cognito-idp.${region}.amazonaws.com/${userPoolId}`,
    `https://issuer-cognito-idp.${region}.amazonaws.com/${userPoolId}`,
  ];
}

/**
 * What makes a pool's token an ID token for us: its use, its one audience, and no `crit` header, which would name
 * extensions that must be understood (RFC 7515 §4.1.11). The only place that makes a `GenuineToken`.
 */
function genuineToken(
  raw: string,
  { header, payload }: SignedJwt,
  clientIds: readonly string[],
): GenuineToken {
  const { sub, exp, iat, nbf = 0, aud, token_use: use } = payload;
  if (use === "access") throw new GateError("id_token_required");
  const isOurs = use === "id" && !("crit" in header) && typeof aud === "string" && clientIds.includes(aud);
  if (!isOurs || typeof sub !== "string" || sub === "" || typeof exp !== "number" || typeof iat !== "number")
    throw new GateError("token_invalid");
  return {
    raw,
    sub,
    clientId: aud,
    groups: strings(payload["cognito:groups"]),
    roles: strings(payload["cognito:roles"]),
    issuedAt: iat,
    notBefore: nbf,
    expiresAt: exp,
  } as GenuineToken;
}

function strings(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}

/** Base64url has several spellings of one signature; only the canonical one is a token (RFC 4648 §3.5). */
function isWellFormed(candidate: string): boolean {
  if (!WELL_FORMED.test(candidate)) return false;
  const signature = candidate.slice(candidate.lastIndexOf(".") + 1);
  return Buffer.from(signature, "base64url").toString("base64url") === signature;
}

/** A candidate that is not genuine says nothing about the others. */
function ignored(): void {}

function tokenError(error: unknown): GateError {
  if (error instanceof GateError) return error;
  return new GateError("token_invalid", error);
}

const TELLING: readonly ErrorCode[] = [
  "keys_unavailable",
  "token_expired",
  "id_token_required",
  "token_invalid",
];

function moreTelling(a: GateError | undefined, b: GateError): GateError {
  return !a || TELLING.indexOf(b.code) < TELLING.indexOf(a.code) ? b : a;
}
