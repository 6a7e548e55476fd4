// Public areas: CloudFront reads them as itself, and may read nothing else.
import { CfnOutput, Stack } from "aws-cdk-lib";
import {
  AllowedMethods,
  type BehaviorOptions,
  CachePolicy,
  type Distribution,
  type IResponseHeadersPolicy,
  LambdaEdgeEventType,
  S3OriginAccessControl,
  ViewerProtocolPolicy,
} from "aws-cdk-lib/aws-cloudfront";
import { S3BucketOrigin } from "aws-cdk-lib/aws-cloudfront-origins";
import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { IVersion } from "aws-cdk-lib/aws-lambda";
import type { IBucket } from "aws-cdk-lib/aws-s3";
import type { Construct } from "constructs";

/**
 * The behaviour of public areas: no viewer-request function, no cookies, no query; S3's errors stay hidden here, too.
 * `withBucketDefaults` and not `withOriginAccessControl`, which would let CloudFront read the whole bucket.
 */
export function publicBehavior(
  scope: Construct,
  bucket: IBucket,
  originPath: string,
  responseHeadersPolicy: IResponseHeadersPolicy,
  originResponse: IVersion,
): BehaviorOptions {
  const { originAccessControlId } = new S3OriginAccessControl(scope, "PublicAccess", {
    description: "Gatehouse: public areas",
  });
  return {
    origin: S3BucketOrigin.withBucketDefaults(bucket, {
      originAccessControlId,
      ...(originPath && { originPath }),
    }),
    viewerProtocolPolicy: ViewerProtocolPolicy.HTTPS_ONLY,
    allowedMethods: AllowedMethods.ALLOW_GET_HEAD_OPTIONS,
    compress: true,
    cachePolicy: CachePolicy.CACHING_OPTIMIZED,
    responseHeadersPolicy,
    edgeLambdas: [{ eventType: LambdaEdgeEventType.ORIGIN_RESPONSE, functionVersion: originResponse }],
  };
}

/** What the bucket's policy must say: this distribution reads the public keys, and nothing else. */
export function publicReadStatement(
  bucket: IBucket,
  distribution: Distribution,
  resources: readonly string[],
): PolicyStatement {
  return new PolicyStatement({
    actions: ["s3:GetObject"],
    principals: [new ServicePrincipal("cloudfront.amazonaws.com")],
    resources: resources.map((resource) => `${bucket.bucketArn}${resource}`),
    conditions: { StringEquals: { "AWS:SourceArn": distribution.distributionArn } },
  });
}

/** The statement for a bucket that is not changed here: its owner adds it. */
export function printStatement(scope: Construct, statement: PolicyStatement): void {
  new CfnOutput(scope, "PublicBucketPolicyStatement", {
    description: "Add this to the bucket's policy: it lets CloudFront read the public areas",
    value: Stack.of(scope).toJsonString(statement.toStatementJson()),
  });
}
