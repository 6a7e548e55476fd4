// A user's session as a sealed cookie: identity and credentials, packed small, for one user, client and role.
import { hash } from "node:crypto";
import type { Config } from "../config/config.ts";
import type { ViewerRequest } from "../request/cloudfront.ts";
import { ownValues } from "../request/cookies.ts";
import type { Hmac } from "../s3/hmac.ts";
import type { VerifiedToken } from "../token/token.ts";
import type { Session } from "./exchange.ts";
import { opened, seal, sealingKeys } from "./seal.ts";

/** The name of the cookie for a role, behind the common prefix. */
export function sealedCookieName(roleArn: string | undefined): string {
  return roleArn === undefined ? "aws" : `aws-${hash("sha256", roleArn, "hex").slice(0, 8)}`;
}

/** What a sealed session belongs to. */
export interface Owner {
  readonly config: Pick<Config, "identityPool" | "exchange"> & {
    readonly userPool: Pick<Config["userPool"], "id">;
  };
  readonly token: VerifiedToken;
  readonly roleArn: string | undefined;
}

/** The session that a viewer's cookies hold for a user and role, which may have expired; undefined for none. */
export type Unseal = (
  request: ViewerRequest,
  token: VerifiedToken,
  roleArn: string | undefined,
) => Session | undefined;

/** Makes the opener of sealed sessions; anything wrong with one means that there is none. */
export function createUnseal(config: Config): Unseal {
  const keys = sealingKeys(config);
  return (request, token, roleArn) => {
    const values = ownValues(request, sealedCookieName(roleArn), config);
    for (const plain of opened(values, purposeOf({ config, token, roleArn }), keys)) {
      const session = sessionOf(plain);
      if (!config.exchange || session.identityId === token.sub) return session;
    }
    return undefined;
  };
}

/**
 * The exchange is part of it: another one's credentials have other rights, and its users other folders. So are the claims
 * that folders are named after: credentials are for those of the token that they were made with.
 */
function purposeOf({ config: { userPool, identityPool, exchange }, token, roleArn }: Owner): string {
  const exchangedBy = identityPool?.id ?? exchange?.roleArn;
  const { clientId, sub, names, pool = userPool.id } = token;
  const parts = ["session", pool, exchangedBy, clientId, sub, roleArn ?? ""];
  return JSON.stringify(names ? [...parts, names] : parts);
}

/** Seals a session; it ends with the token that it was made with at the latest. */
export function sealSession(
  { identityId, credentials }: Session,
  owner: Owner,
  keys: readonly Hmac[],
): string {
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  const expiresAt = Math.floor(Math.min(credentials.expiresAt, owner.token.expiresAt));
  const texts = [String(expiresAt), identityId, accessKeyId, secretAccessKey, sessionToken];
  return seal(Buffer.concat(texts.map(packed)), purposeOf(owner), keys);
}

function sessionOf(plain: Buffer): Session {
  const [expiresAt = "", identityId = "", accessKeyId = "", secretAccessKey = "", sessionToken = ""] =
    unpacked(plain);
  return {
    identityId,
    credentials: { accessKeyId, secretAccessKey, sessionToken, expiresAt: Number(expiresAt) },
  };
}

/** Length and bytes; base64, as which AWS writes most of it, is three quarters of its length when decoded. */
export function packed(text: string): Buffer {
  const bytes = Buffer.from(text, "base64");
  const isBase64 = bytes.toString("base64") === text;
  const content = isBase64 ? bytes : Buffer.from(text);
  return Buffer.concat([Buffer.from([isBase64 ? 1 : 0, content.length >> 8, content.length & 255]), content]);
}

/** The texts that were packed one behind the other. */
export function unpacked(plain: Buffer): readonly string[] {
  const texts: string[] = [];
  for (let at = 0; at + 3 <= plain.length; ) {
    const start = at + 3;
    at = start + plain.readUInt16BE(start - 2);
    texts.push(plain.toString(plain[start - 3] === 1 ? "base64" : "utf8", start, at));
  }
  return texts;
}
