// A small working AWS: identity pool, STS, key set, token endpoint and the user pool's API, all on one loopback port.
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { CLIENT_ID, IDENTITY_ID } from "../fixtures/config.ts";
import { ID_CLAIMS, KEY, type SigningKey, signed } from "../fixtures/tokens.ts";

/** Its state is its clock, its keys, and how long its credentials last. */
export class Aws implements AsyncDisposable {
  /** Milliseconds since the epoch. */
  now: () => number = Date.now;
  /** What the key set publishes. */
  published: readonly SigningKey[] = [KEY];
  /** What new tokens are signed with. */
  signingKey = KEY;
  /** Seconds. */
  credentialSeconds = 3_600;
  readonly #server = createServer(async (incoming, response) => {
    const body = await answerTo(incoming, this);
    const contentType = body.startsWith("<") ? "text/xml" : "application/x-amz-json-1.1";
    response.writeHead(200, { "content-type": contentType }).end(body);
  });

  async start(): Promise<this> {
    await new Promise<void>((listening) => this.#server.listen(0, "127.0.0.1", listening));
    return this;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** An ID token issued now. */
  idToken(claims: object = {}): string {
    const iat = Math.floor(this.now() / 1000);
    const times = { iat, auth_time: iat, exp: iat + 3_600 };
    const { kid } = this.signingKey;
    return signed({ alg: "RS256", kid }, { ...ID_CLAIMS, ...times, ...claims }, this.signingKey);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((closed) => this.#server.close(closed));
  }
}

/** A code is the nonce of its attempt; any refresh token is good. */
async function answerTo(incoming: IncomingMessage, aws: Aws): Promise<string> {
  const body = await text(incoming);
  const form = new URLSearchParams(body);
  const target = String(incoming.headers["x-amz-target"]).replace(/^.*\./, "");
  if (incoming.url === "/oauth2/token")
    return JSON.stringify({ id_token: aws.idToken({ nonce: form.get("code") }), refresh_token: "refresh-1" });
  if (incoming.url === "/oauth2/revoke") return "{}";
  if (target === "GetTokensFromRefreshToken")
    return JSON.stringify({ AuthenticationResult: { IdToken: aws.idToken({ aud: CLIENT_ID }) } });
  if (target === "GetId") return JSON.stringify({ IdentityId: IDENTITY_ID });
  if (target === "GetCredentialsForIdentity") return JSON.stringify(credentials(aws));
  if (form.get("Action") === "AssumeRole") return assumedRole(aws);
  return JSON.stringify({ keys: aws.published.map(({ jwk }) => jwk) });
}

const KEYS = { AccessKeyId: "test-access-key", SessionToken: "test+session/token==" };

function credentials({ now, credentialSeconds }: Aws): object {
  const Expiration = now() / 1000 + credentialSeconds;
  return { IdentityId: IDENTITY_ID, Credentials: { ...KEYS, SecretKey: "test-secret-key", Expiration } };
}

function assumedRole({ now, credentialSeconds }: Aws): string {
  const Expiration = new Date(now() + credentialSeconds * 1000).toISOString();
  const fields = Object.entries({ ...KEYS, SecretAccessKey: "test-secret-key", Expiration });
  const xml = fields.map(([name, value]) => `<${name}>${value}</${name}>`).join("");
  return `<AssumeRoleResponse><AssumeRoleResult><Credentials>${xml}</Credentials></AssumeRoleResult></AssumeRoleResponse>`;
}
