// The behaviours of areas that are APIs: each has an origin of its own, and nothing of them is cached.
import {
  AllowedMethods,
  type BehaviorOptions,
  CachePolicy,
  type IOrigin,
  type IResponseHeadersPolicy,
  LambdaEdgeEventType,
  OriginRequestPolicy,
  ViewerProtocolPolicy,
} from "aws-cdk-lib/aws-cloudfront";
import type { IVersion } from "aws-cdk-lib/aws-lambda";
import type { Construct } from "constructs";
import type { Config } from "../../edge/config/config.ts";
import { createApiResponseHeadersPolicy } from "./policies.ts";

/** The APIs of one gate. */
export interface Apis {
  /** By the paths of their areas. */
  readonly origins: ReadonlyMap<string, IOrigin>;
  /** What verifies requests to them; the checks of the props have seen an origin for each. */
  readonly apiRequest: IVersion | undefined;
  readonly sharing: Config;
}

/** The behaviour of the API at a path; all of them have one policy. */
export function apiBehaviors(
  scope: Construct,
  { origins, apiRequest, sharing }: Apis,
): (path: string) => BehaviorOptions {
  const isShared = apiRequest !== undefined && sharing.cors.origins.length > 0;
  const responseHeadersPolicy = isShared ? createApiResponseHeadersPolicy(scope, sharing) : undefined;
  return (path) => {
    const origin = origins.get(path);
    if (!origin || !apiRequest) throw new Error(`${path} is an API without an origin`);
    return apiBehavior({ origin, apiRequest, responseHeadersPolicy });
  };
}

/** What the behaviour of an API is put together from. */
interface ApiParts {
  readonly origin: IOrigin;
  readonly apiRequest: IVersion;
  /** Where pages of other origins may ask, too. */
  readonly responseHeadersPolicy: IResponseHeadersPolicy | undefined;
}

/**
 * The behaviour of an API: nothing is cached, and everything that the function leaves in the request goes on. With caching
 * off this policy lets `Authorization` pass; and the API gets its own `Host`, by which API Gateway and function URLs know
 * whom a request is for. What the API answers, errors among it, no function sees.
 * https://repost.aws/knowledge-center/cloudfront-authorization-header
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-origin-request-policies.html
 */
function apiBehavior({ origin, apiRequest, responseHeadersPolicy }: ApiParts): BehaviorOptions {
  return {
    origin,
    viewerProtocolPolicy: ViewerProtocolPolicy.HTTPS_ONLY,
    allowedMethods: AllowedMethods.ALLOW_ALL,
    cachePolicy: CachePolicy.CACHING_DISABLED,
    originRequestPolicy: OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
    ...(responseHeadersPolicy && { responseHeadersPolicy }),
    edgeLambdas: [{ eventType: LambdaEdgeEventType.VIEWER_REQUEST, functionVersion: apiRequest }],
  };
}
