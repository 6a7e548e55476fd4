// The header fields that edge functions never see, and those they may read but not touch.
// "Restrictions on all edge functions",
// docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/edge-function-restrictions-all.html

const DISALLOWED: ReadonlySet<string> = new Set([
  "connection",
  "expect",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "trailer",
  "upgrade",
  "x-accel-buffering",
  "x-accel-charset",
  "x-accel-limit-rate",
  "x-accel-redirect",
  "x-amzn-auth",
  "x-amzn-cf-billing",
  "x-amzn-cf-id",
  "x-amzn-cf-xff",
  "x-amzn-errortype",
  "x-amzn-fle-profile",
  "x-amzn-header-count",
  "x-amzn-header-order",
  "x-amzn-lambda-integration-tag",
  "x-amzn-requestid",
  "x-cache",
  "x-forwarded-proto",
  "x-real-ip",
]);
const DISALLOWED_PREFIXES = ["x-amz-cf-", "x-edge-"];

/** Whether functions can neither see nor add the field (lower-case name). */
export function isDisallowed(name: string): boolean {
  return DISALLOWED.has(name) || DISALLOWED_PREFIXES.some((prefix) => name.startsWith(prefix));
}

/** Read-only in viewer-request events. */
export const READ_ONLY_VIEWER_REQUEST: readonly string[] = [
  "content-length",
  "host",
  "transfer-encoding",
  "via",
];

/** Read-only in origin-request events. */
export const READ_ONLY_ORIGIN_REQUEST: readonly string[] = [
  "accept-encoding",
  "content-length",
  "if-modified-since",
  "if-none-match",
  "if-range",
  "if-unmodified-since",
  "transfer-encoding",
  "via",
];

/** Read-only in origin-response events. */
export const READ_ONLY_ORIGIN_RESPONSE: readonly string[] = ["transfer-encoding", "via"];

/** "Restrictions on Lambda@Edge": a viewer-request function that adds this one fails validation. */
export const NOT_IN_VIEWER_REQUEST = "cloudfront-viewer-country";
