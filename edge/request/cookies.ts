// The gate's own cookies: what they are called, and how one is found among others.

import type { Config } from "../config/config.ts";
import { headerValues, type ViewerRequest } from "./cloudfront.ts";

/**
 * The full name of one of our cookies, or the start of several. `__Host-` is one that no other host can have set; only a
 * session that is shared with a domain's other hosts does without.
 * https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Set-Cookie#cookie_prefixes
 */
export function cookieName(name: string, config: Pick<Config, "cookies">): string {
  return `${isShared(name, config) ? "__Secure" : "__Host"}-gatehouse-${name}`;
}

/** Whether the cookie is for a whole domain: never that of a sign-in, or another host could put its own in place. */
export function isShared(name: string, { cookies }: Pick<Config, "cookies">): boolean {
  return cookies.domain !== undefined && !name.startsWith("login-");
}

/** All values of one cookie, found without parsing the others (RFC 6265 §4.2.1). */
export function cookieValues(request: ViewerRequest, name: string): readonly string[] {
  const start = `${name}=`;
  const values: string[] = [];
  for (const header of headerValues(request, "cookie")) {
    for (let at = header.indexOf(start); at >= 0; at = header.indexOf(start, at + 1)) {
      if (isStart(header, at)) values.push(valueAt(header, at + start.length));
    }
  }
  return values;
}

/** The names of all cookies that start with a prefix, each once. */
export function cookieNames(request: ViewerRequest, prefix: string): readonly string[] {
  const headers = headerValues(request, "cookie").filter((header) => header.includes(prefix));
  const pairs = headers.flatMap((header) => header.split(";"));
  const names = pairs.map((pair) => pair.slice(0, pair.indexOf("=")).trim());
  return [...new Set(names.filter((name) => name.startsWith(prefix)))];
}

/** Whether a pair starts here: a space alone may be part of another cookie's value, which others can set. */
function isStart(header: string, at: number): boolean {
  let end = at;
  while (header[end - 1] === " ") end -= 1;
  return end === 0 || header[end - 1] === ";";
}

function valueAt(header: string, start: number): string {
  const end = header.indexOf(";", start);
  const value = header.slice(start, end < 0 ? undefined : end).trim();
  return value.length > 1 && value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1) : value;
}
