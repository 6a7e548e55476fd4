// Sets a browser's session up: its tokens, and the credentials that spare the edge a call to Cognito.

import { hash } from "node:crypto";
import { causeNames } from "../answer/log.ts";
import { issuersOf } from "../config/aws-names.ts";
import type { Config } from "../config/config.ts";
import { GateError } from "../errors.ts";
import type { ViewerRequest } from "../request/cloudfront.ts";
import { formerValues, ownNames } from "../request/cookies.ts";
import { sealingKeys } from "../session/seal.ts";
import { sealedCookieName, sealSession } from "../session/sealed-session.ts";
import type { SignInParts } from "../sign-in.ts";
import { readUnverified } from "../token/claims.ts";
import type { VerifiedToken } from "../token/token.ts";
import { passCookies } from "./pass.ts";
import { claimsOf } from "./profile.ts";
import { isInDomain, leftCookies, removalOf, setCookie, tokenLines } from "./set-cookie.ts";

const SEALED = /^aws/;
/** Sealed credentials take about 1.4 KB each, and CloudFront takes 20 KB of headers at least. */
const MAX_ROLES = 3;
/** A browser has one session of before for each domain that it was shared with; others can plant hundreds. */
const MAX_READ = 8;
/** The time box of a hop, in milliseconds: less than the function's own, so that a slow exchange loses no sign-in. */
export const HOP_MS = 3_500;

/**
 * The lines that keep a session's tokens; a session without a refresh token ends that of the one before it, and one that
 * other settings have left in the browser is over.
 * @throws GateError `cookie_too_large`
 */
export function tokenCookies(
  token: VerifiedToken,
  refreshToken: string | undefined,
  request: ViewerRequest,
  config: Config,
): readonly string[] {
  const maxAge = config.auth?.maxAge ?? 0;
  const isLeft = isInDomain(request, config) || isSharedSessionOfBefore(request, config);
  const left = isLeft ? leftCookies(request, config) : [];
  return [
    ...left,
    ...tokenLines({ id: token.raw, refresh: refreshToken }, maxAge, request, config),
    ...passCookies(token, config),
  ];
}

/**
 * Without a domain, whether a session is left from when there was one: if the setting came back, so would the person of
 * then. Others above the host may have sessions of that name, too, which are for app clients of their own.
 */
function isSharedSessionOfBefore(request: ViewerRequest, config: Config): boolean {
  const { cookies, userPool } = config;
  if (cookies.domain !== undefined) return false;
  const issuers = issuersOf(userPool.id);
  const isOurs = (clientId: unknown) => userPool.clientIds.some((each) => each === clientId);
  return formerValues(request, "id", config)
    .slice(0, MAX_READ)
    .some((value) => {
      const unverified = readUnverified(value, issuers);
      return !("code" in unverified) && isOurs(unverified.payload["aud"]);
    });
}

/**
 * The lines that keep new credentials for each of the user's roles, as many as can be had until the deadline; a session
 * works without them, only slower. Those of other roles are removed; one that cannot be had leaves the one before it,
 * which still says who the user is.
 */
export async function credentialCookies(
  token: VerifiedToken,
  request: ViewerRequest,
  deadline: number,
  parts: SignInParts,
): Promise<readonly string[]> {
  const roleArns = rolesOf(token, parts.config);
  const names = roleArns.map(sealedCookieName);
  const others = ownNames(request, parts.config).filter((name) => SEALED.test(name) && !names.includes(name));
  const lines = [...removalOf(others, parts.config)];
  for (const roleArn of roleArns) {
    const line = await credentialCookie(token, roleArn, request, deadline, parts);
    if (line === undefined) break;
    lines.push(line);
  }
  return lines;
}

async function credentialCookie(
  token: VerifiedToken,
  roleArn: string | undefined,
  request: ViewerRequest,
  deadline: number,
  { sessions, config, log }: SignInParts,
): Promise<string | undefined> {
  try {
    const session = await sessions.renew({ token, roleArn, request, deadline }, sayingOf(token));
    const owner = { config, token, roleArn };
    const sealed = sealSession(session, owner, sealingKeys(config));
    return setCookie(sealedCookieName(roleArn), sealed, config.auth?.maxAge ?? 0, config);
  } catch (error) {
    const code = error instanceof GateError ? error.code : "internal_error";
    log({
      level: "warn",
      code,
      status: 200,
      requestId: request.requestId,
      method: request.method,
      cause: causeNames(error),
    });
    return undefined;
  }
}

/** What a token says of its user, on which credentials depend: all but the times, and what is new in each. */
export function sayingOf(token: VerifiedToken): string {
  return hash("sha256", JSON.stringify({ ...claimsOf(token), ...ALWAYS_NEW }), "base64url");
}

const ALWAYS_NEW = { iat: 0, exp: 0, jti: "", nonce: "", at_hash: "" };

/** The role that every user gets, and those of the user's groups, in the order of the areas that ask for them. */
function rolesOf(token: VerifiedToken, { areas, groups }: Config): readonly (string | undefined)[] {
  const own = areas
    .filter(({ api }) => !api)
    .map((area) => area.groups?.find((name) => token.groups.includes(name)));
  const roleArns = own.flatMap((group) => (group === undefined ? [] : (groups[group]?.roleArn ?? [])));
  return [undefined, ...new Set(roleArns)].slice(0, MAX_ROLES);
}
