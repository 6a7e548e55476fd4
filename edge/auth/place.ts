// Where the gate is, as browsers see it, and where a browser may be sent.
import { originOf } from "../answer/own-origin.ts";
import { basePathOf, regionOf } from "../config/aws-names.ts";
import type { Config } from "../config/config.ts";
import { localPath } from "../request/answer-headers.ts";
import type { ViewerRequest } from "../request/cloudfront.ts";
import { canonicalPath } from "../request/path.ts";

/** The longest place to come back to: what the cookie that remembers it takes of any text, and any key of S3's. */
const MAX_RETURN_TO = 3_100;
/** The same as the value of a parameter, where most of it may take three characters: CloudFront takes 8,192 in a URL. */
const MAX_PARAMETER = 7_000;
/** The parameter that says that the gate itself leads there again; without it, who follows a link has all tries. */
export const RESTARTED = "restarted";
const ANY_ORIGIN = "https://gate.invalid";

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

/** Where a link to one of the gate's own endpoints leads in the end, and whether the gate itself leads there again. */
export function wayIn(parameters: URLSearchParams, config: Config): { returnTo: string; restarts: number } {
  const wanted = parameters.get("return_to");
  return { returnTo: returnTo(wanted, config), restarts: parameters.has(RESTARTED) ? 1 : 0 };
}

/** The query of such a link. */
export function wayTo({ returnTo, restarts }: { returnTo: string; restarts: number }): string {
  return `return_to=${encodeURIComponent(returnTo)}${restarts > 0 ? `&${RESTARTED}=1` : ""}`;
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
