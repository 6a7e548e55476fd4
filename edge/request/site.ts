// Where a site's pages are: what a path asks for by its shape, and what to look for when that is not there.
import type { Area, Site } from "../config/config.ts";
import { uriEncode, uriEncodePath } from "./path.ts";

/** What may answer in the place of a key that is not there: with its bytes, or, if it is there, by leading to it. */
export interface Other {
  readonly status: 200 | 404 | 308;
  /** The canonical path of its key. */
  readonly path: string;
}

/** How a path was asked for. */
export interface Asked {
  /** Whether it ended with a slash, behind which its canonical form has `index.html`. */
  readonly isFolder: boolean;
  /** Whether it is a person who waits for a page. */
  readonly isPerson: boolean;
}

/** An area as far as its site is concerned. */
type SiteArea = Pick<Area, "path">;

/** What a request in a site asks for; canonical paths. */
export type Wanted =
  | { readonly kind: "page"; readonly path: string; readonly others: readonly Other[] }
  | { readonly kind: "moved"; readonly to: string };

const PAGE = ".html";

/**
 * Reads a canonical path as static hosts do. A name without a dot is a page or a folder, one with a dot a file, and
 * nobody is asked: what the key was not found for is tried in the order of the others.
 */
export function wantedIn(site: Site, area: SiteArea, path: string, asked: Asked): Wanted {
  if (asked.isFolder) return folder(site, area, path.slice(0, -"index.html".length), asked);
  if (addressOf(path, site) !== path) return { kind: "moved", to: addressOf(path, site) };
  return isFile(path) ? file(site, path, asked) : page(site, path, asked);
}

/** The path at which the page of a key is shown: one for each. */
export function addressOf(path: string, site: Pick<Site, "cleanUrls" | "index">): string {
  if (!site.cleanUrls) return path;
  const encoded = uriEncode(site.index);
  if (path.endsWith(`/${encoded}`)) return path.slice(0, -encoded.length);
  const stem = path.slice(0, -PAGE.length);
  return path.endsWith(PAGE) && !stem.endsWith("/") && !isFile(stem) ? stem : path;
}

function folder(site: Site, area: SiteArea, start: string, asked: Asked): Wanted {
  const path = start + uriEncode(site.index);
  const isRoot = start === uriEncodePath(area.path.slice(0, -1));
  const pageOfSameName: readonly Other[] =
    site.cleanUrls && !isRoot ? [{ status: 308, path: start.slice(0, -1) + PAGE }] : [];
  return found(path, pageOfSameName.concat(whenMissing(site, asked, true)));
}

function page(site: Site, path: string, asked: Asked): Wanted {
  const missing = whenMissing(site, asked, true);
  if (site.cleanUrls) return found(path + PAGE, [indexOf(path, site)].concat(missing));
  if (site.fallback === undefined) return { kind: "moved", to: `${path}/` };
  const app = missing[0];
  return app?.status === 200 ? found(app.path, missing.slice(1)) : found(path, missing);
}

/** A name with a dot may still be a folder, a page or one of the app's own paths, if a person asks: `/v1.2`. */
function file(site: Site, path: string, asked: Asked): Wanted {
  if (!asked.isPerson) return found(path, []);
  const pageOfSameName: readonly Other[] =
    site.cleanUrls && !path.endsWith(PAGE) ? [{ status: 308, path: path + PAGE }] : [];
  return found(path, [indexOf(path, site)].concat(pageOfSameName, whenMissing(site, asked, false)));
}

function indexOf(path: string, site: Site): Other {
  return { status: 308, path: `${path}/${uriEncode(site.index)}` };
}

function whenMissing(site: Site, asked: Asked, isPage: boolean): readonly Other[] {
  const others: Other[] = [];
  if (asked.isPerson && site.fallback !== undefined)
    others.push({ status: 200, path: uriEncodePath(site.fallback) });
  if (asked.isPerson || isPage) others.push({ status: 404, path: uriEncodePath(site.notFound) });
  return others;
}

function found(path: string, others: readonly Other[]): Wanted {
  return { kind: "page", path: path, others: others.filter((other) => other.path !== path) };
}

function isFile(path: string): boolean {
  return path.includes(".", path.lastIndexOf("/"));
}
