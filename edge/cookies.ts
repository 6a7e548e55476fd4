// The gate's own cookies: what they are called, and how one is found among others.
import { headerValues, type ViewerRequest } from "./cloudfront.ts";
import type { Config } from "./config.ts";

/**
 * What the names of our cookies start with. `__Host-` is one that no other host can have set; a session that is shared
 * with a domain's other hosts cannot have that.
 * https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Set-Cookie#cookie_prefixes
 */
export function cookiePrefix({ cookies }: Pick<Config, "cookies">): string {
  return cookies.domain ? "__Secure-gatehouse-" : "__Host-gatehouse-";
}

/** All values of one cookie, found without parsing the others (RFC 6265 §4.2.1). */
export function* cookieValues(request: ViewerRequest, name: string): Generator<string> {
  const start = `${name}=`;
  for (const header of headerValues(request, "cookie")) {
    for (let at = header.indexOf(start); at >= 0; at = header.indexOf(start, at + 1)) {
      if (at === 0 || header[at - 1] === " " || header[at - 1] === ";")
        yield valueAt(header, at + start.length);
    }
  }
}

/** The names of all cookies that start with a prefix, each once. */
export function cookieNames(request: ViewerRequest, prefix: string): readonly string[] {
  const pairs = headerValues(request, "cookie").flatMap((header) => header.split(";"));
  const names = pairs.map((pair) => pair.slice(0, pair.indexOf("=")).trim());
  return [...new Set(names.filter((name) => name.startsWith(prefix)))];
}

function valueAt(header: string, start: number): string {
  const end = header.indexOf(";", start);
  const value = header.slice(start, end < 0 ? undefined : end).trim();
  return value.length > 1 && value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1) : value;
}
