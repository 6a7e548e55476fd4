// Generated answers: a page for people who navigate, JSON for everything else, nothing of the inside in either.
import { basePathOf } from "../config/aws-names.ts";
import type { Config } from "../config/config.ts";
import { resourcePolicyOf } from "../config/resource-policy.ts";
import { answerTo, type ErrorCode, GateError } from "../errors.ts";
import { ANSWER_HEADERS, bearerChallenge, READ_METHODS } from "../request/answer-headers.ts";
import { isNavigating } from "../request/audience.ts";
import {
  header,
  type ResponseHeaders,
  type ResponseResult,
  responseResult,
  type ViewerRequest,
} from "../request/cloudfront.ts";
import { corsHeaders, isConfiguredOrigin } from "./cors.ts";

/** A page, and the policy under which it may be shown (Content Security Policy Level 3). */
export interface Page {
  readonly html: string;
  readonly policy: string;
}

/** Makes the page for a code. */
export type ErrorPage = (code: ErrorCode, request: ViewerRequest) => Page;

/** What generated answers need to know. */
export interface Answering {
  readonly config: Config;
  readonly errorPage: ErrorPage;
}

const ENDPOINT_METHODS = "GET, POST, OPTIONS";
/** What CloudFront takes at all. */
export const API_METHODS = "GET, HEAD, OPTIONS, PUT, PATCH, POST, DELETE";

/**
 * The answer to a request that ends with a code: as a page where a person is known or taken to be looking. No character of
 * a scope could end the quotes around them (RFC 6749 §3.3).
 */
export function refusal(
  code: ErrorCode,
  request: ViewerRequest,
  { config, errorPage }: Answering,
  asPage = isNavigation(request),
  scopes?: readonly string[],
): ResponseResult {
  const { status, message, retryAfter, challenge } = answerTo(code);
  const headers = {
    ...(retryAfter !== undefined && { "Retry-After": String(retryAfter) }),
    ...(challenge !== undefined && { "WWW-Authenticate": bearerChallenge(challenge, message, scopes) }),
    ...(status === 405 && { Allow: allowedMethods(request, config) }),
  };
  if (asPage) return pageAnswer(status, errorPage(code, request), request, config, headers);
  return jsonAnswer(status, { code, message, requestId: request.requestId }, request, config, headers);
}

/** A page as an answer. */
export function pageAnswer(
  status: number,
  { html, policy }: Page,
  request: ViewerRequest,
  config: Config,
  headers: ResponseHeaders = {},
): ResponseResult {
  return answer(status, html, request, config, {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": policy,
    ...headers,
  });
}

/** JSON as an answer. */
export function jsonAnswer(
  status: number,
  value: object,
  request: ViewerRequest,
  config: Config,
  headers: ResponseHeaders = {},
): ResponseResult {
  const all = { "Content-Type": "application/json", ...headers };
  return answer(status, JSON.stringify(value), request, config, all);
}

/** Any generated answer: never stored, never sniffed, with its request's id, readable for configured origins. */
export function answer(
  status: number,
  body: string,
  request: ViewerRequest,
  config: Config,
  headers: ResponseHeaders,
): ResponseResult {
  const all = {
    ...ANSWER_HEADERS,
    "Cross-Origin-Resource-Policy": resourcePolicyOf(config),
    ...corsHeaders(request, config),
    "X-Request-Id": request.requestId,
    ...headers,
  };
  return responseResult(status, all, request.method === "HEAD" ? "" : body);
}

/**
 * The answer to a CORS preflight, which browsers send without cookies: configured origins only.
 * https://fetch.spec.whatwg.org/#cors-preflight-fetch
 * @throws GateError `origin_not_allowed`
 */
export function preflight(
  request: ViewerRequest,
  config: Config,
  methods = allowedMethods(request, config),
): ResponseResult {
  if (!isConfiguredOrigin(header(request, "origin"), config)) throw new GateError("origin_not_allowed");
  return answer(204, "", request, config, {
    "Access-Control-Allow-Headers": config.cors.allowHeaders.join(", "),
    "Access-Control-Allow-Methods": methods,
    "Access-Control-Max-Age": "600",
  });
}

function allowedMethods({ uri }: ViewerRequest, config: Config): string {
  return config.auth && uri.startsWith(basePathOf(config)) ? ENDPOINT_METHODS : READ_METHODS;
}

/** Whether a person is looking at the answer (W3C Fetch Metadata; older clients by what they accept). */
export function isNavigation(request: ViewerRequest): boolean {
  return isNavigating(header(request, "sec-fetch-mode"), header(request, "accept"));
}

/** The page of a gate without sign-in; `color-scheme` gives it light and dark without a style. */
export const plainPage: ErrorPage = (code, { requestId }) => {
  const { status, message } = answerTo(code);
  const html = `<!doctype html>
<html lang="en">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>${message}</title>
<main><h1>${message}</h1>
<p>Status ${status}, request ${requestId.replace(/[^\w=~-]/g, "").replace(/.{14}/g, "$&<wbr>")}</p>
`;
  return { html, policy: ANSWER_HEADERS["Content-Security-Policy"] };
};
