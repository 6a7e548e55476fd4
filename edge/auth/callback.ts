// `GET callback`: the way back from the managed login. Only redeems the code, which can be done once, and goes on.

import { answer } from "../answer/respond.ts";
import { basePathOf } from "../config/aws-names.ts";
import { answerTo, GateError } from "../errors.ts";
import type { ResponseResult, ViewerRequest } from "../request/cloudfront.ts";
import { errorNamed } from "../session/exchange.ts";
import type { SignInParts } from "../sign-in.ts";
import type { VerifiedToken } from "../token/token.ts";
import { type Attempt, forgetAttempt, resumeAttempt } from "./attempt.ts";
import { failurePage } from "./error-page.ts";
import { onward, stray } from "./onward.ts";
import { endpointUrl, signInClientId } from "./place.ts";
import { claimsOf } from "./profile.ts";
import { HOP_MS, tokenCookies } from "./session-cookies.ts";
import { ask, codeRequest, processCodeResponse, type UncheckedTokens } from "./tokens.ts";

const CODE = /^[\w.~+/=-]{1,2048}$/;

/**
 * Answers with the session's tokens as cookies and a redirect to `finish`; to a question that this browser has not asked,
 * or no longer knows, with a way on.
 * @throws GateError `sign_in_failed` and `cookies_blocked` to programs
 */
export async function callback(
  request: ViewerRequest,
  parts: SignInParts,
  deadline: number,
): Promise<ResponseResult> {
  const { config, now } = parts;
  const parameters = new URLSearchParams(request.querystring);
  const state = only(parameters, "state");
  const attempt = resumeAttempt(state, request, config, now());
  if (!attempt) return await stray(state, parameters.has("error"), request, parts, deadline);
  const forget = forgetAttempt(attempt.state, config);
  if (parameters.has("error")) {
    const detail = parameters.get("error_description") ?? only(parameters, "error");
    return failurePage("sign_in_failed", request, parts, { ...attempt, detail, cookies: [forget] });
  }
  try {
    const tokens = await redeem(only(parameters, "code"), attempt, request, parts, deadline);
    const token = await verified(tokens, attempt, parts, deadline);
    const finish = `${basePathOf(config)}finish?return_to=${encodeURIComponent(attempt.returnTo)}`;
    return answer(303, "", request, config, {
      Location: finish,
      "Set-Cookie": [forget, ...tokenCookies(token, tokens.refreshToken, request, config)],
    });
  } catch (error) {
    if (!(error instanceof GateError)) throw error;
    const broken = { way: attempt, startsAgain: isUsed(error), cookies: [forget], error };
    const answered = isUsed(error) && (await onward(broken, request, parts, deadline));
    if (answered) return answered;
    return failurePage(error.code, request, parts, { ...attempt, cookies: [forget], cause: error.cause });
  }
}

/** Whether the pool says that the code was redeemed before, or is too old: a page that was loaded twice, or late. */
function isUsed({ cause }: GateError): boolean {
  return cause instanceof Error && cause.name === "invalid_grant";
}

async function redeem(
  code: string,
  { codeVerifier }: Attempt,
  request: ViewerRequest,
  { config, http, now }: SignInParts,
  deadline: number,
): Promise<UncheckedTokens> {
  if (!CODE.test(code)) throw failed("NoCode");
  const redirectUri = endpointUrl(request, config, "callback");
  const call = codeRequest(config, { clientId: signInClientId(config), code, redirectUri, codeVerifier });
  return processCodeResponse(await ask(http, now, call, Math.min(deadline, now() + HOP_MS)));
}

/** The token must be for this client and this attempt (OpenID Connect Core §3.1.3.7): a code from elsewhere is refused. */
async function verified(
  { idToken }: UncheckedTokens,
  { nonce }: Attempt,
  { config, tokens }: SignInParts,
  deadline: number,
): Promise<VerifiedToken> {
  const token = await tokens.verify([idToken], deadline).catch((error: unknown) => {
    const isRefused = error instanceof GateError && answerTo(error.code).status === 401;
    throw isRefused ? new GateError("sign_in_failed", error) : error;
  });
  if (token.clientId !== signInClientId(config)) throw failed("AnotherClient");
  if (claimsOf(token)["nonce"] !== nonce) throw failed("AnotherNonce");
  return token;
}

/** A parameter that is there once (RFC 6749 §3.1); empty otherwise. */
function only(parameters: URLSearchParams, name: string): string {
  const [value = "", ...others] = parameters.getAll(name);
  return others.length === 0 ? value : "";
}

function failed(name: string): GateError {
  return new GateError("sign_in_failed", errorNamed(name, 400));
}
