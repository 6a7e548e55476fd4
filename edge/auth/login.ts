// `GET login`: starts an attempt and sends the browser to the managed login.

import { answer, pageAnswer } from "../answer/respond.ts";
import { basePathOf } from "../config/aws-names.ts";
import type { Config } from "../config/config.ts";
import { GateError } from "../errors.ts";
import { header, type ResponseResult, type ViewerRequest } from "../request/cloudfront.ts";
import type { SignInParts } from "../sign-in.ts";
import { type Attempt, attemptCookies, codeChallenge, startAttempt } from "./attempt.ts";
import { lookOf } from "./error-page.ts";
import { renderPage } from "./page.ts";
import { endpointUrl, managedLogin, RESTARTED, returnTo, signInClientId, wayIn } from "./place.ts";
import { languageFor } from "./texts.ts";

/**
 * Answers with a redirect to the managed login; `return_to` is where the browser comes back to in the end. A browser that
 * may have come with a `#fragment` gets a page first, which asks again with all of the address.
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
  const wanted = parameters.get("return_to");
  if (mayHaveFragment(request) && !wanted?.includes("#")) return fragmentPage(parameters, request, config);
  const attempt = startAttempt(wayIn(parameters, config), config, now());
  return answer(302, "", request, config, {
    Location: authorizationUrl(attempt, chosen(parameters, config), request, config),
    "Set-Cookie": attemptCookies(attempt, request, config),
  });
}

/**
 * Whether a tab of a browser asks, in which a redirect may have brought a fragment along. Programs do not say
 * `Upgrade-Insecure-Requests` (W3C Upgrade Insecure Requests §3.2.1), and are redirected at once.
 */
function mayHaveFragment(request: ViewerRequest): boolean {
  return (
    header(request, "sec-fetch-dest") === "document" && header(request, "upgrade-insecure-requests") !== ""
  );
}

/** The page's way on is this same endpoint, with a place to come back to that ends with a fragment, if an empty one. */
function fragmentPage(parameters: URLSearchParams, request: ViewerRequest, config: Config): ResponseResult {
  const language = languageFor(request, config);
  const { signing_in: heading, signing_in_help: text, sign_in: label } = language.texts;
  const place = returnTo(parameters.get("return_to"), config);
  const others = chosen(parameters, config);
  if (parameters.has(RESTARTED)) others.set(RESTARTED, "1");
  // Last, for the script writes on behind it.
  others.set("return_to", `${place}#`);
  const links = [{ href: `${basePathOf(config)}login?${others}`, label }];
  const page = { heading, text, language, links, fragment: "leave" } as const;
  return pageAnswer(200, renderPage(page, lookOf(config)), request, config);
}

/** What a link to `login` may say to the managed login, each with what it may look like. */
const CHOICES: readonly (readonly [name: string, rule: RegExp])[] = [
  ["identity_provider", /^[^_\p{Z}\p{C}][\p{L}\p{M}\p{S}\p{N}\p{P}]{0,31}$/u],
  ["idp_identifier", /^[\w\s+=.@-]{1,40}$/],
  ["lang", /^[a-z]{2}(-[A-Z]{2})?$/],
  ["login_hint", /^[^\p{C}]{1,256}$/u],
  ["prompt", /^login$/],
  ["screen_hint", /^signup$/],
];

/** The choices that are one and well-formed; the configured identity provider for a link that names none. */
function chosen(parameters: URLSearchParams, { auth }: Config): URLSearchParams {
  const choices = new URLSearchParams();
  for (const [name, rule] of CHOICES) {
    const [value = "", ...others] = parameters.getAll(name);
    if (others.length === 0 && rule.test(value)) choices.set(name, value);
  }
  if (!auth?.screenHint) choices.delete("screen_hint");
  const isNamed = choices.has("identity_provider") || choices.has("idp_identifier");
  if (auth?.identityProvider !== undefined && !isNamed && !choices.has("screen_hint"))
    choices.set("identity_provider", auth.identityProvider);
  return choices;
}

/**
 * The authorization request (RFC 6749 §4.1.1, RFC 7636 §4.3, OpenID Connect Core §3.1.2.1).
 * https://docs.aws.amazon.com/cognito/latest/developerguide/authorization-endpoint.html
 */
function authorizationUrl(
  attempt: Attempt,
  choices: URLSearchParams,
  request: ViewerRequest,
  config: Config,
): string {
  const parameters = new URLSearchParams({
    response_type: "code",
    client_id: signInClientId(config),
    redirect_uri: endpointUrl(request, config, "callback"),
    scope: (config.auth?.scopes ?? []).join(" "),
    state: attempt.state,
    nonce: attempt.nonce,
    code_challenge: codeChallenge(attempt),
    code_challenge_method: "S256",
    ...Object.fromEntries(choices),
  });
  // The sign-up page takes what the authorization endpoint takes.
  // https://docs.aws.amazon.com/cognito/latest/developerguide/managed-login-endpoints.html
  const path = choices.has("screen_hint") ? "/signup" : "/oauth2/authorize";
  return `${managedLogin(config)}${path}?${parameters}`;
}
