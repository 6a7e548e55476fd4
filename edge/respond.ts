// Generated answers: a page for people who navigate, JSON for everything else, nothing of the inside in either.
import { header, type ResponseResult, responseResult, type ViewerRequest } from "./cloudfront.ts";
import type { Config } from "./config.ts";
import { answerTo, type ErrorCode, GateError } from "./errors.ts";

const ALLOWED_METHODS = "GET, HEAD, OPTIONS";

/** `color-scheme` gives the pages light and dark without a style that the policy would have to allow. */
const SECURITY_HEADERS = {
  "Cache-Control": "no-store",
  "Content-Security-Policy": "default-src 'none'; frame-ancestors 'self'",
  "Referrer-Policy": "no-referrer",
  "Strict-Transport-Security": "max-age=63072000",
  "X-Content-Type-Options": "nosniff",
};

/** The answer to a request that ends with a code: as a page where a person is known or taken to be looking. */
export function refusal(
  code: ErrorCode,
  request: ViewerRequest,
  config: Config,
  page = isNavigation(request),
): ResponseResult {
  const { status, message, retryAfter, challenge } = answerTo(code);
  const headers = {
    ...SECURITY_HEADERS,
    ...corsHeaders(request, config),
    "Content-Type": page ? "text/html; charset=utf-8" : "application/json",
    "X-Request-Id": request.requestId,
    ...(retryAfter !== undefined && { "Retry-After": String(retryAfter) }),
    ...(challenge !== undefined && { "WWW-Authenticate": bearerChallenge(challenge, message) }),
    ...(status === 405 && { Allow: ALLOWED_METHODS }),
  };
  const body = page
    ? errorPage(status, message, request.requestId)
    : errorJson(code, message, request.requestId);
  return responseResult(status, headers, request.method === "HEAD" ? "" : body);
}

/**
 * The answer to a CORS preflight, which browsers send without cookies: configured origins only.
 * https://fetch.spec.whatwg.org/#cors-preflight-fetch
 * @throws GateError `origin_not_allowed`
 */
export function preflight(request: ViewerRequest, config: Config): ResponseResult {
  const cors = corsHeaders(request, config);
  if (!cors) throw new GateError("origin_not_allowed");
  const headers = {
    ...SECURITY_HEADERS,
    ...cors,
    "Access-Control-Allow-Headers": "authorization, if-modified-since, if-none-match, if-range, range",
    "Access-Control-Allow-Methods": ALLOWED_METHODS,
    "Access-Control-Max-Age": "600",
    "X-Request-Id": request.requestId,
  };
  return responseResult(204, headers, "");
}

/** Credentialed CORS for a configured origin, named exactly; undefined for any other. */
function corsHeaders(request: ViewerRequest, config: Config): Record<string, string> | undefined {
  const origin = header(request, "origin");
  if (!config.cors.origins.includes(origin)) return undefined;
  return {
    "Access-Control-Allow-Credentials": "true",
    "Access-Control-Allow-Origin": origin,
    "Access-Control-Expose-Headers": "x-request-id",
    Vary: "Origin",
  };
}

/** Whether a person is looking at the answer (W3C Fetch Metadata; older clients by what they accept). */
function isNavigation(request: ViewerRequest): boolean {
  const mode = header(request, "sec-fetch-mode");
  return mode ? mode === "navigate" : header(request, "accept").includes("text/html");
}

function bearerChallenge(error: string | null, message: string): string {
  const realm = 'Bearer realm="gatehouse"';
  return error ? `${realm}, error="${error}", error_description="${message}"` : realm;
}

function errorJson(code: ErrorCode, message: string, requestId: string): string {
  return JSON.stringify({ code, message, requestId });
}

function errorPage(status: number, message: string, requestId: string): string {
  return `<!doctype html>
<html lang="en">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>${message}</title>
<h1>${message}</h1>
<p>Status ${status}, request ${requestId.replace(/[^\w=~-]/g, "").replace(/.{14}/g, "$&<wbr>")}</p>
`;
}
