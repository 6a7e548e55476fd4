// One attempt to sign in: what must be remembered from the way to the managed login until the way back.
import { hash, randomBytes } from "node:crypto";
import type { Config } from "../config/config.ts";
import { isRecord } from "../config/json.ts";
import { GateError } from "../errors.ts";
import type { ViewerRequest } from "../request/cloudfront.ts";
import { hasCookies, ownNames, ownValues } from "../request/cookies.ts";
import { opened, seal, sealingKeys } from "../session/sealed.ts";
import { MAX_REMOVED, setCookie } from "./set-cookie.ts";

/** An attempt, each with secrets of its own, so that several tabs do not disturb each other. */
export interface Attempt {
  /** Names the attempt and its cookie; comes back as `state` (RFC 6749 §10.12). */
  readonly state: string;
  /** Comes back in the ID token (OpenID Connect Core §3.1.2.1). */
  readonly nonce: string;
  /** Proves that who redeems the code is who asked for it (RFC 7636). */
  readonly codeVerifier: string;
  readonly returnTo: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
}

/** How long a person may take to sign in, in seconds. */
const ATTEMPT_SECONDS = 900;
/** Tabs at the managed login at the same time; the oldest attempt beyond is forgotten. */
const MAX_ATTEMPTS = 8;
/** All attempts together: cookies must leave room in the 20,480 bytes that CloudFront takes at least. */
const MAX_CHARACTERS = 6_000;
const STATE = /^[0-9a-z]{9}-[\w-]{22}$/;

/** Starts an attempt. `now` is in milliseconds. */
export function startAttempt(returnTo: string, now: number): Attempt {
  // The time in the name makes names sort by age.
  const time = now.toString(36).padStart(9, "0");
  return {
    state: `${time}-${random(16)}`,
    nonce: random(16),
    codeVerifier: random(32),
    returnTo,
    startedAt: now,
  };
}

/** PKCE's `code_challenge` by S256 (RFC 7636 §4.2). */
export function codeChallenge({ codeVerifier }: Attempt): string {
  return hash("sha256", codeVerifier, "base64url");
}

/** The lines that remember an attempt and forget older ones, where there would be too many. */
export function attemptCookies(attempt: Attempt, request: ViewerRequest, config: Config): readonly string[] {
  const { state, ...secrets } = attempt;
  const value = seal(Buffer.from(JSON.stringify(secrets)), purposeOf(state), sealingKeys(config));
  return [
    ...surplus(request, value.length, config).map((other) => forgetAttempt(other, config)),
    setCookie(`login-${state}`, value, ATTEMPT_SECONDS, config),
  ];
}

/** The attempts that have no room beside a new one; of too many for one answer, the oldest. */
function surplus(request: ViewerRequest, length: number, config: Config): readonly string[] {
  const newestFirst = ownNames(request, config)
    .filter((name) => name.startsWith("login-"))
    .map((name) => name.slice("login-".length))
    .sort()
    .reverse();
  let total = length;
  const tooMany = newestFirst.filter((state, index) => {
    for (const value of ownValues(request, `login-${state}`, config)) total += value.length;
    return index >= MAX_ATTEMPTS - 1 || total > MAX_CHARACTERS;
  });
  return tooMany.slice(-MAX_REMOVED);
}

/** The line that forgets an attempt: each can be finished once. */
export function forgetAttempt(state: string, config: Config): string {
  return setCookie(`login-${state}`, "", 0, config);
}

/**
 * The attempt that a `state` names, from the cookie of the browser that started it. `now` is in milliseconds.
 * @throws GateError `sign_in_failed` when this browser has started none of that name, or too long ago;
 * `cookies_blocked` when it seems to have started one and has kept nothing of it
 */
export function resumeAttempt(state: string, request: ViewerRequest, config: Config, now: number): Attempt {
  if (STATE.test(state)) {
    const values = ownValues(request, `login-${state}`, config);
    for (const plain of opened(values, purposeOf(state), sealingKeys(config))) {
      const attempt = parseAttempt(state, plain);
      if (attempt && now < attempt.startedAt + ATTEMPT_SECONDS * 1000) return attempt;
    }
  }
  const code = isRecent(state, now) && !hasCookies(request, config) ? "cookies_blocked" : "sign_in_failed";
  throw new GateError(code, Object.assign(new Error(), { name: "UnknownState" }));
}

/** By the time in its name, which anybody can write: it decides what a person is told, and nothing else. */
function isRecent(state: string, now: number): boolean {
  const startedAt = Number.parseInt(state.slice(0, 9), 36);
  return STATE.test(state) && startedAt <= now && now < startedAt + ATTEMPT_SECONDS * 1000;
}

function parseAttempt(state: string, plain: Buffer): Attempt | undefined {
  const value: unknown = JSON.parse(plain.toString());
  if (!isRecord(value)) return undefined;
  const { nonce, codeVerifier, returnTo, startedAt } = value;
  return typeof nonce === "string" &&
    typeof codeVerifier === "string" &&
    typeof returnTo === "string" &&
    typeof startedAt === "number"
    ? { state, nonce, codeVerifier, returnTo, startedAt }
    : undefined;
}

function purposeOf(state: string): string {
  return `attempt ${state}`;
}

function random(bytes: number): string {
  return randomBytes(bytes).toString("base64url");
}
