// What the gate tells a signed-in user, or an app of theirs, about the session.

import type { Config } from "../config/config.ts";
import { isRecord } from "../config/json.ts";
import type { ViewerRequest } from "../request/cloudfront.ts";
import { ownValues } from "../request/cookies.ts";
import type { VerifiedToken } from "../token/token.ts";

/** The body of `me` and `session`. */
export interface Profile {
  /** The user pool that the user is of, where it is not the one of sign-in. */
  readonly userPool: string | undefined;
  readonly sub: string;
  readonly username: string;
  readonly email: string | undefined;
  readonly groups: readonly string[];
  /** When the ID token ends, in seconds since the epoch. */
  readonly expiresAt: number;
  /** Whether the session goes on by itself after that. */
  readonly renewable: boolean;
}

/** Describes the session of a verified token. */
export function profileOf(token: VerifiedToken, renewable: boolean): Profile {
  const claims = claimsOf(token);
  const { "cognito:username": username, email } = claims;
  return {
    userPool: token.pool,
    sub: token.sub,
    username: typeof username === "string" ? username : token.sub,
    email: typeof email === "string" ? email : undefined,
    groups: token.groups,
    expiresAt: token.expiresAt,
    renewable,
  };
}

/** Whether the browser holds a refresh token. */
export function isRenewable(request: ViewerRequest, config: Config): boolean {
  return ownValues(request, "refresh", config).length > 0;
}

/** The claims of a token that has been verified before. */
export function claimsOf({ raw }: VerifiedToken): Record<string, unknown> {
  const claims: unknown = JSON.parse(Buffer.from(raw.split(".")[1] ?? "", "base64url").toString());
  return isRecord(claims) ? claims : {};
}
