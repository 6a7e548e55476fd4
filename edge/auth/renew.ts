// Renewal on the spot: an expired token and a refresh token become a new session, and the request is sent again.

import { causeNames } from "../answer/log.ts";
import { answer } from "../answer/respond.ts";
import { GateError } from "../errors.ts";
import type { ResponseResult, ViewerRequest } from "../request/cloudfront.ts";
import { ownValues } from "../request/cookies.ts";
import { errorNamed } from "../session/exchange.ts";
import type { SignInParts } from "../sign-in.ts";
import { sessionTokens } from "../token/candidates.ts";
import type { GenuineToken, VerifiedToken } from "../token/token.ts";
import { isMarked, markedUrl } from "./marker.ts";
import { credentialCookies, HOP_MS, tokenCookies } from "./session-cookies.ts";
import { ask, keptRenewal, processRefreshResponse, refreshRequest, renewingWith } from "./tokens.ts";

/** Time for the pool's answer, in milliseconds; the rest of the hop is for credentials. */
const REFRESH_MS = 2_500;
/** Time for a faster request's answer to reach the browser, when it has rotated the token, in milliseconds. */
const ROTATION_MS = 1_000;
/** With a cookie domain, other hosts can plant refresh tokens beside the real one; this many are tried. */
const MAX_TRIES = 3;

/** A session's new tokens. */
export interface Renewed {
  readonly token: VerifiedToken;
  /** As a session keeps it: with the key of the device that it belongs to. */
  readonly refreshToken: string;
}

/**
 * Answers with the same URL and a new session; undefined when there is nothing to renew with, or it did not help last
 * time. A refused refresh token is no proof that the session is over: another request may have been faster and the
 * browser may know the new one by now, so that it is asked once more. No cookie is removed here for the same reason.
 * @throws GateError `sign_in_unavailable` when the pool cannot be asked
 */
export async function renew(
  request: ViewerRequest,
  parts: SignInParts,
  deadline: number,
): Promise<ResponseResult | undefined> {
  const { config, tokens, now } = parts;
  const refreshTokens = ownValues(request, "refresh", config).slice(0, MAX_TRIES);
  if (refreshTokens.length === 0) return undefined;
  const genuine = await tokens.genuine(sessionTokens(request, config), deadline);
  const [was] = genuine;
  // One mark is enough, whoever's it is: with several users' tokens, each would take the other's mark away.
  const subs = [...new Set(genuine.map(({ sub }) => sub))];
  if (!was || isMarked(request, subs, config, now())) return undefined;
  const clientIds = new Set(genuine.map(({ clientId }) => clientId));
  const attempts = refreshTokens.flatMap((refreshToken) =>
    [...clientIds].map((clientId) => ({ refreshToken, clientId, of: genuine })),
  );
  const renewed = await firstRenewed(attempts.slice(0, MAX_TRIES), request, parts, deadline);
  const lines = renewed ? await sessionCookies(renewed, request, parts, deadline) : [];
  const location = markedUrl(request, renewed?.token.sub ?? was.sub, config, now());
  return answer(307, "", request, config, { Location: location, "Set-Cookie": lines });
}

/** A refresh token, and the tokens of which one may come from it. */
interface Attempt {
  readonly refreshToken: string;
  readonly clientId: string;
  readonly of: readonly GenuineToken[];
}

async function firstRenewed(
  attempts: readonly Attempt[],
  request: ViewerRequest,
  parts: SignInParts,
  deadline: number,
): Promise<Renewed | undefined> {
  let isOneRotated = false;
  for (const attempt of attempts) {
    try {
      return await refreshed(attempt, parts, Math.min(deadline, parts.now() + REFRESH_MS));
    } catch (error) {
      if (!(error instanceof GateError) || error.code === "sign_in_unavailable") throw error;
      logRefusal(error, request, parts);
      isOneRotated ||= isRotated(error);
    }
  }
  // Once, however many there are: a container that waits serves nobody else.
  if (isOneRotated) await pause(Math.min(ROTATION_MS, deadline - parts.now()));
  return undefined;
}

function logRefusal(
  { code, cause }: GateError,
  { requestId, method }: ViewerRequest,
  { log }: SignInParts,
): void {
  log({ level: "warn", code, status: 307, requestId, method, cause: causeNames(cause) });
}

/** Whether the pool says that another request has used the token before. */
function isRotated({ cause }: GateError): boolean {
  return cause instanceof Error && cause.name === "RefreshTokenReuseException";
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

async function sessionCookies(
  { token, refreshToken }: Renewed,
  request: ViewerRequest,
  parts: SignInParts,
  deadline: number,
): Promise<readonly string[]> {
  const box = Math.min(deadline, parts.now() + HOP_MS);
  return [
    ...tokenCookies(token, refreshToken, request, parts.config),
    ...(await credentialCookies(token, request, box, parts)),
  ];
}

/**
 * New tokens for a refresh token, of the user and client of one of those before.
 * @throws GateError `session_ended` when the pool refuses it, `token_invalid` when it is somebody else's,
 * `sign_in_unavailable` when the pool cannot be asked
 */
export async function refreshed(
  { refreshToken, clientId, of }: Attempt,
  { config, http, tokens, now }: SignInParts,
  deadline: number,
): Promise<Renewed> {
  const call = refreshRequest(config, clientId, refreshToken);
  const unchecked = processRefreshResponse(await ask(http, now, call, deadline));
  const token = await tokens.verify([unchecked.idToken], deadline);
  const isTheirs = of.some((was) => token.sub === was.sub && token.clientId === was.clientId);
  if (!isTheirs) throw new GateError("token_invalid", errorNamed("AnotherUser", 200));
  const held = renewingWith(refreshToken);
  return {
    token,
    refreshToken: keptRenewal({ ...held, refreshToken: unchecked.refreshToken ?? held.refreshToken }),
  };
}
