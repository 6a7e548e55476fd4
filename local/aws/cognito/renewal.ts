// New tokens for a refresh token, whichever way it was issued and is brought back.

import { ApiError } from "../json-api/index.ts";
import type { RefreshableSignIn } from "./refresh-tokens.ts";
import type { UserPool } from "./user-pool.ts";
import type { User } from "./users.ts";

/** What a renewal gives. */
export interface RenewedTokens {
  /** None when the sign-in's scopes have no `openid`. */
  readonly idToken: string | undefined;
  readonly accessToken: string;
  /** With rotation only. */
  readonly refreshToken: string | undefined;
  /** Of the access token. */
  readonly expiresInSeconds: number;
}

/**
 * Continues a sign-in: the same `sub`, `origin_jti` and `auth_time`, the groups of now, and no nonce.
 * @throws ApiError NotAuthorizedException, RefreshTokenReuseException, or ResourceNotFoundException for the client.
 */
export async function renew(pool: UserPool, refreshToken: string, clientId: string): Promise<RenewedTokens> {
  const client = pool.client(clientId);
  if (!client)
    throw new ApiError("ResourceNotFoundException", `User pool client ${clientId} does not exist.`);
  const signIn = pool.refreshTokens.check(refreshToken, clientId);
  const { username } = signedIn(pool, signIn);
  // Before anything is awaited: of two calls at once with one token and no grace only one is good.
  const next = pool.refreshTokens.rotate(refreshToken, client);
  const { originJti, authTime, scope } = signIn;
  const same = { clientId, originJti, authTime, ...(scope !== undefined && { scope }) };
  const hasId = scope === undefined || scope.split(" ").includes("openid");
  return {
    idToken: hasId ? await pool.issueIdToken(username, same) : undefined,
    accessToken: await pool.issueAccessToken(username, same),
    refreshToken: next,
    expiresInSeconds: client.accessTokenSeconds,
  };
}

function signedIn({ users }: UserPool, { sub, originJti }: RefreshableSignIn): User {
  const user = users.findBySub(sub);
  if (!user) throw new ApiError("NotAuthorizedException", "Invalid Refresh Token.");
  if (!user.enabled) throw new ApiError("NotAuthorizedException", "User is disabled.");
  if (users.isSignedIn(sub, originJti)) return user;
  throw new ApiError("NotAuthorizedException", "Refresh Token has been revoked.");
}
