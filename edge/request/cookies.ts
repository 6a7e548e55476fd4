// The Cookie header, read once and in one pass: the gate's own cookies, and others that may hold a token.

import type { Config } from "../config/config.ts";

const HOST_ONLY = "__Host-gatehouse-";
const SHARED = "__Secure-gatehouse-";
const AMPLIFY = "CognitoIdentityServiceProvider.";
const PREFIXES = [HOST_ONLY, SHARED];
const SPACE = 32;
/** No token is shorter. */
const MIN_TOKEN = 404;
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
    this.#config = config;
    this.#jar = read(this.#headers, startsOf(config));
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

/** All values of one of our cookies but for empty ones: the same list for each question of one request. */
export function ownValues(request: Cookied, name: string, config: Reading): readonly string[] {
  return request.cookies.read(config).get(cookieName(name, config)) ?? NONE;
}

/** As `ownValues`, of the cookie as it was called before `cookies.domain` was set or left out. */
export function formerValues(request: Cookied, name: string, config: Reading): readonly string[] {
  return request.cookies.read(config).get(formerName(name, config)) ?? NONE;
}

/** What one of our cookies was called before `cookies.domain` was set or left out. */
export function formerName(name: string, config: Reading): string {
  return (isShared(name, config) ? HOST_ONLY : SHARED) + name;
}

/** What our cookies are called behind their prefixes; others with a prefix of ours never get into a header of ours. */
const OWN = /^(id|refresh|aws(-[0-9a-f]{8})?|login-[0-9a-z]{9}-[\w-]{22})$/;

/** The gate's cookies in a request, by the names it gives; those of the other prefix are none. */
export function ownNames(request: Cookied, config: Reading): readonly string[] {
  return namesIn(request, config, (name) => cookieName(name, config));
}

/** Those that are left from before `cookies.domain` was set or left out; those of a sign-in are always called the same. */
export function formerNames(request: Cookied, config: Reading): readonly string[] {
  return namesIn(request, config, (name) => (name.startsWith("login-") ? "" : formerName(name, config)));
}

/** Whether there is any cookie of ours, under either prefix. */
export function hasCookies(request: Cookied, config: Reading): boolean {
  return namesIn(request, config).length > 0;
}

function namesIn(request: Cookied, config: Reading, fullName?: (name: string) => string): readonly string[] {
  const names: string[] = [];
  for (const full of request.cookies.read(config).keys()) {
    const start = PREFIXES.find((prefix) => full.startsWith(prefix))?.length ?? full.length;
    const name = full.slice(start);
    if (OWN.test(name) && (fullName === undefined || fullName(name) === full)) names.push(name);
  }
  return names;
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

/** How a pair begins that is asked for: a whole name, or the start of several. */
interface Start {
  readonly text: string;
  readonly name: string | undefined;
  /** Of values that are too short for a token, one says as much as thousands. */
  readonly isToken: boolean;
}

/** By the first character, which most of other people's cookies do not have. */
type Starts = ReadonlyMap<number, readonly Start[]>;

function startsOf({ cookies }: Reading): Starts {
  const prefixes = PREFIXES.map((text) => ({ text, name: undefined, isToken: false }));
  const amplify = cookies.amplify ? [{ text: AMPLIFY, name: undefined, isToken: false }] : [];
  const names = cookies.names.map((name) => ({ text: `${name}=`, name, isToken: true }));
  return Map.groupBy([...prefixes, ...amplify, ...names], ({ text }) => text.charCodeAt(0));
}

/**
 * Pairs as RFC 6265 §4.2.1 has them. Others are stepped over without being looked up, and no search goes over the same
 * characters twice: what others plant must cost next to nothing.
 */
function read(headers: readonly string[], starts: Starts): Jar {
  const jar = new Map<string, string[]>();
  for (const header of headers) {
    for (let at = 0; at < header.length; ) {
      const end = endOf(header, at);
      // A space alone is no start: it may be part of another cookie's value.
      while (header.charCodeAt(at) === SPACE) at += 1;
      const start = starts.get(header.charCodeAt(at))?.find(({ text }) => header.startsWith(text, at));
      if (start) keep(jar, header, at, end, start);
      at = end + 1;
    }
  }
  return jar;
}

function endOf(header: string, at: number): number {
  const end = header.indexOf(";", at);
  return end < 0 ? header.length : end;
}

function keep(jar: Map<string, string[]>, header: string, at: number, end: number, start: Start): void {
  const equals = start.name === undefined ? header.indexOf("=", at) : at + start.name.length;
  if (equals < 0 || equals >= end) return;
  const name = start.name ?? header.slice(at, equals);
  const values = jar.get(name) ?? [];
  if (values.length === 0) jar.set(name, values);
  else if (start.isToken && end - equals <= MIN_TOKEN) return;
  const value = valueAt(header, equals + 1, end);
  if (value !== "") values.push(value);
}

function valueAt(header: string, start: number, end: number): string {
  const value = header.slice(start, end).trim();
  return value.length > 1 && value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1) : value;
}
