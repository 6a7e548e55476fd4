// `GET finish`: the last hop of a sign-in. Notices blocked cookies, seals credentials, and goes where the person wanted.

import { answer } from "../answer/respond.ts";
import { answerTo, GateError } from "../errors.ts";
import type { ResponseResult, ViewerRequest } from "../request/cloudfront.ts";
import type { SignInParts } from "../sign-in.ts";
import { sessionTokens } from "../token/candidates.ts";
import { returnTo } from "./place.ts";
import { credentialCookies, HOP_MS } from "./session-cookies.ts";

/**
 * Answers with a redirect to `return_to`, with credentials as cookies where they can be had in time.
 * @throws GateError `cookies_blocked` when the token that was just set did not come back
 */
export async function finish(
  request: ViewerRequest,
  parts: SignInParts,
  deadline: number,
): Promise<ResponseResult> {
  const { config, tokens, now } = parts;
  const token = await tokens.verify(sessionTokens(request, config), deadline).catch((error: unknown) => {
    const isTokens = error instanceof GateError && answerTo(error.code).status === 401;
    // Another token than the one just set: signing in again by itself would lead here again.
    throw isTokens ? new GateError("cookies_blocked", error) : error;
  });
  const cookies = await credentialCookies(token, request, Math.min(deadline, now() + HOP_MS), parts);
  const wanted = new URLSearchParams(request.querystring).get("return_to");
  return answer(303, "", request, config, { Location: returnTo(wanted, config), "Set-Cookie": cookies });
}
