// The viewer's headers that go on to the cache. Also part of the CloudFront Function.

/**
 * The viewer's headers that stay: what CloudFront forbids to remove at viewer-request, and what it answers ranges,
 * conditions, compression and CORS by. Everything else, cookies and tokens first, ends here.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/edge-function-restrictions-all.html
 */
export const PASSED_HEADERS =
  "host content-length transfer-encoding via accept-encoding if-match if-modified-since if-none-match if-range if-unmodified-since origin range user-agent".split(
    " ",
  );

/** So many of them stay whatever they hold. */
const UNLIMITED = 4;
/** S3 refuses 8,192 bytes of headers, and one refusal can answer many viewers: none of theirs may be long. */
const MAX_HEADER_BYTES = 1_024;

/** Whether one of them may be so long, by its place in the list. */
export function mayHold(index: number, bytes: number): boolean {
  return index < UNLIMITED || bytes <= MAX_HEADER_BYTES;
}

/** The header in the cache key that only the gate writes: what a cached object may be shared by. */
export const CACHE_SCOPE_HEADER = "x-gatehouse-cache-scope";

/** In the split placement: the ID token. */
export const TOKEN_HEADER = "x-gatehouse-token";

/** In the split placement: the sealed credentials, as a `Cookie` header has them. */
export const SESSION_HEADER = "x-gatehouse-session";
