// What CloudFront has to tell apart by itself: signed requests, public areas, and areas that browsers may keep.
import {
  AllowedMethods,
  type BehaviorOptions,
  CachePolicy,
  FunctionEventType,
  type ICachePolicy,
  type IFunctionRef,
  type IOriginRequestPolicy,
  type IResponseHeadersPolicy,
  LambdaEdgeEventType,
  ViewerProtocolPolicy,
} from "aws-cdk-lib/aws-cloudfront";
import { S3BucketOrigin } from "aws-cdk-lib/aws-cloudfront-origins";
import type { IVersion } from "aws-cdk-lib/aws-lambda";
import type { IBucket } from "aws-cdk-lib/aws-s3";
import type { Area, Config } from "../../edge/config/config.ts";
import { contains, patternOf } from "../access/index.ts";

/** What a signed behaviour is put together from. */
export interface SignedParts {
  readonly bucket: IBucket;
  readonly viewerRequest: IVersion;
  readonly originResponse: IVersion;
  /**
   * In the split placement: what decides at viewer-request, so that the Lambda runs on misses only.
   * @default - the Lambda decides every request
   */
  readonly viewerFunction?: IFunctionRef | undefined;
  readonly cachePolicy: ICachePolicy;
  readonly originRequestPolicy: IOriginRequestPolicy;
  readonly responseHeadersPolicy: IResponseHeadersPolicy;
}

/**
 * The behaviour that the function guards. Plain HTTP is refused, not redirected: the token of a redirected request has
 * already crossed the network in the clear.
 */
export function signedBehavior(parts: SignedParts): BehaviorOptions {
  return {
    // An S3-type origin without origin access control: the request comes signed with the user's own credentials.
    origin: S3BucketOrigin.withBucketDefaults(parts.bucket),
    viewerProtocolPolicy: ViewerProtocolPolicy.HTTPS_ONLY,
    allowedMethods: AllowedMethods.ALLOW_GET_HEAD_OPTIONS,
    compress: true,
    cachePolicy: parts.cachePolicy,
    originRequestPolicy: parts.originRequestPolicy,
    responseHeadersPolicy: parts.responseHeadersPolicy,
    ...functionsOf(parts),
  };
}

/** The same behaviour with the Lambda before the cache, whose key and query it makes itself. */
export function lockedBehavior(
  signed: BehaviorOptions,
  parts: Pick<SignedParts, "viewerRequest" | "originResponse" | "cachePolicy" | "originRequestPolicy">,
): BehaviorOptions {
  const { functionAssociations: _, ...others } = signed;
  const { cachePolicy, originRequestPolicy } = parts;
  return { ...others, cachePolicy, originRequestPolicy, ...functionsOf(parts) };
}

function functionsOf({
  viewerRequest,
  originResponse,
  viewerFunction,
}: Pick<SignedParts, "viewerRequest" | "originResponse" | "viewerFunction">): Pick<
  BehaviorOptions,
  "functionAssociations" | "edgeLambdas"
> {
  const [event, associations] = viewerFunction
    ? [
        LambdaEdgeEventType.ORIGIN_REQUEST,
        [{ eventType: FunctionEventType.VIEWER_REQUEST, function: viewerFunction }],
      ]
    : [LambdaEdgeEventType.VIEWER_REQUEST, undefined];
  return {
    ...(associations && { functionAssociations: associations }),
    edgeLambdas: [
      { eventType: event, functionVersion: viewerRequest },
      { eventType: LambdaEdgeEventType.ORIGIN_RESPONSE, functionVersion: originResponse },
    ],
  };
}

/**
 * The behaviours of the gate's own endpoints, which come before those of areas: people sign in and out with forms and
 * bodies, and nothing of that is kept or reaches the bucket. Nor does a policy change the headers that the function sets.
 * A list is different: it is a signed request, and so is what a link opens; a Lambda decides on both in both placements.
 */
export function endpointBehaviors(
  { areas, auth, listing }: Pick<Config, "areas" | "auth" | "listing">,
  signed: BehaviorOptions,
  linkPolicy: () => IResponseHeadersPolicy,
  { viewerRequest, originResponse }: Pick<SignedParts, "viewerRequest" | "originResponse">,
  locked: () => BehaviorOptions = () => signed,
): Record<string, BehaviorOptions> {
  if (!auth) return {};
  const endpoints: BehaviorOptions = {
    // A path that only CloudFront takes for an endpoint's, such as `//.gatehouse/x`, gets through as an object's; without
    // its query it is unsigned, S3 refuses it, and the origin-response function says so in our words.
    origin: signed.origin,
    viewerProtocolPolicy: ViewerProtocolPolicy.HTTPS_ONLY,
    allowedMethods: AllowedMethods.ALLOW_ALL,
    cachePolicy: CachePolicy.CACHING_DISABLED,
    edgeLambdas: [
      { eventType: LambdaEdgeEventType.VIEWER_REQUEST, functionVersion: viewerRequest, includeBody: true },
      { eventType: LambdaEdgeEventType.ORIGIN_RESPONSE, functionVersion: originResponse },
    ],
  };
  const hasLinks = areas.some(({ links }) => links !== undefined);
  const requests = hasLinks || listing.enabled ? locked() : signed;
  return {
    ...(hasLinks && { [`${auth.basePath}link/*`]: { ...requests, responseHeadersPolicy: linkPolicy() } }),
    ...(listing.enabled && { [`${auth.basePath}list/*`]: requests }),
    [`${auth.basePath}*`]: endpoints,
  };
}

/** What areas that differ from the default behaviour are made of. */
export interface AreaParts {
  /** The default behaviour. */
  readonly signed: BehaviorOptions;
  /** The behaviour of public areas, but for what browsers are told. */
  readonly publicAssets: () => BehaviorOptions;
  readonly publicPolicy: (trusted: boolean) => IResponseHeadersPolicy;
  readonly keptPolicy: (seconds: number) => IResponseHeadersPolicy;
  /** The behaviour of the API at a path. */
  readonly api: (path: string) => BehaviorOptions;
}

/**
 * Behaviours by path, in the order of the areas: CloudFront takes the first that matches, too. All signed ones run the
 * same function with the same policies for cache and origin, so that it does not matter to access which one it takes.
 */
export function areaBehaviors(areas: readonly Area[], parts: AreaParts): Record<string, BehaviorOptions> {
  const open = publicBehaviors(areas, parts);
  const ages = new Set(areas.map(({ browserMaxAge }) => browserMaxAge).filter((age) => age > 0));
  const kept = new Map(
    [...ages].map((age) => [age, { ...parts.signed, responseHeadersPolicy: parts.keptPolicy(age) }]),
  );
  const behaviorOf = (area: Area) =>
    area.api
      ? parts.api(area.path)
      : ((area.public ? open.get(area.trusted) : kept.get(area.browserMaxAge)) ?? parts.signed);
  return Object.fromEntries(
    areas
      .filter((area) => area.public || area.api || area.browserMaxAge > 0 || isInsideOther(area, areas))
      .map((area) => [area.path, behaviorOf(area)]),
  );
}

/** The behaviours of public areas, by whether their pages may run scripts. */
function publicBehaviors(
  areas: readonly Area[],
  { publicAssets, publicPolicy }: AreaParts,
): ReadonlyMap<boolean, BehaviorOptions> {
  const kinds = new Set(areas.filter((area) => area.public).map(({ trusted }) => trusted));
  if (kinds.size === 0) return new Map();
  const common = publicAssets();
  return new Map(
    [...kinds].map((trusted) => [trusted, { ...common, responseHeadersPolicy: publicPolicy(trusted) }]),
  );
}

/** Whether an area would otherwise get the behaviour of a broader one that browsers may keep, or of an API. */
function isInsideOther(area: Area, areas: readonly Area[]): boolean {
  return areas.some(
    (outer) =>
      outer !== area &&
      (outer.browserMaxAge > 0 || outer.api) &&
      contains(patternOf(outer.path), patternOf(area.path)),
  );
}
