// A link as a sealed value: whose rights it has, for which path and until when, with the credentials to read it.
import { hash } from "node:crypto";
import type { Hmac } from "../s3/hmac.ts";
import type { Session } from "./exchange.ts";
import { opened, seal } from "./seal.ts";
import { packed, unpacked } from "./sealed-session.ts";

/** What a link says. */
export interface Link {
  /** Whose rights it has. */
  readonly sub: string;
  /** The group by which that user may read, and its role; both empty where every signed-in user may. */
  readonly group: string;
  readonly roleArn: string;
  /** When the token was issued that it was made with, in seconds since the epoch. */
  readonly issuedAt: number;
  /** When it ends, in seconds since the epoch. */
  readonly expiresAt: number;
  /** The session to read with; its credentials outlive the link. */
  readonly session: Session;
}

/** Seals a link to a canonical path; one that ends with a slash is for everything below it. */
export function sealLink(link: Link, path: string, gateId: string, keys: readonly Hmac[]): string {
  const { session, sub, group, roleArn, issuedAt, expiresAt } = link;
  const { accessKeyId, secretAccessKey, sessionToken } = session.credentials;
  const bound = [String(path.length), hash("sha256", path, "base64")];
  const who = [sub, group, roleArn, session.identityId, String(issuedAt), String(expiresAt)];
  const texts = [...bound, ...who, accessKeyId, secretAccessKey, sessionToken, path.endsWith("/") ? "/" : ""];
  return seal(Buffer.concat(texts.map(packed)), purposeOf(gateId), keys);
}

/** The link that this gate has sealed for a canonical path; undefined for none. Its end is not looked at. */
export function openedLink(
  sealed: string,
  path: string,
  gateId: string,
  keys: readonly Hmac[],
): Link | undefined {
  const [plain] = opened([sealed], purposeOf(gateId), keys);
  if (!plain) return undefined;
  const texts = unpacked(plain);
  const [length, bound, sub = "", group = "", roleArn = "", identityId = "", issuedAt, expiresAt] = texts;
  const [accessKeyId = "", secretAccessKey = "", sessionToken = "", isFolder] = texts.slice(8);
  const within = isFolder ? path.slice(0, Number(length)) : path;
  if (hash("sha256", within, "base64") !== bound) return undefined;
  const credentials = { accessKeyId, secretAccessKey, sessionToken, expiresAt: Number(expiresAt) };
  const times = { issuedAt: Number(issuedAt), expiresAt: Number(expiresAt) };
  return { sub, group, roleArn, ...times, session: { identityId, credentials } };
}

function purposeOf(gateId: string): string {
  return `link ${gateId}`;
}
