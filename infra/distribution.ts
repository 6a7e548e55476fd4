// The CloudFront distribution in front of the bucket.
import { Duration, Validations } from "aws-cdk-lib";
import { type BehaviorOptions, Distribution, HttpVersion } from "aws-cdk-lib/aws-cloudfront";
import type { Construct } from "constructs";

/** Every status that CloudFront may cache. https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/HTTPStatusCodes.html */
const ERROR_STATUSES = [400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504];

/**
 * A distribution without default root object, and without origin path for signed requests: both would change the path
 * after the function signed it.
 */
export function createDistribution(
  scope: Construct,
  defaultBehavior: BehaviorOptions,
  additionalBehaviors: Record<string, BehaviorOptions>,
): Distribution {
  const distribution = new Distribution(scope, "Distribution", {
    comment: "Gatehouse: private assets for signed-in users",
    httpVersion: HttpVersion.HTTP2_AND_3,
    enableIpv6: true,
    defaultBehavior,
    additionalBehaviors,
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
