// One attempt to sign in: what must be remembered from the way to the managed login until the way back.
import { hash, randomBytes } from "node:crypto";
import type { Config } from "../config/config.ts";
import { isRecord } from "../config/json.ts";
import type { ViewerRequest } from "../request/cloudfront.ts";
import { ownNames, ownValues } from "../request/cookies.ts";
import { opened, seal, sealingKeys } from "../session/seal.ts";
import { deflated, inflated } from "./deflate.ts";
import { MAX_REMOVED, setCookie } from "./set-cookie.ts";
import { idOf, stateOf, type Way } from "./way.ts";

/** An attempt, each with secrets of its own, so that several tabs do not disturb each other. */
export interface Attempt extends Way {
  /** Names the attempt and its cookie; comes back as it is (RFC 6749 §10.12). */
  readonly state: string;
  /** Comes back in the ID token (OpenID Connect Core §3.1.2.1). */
  readonly nonce: string;
  /** Proves that who redeems the code is who asked for it (RFC 7636). */
  readonly codeVerifier: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
}

/** How long a person may take to sign in, in seconds. */
const ATTEMPT_SECONDS = 900;
/** Tabs at the managed login at the same time; the oldest attempt beyond is forgotten. */
const MAX_ATTEMPTS = 8;
/** All attempts together: cookies must leave room in the 20,480 bytes that CloudFront takes at least. */
const MAX_CHARACTERS = 6_000;
/** And with an ended session of the largest tokens beside them. */
const MAX_COOKIES = 17_000;

/** Starts an attempt. `now` is in milliseconds. */
export function startAttempt(way: Way, config: Config, now: number): Attempt {
  const state = stateOf(way, config, now);
  return { ...way, state, nonce: random(16), codeVerifier: random(32), startedAt: now };
}

/** PKCE's `code_challenge` by S256 (RFC 7636 §4.2). */
export function codeChallenge({ codeVerifier }: Attempt): string {
  return hash("sha256", codeVerifier, "base64url");
}

/** The lines that remember an attempt and forget older ones, where there would be too many. */
export function attemptCookies(attempt: Attempt, request: ViewerRequest, config: Config): readonly string[] {
  const { state, ...secrets } = attempt;
  const value = seal(deflated(JSON.stringify(secrets)), purposeOf(state), sealingKeys(config));
  return [
    ...surplus(request, value.length, config).map((other) => setCookie(other, "", 0, config)),
    setCookie(cookieOf(state), value, ATTEMPT_SECONDS, config),
  ];
}

/** The cookies of attempts that have no room beside a new one; of too many for one answer, the oldest. */
function surplus(request: ViewerRequest, length: number, config: Config): readonly string[] {
  const names = ownNames(request, config);
  const isAttempt = (name: string) => name.startsWith("login-");
  const lengthOf = (name: string) =>
    ownValues(request, name, config).reduce((sum, value) => sum + value.length, 0);
  const isPart = (name: string) => /^(id|refresh)-/.test(name);
  const others = names
    .filter((name) => !isAttempt(name) && !isPart(name))
    .reduce((sum, name) => sum + lengthOf(name), 0);
  const room = Math.min(MAX_CHARACTERS, MAX_COOKIES - others);
  const newestFirst = names.filter(isAttempt).sort().reverse();
  let total = length;
  const tooMany = newestFirst.filter((name, index) => {
    total += lengthOf(name);
    return index >= MAX_ATTEMPTS - 1 || total > room;
  });
  return tooMany.slice(-MAX_REMOVED);
}

/** The line that forgets an attempt: each can be finished once. */
export function forgetAttempt(state: string, config: Config): string {
  return setCookie(cookieOf(state), "", 0, config);
}

/**
 * The attempt that a `state` names, from the cookie of the browser that started it; undefined when this browser has
 * started none of that name, or too long ago. `now` is in milliseconds.
 */
export function resumeAttempt(
  state: string,
  request: ViewerRequest,
  config: Config,
  now: number,
): Attempt | undefined {
  if (idOf(state) === undefined) return undefined;
  const values = ownValues(request, cookieOf(state), config);
  for (const plain of opened(values, purposeOf(state), sealingKeys(config))) {
    const attempt = parseAttempt(state, plain);
    if (attempt && now < attempt.startedAt + ATTEMPT_SECONDS * 1000) return attempt;
  }
  return undefined;
}

/** Whether a `state` is of an attempt that could still be finished. */
export function isRecent(state: string, now: number): boolean {
  const startedAt = Number.parseInt(idOf(state)?.slice(0, 9) ?? "", 36);
  return startedAt <= now && now < startedAt + ATTEMPT_SECONDS * 1000;
}

function parseAttempt(state: string, plain: Buffer): Attempt | undefined {
  const value: unknown = JSON.parse(inflated(plain));
  if (!isRecord(value)) return undefined;
  const { nonce, codeVerifier, returnTo, restarts, startedAt } = value;
  return typeof nonce === "string" &&
    typeof codeVerifier === "string" &&
    typeof returnTo === "string" &&
    typeof restarts === "number" &&
    typeof startedAt === "number"
    ? { state, nonce, codeVerifier, returnTo, restarts, startedAt }
    : undefined;
}

function cookieOf(state: string): string {
  return `login-${idOf(state)}`;
}

/** The whole `state` is authenticated: one that was changed in any place names no attempt. */
function purposeOf(state: string): string {
  return `attempt ${state}`;
}

function random(bytes: number): string {
  return randomBytes(bytes).toString("base64url");
}
