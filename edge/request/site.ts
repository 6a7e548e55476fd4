// Where a site's pages are: what a path asks for by its shape, and what to look for when that is not there.
import type { Area, Site } from "../config/config.ts";
import { header, type ViewerRequest } from "./cloudfront.ts";
import { uriEncode, uriEncodePath } from "./path.ts";

/** What may answer in the place of a key that is not there: with its bytes, or, if it is there, by leading to it. */
export interface Other {
  readonly status: 200 | 404 | 308;
  /** The canonical path of its key. */
  readonly path: string;
}

/** What a request in a site asks for; canonical paths. */
export type Wanted =
  | { readonly kind: "page"; readonly path: string; readonly others: readonly Other[] }
  | { readonly kind: "moved"; readonly to: string };

const PAGE = ".html";

/**
 * Reads a canonical path as static hosts do. A name without a dot is a page or a folder, one with a dot a file, and
 * nobody is asked: what the key was not found for is tried in the order of the others.
 */
export function wantedIn(site: Site, area: Area, path: string, request: ViewerRequest): Wanted {
  if (request.uri.endsWith("/")) return folder(site, area, path.slice(0, -"index.html".length), request);
  if (addressOf(path, site) !== path) return { kind: "moved", to: addressOf(path, site) };
  return isFile(path) ? file(site, path, request) : page(site, path, request);
}

/** The path at which the page of a key is shown: one for each. */
export function addressOf(path: string, { cleanUrls, index }: Site): string {
  if (!cleanUrls) return path;
  const encoded = uriEncode(index);
  if (path.endsWith(`/${encoded}`)) return path.slice(0, -encoded.length);
  const stem = path.slice(0, -PAGE.length);
  return path.endsWith(PAGE) && !stem.endsWith("/") && !isFile(stem) ? stem : path;
}

/** Whether a person waits for a page (W3C Fetch Metadata; older clients by what they accept). */
function isForPerson(request: ViewerRequest): boolean {
  const destination = header(request, "sec-fetch-dest");
  if (destination) return /^(document|iframe|frame)$/.test(destination);
  return header(request, "accept").includes("text/html");
}

function folder(site: Site, area: Area, start: string, request: ViewerRequest): Wanted {
  const path = start + uriEncode(site.index);
  const isRoot = start === uriEncodePath(area.path.slice(0, -1));
  const pageOfSameName: readonly Other[] =
    site.cleanUrls && !isRoot ? [{ status: 308, path: start.slice(0, -1) + PAGE }] : [];
  return found(path, [...pageOfSameName, ...whenMissing(site, request, true)]);
}

function page(site: Site, path: string, request: ViewerRequest): Wanted {
  const missing = whenMissing(site, request, true);
  if (site.cleanUrls) return found(path + PAGE, [indexOf(path, site), ...missing]);
  if (site.fallback === undefined) return { kind: "moved", to: `${path}/` };
  const [app, ...others] = missing;
  return app?.status === 200 ? found(app.path, others) : found(path, missing);
}

/** A name with a dot may still be a folder, a page or one of the app's own paths, if a person asks: `/v1.2`. */
function file(site: Site, path: string, request: ViewerRequest): Wanted {
  if (!isForPerson(request)) return found(path, []);
  const pageOfSameName: readonly Other[] =
    site.cleanUrls && !path.endsWith(PAGE) ? [{ status: 308, path: path + PAGE }] : [];
  return found(path, [indexOf(path, site), ...pageOfSameName, ...whenMissing(site, request, false)]);
}

function indexOf(path: string, { index }: Site): Other {
  return { status: 308, path: `${path}/${uriEncode(index)}` };
}

function whenMissing(site: Site, request: ViewerRequest, isPage: boolean): readonly Other[] {
  const isPerson = isForPerson(request);
  return [
    ...(isPerson && site.fallback !== undefined
      ? [{ status: 200, path: uriEncodePath(site.fallback) } as const]
      : []),
    ...(isPerson || isPage ? [{ status: 404, path: uriEncodePath(site.notFound) } as const] : []),
  ];
}

function found(path: string, others: readonly Other[]): Wanted {
  return { kind: "page", path, others: others.filter((other) => other.path !== path) };
}

function isFile(path: string): boolean {
  return path.includes(".", path.lastIndexOf("/"));
}
