// An object's headers before the cache has them: one answer stands for viewers of every origin.
import type { Config } from "../config/config.ts";
import { headerValues, type OriginResponse } from "../request/cloudfront.ts";

/**
 * Whether an answer leaves the type and the policy of what is cached as they are: a 304 replaces headers by its own
 * (RFC 9111 §4.3.4), and one without a type has no policy to go with it.
 */
export function keepsType({ status, headers }: OriginResponse): boolean {
  return status === 304 && headerValues({ headers }, "content-type").length === 0;
}

/**
 * With CORS, what depends on the origin says so, or a browser that keeps an `<img>` would hand it to a later `fetch`;
 * what the bucket's own CORS rules said to one viewer is not for all. With `frameAncestors`, who may frame it.
 */
export function forEveryOrigin(
  response: OriginResponse,
  { cors, frameAncestors }: Pick<Config, "cors" | "frameAncestors">,
): OriginResponse {
  const headers = Object.fromEntries(
    Object.entries(response.headers).filter(([name]) => !name.startsWith("access-control-")),
  );
  const add = (name: string, value: string) => {
    headers[name] = [...headerValues({ headers }, name).map((given) => ({ value: given })), { value }];
  };
  if (cors.origins.length > 0) add("vary", "Origin");
  if (frameAncestors.length > 0 && !keepsType(response))
    add("content-security-policy", framePolicy(frameAncestors));
  return { ...response, headers, raw: { ...response.raw, headers } };
}

/** Who may show an answer in a frame (Content Security Policy Level 3, §6.4.2). */
function framePolicy(origins: readonly string[]): string {
  return `frame-ancestors 'self' ${origins.join(" ")}`;
}
