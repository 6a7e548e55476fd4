// Web origins and header names as CORS has them. Runs where a configuration is made.
import { list, type Parser, string } from "./parser.ts";

/** `https://*.example.com`: any host below a domain that is somebody's, as CloudFront takes it. */
const WILDCARD = /^https:\/\/\*(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?){2,}(:\d+)?$/;
/** What apps on phones and desktops call themselves, such as `capacitor://localhost`. */
const APP = /^(?!(https?|wss?|ftp|file|data|blob|about|javascript):)[a-z][a-z0-9+.-]*:\/\/[a-z0-9.-]+$/;

const ORIGIN = {
  test: (value: string) =>
    value.includes("*")
      ? WILDCARD.test(value)
      : APP.test(value) || (/^https?:/.test(value) && URL.canParse(value) && new URL(value).origin === value),
};

/** A list of web origins. */
export const origins: Parser<readonly string[]> = list(
  string(ORIGIN, "an origin such as https://app.example.com, in lower case and without a path"),
);

/**
 * What any page may ask with: nothing of it reaches S3 but ranges and conditions, and libraries add the others without
 * being asked.
 */
export const ALLOWED_HEADERS: readonly string[] = [
  "authorization",
  "baggage",
  "cache-control",
  "content-type",
  "if-match",
  "if-modified-since",
  "if-none-match",
  "if-range",
  "if-unmodified-since",
  "pragma",
  "range",
  "sentry-trace",
  "traceparent",
  "tracestate",
  "x-requested-with",
];

/** What any page may read of an answer. */
export const EXPOSED_HEADERS: readonly string[] = [
  "accept-ranges",
  "content-disposition",
  "content-length",
  "content-range",
  "etag",
  "last-modified",
  "x-request-id",
];

// With credentials a `*` would be a header of that name (https://fetch.spec.whatwg.org/#cors-protocol-and-credentials).
const HEADER = string(/^(?!\*$)[\w!#$%&'*+.^`|~-]{1,128}$/, "the name of a header");

/** Names of headers, in lower case, besides those that are there anyway. */
export function headersBesides(always: readonly string[]): Parser<readonly string[]> {
  return (value, field, reading) => {
    const given = list(HEADER)(value ?? [], field, reading).map((name) => name.toLowerCase());
    return [...new Set([...always, ...given])];
  };
}
