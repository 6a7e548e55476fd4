// Uploads a folder while deploying.
import { RemovalPolicy, Size, Stack } from "aws-cdk-lib";
import type { IDistribution } from "aws-cdk-lib/aws-cloudfront";
import { Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { LogGroup, RetentionDays } from "aws-cdk-lib/aws-logs";
import type { IBucket } from "aws-cdk-lib/aws-s3";
import { Asset } from "aws-cdk-lib/aws-s3-assets";
import { BucketDeployment, Source } from "aws-cdk-lib/aws-s3-deployment";
import { Construct } from "constructs";
import { acknowledge } from "../cdk/acknowledge.ts";
import { acknowledgeWildcard } from "./wildcard.ts";

/** Props of `AssetUpload`. */
export interface AssetUploadProps {
  /** A path on the machine that synthesizes. */
  readonly folder: string;
  readonly bucket: IBucket;
  /** The key prefix before every file, such as `/site`; empty for none. */
  readonly originPath: string;
  /** Whose cached copies are dropped when files changed. */
  readonly distribution: IDistribution;
}

/**
 * Copies the folder's files into the bucket whenever one of them changed.
 *
 * Nothing is ever deleted, neither by an update nor with the stack: the bucket also holds what users and programs put
 * there. A file that is gone from the folder stays in the bucket until somebody deletes it there.
 */
export class AssetUpload extends Construct {
  constructor(scope: Construct, id: string, props: AssetUploadProps) {
    super(scope, id);
    const files = new Asset(this, "Files", { path: props.folder });
    const logGroup = new LogGroup(this, "Logs", {
      retention: RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = createRole(this, logGroup);
    new BucketDeployment(this, "Upload", {
      sources: [Source.bucket(files.bucket, files.s3ObjectKey)],
      destinationBucket: props.bucket,
      destinationKeyPrefix: props.originPath.slice(1),
      prune: false,
      retainOnDelete: true,
      distribution: props.distribution,
      distributionPaths: ["/*"],
      // An invalidation can take longer than this waits, which would roll back a deployment that is fine.
      waitForDistributionInvalidation: false,
      // The archive and its files lie side by side, and the time of a copy follows the memory.
      memoryLimit: 1024,
      ephemeralStorageSize: Size.gibibytes(4),
      role,
      logGroup,
    });
    acknowledgeFindings(this, role, [files.bucket, props.bucket]);
  }
}

/** A role of its own, for CDK's would be allowed to write to every log of the account. */
function createRole(scope: Construct, logGroup: LogGroup): Role {
  const role = new Role(scope, "Role", {
    description: "Gatehouse: uploads assets while deploying",
    assumedBy: new ServicePrincipal("lambda.amazonaws.com"),
  });
  logGroup.grantWrite(role);
  return role;
}

/** What cdk-nag finds in the construct of CDK's that does the work. */
function acknowledgeFindings(scope: Construct, role: Role, buckets: readonly IBucket[]): void {
  for (const action of ["GetBucket", "GetObject", "List", "Abort", "DeleteObject"])
    acknowledge(role, {
      id: `AwsSolutions-IAM5[Action::s3:${action}*]`,
      reason: "CDK's own grants for copying files from one bucket to another; nothing is deleted.",
    });
  for (const { bucketArn } of buckets)
    acknowledgeWildcard(role, `${bucketArn}/*`, "Which files the folder holds is not known to the policy.");
  acknowledgeWildcard(role, "*", "CDK allows invalidations without naming the distribution.");
  // CDK's function is shared by all uploads of a stack and so stands beside them.
  for (const child of Stack.of(scope).node.children)
    if (child.node.id.startsWith("Custom::CDKBucketDeployment"))
      acknowledge(child, {
        id: "AwsSolutions-L1",
        reason: "The runtime of CDK's own function is CDK's to choose; it changes with the version of CDK.",
      });
}
