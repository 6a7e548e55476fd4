// The languages of a gate's pages. Also part of the CloudFront Function.
import type { Config } from "./config.ts";

/** Those that come with the gate. */
const LANGUAGES: readonly string[] = ["de", "en", "es", "fr", "ja", "pt"];

/** The one for those who want none of them. */
export const FALLBACK = "en";

/** The languages that pages are written in. */
export function languagesOf(config: Pick<Config, "auth">): readonly string[] {
  return LANGUAGES.concat(Object.keys(config.auth?.texts ?? {}));
}
