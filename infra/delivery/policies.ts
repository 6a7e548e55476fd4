// CloudFront's policies: what the cache key is made of, what S3 is sent, what a browser is shown.
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
  type ResponseCustomHeadersBehavior,
  type ResponseHeadersCorsBehavior,
  ResponseHeadersPolicy,
  type ResponseSecurityHeadersBehavior,
} from "aws-cdk-lib/aws-cloudfront";
import type { Construct } from "constructs";

/** The header that only the function writes: viewers share a cached object exactly when they share its value. */
const CACHE_SCOPE_HEADER = "x-gatehouse-cache-scope";

/** What the function may put into the query besides the signature: it rebuilds the query, a viewer's never passes. */
const REBUILT_PARAMETERS = ["versionId", "response-content-disposition"];

/** Key: path, cache scope, and what else selects the bytes. The rest of the query is the signature, new each time. */
export function createCachePolicy(scope: Construct): CachePolicy {
  return new CachePolicy(scope, "CachePolicy", {
    comment: "Gatehouse: path, cache scope, version and download name",
    minTtl: Duration.seconds(0),
    defaultTtl: Duration.days(1),
    maxTtl: Duration.days(365),
    headerBehavior: CacheHeaderBehavior.allowList(CACHE_SCOPE_HEADER),
    queryStringBehavior: CacheQueryStringBehavior.allowList(...REBUILT_PARAMETERS),
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
    customHeadersBehavior: cacheControl("private, no-cache", true),
    securityHeadersBehavior: SECURITY_HEADERS,
    ...cors(corsOrigins),
  });
}

/**
 * The browser may keep objects for some seconds. It must not keep an error or a redirect to sign in, which say
 * `no-store` themselves: so this adds to what has no `Cache-Control`, and objects that have one keep it.
 */
export function createKeptResponseHeadersPolicy(
  scope: Construct,
  corsOrigins: readonly string[],
  seconds: number,
): ResponseHeadersPolicy {
  return new ResponseHeadersPolicy(scope, `Kept${seconds}ResponseHeadersPolicy`, {
    comment: `Gatehouse: browsers keep it for ${seconds} s, security headers, CORS`,
    customHeadersBehavior: cacheControl(`private, max-age=${seconds}`, false),
    securityHeadersBehavior: SECURITY_HEADERS,
    ...cors(corsOrigins),
  });
}

/**
 * A public page is on the origin that holds the session: in a sandbox it cannot use its reader's. One that is trusted
 * has no sandbox here; the function still puts what is not of a trusted area into one.
 */
export function createPublicResponseHeadersPolicy(
  scope: Construct,
  corsOrigins: readonly string[],
  trusted: boolean,
): ResponseHeadersPolicy {
  const contentSecurityPolicy = { contentSecurityPolicy: "sandbox", override: true };
  return new ResponseHeadersPolicy(scope, `${trusted ? "Trusted" : ""}PublicResponseHeadersPolicy`, {
    comment: `Gatehouse: public areas, security headers, ${trusted ? "" : "sandbox, "}CORS`,
    securityHeadersBehavior: { ...SECURITY_HEADERS, ...(!trusted && { contentSecurityPolicy }) },
    ...cors(corsOrigins),
  });
}

const SECURITY_HEADERS: ResponseSecurityHeadersBehavior = {
  strictTransportSecurity: {
    accessControlMaxAge: Duration.days(365),
    includeSubdomains: false,
    override: true,
  },
  contentTypeOptions: { override: true },
  frameOptions: { frameOption: HeadersFrameOption.SAMEORIGIN, override: true },
  referrerPolicy: { referrerPolicy: HeadersReferrerPolicy.SAME_ORIGIN, override: true },
};

function cacheControl(value: string, override: boolean): ResponseCustomHeadersBehavior {
  return { customHeaders: [{ header: "Cache-Control", value, override }] };
}

function cors(origins: readonly string[]): { corsBehavior?: ResponseHeadersCorsBehavior } {
  return origins.length > 0 ? { corsBehavior: credentialedCors(origins) } : {};
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
