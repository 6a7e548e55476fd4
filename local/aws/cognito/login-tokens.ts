// The tokens that the managed login hands out: the pool's own, in the place of oidc-provider's.

import { createHash } from "node:crypto";
import { type Account, errors, type KoaContextWithOIDC } from "oidc-provider";
import { ApiError } from "../json-api/index.ts";
import { renew } from "./renewal.ts";
import type { UserPool } from "./user-pool.ts";

const AT_MOST = 5_000;

/** Issues tokens per grant; its state is the sign-in behind each grant, the newest 5,000. */
export class LoginTokens {
  readonly #pool: UserPool;
  readonly #signIns = new Map<string, string>();

  constructor(pool: UserPool) {
    this.#pool = pool;
  }

  /** The account of a `sub`; none when the user is gone or disabled. */
  account(sub: string): Account | undefined {
    const user = this.#pool.users.findBySub(sub);
    return user?.enabled ? { accountId: sub, claims: () => ({ sub }) } : undefined;
  }

  /** Ends the sign-in of a grant, which happens when its code comes a second time. */
  revoke(grantId: string): void {
    const originJti = this.#signIns.get(grantId);
    if (originJti !== undefined) this.#pool.users.endSignIn(originJti);
  }

  /**
   * Rewrites a successful answer to a code. oidc-provider has checked code, PKCE verifier, client and redirect URI;
   * the claims, the two keys and the `origin_jti` are Cognito's, so the pool signs.
   */
  async replace(ctx: KoaContextWithOIDC): Promise<void> {
    const { AuthorizationCode: code, Client: client } = ctx.oidc.entities;
    if (!code) return;
    const user = code.accountId === undefined ? undefined : this.#pool.users.findBySub(code.accountId);
    if (!user || !client) throw new Error("a token answer without a sign-in");
    const signIn = {
      clientId: client.clientId,
      originJti: this.#originJti(code.grantId ?? "", user.username),
      scope: code.scope ?? "",
      ...(code.authTime !== undefined && { authTime: code.authTime }),
      ...(code.nonce !== undefined && { nonce: code.nonce }),
    };
    const accessToken = await this.#pool.issueAccessToken(user.username, signIn);
    const claims = { at_hash: halfHash(accessToken) };
    const openid = signIn.scope.split(" ").includes("openid");
    ctx.body = {
      ...(openid && { id_token: await this.#pool.issueIdToken(user.username, { ...signIn, claims }) }),
      access_token: accessToken,
      refresh_token: this.#pool.issueRefreshToken(user.username, signIn),
      expires_in: this.#pool.client(client.clientId)?.accessTokenSeconds,
      token_type: "Bearer",
    };
  }

  /**
   * Answers the grant `refresh_token`, without repeating the refresh token. With rotation it is refused: "Refresh token
   * rotation must be completed with GetTokensFromRefreshToken", says one page of AWS; another lets this grant rotate.
   * https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_RefreshTokenRotationType.html
   */
  async refresh(ctx: KoaContextWithOIDC): Promise<void> {
    const clientId = ctx.oidc.client?.clientId ?? "";
    const { refresh_token: token } = ctx.oidc.params ?? {};
    if (typeof token !== "string") throw new errors.InvalidRequest("missing required parameter(s)");
    if (this.#pool.client(clientId)?.rotation)
      throw new errors.UnauthorizedClient("Client is not allowed for refreshing tokens");
    const { idToken, accessToken, expiresInSeconds } = await renew(this.#pool, token, clientId).catch(
      inOAuth,
    );
    ctx.body = {
      ...(idToken !== undefined && { id_token: idToken }),
      access_token: accessToken,
      expires_in: expiresInSeconds,
      token_type: "Bearer",
    };
  }

  /** Answers the grant `client_credentials`: without a scope in the request the token has all of the client's. */
  async machine(ctx: KoaContextWithOIDC): Promise<void> {
    const client = this.#pool.client(ctx.oidc.client?.clientId ?? "");
    if (client?.clientSecret === undefined) throw new errors.InvalidClient("a client without a secret");
    const { scope } = ctx.oidc.params ?? {};
    const asked = typeof scope === "string" ? scope.split(" ") : client.oauthScopes;
    const unknown = asked.find((name) => !client.oauthScopes.includes(name));
    if (unknown !== undefined) throw new errors.InvalidScope("invalid_scope", unknown);
    ctx.body = {
      access_token: await this.#pool.issueMachineToken(client.clientId, asked.join(" ")),
      expires_in: client.accessTokenSeconds,
      token_type: "Bearer",
    };
  }

  #originJti(grantId: string, username: string): string {
    const originJti = this.#pool.users.signIn(username);
    this.#signIns.set(grantId, originJti);
    const oldest = this.#signIns.keys().next().value;
    if (this.#signIns.size > AT_MOST && oldest !== undefined) this.#signIns.delete(oldest);
    return originJti;
  }
}

/** Every reason of the API is the same one here. */
function inOAuth(cause: unknown): never {
  throw cause instanceof ApiError ? new errors.InvalidGrant(cause.message) : cause;
}

/** `at_hash`: the left half of the access token's SHA-256 (OpenID Connect Core §3.1.3.6). */
function halfHash(token: string): string {
  return createHash("sha256").update(token).digest().subarray(0, 16).toString("base64url");
}
