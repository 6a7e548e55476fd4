// Which pages may embed what the gate serves: its own, and those that the configuration speaks of.
import type { Config } from "./config.ts";

/**
 * The `Cross-Origin-Resource-Policy` of files and answers alike, since a redirect on the way to a picture has one, too.
 * Pages of other hosts of the site embed where cookies or CORS are meant for them, pages of other sites where cookies are.
 * https://fetch.spec.whatwg.org/#cross-origin-resource-policy-header
 */
export function resourcePolicyOf({
  cookies,
  cors,
}: Pick<Config, "cookies" | "cors">): "same-origin" | "same-site" | "cross-origin" {
  if (cookies.sameSite === "None") return "cross-origin";
  return cookies.domain !== undefined || cors.origins.length > 0 ? "same-site" : "same-origin";
}
