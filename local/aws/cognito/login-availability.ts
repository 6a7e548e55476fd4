// Whether a client's pages at the managed login are to be had at all.

import type { UserPool } from "./user-pool.ts";

/** What that depends on. */
export interface Availability {
  readonly pool: UserPool;
  /** Clients that have a branding style; undefined where none is needed. */
  readonly branded: readonly string[] | undefined;
}

/**
 * Why there is no sign-in page for a client; undefined when there is one, or when the client is not known at all.
 * "Managed login and classic hosted UI pages aren't available for your client until after you apply a branding style."
 * https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UpdateUserPoolClient.html
 */
export function unavailable(clientId: string, { pool, branded }: Availability): string | undefined {
  const client = pool.client(clientId);
  if (!client) return undefined;
  if (client.oauthFlows.length === 0) return "Client is not enabled for OAuth2.0 flows.";
  if (!client.identityProviders.includes("COGNITO"))
    return "The client has no identity provider to sign in with.";
  if (branded && !branded.includes(clientId))
    return "Login pages unavailable: the client has no branding style.";
  return undefined;
}
