// What a path of a site stands for: another path, or a key, whose own area decides about it as about any other.
import type { Areas } from "./areas.ts";
import type { ViewerRequest } from "./request/cloudfront.ts";
import type { AssetRoute, ListRoute } from "./request/route.ts";
import { type Other, wantedIn } from "./request/site.ts";

/** The route with the key that it stands for and where else to look, or the path to go to instead. */
export type Page = AssetRoute | ListRoute | { readonly kind: "moved"; readonly to: string };

/** Reads a route as the site says in whose area its path is; outside of sites it stays what it is. */
export function pageOf(route: AssetRoute | ListRoute, request: ViewerRequest, areas: Areas): Page {
  if (route.kind !== "asset" || !areas.hasSites) return route;
  if (areas.isSiteFolder(route.path)) return { kind: "moved", to: `${route.path}/` };
  const area = areas.of(route.path);
  if (!area?.site) return route;
  const wanted = wantedIn(area.site, area, route.path, request);
  if (wanted.kind === "moved") return wanted;
  const { path } = wanted;
  return { ...route, path, others: wanted.others.filter((other) => mayStandFor(other, path, areas)) };
}

/**
 * Whether everybody who may share an answer for a key may have that of the other: concurrent requests get one answer,
 * and the role of whoever asks may read more than the rest of them may.
 */
function mayStandFor(other: Other, path: string, areas: Areas): boolean {
  const area = areas.of(other.path);
  return area !== undefined && (area === areas.of(path) || !(area.groups || area.owner));
}
