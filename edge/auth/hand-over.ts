// `POST session`: an app that signed its user in by itself hands the tokens over.

import { causeNames } from "../answer/log.ts";
import { isFromKnownOrigin } from "../answer/own-origin.ts";
import { jsonAnswer } from "../answer/respond.ts";
import { GateError } from "../errors.ts";
import { bodyText, type ResponseResult, type ViewerRequest } from "../request/cloudfront.ts";
import type { SignInParts } from "../sign-in.ts";
import { bearerTokens } from "../token/candidates.ts";
import type { VerifiedToken } from "../token/token.ts";
import { isText, parsed } from "./json-body.ts";
import { profileOf } from "./profile.ts";
import { type Renewed, refreshed } from "./renew.ts";
import { credentialCookies, HOP_MS, tokenCookies } from "./session-cookies.ts";
import { keptRenewal } from "./tokens.ts";

/** `GetTokensFromRefreshToken`'s own patterns, and the characters of tokens. */
const REFRESH_TOKEN = /^[\w.-]{1,4000}$/;
const DEVICE_KEY = /^(?=.{1,55}$)[\w-]+_[0-9a-f-]+$/;

/**
 * Answers with the profile and the session's cookies. The ID token is in `Authorization`; a refresh token may be in the
 * body, `{"refreshToken": "..."}`, with the `deviceKey` of a pool that remembers devices, and is used once to see that it
 * belongs to the same user and client. One that the pool refuses is left out, and the answer says so.
 * @throws GateError `origin_not_allowed`, `token_*`, `user_pool_not_allowed`, `invalid_request`, `body_too_large`
 */
export async function handOver(
  request: ViewerRequest,
  parts: SignInParts,
  deadline: number,
): Promise<ResponseResult> {
  const { config, tokens, now } = parts;
  if (!isFromKnownOrigin(request, config)) throw new GateError("origin_not_allowed");
  const given = await tokens.verifyFirst([{ candidates: bearerTokens(request) }], deadline);
  if (given.pool !== undefined) throw new GateError("user_pool_not_allowed");
  const handed = renewalIn(bodyText(request));
  const box = Math.min(deadline, now() + HOP_MS);
  const renewed = handed === undefined ? undefined : await renewal(handed, given, request, parts, box);
  const token = renewed?.token ?? given;
  const lines = [
    ...tokenCookies(token, renewed?.refreshToken, request, config),
    ...(await credentialCookies(token, request, box, parts)),
  ];
  const profile = profileOf(token, renewed !== undefined);
  const isRefused = handed !== undefined && renewed === undefined;
  const body = isRefused ? { ...profile, refreshToken: "refused" } : profile;
  return jsonAnswer(200, body, request, config, { "Set-Cookie": lines });
}

/** The ID token is good, whatever the pool says of the refresh token: the session then ends with it. */
async function renewal(
  refreshToken: string,
  given: VerifiedToken,
  request: ViewerRequest,
  parts: SignInParts,
  deadline: number,
): Promise<Renewed | undefined> {
  try {
    return await refreshed({ refreshToken, clientId: given.clientId, of: [given] }, parts, deadline);
  } catch (error) {
    if (!(error instanceof GateError) || error.code !== "session_ended") throw error;
    const { requestId, method } = request;
    parts.log({
      level: "warn",
      code: error.code,
      status: 200,
      requestId,
      method,
      cause: causeNames(error.cause),
    });
    return undefined;
  }
}

function renewalIn(body: string): string | undefined {
  if (body === "") return undefined;
  const { refreshToken, deviceKey } = parsed(body);
  if (refreshToken === undefined) return undefined;
  if (!isText(refreshToken, REFRESH_TOKEN) || !(deviceKey === undefined || isText(deviceKey, DEVICE_KEY)))
    throw new GateError("invalid_request");
  return keptRenewal({ refreshToken, deviceKey });
}
