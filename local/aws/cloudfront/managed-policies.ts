// AWS's managed policies by id, written as CloudFormation would write them.
// "Use managed cache policies", "Use managed origin request policies", "Use managed response headers policies":
// docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html (and its two siblings)

const DAY = 86_400;
const YEAR = 31_536_000;

function cache(
  ttl: readonly [number, number, number],
  compressed: boolean,
  headers: readonly string[] = [],
  rest: string = "none",
) {
  const [MinTTL, MaxTTL, DefaultTTL] = ttl;
  return {
    CachePolicyConfig: {
      MinTTL,
      MaxTTL,
      DefaultTTL,
      ParametersInCacheKeyAndForwardedToOrigin: {
        EnableAcceptEncodingGzip: compressed,
        EnableAcceptEncodingBrotli: compressed,
        HeadersConfig:
          headers.length === 0
            ? { HeaderBehavior: "none" }
            : { HeaderBehavior: "whitelist", Headers: headers },
        CookiesConfig: { CookieBehavior: headers.length === 0 ? "none" : "all" },
        QueryStringsConfig: { QueryStringBehavior: rest },
      },
    },
  };
}

function originRequest(header: string, headers: readonly string[], rest: "all" | "none") {
  return {
    OriginRequestPolicyConfig: {
      HeadersConfig: { HeaderBehavior: header, ...(headers.length === 0 ? {} : { Headers: headers }) },
      CookiesConfig: { CookieBehavior: rest },
      QueryStringsConfig: { QueryStringBehavior: rest },
    },
  };
}

const METHOD_OVERRIDES = ["Host", "Origin", "X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"];
const CORS_REQUEST = ["Origin", "Access-Control-Request-Headers", "Access-Control-Request-Method"];
const PREFLIGHT_METHODS = ["GET", "HEAD", "PUT", "POST", "PATCH", "DELETE", "OPTIONS"];

const SECURITY_HEADERS = {
  ContentTypeOptions: { Override: true },
  FrameOptions: { FrameOption: "SAMEORIGIN", Override: false },
  ReferrerPolicy: { ReferrerPolicy: "strict-origin-when-cross-origin", Override: false },
  StrictTransportSecurity: { AccessControlMaxAgeSec: YEAR, Override: false },
  XSSProtection: { Protection: true, ModeBlock: true, Override: false },
};

function responseHeaders(cors: "none" | "simple" | "preflight", secure: boolean) {
  const preflight = cors === "preflight";
  const methods = preflight ? PREFLIGHT_METHODS : [];
  const CorsConfig = {
    AccessControlAllowCredentials: false,
    AccessControlAllowHeaders: { Items: [] },
    AccessControlAllowMethods: { Items: methods },
    AccessControlAllowOrigins: { Items: ["*"] },
    AccessControlExposeHeaders: { Items: preflight ? ["*"] : [] },
    OriginOverride: false,
  };
  return {
    ResponseHeadersPolicyConfig: {
      ...(cors === "none" ? {} : { CorsConfig }),
      ...(secure ? { SecurityHeadersConfig: SECURITY_HEADERS } : {}),
    },
  };
}

/** Properties by policy id. */
export const MANAGED_POLICIES: Readonly<Record<string, unknown>> = {
  // CachingDisabled
  "4135ea2d-6df8-44a3-9df3-4b5a84be39ad": cache([0, 0, 0], false),
  // CachingOptimized
  "658327ea-f89d-4fab-a63d-7e88639e58f6": cache([1, YEAR, DAY], true),
  // CachingOptimizedForUncompressedObjects
  "b2884449-e4de-46a7-ac36-70bc7f1ddd6d": cache([1, YEAR, DAY], false),
  // UseOriginCacheControlHeaders
  "83da9c7e-98b4-4e11-a168-04f0df8e2c65": cache([0, YEAR, 0], true, METHOD_OVERRIDES),
  // UseOriginCacheControlHeaders-QueryStrings
  "4cc15a8a-d715-48a4-82b8-cc0b614638fe": cache([0, YEAR, 0], true, METHOD_OVERRIDES, "all"),
  // AllViewer
  "216adef6-5c7f-47e4-b989-5492eafa07d3": originRequest("allViewer", [], "all"),
  // AllViewerExceptHostHeader
  "b689b0a8-53d0-40ab-baf2-68738e2966ac": originRequest("allExcept", ["Host"], "all"),
  // CORS-S3Origin
  "88a5eaf4-2fd4-4709-b370-b4c650ea3fcf": originRequest("whitelist", CORS_REQUEST, "none"),
  // CORS-CustomOrigin
  "59781a5b-3903-41f3-afcb-af62929ccde1": originRequest("whitelist", ["Origin"], "none"),
  // UserAgentRefererHeaders
  "acba4595-bd28-49b8-b9fe-13317c0390fa": originRequest("whitelist", ["User-Agent", "Referer"], "none"),
  // HostHeaderOnly
  "bf0718e1-ba1e-49d1-88b1-f726733018ae": originRequest("whitelist", ["Host"], "none"),
  // SimpleCORS
  "60669652-455b-4ae9-85a4-c4c02393f86c": responseHeaders("simple", false),
  // CORS-With-Preflight
  "5cc3b908-e619-4b99-88e5-2cf7f45965bd": responseHeaders("preflight", false),
  // SecurityHeadersPolicy
  "67f7725c-6f97-4210-82d7-5512b31e9d03": responseHeaders("none", true),
  // CORS-and-SecurityHeadersPolicy
  "e61eb60c-9c35-4d20-a928-2b84e02af89c": responseHeaders("simple", true),
  // CORS-with-preflight-and-SecurityHeadersPolicy
  "eaab4381-ed33-4a86-88ca-d9558dc6cd63": responseHeaders("preflight", true),
};
