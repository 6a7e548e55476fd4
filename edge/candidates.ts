// Where a token may be: the Authorization header, our cookie, configured cookies, Amplify's cookies, in that order.
import { headerValues, type ViewerRequest } from "./cloudfront.ts";
import type { Config } from "./config.ts";

/** The cookie that holds the ID token of a session that the gate set up itself. */
export const ID_TOKEN_COOKIE = "__Host-gatehouse-id";

/**
 * Every value of the request that may be an ID token, most trusted place first. Duplicate and malformed cookies are
 * normal input: another subdomain can plant them.
 */
export function* tokenCandidates(request: ViewerRequest, config: Config): Generator<string> {
  for (const value of headerValues(request, "authorization")) yield value.replace(/^Bearer +/i, "").trim();
  const cookies = headerValues(request, "cookie");
  if (cookies.length === 0) return;
  for (const name of [ID_TOKEN_COOKIE, ...config.cookies.names]) yield* cookieValues(cookies, name);
  for (const clientId of config.userPool.clientIds) yield* amplifyTokens(cookies, clientId);
}

/** All values of one cookie, found without parsing the others (RFC 6265 §4.2.1). */
export function* cookieValues(cookies: readonly string[], name: string): Generator<string> {
  for (const header of cookies) {
    for (let at = header.indexOf(`${name}=`); at >= 0; at = header.indexOf(`${name}=`, at + 1)) {
      if (at === 0 || header[at - 1] === " " || header[at - 1] === ";")
        yield valueAt(header, at + name.length + 1);
    }
  }
}

function valueAt(header: string, start: number): string {
  const end = header.indexOf(";", start);
  const value = header.slice(start, end < 0 ? undefined : end).trim();
  return value.length > 1 && value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1) : value;
}

/**
 * The ID tokens that Amplify keeps in cookies, that of the last signed-in user first. Amplify writes user names into
 * cookie names with varying escapes, so they are compared decoded.
 */
function* amplifyTokens(cookies: readonly string[], clientId: string): Generator<string> {
  const prefix = `CognitoIdentityServiceProvider.${clientId}.`;
  if (!cookies.some((header) => header.includes(prefix))) return;
  const [lastUser = ""] = cookieValues(cookies, `${prefix}LastAuthUser`);
  const users = [...idTokenUsers(cookies, prefix)];
  const isLast = (user: string) => decoded(user) === decoded(lastUser);
  for (const user of [...users.filter(isLast), ...users.filter((name) => !isLast(name))])
    yield* cookieValues(cookies, `${prefix}${user}.idToken`);
}

function idTokenUsers(cookies: readonly string[], prefix: string): ReadonlySet<string> {
  const names = cookies
    .flatMap((header) => header.split(";"))
    .map((pair) => pair.slice(0, pair.indexOf("=")).trim());
  const own = names.filter((name) => name.startsWith(prefix) && name.endsWith(".idToken"));
  return new Set(own.map((name) => name.slice(prefix.length, -".idToken".length)));
}

function decoded(value: string): string {
  try {
    const once = decodeURIComponent(value);
    return once === value ? value : decoded(once);
  } catch {
    return value;
  }
}
