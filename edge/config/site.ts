// Reads what an area says of its site; what it leaves out follows from the area. Runs where a configuration is made.
import type { Area, Site } from "./config.ts";
import { object, optional, type Parser, string } from "./parser.ts";

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused here
const KEY = string(/^(?!.*\/\.\.?(\/|$))(\/[^*/\\\u0000-\u001f\u007f]+)+$/, "a key such as /404.html");

/** As it may be written: without `cleanUrls` and `notFound` the area's defaults. */
type SiteDocument = Omit<Site, "cleanUrls" | "notFound"> & Partial<Site>;

const SITE: Parser<SiteDocument> = object<SiteDocument>({
  index: optional(string(/^[\w.~-]*\.[\w~-]+$/, "a file name such as index.html"), "index.html"),
  cleanUrls: optional(boolean, undefined),
  fallback: optional(KEY, undefined),
  notFound: optional(KEY, undefined),
});

/** A site's settings, `true` for the defaults, or none. The place of the 404 page is still the area's to say. */
export const site: Parser<Site | undefined> = (value, field, reading) => {
  if (value === undefined || value === false) return undefined;
  const given = SITE(value === true ? {} : value, field, reading);
  return {
    ...given,
    cleanUrls: given.cleanUrls ?? given.fallback === undefined,
    notFound: given.notFound ?? "",
  };
};

/** An area whose site knows where its 404 page is. */
export function withSite(area: Parser<Area>): Parser<Area> {
  return (value, field, reading) => {
    const read = area(value, field, reading);
    if (!read.site || read.site.notFound) return read;
    return { ...read, site: { ...read.site, notFound: `${read.path.replace(/\*$/, "")}404.html` } };
  };
}

function boolean(...[value, field, { problems }]: Parameters<Parser<boolean>>): boolean {
  if (typeof value === "boolean") return value;
  problems.push(`${field}: expected true or false`);
  return false;
}
