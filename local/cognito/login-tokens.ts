// The tokens that the managed login hands out: the pool's own, in the place of oidc-provider's.

import { createHash } from "node:crypto";
import type { Account, KoaContextWithOIDC } from "oidc-provider";
import type { UserPool } from "./user-pool.ts";

const AT_MOST = 5_000;

/** Issues tokens per grant; its state is the sign-in behind each grant, the newest 5,000. */
export class LoginTokens {
  readonly #pool: UserPool;
  readonly #signIns = new Map<string, string>();

  constructor(pool: UserPool) {
    this.#pool = pool;
  }

  /** The account of a `sub`; none when the user is gone, disabled, or signed out since the grant. */
  account(sub: string, grantId: string | undefined): Account | undefined {
    const user = this.#pool.users.findBySub(sub);
    if (!user?.enabled) return undefined;
    const originJti = grantId === undefined ? undefined : this.#signIns.get(grantId);
    if (originJti !== undefined && !this.#pool.users.isSignedIn(sub, originJti)) return undefined;
    return { accountId: sub, claims: () => ({ sub }) };
  }

  /** Ends the sign-in of a grant. */
  revoke(grantId: string): void {
    const originJti = this.#signIns.get(grantId);
    if (originJti !== undefined) this.#pool.users.endSignIn(originJti);
  }

  /**
   * Rewrites a successful answer of the token endpoint. oidc-provider has checked code, PKCE verifier, client and
   * redirect URI; the claims, the two keys and the `origin_jti` are Cognito's, so the pool signs.
   */
  async replace(ctx: KoaContextWithOIDC): Promise<void> {
    const { AuthorizationCode: code, RefreshToken: refresh, Client: client } = ctx.oidc.entities;
    const source = code ?? refresh;
    const user = source?.accountId === undefined ? undefined : this.#pool.users.findBySub(source.accountId);
    if (!source || !user || !client) throw new Error("a token answer without a sign-in");
    const signIn = {
      clientId: client.clientId,
      originJti: this.#originJti(source.grantId ?? "", user.username),
      scope: source.scope ?? "",
      ...(source.authTime !== undefined && { authTime: source.authTime }),
      ...(code?.nonce !== undefined && { nonce: code.nonce }),
    };
    const accessToken = await this.#pool.issueAccessToken(user.username, signIn);
    const claims = { at_hash: halfHash(accessToken) };
    const openid = signIn.scope.split(" ").includes("openid");
    ctx.body = {
      ...(openid && { id_token: await this.#pool.issueIdToken(user.username, { ...signIn, claims }) }),
      access_token: accessToken,
      // A refresh answers with the same refresh token, which Cognito does not repeat.
      ...(code && { refresh_token: refreshTokenOf(ctx.body) }),
      expires_in: this.#pool.tokenSeconds,
      token_type: "Bearer",
    };
  }

  #originJti(grantId: string, username: string): string {
    const known = this.#signIns.get(grantId);
    if (known !== undefined) return known;
    const originJti = this.#pool.users.signIn(username);
    this.#signIns.set(grantId, originJti);
    const oldest = this.#signIns.keys().next().value;
    if (this.#signIns.size > AT_MOST && oldest !== undefined) this.#signIns.delete(oldest);
    return originJti;
  }
}

function refreshTokenOf(body: unknown): unknown {
  return typeof body === "object" && body !== null && "refresh_token" in body
    ? body.refresh_token
    : undefined;
}

/** `at_hash`: the left half of the access token's SHA-256 (OpenID Connect Core §3.1.3.6). */
function halfHash(token: string): string {
  return createHash("sha256").update(token).digest().subarray(0, 16).toString("base64url");
}
