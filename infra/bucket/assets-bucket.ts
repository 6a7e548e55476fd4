// The private bucket that is made when none is given.
import { RemovalPolicy } from "aws-cdk-lib";
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from "aws-cdk-lib/aws-s3";
import type { Construct } from "constructs";
import { acknowledge } from "../cdk/acknowledge.ts";

/**
 * A bucket that nobody reads without a right of their own. Destroying the stack leaves it with its files behind, and
 * succeeds; `bucket.applyRemovalPolicy(RemovalPolicy.DESTROY)` makes an emptied bucket go too.
 */
export function createAssetsBucket(scope: Construct): Bucket {
  const bucket = new Bucket(scope, "Bucket", {
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    encryption: BucketEncryption.S3_MANAGED,
    enforceSSL: true,
    objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
    versioned: true,
    removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
  });
  acknowledge(bucket, {
    id: "AwsSolutions-S1",
    reason: "Every request carries its signature in the query string, which S3's access log would keep.",
  });
  return bucket;
}
