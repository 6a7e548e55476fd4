// The token: every candidate is tried, the first that verifies wins, and genuine ones are remembered.
import { BoundedMap } from "../bounded-map.ts";
import { regionOf } from "../config/aws-names.ts";
import type { Config } from "../config/config.ts";
import type { Jwks, RsaJwk } from "../config/jwk-set.ts";
import { type ErrorCode, GateError } from "../errors.ts";
import {
  ACCESS_TOKEN,
  type Claims,
  claimsOf,
  decomposed,
  EXPIRED,
  errorOf,
  type Failure,
  FORGED,
  isWellFormed,
  MALFORMED,
  NOT_YET,
  UNKNOWN_KEY,
} from "./claims.ts";
import type { KeySet } from "./jwks.ts";
import type { UnverifiedJwt, VerifyJwt } from "./verify-jwt.ts";

declare const verified: unique symbol;
declare const current: unique symbol;

/** A user-pool ID token of ours, whose signature and claims have been checked; it may have expired. */
export interface GenuineToken extends Claims {
  readonly [verified]: true;
  readonly raw: string;
}

/** A genuine token whose times have been checked, too. */
export interface VerifiedToken extends GenuineToken {
  readonly [current]: true;
}

/** Where tokens may be in a request; of several places, a more trusted one comes before the others. */
export interface Place {
  readonly candidates: readonly string[];
  /** Whether a session is known to be here, even if none of the tokens is genuine: nobody else's counts after it. */
  readonly isHeld?: boolean;
}

/** About 1.5 KB each. */
const MAX_TOKENS = 1_000;

/**
 * At most this many candidates are looked into. The shortest well-formed one has 404 characters and CloudFront takes
 * 32,768 bytes of headers at most, so that no number of planted cookies crowds out the real one. Those whose signature is
 * checked, which costs the most, have to say more and are longer: fewer than 60 fit.
 */
const MAX_CANDIDATES = 81;

/** Verifies tokens; its state is the tokens it remembers, and the key set. */
export class TokenVerifier {
  readonly #keys: KeySet;
  readonly #verifyJwt: VerifyJwt;
  readonly #now: () => number;
  readonly #issuers: readonly string[];
  readonly #clientIds: readonly string[];
  readonly #notBefore: number;
  readonly #remembered = new BoundedMap<GenuineToken>(MAX_TOKENS);
  /** What lists of candidates held that have been gone through to their end: a request's own is asked for twice. */
  readonly #searched = new WeakMap<readonly string[], readonly GenuineToken[]>();
  /** The keys that the remembered ones were verified with. */
  #jwks: Jwks | undefined;

  /** `now` is in milliseconds. */
  constructor({ userPool, auth }: Config, keys: KeySet, verifyJwt: VerifyJwt, now: () => number) {
    this.#keys = keys;
    this.#verifyJwt = verifyJwt;
    this.#now = now;
    this.#issuers = issuersOf(userPool.id);
    this.#clientIds = userPool.clientIds;
    this.#notBefore = auth?.notBefore ?? 0;
  }

  /**
   * Returns the first candidate that verifies.
   * @param deadline when keys must have been fetched, in milliseconds since the epoch
   * @throws GateError `token_missing` without a candidate, else the failure that says most
   */
  async verify(candidates: readonly string[], deadline: number): Promise<VerifiedToken> {
    return await this.verifyFirst([{ candidates }], deadline);
  }

  /**
   * As `verify`, of several places. Once a place has told whose session it is, be it over, a token of somebody else at a
   * less trusted one counts for nothing.
   */
  async verifyFirst(places: readonly Place[], deadline: number): Promise<VerifiedToken> {
    const search = new Search(deadline);
    for (const { candidates, isHeld } of places) {
      if (search.owners?.length === 0) break;
      const token = await this.#search(candidates, search);
      if (token) return token;
      search.owners ??= isHeld || search.found.length > 0 ? search.found.map(({ sub }) => sub) : undefined;
    }
    throw search.failure ? errorOf(search.failure) : new GateError("token_missing");
  }

  /** All candidates that are genuine, expired or not: say who somebody was. Never rejects. */
  async genuine(candidates: readonly string[], deadline: number): Promise<readonly GenuineToken[]> {
    const known = this.#searched.get(candidates);
    if (known) return known;
    const search = new Search(deadline);
    for (const candidate of candidates) await this.#try(candidate, search);
    return search.found;
  }

  async #search(candidates: readonly string[], search: Search): Promise<VerifiedToken | undefined> {
    search.found = [];
    for (const candidate of candidates) {
      const token = await this.#try(candidate, search);
      if (token) return token;
    }
    this.#searched.set(candidates, search.found);
    return undefined;
  }

  /** Looks into one candidate: returns it if it is current, and adds to what the search knows. */
  async #try(candidate: string, search: Search): Promise<VerifiedToken | undefined> {
    if (!candidate) return undefined;
    const result = this.#recall(candidate) ?? (await this.#check(candidate, search));
    if ("code" in result) return search.fail(result);
    if (!search.isOwner(result.sub)) return undefined;
    search.found.push(result);
    const failure = this.#untimely(result);
    return failure ? search.fail(failure) : (result as VerifiedToken);
  }

  #recall(candidate: string): GenuineToken | undefined {
    this.#adoptKeys();
    const token = this.#remembered.get(candidate.slice(-43));
    return token?.raw === candidate ? token : undefined;
  }

  /** What a candidate is. The claims come first: a signature costs more than all else, and cannot make them ours. */
  async #check(candidate: string, search: Search): Promise<GenuineToken | Failure> {
    if (search.looked >= MAX_CANDIDATES || !isWellFormed(candidate)) return MALFORMED;
    search.looked += 1;
    const unverified = decomposed(candidate);
    if (!unverified) return MALFORMED;
    const claims = claimsOf(unverified, this.#issuers, this.#clientIds);
    // An access token is nobody's session, but who sent a genuine one is told so.
    if ("code" in claims && claims !== ACCESS_TOKEN) return claims;
    const jwk = await this.#keyOf(unverified, search.deadline);
    if ("code" in jwk) return jwk;
    if (!this.#verifyJwt(candidate, unverified, jwk)) return FORGED;
    return "code" in claims ? claims : this.#remember(candidate, claims);
  }

  /** The only place that makes a `GenuineToken`. */
  #remember(candidate: string, claims: Claims): GenuineToken {
    const token = { ...claims, raw: copied(candidate) } as GenuineToken;
    this.#remembered.set(token.raw.slice(-43), token);
    return token;
  }

  /** Why a genuine token is not good now; undefined when it is. */
  #untimely(token: GenuineToken): Failure | undefined {
    const now = this.#now() / 1000;
    if (token.expiresAt <= now || token.issuedAt < this.#notBefore) return EXPIRED;
    return token.notBefore > now ? NOT_YET : undefined;
  }

  /** The key a token names, which is one of our pool: we ask the pool for a key that we do not know. */
  async #keyOf({ header }: UnverifiedJwt, deadline: number): Promise<RsaJwk | Failure> {
    const find = () => this.#keys.current.keys.find(({ kid }) => kid === header.kid);
    const known = find();
    if (known) return known;
    if (!header.kid) return UNKNOWN_KEY;
    try {
      await this.#keys.refetch(deadline);
    } catch (error) {
      if (error instanceof GateError) return error;
      throw error;
    }
    return find() ?? UNKNOWN_KEY;
  }

  /** Tokens of a key that the pool no longer has are forgotten with it. */
  #adoptKeys(): void {
    if (this.#jwks === this.#keys.current) return;
    this.#jwks = this.#keys.current;
    this.#remembered.clear();
  }
}

/** What one look for a token knows so far. */
class Search {
  readonly deadline: number;
  /** Genuine tokens of the place at hand. */
  found: GenuineToken[] = [];
  /** Whose session a more trusted place holds. */
  owners: readonly string[] | undefined;
  /** Candidates that were looked into. */
  looked = 0;
  /** The one that says most; of several, the first. */
  failure: Failure | undefined;

  constructor(deadline: number) {
    this.deadline = deadline;
  }

  isOwner(sub: string): boolean {
    return this.owners?.includes(sub) ?? true;
  }

  fail(failure: Failure): undefined {
    const rank = (code: ErrorCode) => TELLING.indexOf(code);
    if (!this.failure || rank(failure.code) < rank(this.failure.code)) this.failure = failure;
  }
}

const TELLING: readonly ErrorCode[] = [
  "keys_unavailable",
  "token_expired",
  "id_token_required",
  "token_invalid",
];

/** A pool's two issuer names: the regional one, and the one of pools that use the newer endpoint. */
function issuersOf(userPoolId: string): string[] {
  const region = regionOf(userPoolId);
  return [
    `https://cognito-idp.${region}.amazonaws.com/${userPoolId}`,
    `https://issuer-cognito-idp.${region}.amazonaws.com/${userPoolId}`,
  ];
}

/** A text by itself: a part of a longer one would keep the whole Cookie header in memory. */
function copied(text: string): string {
  return Buffer.from(text, "latin1").toString("latin1");
}
