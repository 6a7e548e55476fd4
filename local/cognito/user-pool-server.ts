// The public documents of a user pool over HTTP: its key set and its OpenID configuration.

import { createServer } from "node:http";
import { loopback } from "../iam/loopback.ts";
import type { UserPool } from "./user-pool.ts";

/** A running server. */
export interface UserPoolServer {
  /** `http://127.0.0.1:<port>`. */
  readonly endpoint: string;
  readonly jwksUri: string;
  /** How often the key set has been fetched. */
  readonly jwksFetches: () => number;
  close(): Promise<void>;
}

/** What the server can be told. */
export interface UserPoolServerOptions {
  /** 0, the default, takes a free one. */
  readonly port?: number;
  /** Base URL of the managed login, for the OpenID configuration. */
  readonly domain?: string;
}

/** Serves `/<poolId>/.well-known/jwks.json` and `/<poolId>/.well-known/openid-configuration`. */
export async function startUserPoolServer(
  pool: UserPool,
  options: UserPoolServerOptions = {},
): Promise<UserPoolServer> {
  let jwksFetches = 0;
  const base = `/${pool.id}/.well-known`;
  const server = createServer((request, response) => {
    const path = request.url?.split("?")[0];
    const json = (status: number, body: unknown) =>
      response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body));
    if (path === `${base}/openid-configuration`) return json(200, openidConfiguration(pool, options.domain));
    if (path !== `${base}/jwks.json`) return json(404, { message: "Not Found" });
    jwksFetches += 1;
    response.setHeader("Cache-Control", "public, max-age=86400");
    return json(200, pool.jwks());
  });
  const { port, close } = await loopback(server, options.port);
  const endpoint = `http://127.0.0.1:${port}`;
  return { endpoint, jwksUri: `${endpoint}${base}/jwks.json`, jwksFetches: () => jwksFetches, close };
}

function openidConfiguration(pool: UserPool, domain: string | undefined): Record<string, unknown> {
  return {
    ...(domain !== undefined && {
      authorization_endpoint: `${domain}/oauth2/authorize`,
      end_session_endpoint: `${domain}/logout`,
    }),
    id_token_signing_alg_values_supported: ["RS256"],
    issuer: pool.issuer,
    jwks_uri: `${pool.issuer}/.well-known/jwks.json`,
    response_types_supported: ["code", "token"],
    ...(domain !== undefined && { revocation_endpoint: `${domain}/oauth2/revoke` }),
    scopes_supported: ["openid", "email", "phone", "profile"],
    subject_types_supported: ["public"],
    ...(domain !== undefined && {
      token_endpoint: `${domain}/oauth2/token`,
      userinfo_endpoint: `${domain}/oauth2/userInfo`,
    }),
  };
}
