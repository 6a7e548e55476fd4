// CloudFront's three policies: what the cache key is made of, what S3 is sent, what a browser is shown.
import { Duration } from "aws-cdk-lib";
import {
  CacheCookieBehavior,
  CacheHeaderBehavior,
  CachePolicy,
  CacheQueryStringBehavior,
  HeadersFrameOption,
  HeadersReferrerPolicy,
  OriginRequestCookieBehavior,
  OriginRequestHeaderBehavior,
  OriginRequestPolicy,
  OriginRequestQueryStringBehavior,
  type ResponseHeadersCorsBehavior,
  ResponseHeadersPolicy,
} from "aws-cdk-lib/aws-cloudfront";
import type { Construct } from "constructs";

/** The header that only the function writes: viewers share a cached object exactly when they share its value. */
const CACHE_SCOPE_HEADER = "x-gatehouse-cache-scope";

/** Key: path and cache scope. The signature is in the query string, which therefore must not enter the key. */
export function createCachePolicy(scope: Construct): CachePolicy {
  return new CachePolicy(scope, "CachePolicy", {
    comment: "Gatehouse: path and cache scope",
    minTtl: Duration.seconds(0),
    defaultTtl: Duration.days(1),
    maxTtl: Duration.days(365),
    headerBehavior: CacheHeaderBehavior.allowList(CACHE_SCOPE_HEADER),
    queryStringBehavior: CacheQueryStringBehavior.none(),
    cookieBehavior: CacheCookieBehavior.none(),
    enableAcceptEncodingGzip: true,
    enableAcceptEncodingBrotli: true,
  });
}

/** S3 gets the query string that the function signed, and nothing of the viewer's. */
export function createOriginRequestPolicy(scope: Construct): OriginRequestPolicy {
  return new OriginRequestPolicy(scope, "OriginRequestPolicy", {
    comment: "Gatehouse: the signed query string, no cookies, no headers",
    queryStringBehavior: OriginRequestQueryStringBehavior.all(),
    cookieBehavior: OriginRequestCookieBehavior.none(),
    headerBehavior: OriginRequestHeaderBehavior.none(),
  });
}

/** The browser must ask again each time, since the next user of it may be someone else. */
export function createResponseHeadersPolicy(
  scope: Construct,
  corsOrigins: readonly string[],
): ResponseHeadersPolicy {
  return new ResponseHeadersPolicy(scope, "ResponseHeadersPolicy", {
    comment: "Gatehouse: private to the browser, security headers, CORS",
    customHeadersBehavior: {
      customHeaders: [{ header: "Cache-Control", value: "private, no-cache", override: true }],
    },
    securityHeadersBehavior: {
      strictTransportSecurity: {
        accessControlMaxAge: Duration.days(365),
        includeSubdomains: false,
        override: true,
      },
      contentTypeOptions: { override: true },
      frameOptions: { frameOption: HeadersFrameOption.SAMEORIGIN, override: true },
      referrerPolicy: { referrerPolicy: HeadersReferrerPolicy.SAME_ORIGIN, override: true },
    },
    ...(corsOrigins.length > 0 && { corsBehavior: credentialedCors(corsOrigins) }),
  });
}

/** With credentials no `*` is allowed: every list is explicit. https://fetch.spec.whatwg.org/#cors-protocol-and-credentials */
function credentialedCors(origins: readonly string[]): ResponseHeadersCorsBehavior {
  return {
    accessControlAllowOrigins: [...origins],
    accessControlAllowCredentials: true,
    accessControlAllowMethods: ["GET", "HEAD", "OPTIONS"],
    accessControlAllowHeaders: [
      "Authorization",
      "Range",
      "If-Match",
      "If-None-Match",
      "If-Modified-Since",
      "If-Range",
    ],
    accessControlExposeHeaders: ["Accept-Ranges", "Content-Length", "Content-Range", "ETag", "Last-Modified"],
    accessControlMaxAge: Duration.minutes(10),
    originOverride: true,
  };
}
