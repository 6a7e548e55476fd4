// `POST session`: an app that signed its user in by itself hands the tokens over.

import { jsonAnswer } from "../answer/respond.ts";
import { isRecord } from "../config/json.ts";
import { GateError } from "../errors.ts";
import { bodyText, type ResponseResult, type ViewerRequest } from "../request/cloudfront.ts";
import type { SignInParts } from "../sign-in.ts";
import { bearerTokens } from "../token/candidates.ts";
import { isFromKnownOrigin } from "./place.ts";
import { profileOf } from "./profile.ts";
import { refreshed } from "./renew.ts";
import { credentialCookies, HOP_MS, tokenCookies } from "./session.ts";

const MAX_BODY_CHARACTERS = 16_384;

/**
 * Answers with the profile and the session's cookies. The ID token is in `Authorization`; a refresh token may be in the
 * body, `{"refreshToken": "..."}`, and is used once to see that it belongs to the same user and client.
 * @throws GateError `origin_not_allowed`, `token_*`, `invalid_request`, `body_too_large`, `session_ended`
 */
export async function handOver(
  request: ViewerRequest,
  parts: SignInParts,
  deadline: number,
): Promise<ResponseResult> {
  const { config, tokens, now } = parts;
  if (!isFromKnownOrigin(request, config)) throw new GateError("origin_not_allowed");
  const given = await tokens.verify(bearerTokens(request), deadline);
  const handed = refreshTokenIn(bodyText(request));
  const box = Math.min(deadline, now() + HOP_MS);
  const renewed =
    handed === undefined
      ? undefined
      : await refreshed({ refreshToken: handed, clientId: given.clientId, of: [given] }, parts, box);
  const token = renewed?.token ?? given;
  const lines = [
    ...tokenCookies(token, renewed?.refreshToken, request, config),
    ...(await credentialCookies(token, request, box, parts)),
  ];
  return jsonAnswer(200, profileOf(token, handed !== undefined), request, config, { "Set-Cookie": lines });
}

function refreshTokenIn(body: string): string | undefined {
  if (body === "") return undefined;
  if (body.length > MAX_BODY_CHARACTERS) throw new GateError("body_too_large");
  const { refreshToken } = parsed(body);
  if (refreshToken === undefined) return undefined;
  if (typeof refreshToken !== "string" || !/^[\w.-]{1,4000}$/.test(refreshToken))
    throw new GateError("invalid_request");
  return refreshToken;
}

function parsed(body: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(body);
    if (isRecord(value)) return value;
  } catch {
    // The same outcome as JSON of another shape; the parser's message would quote the body.
  }
  throw new GateError("invalid_request");
}
