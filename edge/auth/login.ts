// `GET login`: starts an attempt and sends the browser to the managed login.

import { answer } from "../answer/respond.ts";
import { GateError } from "../errors.ts";
import { header, type ResponseResult, type ViewerRequest } from "../request/cloudfront.ts";
import type { SignInParts } from "../sign-in.ts";
import { type Attempt, attemptCookies, codeChallenge, startAttempt } from "./attempt.ts";
import { endpointUrl, managedLogin, RESTARTED, returnTo, signInClientId } from "./place.ts";

/**
 * Answers with a redirect to the managed login; `return_to` is where the browser comes back to in the end.
 * @throws GateError `invalid_request` for what is no navigation of a tab: a page full of pictures or of frames starts no
 * attempts, which would push the person's own out
 */
export function login(request: ViewerRequest, parts: SignInParts): ResponseResult {
  const { config, now } = parts;
  const isTab =
    ["", "navigate"].includes(header(request, "sec-fetch-mode")) &&
    ["", "document"].includes(header(request, "sec-fetch-dest"));
  if (!isTab) throw new GateError("invalid_request");
  const parameters = new URLSearchParams(request.querystring);
  const way = {
    returnTo: returnTo(parameters.get("return_to"), config),
    restarts: parameters.has(RESTARTED) ? 1 : 0,
  };
  const attempt = startAttempt(way, config, now());
  return answer(302, "", request, config, {
    Location: authorizationUrl(attempt, request, parts),
    "Set-Cookie": attemptCookies(attempt, request, config),
  });
}

/**
 * The authorization request (RFC 6749 §4.1.1, RFC 7636 §4.3, OpenID Connect Core §3.1.2.1).
 * https://docs.aws.amazon.com/cognito/latest/developerguide/authorization-endpoint.html
 */
function authorizationUrl(attempt: Attempt, request: ViewerRequest, { config }: SignInParts): string {
  const parameters = new URLSearchParams({
    response_type: "code",
    client_id: signInClientId(config),
    redirect_uri: endpointUrl(request, config, "callback"),
    scope: (config.auth?.scopes ?? []).join(" "),
    state: attempt.state,
    nonce: attempt.nonce,
    code_challenge: codeChallenge(attempt),
    code_challenge_method: "S256",
  });
  return `${managedLogin(config)}/oauth2/authorize?${parameters}`;
}
