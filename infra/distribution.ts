// The CloudFront distribution: one behaviour, guarded by the function, in front of the bucket.
import { Duration, Validations } from "aws-cdk-lib";
import {
  AllowedMethods,
  Distribution,
  HttpVersion,
  type ICachePolicy,
  type IOriginRequestPolicy,
  type IResponseHeadersPolicy,
  LambdaEdgeEventType,
  ViewerProtocolPolicy,
} from "aws-cdk-lib/aws-cloudfront";
import { S3BucketOrigin } from "aws-cdk-lib/aws-cloudfront-origins";
import type { IVersion } from "aws-cdk-lib/aws-lambda";
import type { IBucket } from "aws-cdk-lib/aws-s3";
import type { Construct } from "constructs";

/** What a distribution is put together from. */
export interface DistributionParts {
  readonly bucket: IBucket;
  readonly viewerRequest: IVersion;
  readonly originResponse: IVersion;
  readonly cachePolicy: ICachePolicy;
  readonly originRequestPolicy: IOriginRequestPolicy;
  readonly responseHeadersPolicy: IResponseHeadersPolicy;
}

/** Every status that CloudFront may cache. https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/HTTPStatusCodes.html */
const ERROR_STATUSES = [400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504];

/**
 * A distribution without default root object and origin path: both would change the path after the function signed it.
 * Plain HTTP is refused, not redirected: the token of a redirected request has already crossed the network in the clear.
 */
export function createDistribution(scope: Construct, parts: DistributionParts): Distribution {
  const distribution = new Distribution(scope, "Distribution", {
    comment: "Gatehouse: private assets for signed-in users",
    httpVersion: HttpVersion.HTTP2_AND_3,
    enableIpv6: true,
    defaultBehavior: {
      // An S3-type origin without origin access control: the request comes signed with the user's own credentials.
      origin: S3BucketOrigin.withBucketDefaults(parts.bucket),
      viewerProtocolPolicy: ViewerProtocolPolicy.HTTPS_ONLY,
      allowedMethods: AllowedMethods.ALLOW_GET_HEAD_OPTIONS,
      compress: true,
      cachePolicy: parts.cachePolicy,
      originRequestPolicy: parts.originRequestPolicy,
      responseHeadersPolicy: parts.responseHeadersPolicy,
      edgeLambdas: [
        { eventType: LambdaEdgeEventType.VIEWER_REQUEST, functionVersion: parts.viewerRequest },
        { eventType: LambdaEdgeEventType.ORIGIN_RESPONSE, functionVersion: parts.originResponse },
      ],
    },
    // CloudFront keeps errors for 10 seconds by default; one user's failed miss must not answer the next.
    errorResponses: ERROR_STATUSES.map((httpStatus) => ({ httpStatus, ttl: Duration.seconds(0) })),
  });
  acknowledgeFindings(distribution);
  return distribution;
}

function acknowledgeFindings(distribution: Distribution): void {
  Validations.of(distribution).acknowledge(
    {
      id: "AwsSolutions-CFR1",
      reason: "Where users may sit is theirs to say; tokens decide, not countries.",
    },
    {
      id: "AwsSolutions-CFR2",
      reason: "A web ACL costs by the month; the function refuses whatever has no valid token.",
    },
    {
      id: "AwsSolutions-CFR3",
      reason: "Whether access logs show the rebuilt query, which holds a signature, is not documented.",
    },
    {
      id: "AwsSolutions-CFR4",
      reason: "CloudFront sets the TLS version of its own cloudfront.net certificate; it cannot be chosen.",
    },
    {
      id: "AwsSolutions-CFR7",
      reason:
        "Requests are signed with the user's own credentials; origin access control would replace them.",
    },
  );
}
