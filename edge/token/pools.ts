// Whose tokens count: each user pool with its issuers, its app clients and its keys, and what its tokens may say.
import { issuersOf } from "../config/aws-names.ts";
import type { Config } from "../config/config.ts";
import { groupPrefix, userPrefix } from "../config/pools.ts";
import { ANOTHER_POOL, type Claims, type Failure, type Unverified } from "./claims.ts";
import type { KeySet } from "./jwks.ts";

/** One user pool whose tokens count. */
export interface Pool {
  readonly id: string;
  readonly issuers: readonly string[];
  readonly clientIds: readonly string[];
  /** Machines are those of the pool of sign-in: another's administrators could name the same scopes. */
  readonly machineClientIds: readonly string[] | undefined;
  readonly keys: KeySet;
}

/** The pool of sign-in first. */
export type Pools = readonly [Pool, ...Pool[]];

/** The pools of a configuration, with the keys of each. */
export function poolsOf({ userPool, userPools }: Config, keys: KeySet): Pools {
  const poolOf = ({ id, clientIds }: Pick<Pool, "id" | "clientIds">, index: number) => {
    const machineClientIds = index < 0 ? userPool.machineClientIds : undefined;
    return { id, clientIds, machineClientIds, issuers: issuersOf(id), keys: keys.further[index] ?? keys };
  };
  return [poolOf(userPool, -1), ...userPools.map(poolOf)];
}

/** The pool that a token names as its issuer. It is not to be believed before the signature. */
export function issuingPool({ payload: { iss } }: Unverified, pools: Pools): Pool {
  return pools.find(({ issuers }) => issuers.some((issuer) => issuer === iss)) ?? pools[0];
}

/**
 * What a token of a pool may say. Its administrators name users and groups, and set claims, for that pool alone: users and
 * groups of a further one are called after it wherever they go, so that nothing that is kept, cached or sealed by them
 * mixes two pools, and its claims name no folders. Only what is named here passes.
 */
export function claimsIn({ id }: Pool, claims: Claims, [main, ...further]: Pools): Claims | Failure {
  const { sub, groups, clientId, roles, names, issuedAt, notBefore, expiresAt } = claims;
  if (id === main.id) {
    const isTaken = (name: string, prefix: typeof userPrefix) =>
      further.some((pool) => name.startsWith(prefix(pool.id)));
    if (isTaken(sub, userPrefix)) return ANOTHER_POOL;
    return { ...claims, groups: groups.filter((name) => !isTaken(name, groupPrefix)) };
  }
  return {
    pool: id,
    sub: userPrefix(id) + sub,
    groups: groups.map((name) => groupPrefix(id) + name),
    names: names && {},
    clientId,
    roles,
    issuedAt,
    notBefore,
    expiresAt,
  };
}
