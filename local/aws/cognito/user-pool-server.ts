// A user pool over HTTP: its key set, its OpenID configuration, and its API.

import { createServer } from "node:http";
import { loopback, type ReservedPort } from "../iam/loopback.ts";
import type { CallerDeps } from "../json-api/caller.ts";
import type { Fault } from "../json-api/index.ts";
import type { UserPool } from "./user-pool.ts";
import { type UserPoolAction, userPoolApi } from "./user-pool-api.ts";

/** A running server. */
export interface UserPoolServer {
  /** `http://127.0.0.1:<port>`. */
  readonly endpoint: string;
  readonly jwksUri: string;
  /** How often the key set has been fetched. */
  readonly jwksFetches: () => number;
  /** How often an action of the API has been called, failures included. */
  calls(action: UserPoolAction): number;
  /** Plays faults on the next calls of an action, one each. */
  failNext(action: UserPoolAction, ...faults: readonly Fault[]): void;
  close(): Promise<void>;
}

/** What the server can be told. */
export interface UserPoolServerOptions {
  /** 0, the default, takes a free one. */
  readonly port?: number | ReservedPort;
  /** Base URL of the managed login, for the OpenID configuration. */
  readonly domain?: string;
  /** Who may call the actions that are signed; nobody without it. */
  readonly callers?: CallerDeps;
}

/** Serves `/<poolId>/.well-known/jwks.json`, `/<poolId>/.well-known/openid-configuration` and the API at `POST /`. */
export async function startUserPoolServer(
  pool: UserPool,
  options: UserPoolServerOptions = {},
): Promise<UserPoolServer> {
  let jwksFetches = 0;
  const base = `/${pool.id}/.well-known`;
  const api = userPoolApi(pool, options.callers ?? nobody(pool));
  const server = createServer((request, response) => {
    if (request.method === "POST") return void api.handle(request, response);
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
  return {
    endpoint,
    jwksUri: `${endpoint}${base}/jwks.json`,
    jwksFetches: () => jwksFetches,
    calls: api.calls,
    failNext: api.failNext,
    close,
  };
}

function nobody({ now }: UserPool): CallerDeps {
  return { sessions: { find: () => undefined }, roles: () => new Map(), now };
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
