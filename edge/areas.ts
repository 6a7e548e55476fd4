// Who may see what: the first area whose pattern matches the canonical path decides.
import type { Area, Config } from "./config.ts";
import { GateError } from "./errors.ts";

/** What a viewer may do with a path. */
export interface Access {
  /** Viewers with the same scope may share a cached object. */
  readonly cacheScope: string;
}

/** The area that owns a canonical path: the first that matches. */
export function areaOf(path: string, config: Config): Area | undefined {
  return config.areas.find(({ path: pattern }) => path.startsWith(pattern.slice(0, -1)));
}

/**
 * The access of a signed-in viewer: one shared cache entry for all of them.
 * @throws GateError `access_denied` when no area owns the path
 */
export function accessTo(path: string, config: Config): Access {
  if (!areaOf(path, config)) throw new GateError("access_denied");
  return { cacheScope: "signed-in" };
}
