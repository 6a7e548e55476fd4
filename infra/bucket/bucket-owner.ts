// What the owner of a bucket has to grant that the stack cannot, and the key's part in reading.
import { Annotations, CfnOutput, Stack } from "aws-cdk-lib";
import { ArnPrincipal, type IRole, PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { IBucket } from "aws-cdk-lib/aws-s3";
import type { Construct } from "constructs";
import type { Statement } from "../access/index.ts";

/**
 * Lets the roles decrypt with the bucket's key by way of S3, if it has one that is known, and encrypt what they store; prints what the owners of bucket and key
 * have to add to their policies when those are in another account.
 */
export function printOwnerGrants(
  scope: Construct,
  bucket: IBucket,
  roles: readonly IRole[],
  statements: readonly Statement[],
): void {
  const key = bucket.encryptionKey;
  const actions = statements.some((statement) => statement.actions.includes("s3:PutObject"))
    ? ["kms:Decrypt", "kms:GenerateDataKey"]
    : ["kms:Decrypt"];
  if (key) for (const role of roles) role.addToPrincipalPolicy(useKey(bucket, key.keyArn, actions));
  const { account } = Stack.of(scope);
  if (key && key.env.account !== account) printKeyPolicy(scope, bucket, roles, actions);
  if (bucket.env.account !== account) printBucketPolicy(scope, bucket, roles, statements);
}

/** Both accounts have to allow it. The bucket's policy may be the broad side: each role's own says which keys. */
function printBucketPolicy(
  scope: Construct,
  bucket: IBucket,
  roles: readonly IRole[],
  statements: readonly Statement[],
): void {
  const actions = [
    ...new Set(
      statements.filter(({ effect }) => effect === "Allow").flatMap((statement) => statement.actions),
    ),
  ];
  const onBucket = actions.filter((action) => action.startsWith("s3:List"));
  const onObjects = actions.filter((action) => !onBucket.includes(action));
  print(scope, "BucketPolicyStatements", "Add these to the policy of the bucket in its own account", [
    ...(onObjects.length > 0 ? [allow(roles, onObjects, `${bucket.bucketArn}/*`)] : []),
    ...(onBucket.length > 0 ? [allow(roles, onBucket, bucket.bucketArn)] : []),
  ]);
  Annotations.of(scope).addInfo(
    "The bucket is in another account: its owner adds the output BucketPolicyStatements to the bucket's policy. " +
      "If its objects are encrypted with a KMS key, give the bucket with its encryptionKey; the key aws/s3 cannot " +
      "be used from another account.",
  );
}

function printKeyPolicy(
  scope: Construct,
  bucket: IBucket,
  roles: readonly IRole[],
  actions: readonly string[],
): void {
  const statement = useKey(bucket, "*", actions);
  statement.addPrincipals(...principalsOf(roles));
  print(scope, "KeyPolicyStatements", "Add these to the policy of the bucket's KMS key in its own account", [
    statement,
  ]);
}

/** For S3 where the bucket is: whatever else the key has encrypted stays closed to who holds a user's credentials. */
function useKey({ env }: IBucket, resource: string, actions: readonly string[]): PolicyStatement {
  return new PolicyStatement({
    actions: [...actions],
    resources: [resource],
    conditions: { StringEquals: { "kms:ViaService": `s3.${env.region}.amazonaws.com` } },
  });
}

function allow(roles: readonly IRole[], actions: readonly string[], resource: string): PolicyStatement {
  return new PolicyStatement({
    principals: principalsOf(roles),
    actions: [...actions],
    resources: [resource],
  });
}

function principalsOf(roles: readonly IRole[]): ArnPrincipal[] {
  return roles.map(({ roleArn }) => new ArnPrincipal(roleArn));
}

function print(
  scope: Construct,
  id: string,
  description: string,
  statements: readonly PolicyStatement[],
): void {
  new CfnOutput(scope, id, {
    description,
    value: Stack.of(scope).toJsonString(statements.map((statement) => statement.toStatementJson())),
  });
}
