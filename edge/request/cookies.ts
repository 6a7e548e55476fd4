// The Cookie header, read once and in one pass: the gate's own cookies, and others that may hold a token.

import type { Config } from "../config/config.ts";
import { wholeValues } from "./parts.ts";

const HOST_ONLY = "__Host-gatehouse-";
const SHARED = "__Secure-gatehouse-";
const AMPLIFY = "CognitoIdentityServiceProvider.";
const SPACE = 32;
const NONE: readonly string[] = [];

type Reading = Pick<Config, "cookies">;

/** A request, as far as it is needed here. */
interface Cookied {
  readonly cookies: Cookies;
}

/** Values by the name of their cookie. */
type Jar = ReadonlyMap<string, readonly string[]>;

/** The cookies of one request; its state is what the first look at them has found. */
export class Cookies {
  readonly #headers: readonly string[];
  #config: Reading | undefined;
  #jar: Jar = new Map();

  constructor(headers: readonly string[]) {
    this.#headers = headers;
  }

  /** What a gate of this configuration may mean, and nothing else of it. */
  read(config: Reading): Jar {
    if (this.#config === config) return this.#jar;
    const { names, amplify } = config.cookies;
    this.#config = config;
    this.#jar = read(this.#headers, new Set(names), amplify);
    return this.#jar;
  }
}

/**
 * The full name of one of our cookies, or the start of several. `__Host-` is one that no other host can have set; only a
 * session that is shared with a domain's other hosts does without.
 * https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Set-Cookie#cookie_prefixes
 */
export function cookieName(name: string, config: Reading): string {
  return (isShared(name, config) ? SHARED : HOST_ONLY) + name;
}

/** Whether the cookie is for a whole domain: never that of a sign-in, or another host could put its own in place. */
export function isShared(name: string, { cookies }: Reading): boolean {
  return cookies.domain !== undefined && !name.startsWith("login-");
}

/** All values of one of our cookies but for empty ones, put together where they take several. */
export function ownValues(request: Cookied, name: string, config: Reading): readonly string[] {
  const jar = request.cookies.read(config);
  return wholeValues(name, (part) => jar.get(cookieName(part, config)) ?? NONE);
}

/** As `ownValues`, of the cookie as it was called before `cookies.domain` was set or left out. */
export function formerValues(request: Cookied, name: string, config: Reading): readonly string[] {
  const jar = request.cookies.read(config);
  return wholeValues(name, (part) => jar.get(formerName(part, config)) ?? NONE);
}

/** What one of our cookies was called before `cookies.domain` was set or left out. */
export function formerName(name: string, config: Reading): string {
  return (isShared(name, config) ? HOST_ONLY : SHARED) + name;
}

/** What our cookies are called behind their prefixes; others with a prefix of ours never get into a header of ours. */
const OWN = /^((id|refresh)(-[1-8])?|aws(-[0-9a-f]{8})?|login-[0-9a-z]{9}-[\w-]{22})$/;

/** The gate's cookies in a request, by the names it gives; those of the other prefix are none. */
export function ownNames(request: Cookied, config: Reading): readonly string[] {
  return namesIn(request, config).filter((name) =>
    request.cookies.read(config).has(cookieName(name, config)),
  );
}

/** Those that are left from before `cookies.domain` was set or left out. */
export function formerNames(request: Cookied, config: Reading): readonly string[] {
  return namesIn(request, config).filter(
    (name) => !name.startsWith("login-") && request.cookies.read(config).has(formerName(name, config)),
  );
}

/** Names of cookies of ours under either prefix. */
export function namesIn(request: Cookied, config: Reading): readonly string[] {
  const names = [...request.cookies.read(config).keys()].map((name) => name.replace(/^__\w+-gatehouse-/, ""));
  return [...new Set(names)].filter((name) => OWN.test(name));
}

/** All values of one of the configured cookies. */
export function configuredValues(request: Cookied, name: string, config: Reading): readonly string[] {
  return request.cookies.read(config).get(name) ?? NONE;
}

/** One of Amplify's cookies: of a client, and of a user or about the last one. */
export interface AmplifyCookie {
  readonly clientId: string;
  /** What is behind the client: `<user>.idToken`, or `LastAuthUser`. */
  readonly rest: string;
  readonly values: readonly string[];
}

/** Amplify's cookies, of whatever client, where they are read at all. */
export function amplifyCookies(request: Cookied, config: Reading): readonly AmplifyCookie[] {
  if (!config.cookies.amplify) return [];
  return [...request.cookies.read(config)]
    .filter(([name]) => name.startsWith(AMPLIFY))
    .map(([name, values]) => {
      const [, clientId = ""] = name.split(".", 2);
      return { clientId, rest: name.slice(AMPLIFY.length + clientId.length + 1), values };
    });
}

/**
 * Pairs as RFC 6265 §4.2.1 has them. Names that nobody asked for are stepped over without being looked up, and no
 * search goes over the same characters twice: what others plant must cost next to nothing.
 */
function read(headers: readonly string[], names: ReadonlySet<string>, amplify: boolean): Jar {
  const jar = new Map<string, string[]>();
  for (const header of headers) {
    let equals = -1;
    for (let start = 0; start < header.length; ) {
      const end = endOf(header, start);
      if (equals < start) equals = header.indexOf("=", start);
      if (equals < 0) break;
      const name = equals < end ? nameAt(header, start, equals, names, amplify) : undefined;
      if (name !== undefined) keep(jar, name, valueAt(header, equals + 1, end));
      start = end + 1;
    }
  }
  return jar;
}

function endOf(header: string, start: number): number {
  const end = header.indexOf(";", start);
  return end < 0 ? header.length : end;
}

/** The name of a pair, if it is one that is asked for: a space alone may be part of another cookie's value. */
function nameAt(
  header: string,
  start: number,
  equals: number,
  names: ReadonlySet<string>,
  amplify: boolean,
): string | undefined {
  let at = start;
  while (header.charCodeAt(at) === SPACE) at += 1;
  const isMeant =
    header.startsWith(HOST_ONLY, at) ||
    header.startsWith(SHARED, at) ||
    (amplify && header.startsWith(AMPLIFY, at));
  if (!isMeant && names.size === 0) return undefined;
  const name = header.slice(at, equals);
  return isMeant || names.has(name) ? name : undefined;
}

function keep(jar: Map<string, string[]>, name: string, value: string): void {
  const values = jar.get(name) ?? [];
  if (values.length === 0) jar.set(name, values);
  if (value !== "") values.push(value);
}

function valueAt(header: string, start: number, end: number): string {
  const value = header.slice(start, end).trim();
  return value.length > 1 && value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1) : value;
}
