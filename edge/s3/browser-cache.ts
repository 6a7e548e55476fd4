// How long an object is kept, and by whom: CloudFront as the object says, browsers until the next request, pages not at all.

import { headerValues } from "../request/cloudfront.ts";

type Headers = Readonly<Record<string, unknown>>;

/** What no browser shows in a tab; whatever else may come back out of the back/forward cache after its reader has left. */
const SAVED = /^application\/(octet-stream|.*(zip|tar|rar|compressed))/;
const MAX_SECONDS = 31_536_000;

/**
 * The headers with which an object is cached. To browsers the response headers policy says `private, no-cache` where
 * nothing else is said, so `Cache-Control` gives way to `Expires`, by which CloudFront counts as well and browsers do not
 * beside `no-cache`. What a person looks at is `no-store`: it alone keeps a page out of the back/forward cache, from which
 * it would come back after its reader has signed out. CloudFront keeps none of those, and all else as before.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/Expiration.html
 */
export function cachedHeaders(headers: Headers, isPage: boolean, now: number): Headers {
  const said = textOf(headers, "cache-control");
  if (isPage && isShown(headers)) return { ...headers, ...field("Cache-Control", "no-store") };
  if (!said) return headers;
  const { "cache-control": _, ...others } = headers;
  if (/\b(no-store|private)\b/.test(said))
    return { ...others, ...field("Cache-Control", "private, no-cache") };
  // Each time with `no-cache`; `s-maxage` before `max-age`.
  const seconds = /no-cache/.test(said)
    ? "0"
    : (/s-maxage="?(\d+)/.exec(said) ?? /max-age="?(\d+)/.exec(said))?.[1];
  if (seconds === undefined) return others;
  const expires = new Date(now + Math.min(Number(seconds), MAX_SECONDS) * 1000);
  return { ...others, ...field("Expires", expires.toUTCString()) };
}

function isShown(headers: Headers): boolean {
  return (
    !/^ *attachment/.test(textOf(headers, "content-disposition")) &&
    !SAVED.test(textOf(headers, "content-type"))
  );
}

/** In lower case, as most write it anyway. */
function textOf(headers: Headers, name: string): string {
  return headerValues({ headers }, name).join().toLowerCase();
}

function field(key: string, value: string): Headers {
  return { [key.toLowerCase()]: [{ key, value }] };
}
