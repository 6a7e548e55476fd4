// `logout`: GET asks, POST does. A picture, a link or a prefetch can sign nobody out.

import { causeNames } from "../answer/log.ts";
import { isFromKnownOrigin } from "../answer/own-origin.ts";
import { answer, isNavigation, jsonAnswer, pageAnswer } from "../answer/respond.ts";
import { basePathOf } from "../config/aws-names.ts";
import type { Config } from "../config/config.ts";
import { GateError } from "../errors.ts";
import type { ResponseResult, ViewerRequest } from "../request/cloudfront.ts";
import { formerValues, ownValues } from "../request/cookies.ts";
import type { SignInParts } from "../sign-in.ts";
import { lookOf } from "./error-page.ts";
import { renderPage } from "./page.ts";
import { endpointUrl, managedLogin, returnTo, signInClientId } from "./place.ts";
import { HOP_MS } from "./session-cookies.ts";
import { clearAllCookies } from "./set-cookie.ts";
import { languageFor } from "./texts.ts";
import { ask, revokeRequest } from "./tokens.ts";

/** With a cookie domain, other hosts can plant refresh tokens beside the real one; this many are revoked. */
const MAX_REVOKED = 4;

/** Answers with a form for people with a session, and with where to go for those without. */
export function logoutPage(request: ViewerRequest, { config }: SignInParts): ResponseResult {
  const language = languageFor(request, config);
  const { texts } = language;
  const look = lookOf(config);
  const hasSession = ["id", "refresh"].some((name) => allValues(request, name, config).length > 0);
  if (!hasSession) {
    const said = { heading: texts.signed_out, text: texts.signed_out_help, language };
    const links = [{ href: `${basePathOf(config)}login`, label: texts.sign_in }];
    return pageAnswer(200, renderPage({ ...said, links }, look), request, config);
  }
  const formAction = ["'self'", new URL(managedLogin(config)).origin];
  const form = { action: `${basePathOf(config)}logout`, label: texts.sign_out, formAction };
  const said = { heading: texts.ask_sign_out, text: texts.ask_sign_out_help, language };
  const back = returnTo(new URLSearchParams(request.querystring).get("return_to"), config);
  const links = [{ href: back, label: texts.stay_signed_in }];
  // Without a referrer, browsers would not say which origin the form comes from (Fetch, "serializing a request origin").
  return pageAnswer(200, renderPage({ ...said, form, links }, look), request, config, {
    "Referrer-Policy": "same-origin",
  });
}

/**
 * Ends the session here, at the user pool and at the managed login, and empties the browser's cache.
 * @throws GateError `origin_not_allowed`
 */
export async function logout(
  request: ViewerRequest,
  parts: SignInParts,
  deadline: number,
): Promise<ResponseResult> {
  const { config } = parts;
  if (!isFromKnownOrigin(request, config)) throw new GateError("origin_not_allowed");
  await revoke(request, parts, deadline);
  const headers = { "Set-Cookie": clearAllCookies(request, config), "Clear-Site-Data": '"cache"' };
  const logoutUrl = managedLogoutUrl(request, parts);
  return isNavigation(request)
    ? answer(303, "", request, config, { Location: logoutUrl, ...headers })
    : jsonAnswer(200, { logoutUrl }, request, config, headers);
}

/**
 * Whoever signs out is signed out here, whether or not the pool can be told. It is told only beside a genuine token:
 * somebody without a session must not make the gate call.
 */
async function revoke(request: ViewerRequest, parts: SignInParts, deadline: number): Promise<void> {
  const { config, http, tokens, now } = parts;
  const refreshTokens = allValues(request, "refresh", config);
  if (refreshTokens.length === 0) return;
  const [token] = await tokens.genuine(allValues(request, "id", config), deadline);
  if (!token) return;
  const box = Math.min(deadline, now() + HOP_MS);
  await Promise.all(
    refreshTokens.slice(0, MAX_REVOKED).map(async (refreshToken) => {
      const { status } = await ask(http, now, revokeRequest(config, token.clientId, refreshToken), box);
      if (status !== 200) throw new RangeError(`status ${status}`);
    }),
  ).catch((error: unknown) => logFailure(error, request, parts));
}

/** Also those from before `cookies.domain` was set or left out, which is when they would be good again. */
function allValues(request: ViewerRequest, name: string, config: Config): readonly string[] {
  return [...new Set([...ownValues(request, name, config), ...formerValues(request, name, config)])];
}

function logFailure(error: unknown, { requestId, method }: ViewerRequest, { log }: SignInParts): void {
  log({
    level: "warn",
    code: "sign_in_unavailable",
    status: 200,
    requestId,
    method,
    cause: causeNames(error),
  });
}

/** https://docs.aws.amazon.com/cognito/latest/developerguide/logout-endpoint.html */
function managedLogoutUrl(request: ViewerRequest, { config }: SignInParts): string {
  const parameters = new URLSearchParams({
    client_id: signInClientId(config),
    logout_uri: endpointUrl(request, config, "logout"),
  });
  return `${managedLogin(config)}/logout?${parameters}`;
}
