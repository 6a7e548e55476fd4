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
  type ResponseCustomHeader,
  type ResponseCustomHeadersBehavior,
  type ResponseHeadersCorsBehavior,
  ResponseHeadersPolicy,
  type ResponseSecurityHeadersBehavior,
} from "aws-cdk-lib/aws-cloudfront";
import type { Construct } from "constructs";
import type { Config } from "../../edge/config/config.ts";
import { resourcePolicyOf } from "../../edge/config/resource-policy.ts";

/** The header that only the function writes: viewers share a cached object exactly when they share its value. */
const CACHE_SCOPE_HEADER = "x-gatehouse-cache-scope";

/** What the function may put into the query besides the signature: it rebuilds the query, a viewer's never passes. */
const REBUILT_PARAMETERS = ["versionId", "response-content-disposition"];

/** What the cache key of signed behaviours is made of, and what S3 is sent. */
export interface SignedPolicies {
  readonly cachePolicy: CachePolicy;
  readonly originRequestPolicy: OriginRequestPolicy;
}

/** The policies of signed behaviours, by what decides on their requests. */
export function createSignedPolicies(scope: Construct, placement: Config["placement"]): SignedPolicies {
  return placement === "split"
    ? {
        cachePolicy: createSplitCachePolicy(scope),
        originRequestPolicy: createSplitOriginRequestPolicy(scope),
      }
    : { cachePolicy: createCachePolicy(scope), originRequestPolicy: createOriginRequestPolicy(scope) };
}

/** Key: path, cache scope, and what else selects the bytes. The rest of the query is the signature, new each time. */
function createCachePolicy(scope: Construct): CachePolicy {
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

/**
 * In the split placement the key is made before the query is signed: of what the CloudFront Function lets through, which
 * is at most these two, as the viewer calls them.
 */
function createSplitCachePolicy(scope: Construct): CachePolicy {
  return new CachePolicy(scope, "SplitCachePolicy", {
    comment: "Gatehouse: path, keyed cache scope, version and download name",
    minTtl: Duration.seconds(0),
    defaultTtl: Duration.days(1),
    maxTtl: Duration.days(365),
    headerBehavior: CacheHeaderBehavior.allowList(CACHE_SCOPE_HEADER),
    queryStringBehavior: CacheQueryStringBehavior.allowList("versionId", "download"),
    cookieBehavior: CacheCookieBehavior.none(),
    enableAcceptEncodingGzip: true,
    enableAcceptEncodingBrotli: true,
  });
}

/**
 * What the Lambda on misses gets besides the key: the token and the sealed credentials, which it takes out again. They
 * come as headers, since cookies here would end the sharing of requests for the same object.
 */
function createSplitOriginRequestPolicy(scope: Construct): OriginRequestPolicy {
  return new OriginRequestPolicy(scope, "SplitOriginRequestPolicy", {
    comment: "Gatehouse: token and session for the function on misses, no cookies",
    queryStringBehavior: OriginRequestQueryStringBehavior.all(),
    cookieBehavior: OriginRequestCookieBehavior.none(),
    headerBehavior: OriginRequestHeaderBehavior.allowList("x-gatehouse-token", "x-gatehouse-session"),
  });
}

/** S3 gets the query string that the function signed, and nothing of the viewer's. */
function createOriginRequestPolicy(scope: Construct): OriginRequestPolicy {
  return new OriginRequestPolicy(scope, "OriginRequestPolicy", {
    comment: "Gatehouse: the signed query string, no cookies, no headers",
    queryStringBehavior: OriginRequestQueryStringBehavior.all(),
    cookieBehavior: OriginRequestCookieBehavior.none(),
    headerBehavior: OriginRequestHeaderBehavior.none(),
  });
}

/**
 * The browser must ask again each time, since the next user of it may be someone else. Not an override: pages are
 * `no-store`, and the origin-response function leaves no other `Cache-Control` on an object.
 */
export function createResponseHeadersPolicy(scope: Construct, sharing: Sharing): ResponseHeadersPolicy {
  return new ResponseHeadersPolicy(scope, "ResponseHeadersPolicy", {
    comment: "Gatehouse: private to the browser, security headers, CORS",
    customHeadersBehavior: customHeaders(ASK_AGAIN, resourcePolicy(resourcePolicyOf(sharing))),
    securityHeadersBehavior: securityHeaders(sharing),
    ...cors(sharing),
  });
}

/**
 * The browser may keep objects for some seconds. It must not keep an error or a redirect to sign in, which say
 * `no-store` themselves: so this adds to what has no `Cache-Control`, and objects that have one keep it.
 */
export function createKeptResponseHeadersPolicy(
  scope: Construct,
  sharing: Sharing,
  seconds: number,
): ResponseHeadersPolicy {
  return new ResponseHeadersPolicy(scope, `Kept${seconds}ResponseHeadersPolicy`, {
    comment: `Gatehouse: browsers keep it for ${seconds} s, security headers, CORS`,
    customHeadersBehavior: customHeaders(
      cacheControl(`private, max-age=${seconds}`, false),
      resourcePolicy(resourcePolicyOf(sharing)),
    ),
    securityHeadersBehavior: securityHeaders(sharing),
    ...cors(sharing),
  });
}

/**
 * A link says itself whose rights it has: no page that it opens tells others its address, and any player may read what it
 * opens, from whatever origin, without the cookies that nothing here looks at.
 */
export function createLinkResponseHeadersPolicy(scope: Construct, sharing: Sharing): ResponseHeadersPolicy {
  const referrerPolicy = { referrerPolicy: HeadersReferrerPolicy.NO_REFERRER, override: true };
  return new ResponseHeadersPolicy(scope, "LinkResponseHeadersPolicy", {
    comment: "Gatehouse: links, security headers, CORS for players of any origin",
    customHeadersBehavior: customHeaders(ASK_AGAIN, resourcePolicy("cross-origin")),
    securityHeadersBehavior: { ...securityHeaders(sharing), referrerPolicy },
    corsBehavior: {
      accessControlAllowOrigins: ["*"],
      accessControlAllowCredentials: false,
      accessControlAllowMethods: ["GET", "HEAD", "OPTIONS"],
      accessControlAllowHeaders: [...sharing.cors.allowHeaders],
      accessControlExposeHeaders: [...sharing.cors.exposeHeaders],
      accessControlMaxAge: Duration.minutes(10),
      originOverride: true,
    },
  });
}

/**
 * A public page is on the origin that holds the session: in a sandbox it cannot use its reader's. One that is trusted
 * has no sandbox here; the function still puts what is not of a trusted area into one. What everybody may read, every
 * page may show.
 */
export function createPublicResponseHeadersPolicy(
  scope: Construct,
  sharing: Sharing,
  trusted: boolean,
): ResponseHeadersPolicy {
  const policy = ["sandbox", ...framePolicy(sharing)].join("; ");
  const contentSecurityPolicy = { contentSecurityPolicy: policy, override: true };
  return new ResponseHeadersPolicy(scope, `${trusted ? "Trusted" : ""}PublicResponseHeadersPolicy`, {
    comment: `Gatehouse: public areas, security headers, ${trusted ? "" : "sandbox, "}CORS`,
    customHeadersBehavior: customHeaders(resourcePolicy("cross-origin")),
    securityHeadersBehavior: { ...securityHeaders(sharing), ...(!trusted && { contentSecurityPolicy }) },
    ...cors(sharing),
  });
}

/** What browsers are told by an API where other origins may ask it; all else is the API's to say. */
export function createApiResponseHeadersPolicy(scope: Construct, sharing: Sharing): ResponseHeadersPolicy {
  return new ResponseHeadersPolicy(scope, "ApiResponseHeadersPolicy", {
    comment: "Gatehouse: CORS of APIs",
    ...cors(sharing, ["GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE"]),
  });
}

/** What the configuration says of pages of other origins. */
type Sharing = Pick<Config, "cookies" | "cors" | "frameAncestors">;

/**
 * `X-Frame-Options` knows no origins, so that a policy takes its place. The function puts it onto every object; here it
 * is for what a cache has from before.
 */
function securityHeaders(sharing: Sharing): ResponseSecurityHeadersBehavior {
  const [policy] = framePolicy(sharing);
  if (policy === undefined) return SECURITY_HEADERS;
  const { frameOptions, ...others } = SECURITY_HEADERS;
  return { ...others, contentSecurityPolicy: { contentSecurityPolicy: policy, override: false } };
}

function framePolicy({ frameAncestors }: Sharing): readonly string[] {
  return frameAncestors.length > 0 ? [`frame-ancestors 'self' ${frameAncestors.join(" ")}`] : [];
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

function customHeaders(...headers: readonly ResponseCustomHeader[]): ResponseCustomHeadersBehavior {
  return { customHeaders: [...headers] };
}

function cacheControl(value: string, override: boolean): ResponseCustomHeader {
  return { header: "Cache-Control", value, override };
}

/** What browsers are told of every object that they must not keep. */
const ASK_AGAIN = cacheControl("private, no-cache", false);

function resourcePolicy(value: string): ResponseCustomHeader {
  return { header: "Cross-Origin-Resource-Policy", value, override: true };
}

/**
 * The lists of the edge, which answers preflights of signed areas. With credentials no `*` is allowed.
 * https://fetch.spec.whatwg.org/#cors-protocol-and-credentials
 */
function cors(
  { cors }: Sharing,
  methods = ["GET", "HEAD", "OPTIONS"],
): { corsBehavior?: ResponseHeadersCorsBehavior } {
  if (cors.origins.length === 0) return {};
  return {
    corsBehavior: {
      accessControlAllowOrigins: [...cors.origins],
      accessControlAllowCredentials: true,
      accessControlAllowMethods: methods,
      accessControlAllowHeaders: [...cors.allowHeaders],
      accessControlExposeHeaders: [...cors.exposeHeaders],
      accessControlMaxAge: Duration.minutes(10),
      originOverride: true,
    },
  };
}
