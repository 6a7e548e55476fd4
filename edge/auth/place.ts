// Where the gate is, as browsers see it, and where a browser may be sent.
import { isConfiguredOrigin } from "../answer/cors.ts";
import { basePathOf, regionOf } from "../config/aws-names.ts";
import type { Config } from "../config/config.ts";
import { GateError } from "../errors.ts";
import { localPath } from "../request/answer-headers.ts";
import { header, type ViewerRequest } from "../request/cloudfront.ts";
import { canonicalPath } from "../request/path.ts";

const LOOPBACK = /^(localhost|127\.0\.0\.1)(:\d+)?$/;
const HOST = /^[a-z0-9.-]+(:\d+)?$/i;
/** The longest place to come back to: what the cookie that remembers it takes of any text, and any key of S3's. */
const MAX_RETURN_TO = 3_100;
/** The same as the value of a parameter, where most of it may take three characters: CloudFront takes 8,192 in a URL. */
const MAX_PARAMETER = 7_000;
/** The parameter that says that the gate itself leads there again; without it, who follows a link has all tries. */
export const RESTARTED = "restarted";
const ANY_ORIGIN = "https://gate.invalid";

/**
 * The origin that the viewer asked. CloudFront takes only the hosts of its own distribution, and serves them over TLS;
 * a gate on this machine may do without.
 * @throws GateError `invalid_request` without a plausible host
 */
export function originOf(request: ViewerRequest): string {
  const host = header(request, "host");
  if (!HOST.test(host)) throw new GateError("invalid_request");
  return `${LOOPBACK.test(host) ? "http" : "https"}://${host}`;
}

/** The URL of one of the gate's own endpoints, at the origin that the viewer asked. */
export function endpointUrl(request: ViewerRequest, config: Config, name: string): string {
  return `${originOf(request)}${basePathOf(config)}${name}`;
}

/** The base URL of the managed login. */
export function managedLogin({ endpoints, userPool }: Config): string {
  return endpoints.oauth ?? `https://${userPool.domain}`;
}

/** The base URL of the user pool's API. */
export function userPoolApi({ endpoints, userPool }: Config): string {
  return endpoints.cognitoIdp ?? `https://cognito-idp.${regionOf(userPool.id)}.amazonaws.com`;
}

/** The app client that people sign in with. */
export function signInClientId({ auth, userPool }: Config): string {
  return auth?.clientId ?? userPool.clientIds[0] ?? "";
}

/** Whether a request that changes something comes from a page of ours or of a configured origin. */
export function isFromKnownOrigin(request: ViewerRequest, config: Config): boolean {
  const origin = header(request, "origin");
  return origin === originOf(request) || isConfiguredOrigin(origin, config);
}

/** The path and query that a request asks for, as a place to come back to. */
export function askedFor({ uri, querystring }: ViewerRequest): string {
  const wanted = querystring ? `${uri}?${querystring}` : uri;
  return localPath(wanted.replace(/[^!-~]+/g, (text) => encodeURIComponent(text.toWellFormed())));
}

/**
 * The place to come back to that a viewer names: a path of this origin with its query and fragment, read as browsers read
 * it (WHATWG URL), and none of the gate's own endpoints; `/` for anything else. What does not fit is left out whole, the
 * fragment first: half of one would name another place.
 */
export function returnTo(value: string | null, config: Config): string {
  if (!value?.startsWith("/") || !URL.canParse(value, ANY_ORIGIN)) return "/";
  const url = new URL(value, ANY_ORIGIN);
  if (url.origin !== ANY_ORIGIN || isOwn(url.pathname, config)) return "/";
  const path = url.pathname + url.search;
  return [path + url.hash, path, url.pathname].map(localPath).find(fits) ?? "/";
}

function fits(path: string): boolean {
  return path.length <= MAX_RETURN_TO && encodeURIComponent(path).length <= MAX_PARAMETER;
}

/** An unreadable path is answered with an error where it leads; a readable one may still be an endpoint's. */
function isOwn(pathname: string, config: Config): boolean {
  try {
    return canonicalPath(pathname).startsWith(basePathOf(config));
  } catch {
    return true;
  }
}
