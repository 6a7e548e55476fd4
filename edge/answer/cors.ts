// Which other origins may read an answer: those of the configuration, named exactly or by their domain.
import type { Config } from "../config/config.ts";
import { header, type ViewerRequest } from "../request/cloudfront.ts";

const HOST = /^[a-z0-9_-]+(\.[a-z0-9_-]+)*$/;

/** Whether an origin is configured; `https://*.example.com` stands for every host below that domain. */
export function isConfiguredOrigin(origin: string, { cors }: Pick<Config, "cors">): boolean {
  return cors.origins.some((known) => {
    const [before = "", after] = known.split("*");
    if (after === undefined) return known === origin;
    const host = origin.slice(before.length, -after.length);
    return origin === before + host + after && HOST.test(host);
  });
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
