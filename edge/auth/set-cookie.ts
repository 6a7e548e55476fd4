// Writes the gate's cookies: a session's, a sign-in attempt's, and their end.

import type { Config } from "../config/config.ts";
import { GateError } from "../errors.ts";
import { header, type ViewerRequest } from "../request/cloudfront.ts";
import { cookieName, formerName, formerNames, isShared, ownNames } from "../request/cookies.ts";
import { partName, partsOf } from "../request/parts.ts";

/** Browsers keep no cookie that is longer: some count name and value (RFC 6265bis §5.6), others the whole line. */
const MAX_CHARACTERS = 4_096;

/**
 * What a session's tokens may take of the 20,480 bytes that CloudFront carries in a request's headers at least. The rest is
 * for three sealed sessions (4,200), an attempt (600), and the browser's own lines with an address of 2,000.
 */
const MAX_TOKENS = 12_288;

/** So many cookies are removed by one answer at most: CloudFront takes 40 KB of it, and drops more. */
export const MAX_REMOVED = 40;

/** What a domain's name looks like: at least two labels, and no address. */
const DOMAIN = /^[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z][a-z0-9-]+$/i;

/**
 * One `Set-Cookie` line. Scripts never see the cookie, and plain HTTP never carries it.
 * @param maxAge seconds; 0 removes it
 * @throws GateError `cookie_too_large` for one that browsers would drop without a word
 */
export function setCookie(name: string, value: string, maxAge: number, config: Config): string {
  const pair = `${cookieName(name, config)}=${value}`;
  if (pair.length > MAX_CHARACTERS) throw new GateError("cookie_too_large", namedError(name));
  return line(pair, maxAge, isShared(name, config) ? config.cookies.domain : undefined, config);
}

/**
 * The lines that keep a session's tokens, each in as many cookies as it needs, and remove what the ones before leave over.
 * @param values by name; undefined removes it
 * @throws GateError `cookie_too_large` for more than CloudFront carries beside the rest
 */
export function tokenLines(
  values: Readonly<Record<"id" | "refresh", string | undefined>>,
  maxAge: number,
  request: ViewerRequest,
  config: Config,
): readonly string[] {
  const lines = new Map<string, string>();
  let total = 0;
  for (const [name, value] of Object.entries(values)) {
    for (const [index, part] of partsOf(value ?? "", roomOf(name, config)).entries()) {
      if (part === "") continue;
      const line = setCookie(partName(name, index), part, maxAge, config);
      total += line.indexOf(";") + 2;
      lines.set(partName(name, index), line);
    }
    if (total > MAX_TOKENS) throw new GateError("cookie_too_large", namedError(name));
  }
  const over = ownNames(request, config).filter((name) => TOKEN.test(name) && !lines.has(name));
  return [...removalOf(over, config), ...lines.values()];
}

const TOKEN = /^(id|refresh)(-\d)?$/;

/** How long a value can be, so that its line with the name of any part is no longer than a cookie. */
function roomOf(name: string, config: Config): number {
  return MAX_CHARACTERS - setCookie(partName(name, 1), "", 31_536_000, config).length;
}

/** Lines that remove every cookie of the gate's that the request came with. */
export function clearCookies(request: ViewerRequest, config: Config): readonly string[] {
  return removalOf(ownNames(request, config), config);
}

/** Lines that remove some of the gate's cookies, as many as one answer can. */
export function removalOf(names: readonly string[], config: Config): readonly string[] {
  return names.slice(0, MAX_REMOVED).map((name) => setCookie(name, "", 0, config));
}

/** As `clearCookies`, with what is left from before: it would bring the session back once the setting is. */
export function clearAllCookies(request: ViewerRequest, config: Config): readonly string[] {
  return [...clearCookies(request, config), ...leftCookies(request, config)].slice(0, MAX_REMOVED);
}

/**
 * Lines that remove what is left from before `cookies.domain` was set, changed or left out. The domain of then is any
 * that the host is in. Browsers send the older of two cookies of one name first, so that the person of then would still
 * be who is signed in.
 */
export function leftCookies(request: ViewerRequest, config: Config): readonly string[] {
  const { domain } = config.cookies;
  const domains = domainsOf(header(request, "host")).filter((each) => each !== domain);
  const former = sessionFirst(formerNames(request, config));
  const remove = (name: string, of?: string) => line(`${name}=`, 0, of, config);
  const everywhere = (names: readonly string[]) => {
    const some = names.slice(0, Math.ceil(MAX_REMOVED / domains.length));
    return domains.flatMap((each) => some.map((name) => remove(name, each)));
  };
  if (domain === undefined) return everywhere(former.map((name) => formerName(name, config)));
  const own = sessionFirst(ownNames(request, config)).filter((name) => isShared(name, config));
  return [
    ...former.slice(0, MAX_REMOVED).map((name) => remove(formerName(name, config))),
    ...everywhere(own.map((name) => cookieName(name, config))),
  ];
}

/** Other hosts can plant any number of names for roles, which only spare a call. */
function sessionFirst(names: readonly string[]): readonly string[] {
  const isRole = (name: string) => name.startsWith("aws-");
  return [...names.filter((name) => !isRole(name)), ...names.filter(isRole)];
}

/** Whether a host is in the domain that its session is shared with; elsewhere browsers keep nothing of it. */
export function isInDomain(request: ViewerRequest, { cookies }: Config): boolean {
  return cookies.domain !== undefined && domainsOf(header(request, "host")).includes(cookies.domain);
}

/** The domains that a host can have set cookies for: its own name, and those above it. */
function domainsOf(host: string): readonly string[] {
  const labels = host.replace(/:\d+$/, "").split(".");
  return labels.map((_, index) => labels.slice(index).join(".")).filter((name) => DOMAIN.test(name));
}

function line(pair: string, maxAge: number, domain: string | undefined, { cookies }: Config): string {
  const shared = domain === undefined ? "" : `; Domain=${domain}`;
  const partitioned = cookies.partitioned ? "; Partitioned" : "";
  return `${pair}; Max-Age=${maxAge}; Path=/; Secure; HttpOnly; SameSite=${cookies.sameSite}${shared}${partitioned}`;
}

/** Says in the log which cookie it was. */
function namedError(name: string): Error {
  return Object.assign(new Error(), { name: `cookie ${name}` });
}
