// What the function answers by itself: refusals, and ways to somewhere else.
import { ANSWER_HEADERS, bearerChallenge, localPath, READ_METHODS } from "../request/answer-headers.ts";
import { isNavigating } from "../request/audience.ts";
import { withoutMarkers } from "../request/marks.ts";
import { isKnownOrigin } from "../request/web-origin.ts";
import {
  type FunctionEvent,
  type FunctionRequest,
  type FunctionResponse,
  type FunctionValue,
  header,
} from "./event.ts";
import { type Refusal, refuse } from "./gate-error.ts";
import { CONFIG } from "./settings.ts";

/** Whether other origins are configured. */
declare const GATEHOUSE_CORS: boolean;
/** Whether what a token says besides groups decides. */
declare const GATEHOUSE_CLAIMS: boolean;

/** CloudFront takes 8,192 bytes of URL; the way back is a parameter of another one. */
const MAX_WAY_BACK = 7_000;

/** Whether a person is looking at the answer. */
export function isNavigation(request: FunctionRequest): boolean {
  return isNavigating(header(request, "sec-fetch-mode"), header(request, "accept"));
}

/** Whether it is a tab of theirs; the managed login cannot be shown inside a frame. */
export function isTab(request: FunctionRequest): boolean {
  const destination = header(request, "sec-fetch-dest");
  return isNavigation(request) && (destination === "" || destination === "document");
}

/** The answer to a request that ends with a code: as a page where a person is looking. */
export function refused(refusal: Refusal, event: FunctionEvent): FunctionResponse {
  const code = refusal.code;
  const status = refusal.status;
  const message = code.replace(/_/g, " ");
  const isPage = isNavigation(event.request);
  const said = { code: code, message: message, requestId: event.context.requestId };
  const headers: Record<string, string> = { "Content-Type": isPage ? "text/html" : "application/json" };
  if (status === 401)
    headers["WWW-Authenticate"] = bearerChallenge(code === "token_missing" ? null : "invalid_token", message);
  if (GATEHOUSE_CLAIMS && refusal.scopes)
    headers["WWW-Authenticate"] = bearerChallenge(code, message, refusal.scopes);
  if (status === 405) headers["Allow"] = READ_METHODS;
  if (status === 503) headers["Retry-After"] = "10";
  return answer(
    status,
    isPage ? `<title>${message}</title><h1>${message}</h1>` : JSON.stringify(said),
    event,
    headers,
  );
}

/** Sends a viewer to another place. */
export function sent(status: 302 | 307 | 308, location: string, event: FunctionEvent): FunctionResponse {
  return answer(status, "", event, { Location: location });
}

/** An endpoint that leads back to what was asked for. */
export function endpoint(name: "login" | "pass", request: FunctionRequest): string {
  const way = encodeURIComponent(withQuery(request.uri, withoutMarkers(request.rawQueryString())));
  return `${CONFIG.base}${name}?return_to=${way.length > MAX_WAY_BACK ? "/" : way}`;
}

/** A canonical path of this origin with a query behind it. */
export function withQuery(path: string, query: string): string {
  return localPath(path) + (query ? `?${query}` : "");
}

/**
 * The answer to a CORS preflight: configured origins only.
 * @throws a refusal
 */
export function preflight(event: FunctionEvent): FunctionResponse {
  if (!isKnownOrigin(header(event.request, "origin"), CONFIG.origins))
    throw refuse(403, "origin_not_allowed");
  return answer(204, "", event, {
    "Access-Control-Allow-Headers": CONFIG.allow,
    "Access-Control-Allow-Methods": READ_METHODS,
    "Access-Control-Max-Age": "600",
  });
}

function answer(
  status: number,
  body: string,
  event: FunctionEvent,
  own: Readonly<Record<string, string>>,
): FunctionResponse {
  const cors = GATEHOUSE_CORS ? corsHeaders(header(event.request, "origin")) : {};
  const all = Object.assign({}, ANSWER_HEADERS, cors, own, {
    "Cross-Origin-Resource-Policy": CONFIG.embed,
    "X-Request-Id": event.context.requestId,
  });
  const headers: Record<string, FunctionValue> = {};
  Object.keys(all).forEach((name) => {
    headers[name.toLowerCase()] = { value: String(all[name]) };
  });
  const response = { statusCode: status, headers: headers };
  if (body === "" || event.request.method === "HEAD") return response;
  return Object.assign(response, { body: { encoding: "text" as const, data: body } });
}

function corsHeaders(origin: string): Readonly<Record<string, string>> {
  return isKnownOrigin(origin, CONFIG.origins)
    ? {
        Vary: "Origin",
        "Access-Control-Allow-Credentials": "true",
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Expose-Headers": CONFIG.expose,
      }
    : { Vary: "Origin" };
}
