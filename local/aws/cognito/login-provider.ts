// oidc-provider, configured to speak as Cognito's managed login: paths, scopes, sessions, PKCE, refresh tokens.

import { randomBytes } from "node:crypto";
import { exportJWK } from "jose";
import Provider, { type Configuration, interactionPolicy, type KoaContextWithOIDC } from "oidc-provider";
import { STANDARD_SCOPES } from "./app-client.ts";
import { errorPage } from "./login-pages.ts";
import { loginStores } from "./login-store.ts";
import type { LoginTokens } from "./login-tokens.ts";
import type { UserPool } from "./user-pool.ts";

const HOUR = 3600;
const DAY = 24 * HOUR;

/** Makes the provider; its own tokens are replaced by the pool's in `LoginTokens`. */
export async function loginProvider(pool: UserPool, tokens: LoginTokens): Promise<Provider> {
  const key = await exportJWK(pool.keys.current("id").privateKey);
  const provider = new Provider(pool.issuer, {
    ...configuration(pool, tokens),
    jwks: { keys: [{ ...key, alg: "RS256", use: "sig" }] },
  });
  provider.registerGrantType("refresh_token", async (ctx) => await tokens.refresh(ctx), ["refresh_token"]);
  provider.registerGrantType("client_credentials", async (ctx) => await tokens.machine(ctx), ["scope"]);
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
    scopes: STANDARD_SCOPES,
    claims: { openid: ["sub"] },
    responseTypes: ["code"],
    clientAuthMethods: ["none", "client_secret_basic"],
    features: {
      devInteractions: { enabled: false },
      // For its preflights: the request itself is answered in `managed-login.ts`.
      revocation: { enabled: true },
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
      AccessToken: HOUR,
      AuthorizationCode: 300,
      Grant: 30 * DAY,
      IdToken: HOUR,
      Interaction: HOUR,
      Session: HOUR,
    },
    // The pool issues them, for its API takes them too.
    issueRefreshToken: () => false,
    expiresWithSession: () => false,
    loadExistingGrant: grantEverything,
    clientBasedCORS: () => true,
    findAccount: (_ctx, sub) => tokens.account(sub),
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
  grant.addOIDCScope(STANDARD_SCOPES.join(" "));
  await grant.save();
  return grant;
}
