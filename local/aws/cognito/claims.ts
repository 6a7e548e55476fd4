// The claims of Cognito's ID and access tokens.
// https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-id-token.html

import { randomUUID } from "node:crypto";
import type { Group, User } from "./users.ts";

/** The sign-in that a token follows from. */
export interface SignIn {
  readonly clientId: string;
  readonly originJti: string;
  readonly eventId: string;
  /** Epoch seconds. */
  readonly authTime: number;
  readonly nonce?: string;
  readonly scope?: string;
}

/** The claims of an ID token, without `iss`, `iat` and `exp`. */
export function idClaims(user: User, groups: readonly Group[], signIn: SignIn): Record<string, unknown> {
  return {
    ...user.attributes,
    sub: user.sub,
    email_verified: true,
    ...roleClaims(user, groups),
    "cognito:username": user.username,
    origin_jti: signIn.originJti,
    aud: signIn.clientId,
    event_id: signIn.eventId,
    token_use: "id",
    auth_time: signIn.authTime,
    jti: randomUUID(),
    email: user.email,
    ...(signIn.nonce !== undefined && { nonce: signIn.nonce }),
  };
}

/** The claims of an access token, without `iss`, `iat` and `exp`. */
export function accessClaims(user: User, signIn: SignIn): Record<string, unknown> {
  return {
    sub: user.sub,
    ...(user.groups.length > 0 && { "cognito:groups": user.groups }),
    version: 2,
    client_id: signIn.clientId,
    origin_jti: signIn.originJti,
    event_id: signIn.eventId,
    token_use: "access",
    scope: signIn.scope ?? "aws.cognito.signin.user.admin",
    auth_time: signIn.authTime,
    jti: randomUUID(),
    username: user.username,
  };
}

/** The claims of a machine's access token, which its app client got for itself: nobody has signed in. */
export function machineClaims(clientId: string, scope: string, authTime: number): Record<string, unknown> {
  return {
    sub: clientId,
    token_use: "access",
    scope,
    auth_time: authTime,
    version: 2,
    jti: randomUUID(),
    client_id: clientId,
  };
}

/** Groups, their roles, and the role of the group with the best precedence unless several share it. */
function roleClaims(user: User, groups: readonly Group[]): Record<string, unknown> {
  const own = groups.filter((group) => user.groups.includes(group.name));
  const withRole = own.filter((group) => group.roleArn !== undefined);
  const rank = (group: Group) => group.precedence ?? Number.POSITIVE_INFINITY;
  const best = Math.min(...withRole.map(rank));
  const bestRoles = new Set(withRole.filter((group) => rank(group) === best).map((group) => group.roleArn));
  const [preferred] = bestRoles;
  return {
    ...(user.groups.length > 0 && { "cognito:groups": user.groups }),
    ...(bestRoles.size === 1 && { "cognito:preferred_role": preferred }),
    ...(withRole.length > 0 && { "cognito:roles": [...new Set(withRole.map((group) => group.roleArn))] }),
  };
}
