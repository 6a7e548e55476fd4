// The Cookie header, read once and in one pass: the gate's own cookies, and others that may hold a token.

import type { Config } from "../config/config.ts";
import { wholeValues } from "./parts.ts";

const HOST_ONLY = "__Host-gatehouse-";
const SHARED = "__Secure-gatehouse-";
const AMPLIFY = "CognitoIdentityServiceProvider.";
const PREFIXES = [HOST_ONLY, SHARED];
/** The shortest pair of ours that says something: `__Host-gatehouse-id=x`. */
const MIN_PAIR = 21;
/** No token is shorter. */
const MIN_TOKEN = 404;
/** Of Amplify's cookies that hold no token there is one for each client; what is beyond these is planted. */
const MAX_SHORT = 100;
/** A user has three sealed roles at most, and others can plant hundreds; without its cookie a role costs a call, no more. */
const MAX_ROLES = 64;
/** Browsers keep a few dozen cookies of a site; what comes in greater numbers is planted. */
const MAX_ORDINARY = 64;
const ROLE = "gatehouse-aws-";
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
    this.#jar = read(this.#headers, config);
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

/** Whether a pair of a Cookie header is one of ours, as whoever reads it most loosely would have it. */
export function isOwnCookie(pair: string): boolean {
  return /^[\s"]*__(host|secure)-gatehouse-/i.test(pair);
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
const OWN = /^((id|refresh)(-[1-8])?|pass|aws(-[0-9a-f]{8})?|login-[0-9a-z]{9}-[\w-]{22})$/;

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
  const cookies: AmplifyCookie[] = [];
  for (const [name, values] of request.cookies.read(config)) {
    if (!name.startsWith(AMPLIFY)) continue;
    const [, clientId = ""] = name.split(".", 2);
    cookies.push({ clientId, rest: name.slice(AMPLIFY.length + clientId.length + 1), values });
  }
  return cookies;
}

/**
 * Pairs as RFC 6265 §4.2.1 has them. What others plant must cost next to nothing, in a container's first request too, whose
 * code is interpreted: nothing is made of pairs that nobody asked for, and behind more pairs than people have, one
 * expression finds those that were.
 */
function read(headers: readonly string[], config: Reading): Jar {
  const jar = new Map<string, string[]>();
  const { names, amplify } = config.cookies;
  const asked = askedFor(config);
  for (const header of headers) {
    for (const pair of pairsIn(header, asked)) {
      const isPlanted =
        amplify && jar.size >= MAX_SHORT && pair.length < MIN_TOKEN && pair.startsWith(AMPLIFY);
      if (!isPlanted) readPair(jar, pair);
    }
    for (const name of names) if (!jar.has(name)) readShort(jar, header, name);
  }
  return jar;
}

/** The start of a pair that may be meant, and the characters that such a pair has at least. */
interface Start {
  readonly text: string;
  readonly least: number;
}

/** Which pairs may be meant. */
interface Asked {
  readonly starts: readonly Start[];
  /** The same as an expression: the faster way through thousands of pairs, and the slower one through a dozen. */
  readonly pattern: RegExp;
}

const asked = new WeakMap<Reading, Asked>();

function askedFor(config: Reading): Asked {
  const known = asked.get(config) ?? makeAsked(config.cookies);
  asked.set(config, known);
  return known;
}

/**
 * Pairs that are ours, configured ones and Amplify's, but for those that are too short to say anything. Behind spaces alone:
 * browsers let others begin a cookie without a name with any other white space, and our prefix behind it.
 */
function makeAsked({ names, amplify }: Reading["cookies"]): Asked {
  const starts = [HOST_ONLY, SHARED, ...names.map((name) => `${name}=`)].map((text) => ({
    text,
    least: Math.max(text.length, MIN_PAIR),
  }));
  if (amplify) starts.push({ text: AMPLIFY, least: AMPLIFY.length });
  const patterns = starts.map(
    ({ text, least }) => `${text.replace(/\W/g, "\\$&")}[^;]{${least - text.length}}`,
  );
  return { starts, pattern: new RegExp(`(?<=^|;) *(?:${patterns.join("|")})[^;]*`, "g") };
}

function pairsIn(header: string, { starts, pattern }: Asked): readonly string[] {
  const pairs: string[] = [];
  let at = 0;
  for (let count = 0; count < MAX_ORDINARY && !header.startsWith("  ", at); count += 1) {
    if (at >= header.length) return pairs;
    const end = endOf(header, at);
    const start = header.startsWith(" ", at) ? at + 1 : at;
    if (starts.some(({ text, least }) => end - start >= least && header.startsWith(text, start)))
      pairs.push(header.slice(start, end));
    at = end + 1;
  }
  for (const found of header.slice(at).match(pattern) ?? []) pairs.push(found.replace(/^ +/, ""));
  return pairs;
}

function endOf(header: string, at: number): number {
  const end = header.indexOf(";", at);
  return end < 0 ? header.length : end;
}

function readPair(jar: Map<string, string[]>, pair: string): void {
  const equals = pair.indexOf("=");
  const name = pair.slice(0, Math.max(equals, 0));
  if (equals >= 0 && !isOneRoleMore(jar, name)) keep(jar, name, pair.slice(equals + 1));
}

/** Whether a name is that of a role, behind so many others that there are more names than anybody has roles. */
function isOneRoleMore(jar: Jar, name: string): boolean {
  return jar.size >= MAX_ROLES && name.includes(ROLE) && !jar.has(name);
}

/** Keeps the first pair of a name where there is no longer one: too short for a token, it is a bad one all the same. */
function readShort(jar: Map<string, string[]>, header: string, name: string): void {
  const at = header.indexOf(`${name}=`);
  const before = header.slice(0, Math.max(at, 0)).trimEnd();
  if (at < 0 || (before !== "" && !before.endsWith(";"))) return;
  keep(jar, name, header.slice(at + name.length + 1, endOf(header, at)));
}

function keep(jar: Map<string, string[]>, name: string, text: string): void {
  const trimmed = text.trim();
  const isQuoted = trimmed.length > 1 && trimmed.startsWith('"') && trimmed.endsWith('"');
  const value = isQuoted ? trimmed.slice(1, -1) : trimmed;
  const values = jar.get(name);
  if (values === undefined) jar.set(name, value === "" ? [] : [value]);
  else if (value !== "") values.push(value);
}
