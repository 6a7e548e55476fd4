// Which other origins may read an answer: those of the configuration, named exactly or by their domain.
import type { Config } from "../config/config.ts";
import { header, type ViewerRequest } from "../request/cloudfront.ts";
import { isKnownOrigin } from "../request/web-origin.ts";

/** Whether an origin is configured; `https://*.example.com` stands for every host below that domain. */
export function isConfiguredOrigin(origin: string, { cors }: Pick<Config, "cors">): boolean {
  return isKnownOrigin(origin, cors.origins);
}

/**
 * Credentialed CORS for a configured origin, named exactly. Every answer says that it depends on the origin: one that
 * a browser keeps without these headers must not stand for one with them.
 */
export function corsHeaders(request: ViewerRequest, config: Config): Record<string, string> {
  const { origins, exposeHeaders } = config.cors;
  const origin = header(request, "origin");
  return {
    ...(origins.length > 0 && { Vary: "Origin" }),
    ...(isConfiguredOrigin(origin, config) && {
      "Access-Control-Allow-Credentials": "true",
      "Access-Control-Allow-Origin": origin,
      "Access-Control-Expose-Headers": exposeHeaders.join(", "),
    }),
  };
}
