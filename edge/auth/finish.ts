// `GET finish`: the last hop of a sign-in. Notices blocked cookies, seals credentials, and goes where the person wanted.

import { answer } from "../answer/respond.ts";
import { answerTo, GateError } from "../errors.ts";
import type { ResponseResult, ViewerRequest } from "../request/cloudfront.ts";
import type { SignInParts } from "../sign-in.ts";
import { sessionTokens } from "../token/candidates.ts";
import { onward } from "./onward.ts";
import { wayIn } from "./place.ts";
import { credentialCookies, HOP_MS } from "./session-cookies.ts";

/**
 * Answers with a redirect to `return_to`, with credentials as cookies where they can be had in time. A token that did not
 * come back may be of a visit that is long over, so that a person is led to sign in again, once.
 * @throws GateError `cookies_blocked` when the token that was just set did not come back
 */
export async function finish(
  request: ViewerRequest,
  parts: SignInParts,
  deadline: number,
): Promise<ResponseResult> {
  const { config, tokens, now } = parts;
  const way = wayIn(new URLSearchParams(request.querystring), config);
  try {
    const token = await tokens.verify(sessionTokens(request, config), deadline);
    const cookies = await credentialCookies(token, request, Math.min(deadline, now() + HOP_MS), parts);
    return answer(303, "", request, config, { Location: way.returnTo, "Set-Cookie": cookies });
  } catch (cause) {
    if (!(cause instanceof GateError) || answerTo(cause.code).status !== 401) throw cause;
    const error = new GateError("cookies_blocked", cause);
    const broken = { way, startsAgain: true, cookies: [], error };
    const answered = await onward(broken, request, parts, deadline);
    if (answered) return answered;
    throw error;
  }
}
