// Whose tokens count: each user pool with its issuers, its app clients and its keys, and what its tokens may say.
import { issuersOf } from "../config/aws-names.ts";
import type { Config } from "../config/config.ts";
import { isOfPool, ofPool } from "../config/pools.ts";
import type { Claims, Failure, Unverified } from "./claims.ts";
import type { KeySet } from "./jwks.ts";

/** One user pool whose tokens count. */
export interface Pool {
  /** Undefined for `userPool`, the one of sign-in. */
  readonly id: string | undefined;
  readonly issuers: readonly string[];
  readonly clientIds: readonly string[];
  readonly keys: KeySet;
}

/** The pool of sign-in first. */
export function poolsOf({ userPool, userPools }: Config, keys: KeySet): readonly [Pool, ...Pool[]] {
  const further = userPools.flatMap(({ id, clientIds }, index) => {
    const own = keys.further[index];
    return own ? [{ id, clientIds, issuers: issuersOf(id), keys: own }] : [];
  });
  return [
    { id: undefined, clientIds: userPool.clientIds, issuers: issuersOf(userPool.id), keys },
    ...further,
  ];
}

/** The pool that a token names as its issuer. It is not to be believed before the signature. */
export function issuingPool(
  { payload: { iss } }: Unverified,
  [main, ...further]: readonly [Pool, ...Pool[]],
): Pool {
  return further.find(({ issuers }) => typeof iss === "string" && issuers.includes(iss)) ?? main;
}

const TAKEN_NAME: Failure = { code: "token_invalid", why: "TakenName" };

/**
 * What a token of a pool may say. Its administrators name users and groups, and set claims, for that pool alone: users and
 * groups of a further one are called after it wherever they go, so that nothing that is kept, cached or sealed by them
 * mixes two pools, and its claims name no folders. Only what is named here passes.
 */
export function claimsIn(pool: Pool, claims: Claims, furtherIds: readonly string[]): Claims | Failure {
  const { sub, groups, clientId, roles, names, issuedAt, notBefore, expiresAt } = claims;
  if (pool.id === undefined) {
    if (furtherIds.length === 0) return claims;
    if (furtherIds.some((id) => sub.startsWith(ofPool(id, "user", "")))) return TAKEN_NAME;
    return { ...claims, groups: groups.filter((name) => !furtherIds.some((id) => isOfPool(id, name))) };
  }
  const { id } = pool;
  return {
    pool: id,
    sub: ofPool(id, "user", sub),
    groups: groups.map((name) => ofPool(id, "group", name)),
    names: names && {},
    clientId,
    roles,
    issuedAt,
    notBefore,
    expiresAt,
  };
}
