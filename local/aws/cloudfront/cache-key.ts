// The cache key: what must be the same for two requests to share an object.
// "Understand the cache key", docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/understanding-the-cache-key.html

import { wantedEncodings } from "./accept-encoding.ts";
import type { Behavior } from "./distribution.ts";
import type { EdgeRequest } from "./forward.ts";
import { headerValue } from "./headers.ts";
import { selectedCookies, selectedQuery } from "./selection.ts";

/**
 * The key of a request after its viewer-request function. GET and HEAD share one. The behaviour is not part of it:
 * whether AWS separates behaviours whose functions arrive at one path is unknown, sharing is the harsher reading.
 */
export function cacheKey(request: EdgeRequest, behavior: Behavior): string {
  const { cachePolicy } = behavior;
  const names = [...cachePolicy.headers.names].sort();
  const headers = names.flatMap((name) => {
    const value = headerValue(request.headers, name);
    return value === undefined ? [] : [`${name}:${value}`];
  });
  return JSON.stringify([
    request.method === "HEAD" ? "GET" : request.method,
    request.rawPath,
    selectedQuery(request.querystring, [cachePolicy.queryStrings]),
    headers,
    selectedCookies(request.headers, [cachePolicy.cookies]),
    wantedEncodings(request.headers, cachePolicy).join(","),
  ]);
}
