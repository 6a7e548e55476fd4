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
  /** What that user's own folders are called by claims; undefined where no folders are named so. */
  readonly names: Readonly<Record<string, string>> | undefined;
  /** When the token was issued that it was made with, in seconds since the epoch. */
  readonly issuedAt: number;
  /** When it ends, in seconds since the epoch. */
  readonly expiresAt: number;
  /** The session to read with; its credentials outlive the link. */
  readonly session: Session;
}

/** Seals a link to a canonical path; one that ends with a slash is for everything below it. */
export function sealLink(link: Link, path: string, gateId: string, keys: readonly Hmac[]): string {
  const { session, sub, group, roleArn, names = {}, issuedAt, expiresAt } = link;
  const { accessKeyId, secretAccessKey, sessionToken } = session.credentials;
  const bound = [String(path.length), hash("sha256", path, "base64")];
  const who = [sub, group, roleArn, session.identityId, String(issuedAt), String(expiresAt)];
  const texts = [...bound, ...who, accessKeyId, secretAccessKey, sessionToken, path.endsWith("/") ? "/" : ""];
  for (const pair of Object.entries(names)) texts.push(...pair);
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
  const [accessKeyId = "", secretAccessKey = "", sessionToken = "", isFolder, ...named] = texts.slice(8);
  const within = isFolder ? path.slice(0, Number(length)) : path;
  if (hash("sha256", within, "base64") !== bound) return undefined;
  const credentials = { accessKeyId, secretAccessKey, sessionToken, expiresAt: Number(expiresAt) };
  const times = { issuedAt: Number(issuedAt), expiresAt: Number(expiresAt) };
  return { sub, group, roleArn, names: inPairs(named), ...times, session: { identityId, credentials } };
}

function inPairs(texts: readonly string[]): Readonly<Record<string, string>> {
  const names: Record<string, string> = {};
  for (let at = 0; at + 1 < texts.length; at += 2) names[texts[at] ?? ""] = texts[at + 1] ?? "";
  return names;
}

function purposeOf(gateId: string): string {
  return `link ${gateId}`;
}
