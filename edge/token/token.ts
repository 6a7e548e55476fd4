// The token: every candidate is tried, the first that verifies wins, and genuine ones are remembered.
import { BoundedMap } from "../bounded-map.ts";
import { claimedIn } from "../config/claims.ts";
import type { Config } from "../config/config.ts";
import type { Jwks } from "../config/jwk-set.ts";
import { type ErrorCode, GateError } from "../errors.ts";
import {
  ACCESS_TOKEN,
  ANOTHER_POOL,
  type Claims,
  claimsOf,
  EXPIRED,
  errorOf,
  type Failure,
  FORGED,
  isLongEnough,
  isStrict,
  isWellFormed,
  MALFORMED,
  NO_KEY,
  NOT_YET,
  readUnverified,
  TOO_MANY,
  UNKNOWN_KEY,
} from "./claims.ts";
import type { KeySet } from "./jwks.ts";
import type { Place } from "./place.ts";
import { claimsIn, issuingPool, type Pools, poolsOf } from "./pools.ts";
import type { VerifyJwt } from "./verify-jwt.ts";

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

/** About 1.5 KB each. */
const MAX_TOKENS = 1_000;

/**
 * So many candidates of a request are looked into at most, and of more the longest ones: with 36 others of its length, a
 * token of 886 characters would not fit into the 32,768 bytes of headers that CloudFront takes, and a user pool's have
 * 900 at least. So no number of planted cookies crowds out the real one, and each costs a signature check at most.
 */
const MAX_CANDIDATES = 36;

/** Verifies tokens; its state is the tokens it remembers, and the key sets. */
export class TokenVerifier {
  readonly #pools: Pools;
  readonly #verifyJwt: VerifyJwt;
  readonly #now: () => number;
  readonly #issuers: readonly string[];
  readonly #claimed: readonly string[];
  readonly #notBefore: number;
  readonly #remembered = new BoundedMap<GenuineToken>(MAX_TOKENS);
  /** What lists of candidates held that have been gone through to their end: a request's own is asked for twice. */
  readonly #searched = new WeakMap<readonly string[], readonly GenuineToken[]>();
  /** The keys that the remembered ones were verified with, pool by pool. */
  #jwks: readonly Jwks[] = [];

  /** `now` is in milliseconds. */
  constructor(config: Config, keys: KeySet, verifyJwt: VerifyJwt, now: () => number) {
    const { auth, areas } = config;
    this.#pools = poolsOf(config, keys);
    this.#verifyJwt = verifyJwt;
    this.#now = now;
    this.#issuers = this.#pools.flatMap(({ issuers }) => issuers);
    this.#claimed = claimedIn(areas);
    this.#notBefore = auth?.notBefore ?? 0;
  }

  /**
   * Returns the first candidate of the user pool of sign-in that verifies.
   * @param deadline when keys must have been fetched, in milliseconds since the epoch
   * @throws GateError `token_missing` without a candidate, else the failure that says most
   */
  async verify(candidates: readonly string[], deadline: number): Promise<VerifiedToken> {
    return await this.verifyFirst([{ candidates, isOfSignIn: true }], deadline);
  }

  /**
   * As `verify`, of all pools and several places. Once a place has told whose session it is, be it over, a token of
   * somebody else at a less trusted one counts for nothing. A machine's is taken where `takesMachines` says so.
   */
  async verifyFirst(
    places: readonly Place[],
    deadline: number,
    takesMachines = false,
  ): Promise<VerifiedToken> {
    const search = new Search(() => places.flatMap(({ candidates }) => candidates), deadline);
    for (const { candidates, isHeld, isHeader = false, isOfSignIn = false } of places) {
      if (search.owners?.length === 0) break;
      search.isOfSignIn = isOfSignIn;
      search.takesMachines = takesMachines && isHeader;
      const token = await this.#search(candidates, search);
      if (token) return token;
      search.owners ??= isHeld || search.found.length > 0 ? search.found.map(({ sub }) => sub) : undefined;
    }
    throw search.failure ? errorOf(search.failure) : new GateError("token_missing");
  }

  /** All candidates of the user pool of sign-in that are genuine, expired or not: say who somebody was. Never rejects. */
  async genuine(candidates: readonly string[], deadline: number): Promise<readonly GenuineToken[]> {
    const known = this.#searched.get(candidates);
    if (known) return known;
    const search = new Search(() => candidates, deadline, true);
    search.isOfSignIn = true;
    await this.#search(candidates, search);
    return search.found;
  }

  async #search(candidates: readonly string[], search: Search): Promise<VerifiedToken | undefined> {
    search.found = [];
    if (candidates.length === 0) return undefined;
    for (const candidate of candidates) {
      const result = isLongEnough(candidate) ? this.#look(candidate, search) : shortOf(candidate);
      // Nobody waits but for a key that is not known: dozens of candidates are looked at in one go.
      const token = search.add(result === UNKNOWN_KEY ? await this.#lookAgain(candidate, search) : result);
      if (token) return token;
    }
    this.#searched.set(candidates, search.found);
    return undefined;
  }

  /** What one candidate is: remembered, genuine or why not. */
  #look(candidate: string, search: Search): Result {
    const result = this.#recall(candidate) ?? this.#check(candidate, search);
    if ("code" in result) return result;
    return { token: result, untimely: this.#untimely(result) };
  }

  /** The token names a key of a pool of ours that we do not know: that pool is asked for it. */
  async #lookAgain(candidate: string, search: Search): Promise<Result> {
    try {
      await search.asking?.refetch(search.deadline);
    } catch (error) {
      if (error instanceof GateError) return error;
      throw error;
    }
    return this.#look(candidate, search);
  }

  #recall(candidate: string): GenuineToken | undefined {
    this.#adoptKeys();
    const token = this.#remembered.get(candidate.slice(-43));
    return token?.raw === candidate ? token : undefined;
  }

  /** The claims come first: a signature costs more than all else, and cannot make them ours. */
  #check(candidate: string, search: Search): GenuineToken | Failure {
    const crowded = search.outsideOf(candidate);
    if (crowded) return crowded;
    const unverified = readUnverified(candidate, this.#issuers);
    if ("code" in unverified) return unverified;
    const pool = issuingPool(unverified, this.#pools);
    const said = claimsOf(unverified, pool.issuers, pool.clientIds, this.#claimed, pool.machineClientIds);
    const claims = "code" in said ? said : claimsIn(pool, said, this.#pools);
    // An access token is nobody's session, but who sent a genuine one is told so.
    if ("code" in claims && claims !== ACCESS_TOKEN) return claims;
    const { kid, alg } = unverified.header;
    const jwk = pool.keys.current.keys.find((key) => key.kid === kid);
    search.asking = pool.keys;
    if (!jwk) return typeof kid === "string" && kid !== "" ? UNKNOWN_KEY : NO_KEY;
    const opens = !("code" in claims) && !this.#untimely(claims);
    if (!this.#verifyJwt(candidate, alg, jwk, opens)) return FORGED;
    if (!isStrict(candidate)) return MALFORMED;
    return "code" in claims ? claims : this.#remember(candidate, claims);
  }

  /** The only place that makes a `GenuineToken`. */
  #remember(candidate: string, claims: Claims): GenuineToken {
    const token = { ...claims, raw: copied(candidate) } as GenuineToken;
    this.#remembered.set(token.raw.slice(-43), token);
    return token;
  }

  /** Why a genuine token is not good now; undefined when it is. */
  #untimely({ expiresAt, issuedAt, notBefore }: Claims): Failure | undefined {
    const now = this.#now() / 1000;
    if (expiresAt <= now || issuedAt < this.#notBefore) return EXPIRED;
    return notBefore > now ? NOT_YET : undefined;
  }

  /** Tokens of a key that the pool no longer has are forgotten with it. */
  #adoptKeys(): void {
    if (this.#pools.every(({ keys }, index) => keys.current === this.#jwks[index])) return;
    this.#jwks = this.#pools.map(({ keys }) => keys.current);
    this.#remembered.clear();
  }
}

/** What a candidate is: a genuine token, with what is wrong with its times, or why it is none. */
type Result = { readonly token: GenuineToken; readonly untimely: Failure | undefined } | Failure | undefined;

/** What is too short for a token is none; what is empty is nothing. */
function shortOf(candidate: string): Failure | undefined {
  return candidate === "" ? undefined : MALFORMED;
}

/** What one look for a token knows so far. */
class Search {
  readonly deadline: number;
  readonly #candidates: () => readonly string[];
  /** Whether all genuine tokens are looked for, and not the first that is good now. */
  readonly #forAll: boolean;
  /** Known once a candidate is to be looked into. */
  #room: Room | undefined;
  /** Whether a machine's token is good at the place at hand. */
  takesMachines = false;
  /** Genuine tokens of the place at hand. */
  found: GenuineToken[] = [];
  /** Whether only tokens of the user pool of sign-in count at the place at hand. */
  isOfSignIn = false;
  /** The keys of the pool that the last candidate names. */
  asking: KeySet | undefined;
  /** Whose session a more trusted place holds. */
  owners: readonly string[] | undefined;
  /** The one that says most; of several, the first. */
  failure: Failure | undefined;

  constructor(candidates: () => readonly string[], deadline: number, forAll = false) {
    this.#candidates = candidates;
    this.deadline = deadline;
    this.#forAll = forAll;
  }

  /**
   * Why a candidate is not looked into: it has not the form of a token, or is not among the longest; of those as long as the
   * shortest of them, the first ones are. Undefined when it is to be.
   */
  outsideOf(candidate: string): Failure | undefined {
    this.#room ??= roomFor(this.#candidates());
    if (!this.#room.wellFormed.has(candidate)) return MALFORMED;
    if (candidate.length > this.#room.least) return undefined;
    if (candidate.length === this.#room.least) this.#room.left -= 1;
    return candidate.length < this.#room.least || this.#room.left < 0 ? TOO_MANY : undefined;
  }

  /** Takes a result in; returns the token that ends the search. */
  add(result: Result): VerifiedToken | undefined {
    if (result === undefined) return undefined;
    if ("code" in result) return this.#fail(result);
    const { token, untimely } = result;
    if (token.scopes && !this.takesMachines) return this.#fail(ACCESS_TOKEN);
    if (this.isOfSignIn && token.pool !== undefined) return this.#fail(ANOTHER_POOL);
    if (this.owners?.includes(token.sub) === false) return undefined;
    this.found.push(token);
    if (untimely) return this.#fail(untimely);
    return this.#forAll ? undefined : (token as VerifiedToken);
  }

  #fail(failure: Failure): undefined {
    const rank = (code: ErrorCode) => TELLING.indexOf(code);
    if (!this.failure || rank(failure.code) < rank(this.failure.code)) this.failure = failure;
  }
}

/** What has the form of a token, the length of the shortest that are looked into, and how many of that length are. */
interface Room {
  readonly wellFormed: ReadonlySet<string>;
  readonly least: number;
  left: number;
}

function roomFor(candidates: readonly string[]): Room {
  const wellFormed = candidates.filter(isWellFormed);
  const lengths = wellFormed.map(({ length }) => length);
  const least = lengths.sort((a, b) => b - a)[MAX_CANDIDATES - 1] ?? 0;
  const left = MAX_CANDIDATES - lengths.filter((length) => length > least).length;
  return { wellFormed: new Set(wellFormed), least, left };
}

const TELLING: readonly ErrorCode[] = [
  "keys_unavailable",
  "token_expired",
  "id_token_required",
  "token_invalid",
];

/** A text by itself: a part of a longer one would keep the whole Cookie header in memory. */
function copied(text: string): string {
  return Buffer.from(text, "latin1").toString("latin1");
}
