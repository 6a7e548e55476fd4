// Revokes a refresh token with everything that followed from it.
// https://docs.aws.amazon.com/cognito/latest/developerguide/revocation-endpoint.html

import type { AppClient } from "./app-client.ts";
import type { UserPool } from "./user-pool.ts";

/** An OAuth error. */
export interface RevocationRefusal {
  readonly status: number;
  readonly error: "invalid_request" | "invalid_client" | "unsupported_token_type";
}

/** Ends the sign-in of the token; a token that is unknown, another client's or revoked already is no error. */
export function revoke(
  form: URLSearchParams,
  authorization: string,
  pool: UserPool,
): RevocationRefusal | undefined {
  const client = pool.client(form.get("client_id") ?? "");
  const token = form.get("token");
  if (!client || authorization !== basicOf(client)) return { status: 401, error: "invalid_client" };
  if (!token || !client.canRevoke) return { status: 400, error: "invalid_request" };
  if (isSignedToken(token)) return { status: 400, error: "unsupported_token_type" };
  const signIn = pool.refreshTokens.find(token, client.clientId);
  if (signIn) pool.users.endSignIn(signIn.originJti);
  return undefined;
}

/** What a client authenticates with: nothing, without a secret. */
function basicOf({ clientId, clientSecret }: AppClient): string {
  if (clientSecret === undefined) return "";
  return `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString("base64")}`;
}

/** ID and access tokens have three parts, refresh tokens five. */
function isSignedToken(token: string): boolean {
  return token.split(".").length === 3;
}
