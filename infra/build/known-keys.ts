// Sealing keys that are no secret: those of the pages, which stand for one's own.
import type { Config } from "../../edge/config/config.ts";

const KNOWN_KEYS: readonly string[] = ["0".repeat(64)];

/** What is wrong with a configuration's keys, by field: whoever knows a key makes and opens sealed cookies. */
export function keyProblems({ auth }: Pick<Config, "auth">): readonly string[] {
  return Object.entries(auth?.keys ?? {})
    .filter(([, key]) => KNOWN_KEYS.includes(key))
    .map(
      ([name]) => `auth.keys.${name}: everybody knows this key; take the output of "openssl rand -hex 32"`,
    );
}
