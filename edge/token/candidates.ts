// Where a token may be: the Authorization header, our cookie, configured cookies, Amplify's cookies, in that order.

import type { Config } from "../config/config.ts";
import { headerValues, type ViewerRequest } from "../request/cloudfront.ts";
import { cookieName, cookieNames, cookieValues } from "../request/cookies.ts";

/**
 * Every value of the request that may be an ID token, most trusted place first. Duplicate and malformed cookies are
 * normal input: another subdomain can plant them.
 */
export function* tokenCandidates(request: ViewerRequest, config: Config): Generator<string> {
  yield* bearerTokens(request);
  yield* sessionTokens(request, config);
  for (const name of config.cookies.names) yield* cookieValues(request, name);
  for (const clientId of config.userPool.clientIds) yield* amplifyTokens(request, clientId);
}

/** The tokens of the `Authorization` header, with or without `Bearer`. */
export function bearerTokens(request: ViewerRequest): readonly string[] {
  return headerValues(request, "authorization").map((value) => value.replace(/^Bearer /i, "").trim());
}

/** The tokens of a session that the gate itself set up. */
export function sessionTokens(request: ViewerRequest, config: Config): readonly string[] {
  return cookieValues(request, cookieName("id", config));
}

/**
 * The ID tokens that Amplify keeps in cookies, that of the last signed-in user first. Amplify writes user names into
 * cookie names with varying escapes, so they are compared decoded.
 */
function* amplifyTokens(request: ViewerRequest, clientId: string): Generator<string> {
  const prefix = `CognitoIdentityServiceProvider.${clientId}.`;
  const names = cookieNames(request, prefix).filter((name) => name.endsWith(".idToken"));
  if (names.length === 0) return;
  const [lastUser = ""] = cookieValues(request, `${prefix}LastAuthUser`);
  const last = decoded(lastUser);
  const isLast = (name: string) => decoded(name.slice(prefix.length, -".idToken".length)) === last;
  for (const name of [...names.filter(isLast), ...names.filter((other) => !isLast(other))])
    yield* cookieValues(request, name);
}

/** As often as Amplify encodes and once more; without an end, a name made of escapes would take seconds. */
function decoded(value: string, times = 3): string {
  try {
    return times === 0 ? value : decoded(decodeURIComponent(value), times - 1);
  } catch {
    return value;
  }
}
