// oidc-provider, configured to speak as Cognito's managed login: paths, scopes, sessions, PKCE, refresh tokens.

import { randomBytes } from "node:crypto";
import { exportJWK } from "jose";
import Provider, { type Configuration, interactionPolicy, type KoaContextWithOIDC } from "oidc-provider";
import { errorPage } from "./login-pages.ts";
import { loginStores } from "./login-store.ts";
import type { LoginTokens } from "./login-tokens.ts";
import type { UserPool } from "./user-pool.ts";

const SCOPES = ["openid", "email", "phone", "profile", "aws.cognito.signin.user.admin"];
const HOUR = 3600;
const DAY = 24 * HOUR;

/** Makes the provider; its own tokens are replaced by the pool's in `LoginTokens`. */
export async function loginProvider(pool: UserPool, tokens: LoginTokens): Promise<Provider> {
  const key = await exportJWK(pool.keys.current("id").privateKey);
  const provider = new Provider(pool.issuer, {
    ...configuration(pool, tokens),
    jwks: { keys: [{ ...key, alg: "RS256", use: "sig" }] },
  });
  provider.on("grant.revoked", (_ctx, grantId) => tokens.revoke(grantId));
  return provider;
}

function configuration(pool: UserPool, tokens: LoginTokens): Configuration {
  return {
    adapter: loginStores(pool),
    routes: {
      authorization: "/oauth2/authorize",
      token: "/oauth2/token",
      revocation: "/oauth2/revoke",
      jwks: "/oauth2/unused-jwks",
    },
    scopes: SCOPES,
    claims: { openid: ["sub"] },
    responseTypes: ["code"],
    clientAuthMethods: ["none"],
    features: {
      devInteractions: { enabled: false },
      revocation: {
        enabled: true,
        allowedPolicy: (_ctx, client, token) => token.clientId === client.clientId,
      },
      rpInitiatedLogout: { enabled: false },
      userinfo: { enabled: false },
    },
    interactions: {
      policy: withoutConsent(),
      url: (_ctx, interaction) => `/login/${interaction.uid}`,
    },
    cookies: {
      keys: [randomBytes(32).toString("base64url")],
      names: { session: "cognito", interaction: "cognito-login", resume: "cognito-resume" },
    },
    ttl: {
      AccessToken: pool.tokenSeconds,
      AuthorizationCode: 300,
      Grant: 30 * DAY,
      IdToken: pool.tokenSeconds,
      Interaction: HOUR,
      RefreshToken: 30 * DAY,
      Session: HOUR,
    },
    issueRefreshToken: () => true,
    rotateRefreshToken: false,
    expiresWithSession: () => false,
    loadExistingGrant: grantEverything,
    clientBasedCORS: () => true,
    findAccount: (_ctx, sub, token) =>
      tokens.account(sub, token && "grantId" in token ? token.grantId : undefined),
    renderError: (ctx, out) => {
      ctx.type = "html";
      ctx.body = errorPage(out.error, out.error_description ?? "");
    },
  };
}

/** Cognito asks nobody for consent. */
function withoutConsent() {
  const policy = interactionPolicy.base();
  policy.remove("consent");
  return policy;
}

/** A grant of its own for each sign-in, so that revoking one leaves the others. */
async function grantEverything(ctx: KoaContextWithOIDC) {
  const { session, client, provider } = ctx.oidc;
  if (!session?.accountId || !client) return undefined;
  const grant = new provider.Grant({ accountId: session.accountId, clientId: client.clientId });
  grant.addOIDCScope([...SCOPES, "offline_access"].join(" "));
  await grant.save();
  return grant;
}
