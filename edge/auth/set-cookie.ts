// Writes the gate's cookies: a session's, a sign-in attempt's, and their end.

import type { Config } from "../config/config.ts";
import { GateError } from "../errors.ts";
import type { ViewerRequest } from "../request/cloudfront.ts";
import { cookieName, cookieNames, isShared } from "../request/cookies.ts";
import { formerCookies } from "./former-cookies.ts";

/** Browsers keep no cookie whose name and value are longer together (RFC 6265bis §5.6). */
const MAX_CHARACTERS = 4_096;

/**
 * One `Set-Cookie` line. Scripts never see the cookie, and plain HTTP never carries it.
 * @param maxAge seconds; 0 removes it
 * @throws GateError `cookie_too_large` for one that browsers would drop without a word
 */
export function setCookie(name: string, value: string, maxAge: number, config: Config): string {
  const { cookies } = config;
  const pair = `${cookieName(name, config)}=${value}`;
  if (pair.length > MAX_CHARACTERS) throw new GateError("cookie_too_large", namedError(name));
  const domain = isShared(name, config) ? `; Domain=${cookies.domain}` : "";
  const partitioned = cookies.partitioned ? "; Partitioned" : "";
  return `${pair}; Max-Age=${maxAge}; Path=/; Secure; HttpOnly; SameSite=${cookies.sameSite}${domain}${partitioned}`;
}

/** Lines that remove every cookie of the gate's that the request came with. */
export function clearCookies(request: ViewerRequest, config: Config): readonly string[] {
  return [
    ...ownCookies(request).map((name) => setCookie(name, "", 0, config)),
    ...formerCookies(request, config),
  ];
}

/** The gate's cookies in a request, by the names it gives; others with its prefix never get into a header of ours. */
export function ownCookies(request: ViewerRequest): readonly string[] {
  const names = cookieNames(request, "__").map((name) => name.replace(/^__(Host|Secure)-gatehouse-/, ""));
  return [...new Set(names)].filter((name) => OWN.test(name));
}

const OWN = /^(id|refresh|aws(-[0-9a-f]{8})?|login-[0-9a-z]{9}-[\w-]{22})$/;

/** Says in the log which cookie it was. */
function namedError(name: string): Error {
  return Object.assign(new Error(), { name: `cookie ${name}` });
}
