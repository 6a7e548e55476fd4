// What a path of a site stands for: another path, or a key, whose own area decides about it as about any other.
import type { Area } from "./config/config.ts";
import type { RuledArea } from "./request/area-rules.ts";
import type { AssetRoute, ListRoute } from "./request/route.ts";
import { type Asked, type Other, wantedIn } from "./request/site.ts";

/** The route with the key that it stands for and where else to look, or the path to go to instead. */
export type Page = AssetRoute | ListRoute | { readonly kind: "moved"; readonly to: string };

/** The areas, as far as sites need them. */
export interface SiteAreas {
  readonly hasSites: boolean;
  readonly isSiteFolder: (path: string) => boolean;
  readonly of: (path: string) => (RuledArea & Pick<Area, "path">) | undefined;
}

/** Reads a route as the site says in whose area its path is; outside of sites it stays what it is. */
export function pageOf(route: AssetRoute | ListRoute, asked: Asked, areas: SiteAreas): Page {
  if (route.kind !== "asset" || !areas.hasSites) return route;
  if (areas.isSiteFolder(route.path)) return { kind: "moved", to: `${route.path}/` };
  const area = areas.of(route.path);
  if (!area?.site) return route;
  const wanted = wantedIn(area.site, area, route.path, asked);
  if (wanted.kind === "moved") return wanted;
  const others = wanted.others.filter((other) => mayStandFor(other, wanted.path, areas));
  return { kind: "asset", method: route.method, path: wanted.path, others: others };
}

/**
 * Whether everybody who may share an answer for a key may have that of the other: concurrent requests get one answer,
 * and the role of whoever asks may read more than the rest of them may.
 */
export function mayStandFor(other: Pick<Other, "path">, path: string, areas: SiteAreas): boolean {
  const area = areas.of(other.path);
  return area !== undefined && (area === areas.of(path) || !(area.groups || area.owner));
}
