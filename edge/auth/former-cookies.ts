// Cookies that the gate set when its settings were others: browsers keep them beside today's, and send the older ones first.

import type { Config } from "../config/config.ts";
import { header, type ViewerRequest } from "../request/cloudfront.ts";
import { cookieNames } from "../request/cookies.ts";

/** Of a session, not of an attempt, which has never had a domain; other hosts may plant as many names as they like. */
const SESSION = /^__(Host|Secure)-gatehouse-(id|refresh|aws(-[0-9a-f]{8})?)$/;
const MAX_LINES = 24;

/**
 * Lines that remove the cookies of a session from other domains than today's, and those of the host alone. Only a gate
 * whose session is shared with a domain reads cookies that were set for another one.
 */
export function formerCookies(request: ViewerRequest, { cookies }: Config): readonly string[] {
  const { domain } = cookies;
  const domains = domainsOf(header(request, "host"));
  if (domain === undefined || !domains.includes(domain)) return [];
  const others = domains.filter((other) => other !== domain).map((other) => `; Domain=${other}`);
  const rest = cookies.partitioned ? "; Partitioned" : "";
  const names = cookieNames(request, "__").filter((name) => SESSION.test(name));
  // The shortest names first: `id` and `refresh` are a session, the others only spare a call.
  const lines = names
    .sort((a, b) => a.length - b.length)
    .flatMap((name) =>
      (name.startsWith("__Host-") ? [""] : others).map((of) => removal(name, of + rest, cookies)),
    );
  return lines.slice(0, MAX_LINES);
}

function removal(name: string, attributes: string, { sameSite }: Config["cookies"]): string {
  return `${name}=; Max-Age=0; Path=/; Secure; HttpOnly; SameSite=${sameSite}${attributes}`;
}

/** The domains that a host may set cookies for: itself and those above it, but for the top one (RFC 6265 §5.3). */
function domainsOf(host: string): readonly string[] {
  const labels = host.toLowerCase().replace(/:\d+$/, "").split(".");
  return labels.slice(0, -1).map((_, index) => labels.slice(index).join("."));
}
