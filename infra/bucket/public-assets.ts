// Public areas: CloudFront reads them as itself, and may read nothing else.
import { CfnOutput, Stack } from "aws-cdk-lib";
import {
  AllowedMethods,
  type BehaviorOptions,
  CachePolicy,
  type IDistribution,
  LambdaEdgeEventType,
  OriginRequestPolicy,
  S3OriginAccessControl,
  ViewerProtocolPolicy,
} from "aws-cdk-lib/aws-cloudfront";
import { S3BucketOrigin } from "aws-cdk-lib/aws-cloudfront-origins";
import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
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
    // Whom a preflight comes from, for the function, which answers it in S3's place.
    originRequestPolicy: OriginRequestPolicy.CORS_S3_ORIGIN,
    edgeLambdas: [{ eventType: LambdaEdgeEventType.ORIGIN_RESPONSE, functionVersion: originResponse }],
  };
}

/** What public areas need to be opened. */
export interface PublicParts {
  readonly bucket: IBucket;
  /** Whether the bucket is somebody else's to change. */
  readonly isGiven: boolean;
  readonly distribution: IDistribution;
  /** The public keys, each behind the bucket's ARN. */
  readonly resources: readonly string[];
}

/** Lets the distribution read the public areas. A bucket that was given gets the statement from its owner. */
export function openPublicAreas(scope: Construct, parts: PublicParts): PolicyStatement | undefined {
  const { bucket, isGiven, distribution, resources } = parts;
  if (resources.length === 0) return undefined;
  const statement = publicReadStatement(bucket, distribution, resources);
  if (isGiven)
    print(
      scope,
      "PublicBucketPolicyStatement",
      "the bucket's policy: it lets CloudFront read the public areas",
      statement,
    );
  else bucket.addToResourcePolicy(statement);
  if (bucket.encryptionKey) openKey(scope, bucket.encryptionKey, distribution);
  return statement;
}

/** What the bucket's policy must say: this distribution reads the public keys, and nothing else. */
function publicReadStatement(
  bucket: IBucket,
  { distributionArn }: IDistribution,
  resources: readonly string[],
): PolicyStatement {
  return new PolicyStatement({
    actions: ["s3:GetObject"],
    principals: [CLOUDFRONT],
    resources: resources.map((resource) => `${bucket.bucketArn}${resource}`),
    conditions: { StringEquals: { "AWS:SourceArn": distributionArn } },
  });
}

/**
 * Public objects are decrypted for CloudFront itself. A key that the app makes cannot name the distribution, which
 * depends on the bucket and so on the key: any distribution of the account, as CDK has it for origin access control.
 */
function openKey(scope: Construct, key: IKey, { distributionArn }: IDistribution): void {
  const decrypt = (conditions: Record<string, unknown>) =>
    new PolicyStatement({ actions: ["kms:Decrypt"], principals: [CLOUDFRONT], resources: ["*"], conditions });
  const distributions = Stack.of(scope).formatArn({
    service: "cloudfront",
    region: "",
    resource: "distribution",
    resourceName: "*",
  });
  const own = decrypt({ StringLike: { "AWS:SourceArn": distributions } });
  if (key.addToResourcePolicy(own).statementAdded) return;
  const exact = decrypt({ StringEquals: { "AWS:SourceArn": distributionArn } });
  print(
    scope,
    "PublicKeyPolicyStatement",
    "the key's policy: it lets CloudFront read the public areas",
    exact,
  );
}

const CLOUDFRONT = new ServicePrincipal("cloudfront.amazonaws.com");

/** The statement for a policy that is not changed here: its owner adds it. */
function print(scope: Construct, id: string, what: string, statement: PolicyStatement): void {
  new CfnOutput(scope, id, {
    description: `Add this to ${what}`,
    value: Stack.of(scope).toJsonString(statement.toStatementJson()),
  });
}
