// A small working AWS: identity pool, STS, key set, token endpoint and the user pool's API, all on one loopback port.
import { createHash } from "node:crypto";
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
  if (target === "GetId") return JSON.stringify({ IdentityId: identityIdOf(subjectOf(JSON.parse(body))) });
  if (target === "GetCredentialsForIdentity")
    return JSON.stringify(credentials(subjectOf(JSON.parse(body)), aws));
  if (form.get("Action") === "AssumeRole") return assumedRole(form.get("RoleSessionName") ?? "", aws);
  return JSON.stringify({ keys: aws.published.map(({ jwk }) => jwk) });
}

/** Whose ID token a call of the identity pool shows. */
function subjectOf({ Logins }: { readonly Logins: Readonly<Record<string, string>> }): string {
  const [, payload = ""] = Object.values(Logins).join().split(".");
  return JSON.parse(Buffer.from(payload, "base64url").toString()).sub;
}

/** Everybody's own. */
export function identityIdOf(sub: string): string {
  if (sub === ID_CLAIMS.sub) return IDENTITY_ID;
  const digits = createHash("sha256").update(sub).digest("hex");
  return `us-east-1:${digits.slice(0, 8)}-0000-4000-8000-${digits.slice(8, 20)}`;
}

/** Everybody's own, but for the secret key. */
export function accessKeyIdOf(sub: string): string {
  return `test-access-key-of-${sub}`;
}

const SECRET = "test-secret-key";
const sessionTokenOf = (sub: string) => `test+session/token-of-${sub}==`;

function credentials(sub: string, { now, credentialSeconds }: Aws): object {
  const Expiration = now() / 1000 + credentialSeconds;
  const keys = { AccessKeyId: accessKeyIdOf(sub), SecretKey: SECRET, SessionToken: sessionTokenOf(sub) };
  return { IdentityId: identityIdOf(sub), Credentials: { ...keys, Expiration } };
}

function assumedRole(sub: string, { now, credentialSeconds }: Aws): string {
  const Expiration = new Date(now() + credentialSeconds * 1000).toISOString();
  const keys = {
    AccessKeyId: accessKeyIdOf(sub),
    SecretAccessKey: SECRET,
    SessionToken: sessionTokenOf(sub),
  };
  const fields = Object.entries({ ...keys, Expiration });
  const xml = fields.map(([name, value]) => `<${name}>${value}</${name}>`).join("");
  return `<AssumeRoleResponse><AssumeRoleResult><Credentials>${xml}</Credentials></AssumeRoleResult></AssumeRoleResponse>`;
}
