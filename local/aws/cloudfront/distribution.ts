// The distribution: a resolved DistributionConfig, read once; what is not emulated is refused here, not later.

import {
  booleanAt,
  type JsonObject,
  numberAt,
  objectOf,
  objectsAt,
  requiredStringAt,
  stringAt,
  stringsAt,
} from "./json.ts";
import { type Origin, parseOrigin } from "./origin-config.ts";
import type { CachePolicy, OriginRequestPolicy, PolicyBook } from "./policies.ts";

/** A function at one event of a behaviour. */
export interface Association {
  readonly functionArn: string;
  readonly includeBody: boolean;
}

/** How requests of one path pattern are treated. */
export interface Behavior {
  /** The pattern as written; `*` for the default behaviour. */
  readonly pathPattern: string;
  readonly originId: string;
  readonly allowedMethods: ReadonlySet<string>;
  readonly cachedMethods: ReadonlySet<string>;
  readonly viewerProtocolPolicy: "allow-all" | "https-only" | "redirect-to-https";
  readonly compress: boolean;
  readonly cachePolicy: CachePolicy;
  readonly originRequestPolicy: OriginRequestPolicy | undefined;
  /** ResponseHeadersPolicyConfig as written. */
  readonly responseHeadersPolicy: JsonObject | undefined;
  readonly viewerRequest: Association | undefined;
  /** The ARN of the CloudFront Function at viewer-request, in the place of a Lambda's. */
  readonly viewerFunctionArn: string | undefined;
  readonly originRequest: Association | undefined;
  readonly originResponse: Association | undefined;
}

/** What a status from the origin, or of CloudFront's own, becomes. */
export interface CustomErrorResponse {
  readonly cachingMinTtl: number;
  readonly page: { readonly path: string; readonly status: number } | undefined;
}

/** The whole configuration. */
export interface Distribution {
  readonly id: string;
  readonly domainName: string;
  /** In the order they are tried; the default behaviour is the last. */
  readonly behaviors: readonly Behavior[];
  readonly origins: ReadonlyMap<string, Origin>;
  readonly customErrorResponses: ReadonlyMap<number, CustomErrorResponse>;
}

/** What `parseDistribution` reads. */
export interface DistributionInput {
  readonly id: string;
  readonly domainName: string;
  /** `DistributionConfig` with every intrinsic function resolved. */
  readonly config: unknown;
}

// "Error caching minimum TTL": 10 seconds by default.
export const DEFAULT_ERROR_CACHING_MIN_TTL = 10;
const MAX_PATTERN_LENGTH = 255;
// "Path pattern", docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistValuesCacheBehavior.html
const PATTERN_CHARACTERS = /^[A-Za-z0-9_\-.*$/~"'@:+&?]*$/;

/** Reads a resolved configuration; throws naming the property for anything missing or not emulated. */
export function parseDistribution(
  input: DistributionInput,
  book: PolicyBook,
  accessControls: Readonly<Record<string, unknown>>,
): Distribution {
  const config = objectOf(input.config);
  if (config === undefined) throw new Error("DistributionConfig: must be an object");
  refuse(config, ["OriginGroups", "DefaultRootObject"]);
  const patterned = objectsAt(config, "CacheBehaviors").map((behavior) =>
    parseBehavior(behavior, pattern(behavior), book),
  );
  const fallback = objectOf(config["DefaultCacheBehavior"]);
  if (fallback === undefined) throw new Error("DefaultCacheBehavior: is missing");
  const origins = objectsAt(config, "Origins").map((origin) => parseOrigin(origin, accessControls));
  const distribution = {
    id: input.id,
    domainName: input.domainName,
    behaviors: [...patterned, parseBehavior(fallback, "*", book)],
    origins: new Map(origins.map((origin) => [origin.id, origin])),
    customErrorResponses: new Map(objectsAt(config, "CustomErrorResponses").map(parseCustomErrorResponse)),
  };
  for (const { originId } of distribution.behaviors) {
    if (!distribution.origins.has(originId)) throw new Error(`TargetOriginId: no origin ${originId}`);
  }
  return distribution;
}

function refuse(object: JsonObject, names: readonly string[]): void {
  for (const name of names) {
    const value = object[name];
    const empty =
      value === undefined || value === "" || value === false || (Array.isArray(value) && value.length === 0);
    if (!empty && objectOf(value)?.["Quantity"] !== 0)
      throw new Error(`${name}: is not emulated by the local CloudFront`);
  }
}

function pattern(behavior: JsonObject): string {
  const written = requiredStringAt(behavior, "PathPattern");
  if (!PATTERN_CHARACTERS.test(written) || written.length > MAX_PATTERN_LENGTH) {
    throw new Error(
      `PathPattern ${JSON.stringify(written)}: characters or length that CloudFront does not take`,
    );
  }
  return written;
}

function parseBehavior(behavior: JsonObject, pathPattern: string, book: PolicyBook): Behavior {
  refuse(behavior, [
    "ForwardedValues",
    "TrustedKeyGroups",
    "TrustedSigners",
    "SmoothStreaming",
    "FieldLevelEncryptionId",
  ]);
  const originRequestPolicyId = stringAt(behavior, "OriginRequestPolicyId");
  const responseHeadersPolicyId = stringAt(behavior, "ResponseHeadersPolicyId");
  const functions = parseAssociations(behavior);
  const viewerFunctionArn = parseFunctionAssociations(behavior);
  if (viewerFunctionArn !== undefined && functions.has("viewer-request"))
    throw new Error("FunctionAssociations: CloudFront Functions and Lambda@Edge do not mix on viewer events");
  return {
    pathPattern,
    originId: requiredStringAt(behavior, "TargetOriginId"),
    allowedMethods: new Set(
      behavior["AllowedMethods"] === undefined ? ["GET", "HEAD"] : stringsAt(behavior, "AllowedMethods"),
    ),
    cachedMethods: new Set(["GET", "HEAD", ...stringsAt(behavior, "CachedMethods")]),
    viewerProtocolPolicy: protocolPolicy(requiredStringAt(behavior, "ViewerProtocolPolicy")),
    compress: booleanAt(behavior, "Compress"),
    cachePolicy: book.cache(requiredStringAt(behavior, "CachePolicyId")),
    originRequestPolicy:
      originRequestPolicyId === undefined ? undefined : book.originRequest(originRequestPolicyId),
    responseHeadersPolicy:
      responseHeadersPolicyId === undefined ? undefined : book.responseHeaders(responseHeadersPolicyId),
    viewerRequest: functions.get("viewer-request"),
    viewerFunctionArn,
    originRequest: functions.get("origin-request"),
    originResponse: functions.get("origin-response"),
  };
}

function protocolPolicy(written: string): Behavior["viewerProtocolPolicy"] {
  if (written === "allow-all" || written === "https-only" || written === "redirect-to-https") return written;
  throw new Error(`ViewerProtocolPolicy: ${written} is unknown`);
}

const EVENT_TYPES: ReadonlySet<string> = new Set(["viewer-request", "origin-request", "origin-response"]);

function parseAssociations(behavior: JsonObject): Map<string, Association> {
  const functions = new Map<string, Association>();
  for (const association of objectsAt(behavior, "LambdaFunctionAssociations")) {
    const eventType = requiredStringAt(association, "EventType");
    if (!EVENT_TYPES.has(eventType)) {
      throw new Error(
        `LambdaFunctionAssociations: ${eventType} functions are not emulated by the local CloudFront`,
      );
    }
    if (functions.has(eventType))
      throw new Error(`LambdaFunctionAssociations: two functions for ${eventType}`);
    const functionArn = requiredStringAt(association, "LambdaFunctionARN");
    if (!/:\d+$/.test(functionArn))
      throw new Error(`LambdaFunctionARN ${functionArn}: must name a numbered version`);
    functions.set(eventType, { functionArn, includeBody: booleanAt(association, "IncludeBody") });
  }
  return functions;
}

/** "Restrictions on all edge functions": one function an event, and no Lambda at the other viewer event. */
function parseFunctionAssociations(behavior: JsonObject): string | undefined {
  const associations = objectsAt(behavior, "FunctionAssociations");
  for (const association of associations) {
    const eventType = requiredStringAt(association, "EventType");
    if (eventType !== "viewer-request")
      throw new Error(
        `FunctionAssociations: ${eventType} functions are not emulated by the local CloudFront`,
      );
  }
  const [first, ...others] = associations.map((association) => requiredStringAt(association, "FunctionARN"));
  if (others.length > 0) throw new Error("FunctionAssociations: two functions for viewer-request");
  return first;
}

function parseCustomErrorResponse(response: JsonObject): [number, CustomErrorResponse] {
  const code = numberAt(response, "ErrorCode", 0);
  const path = stringAt(response, "ResponsePagePath");
  return [
    code,
    {
      cachingMinTtl: numberAt(response, "ErrorCachingMinTTL", DEFAULT_ERROR_CACHING_MIN_TTL),
      page:
        path === undefined || path === ""
          ? undefined
          : { path, status: numberAt(response, "ResponseCode", code) },
    },
  ];
}
