// The shipped stack: one gate, and as outputs everything that an app in front of it needs.
import { CfnOutput, Stack, type StackProps } from "aws-cdk-lib";
import { type IUserPool, type IUserPoolClient, UserPool, UserPoolClient } from "aws-cdk-lib/aws-cognito";
import { type IIdentityPool, IdentityPool } from "aws-cdk-lib/aws-cognito-identitypool";
import { type IRole, Role } from "aws-cdk-lib/aws-iam";
import { Bucket, type IBucket } from "aws-cdk-lib/aws-s3";
import type { Construct } from "constructs";
import { type Config, regionOf } from "../edge/config.ts";
import { groupDocument } from "./configuration.ts";
import type { Context } from "./context.ts";
import { isNames } from "./group-names.ts";
import { SignedInAssets } from "./signed-in-assets.ts";

/** Props of a `GatehouseStack`. */
export interface GatehouseStackProps extends StackProps {
  /** What the app was given to work with. */
  readonly context: Context;
  /**
   * Differs from deployment to deployment.
   * @default - the time of synthesis
   */
  readonly deploymentId?: string;
}

/** The stack that `cdk deploy` makes. */
export class GatehouseStack extends Stack {
  readonly assets: SignedInAssets;

  constructor(scope: Construct, id: string, props: GatehouseStackProps) {
    super(scope, id, props);
    const { context, deploymentId } = props;
    this.assets = new SignedInAssets(this, "Assets", {
      ...context.settings,
      ...(context.userPool && this.#existingUserPool(context.userPool)),
      ...(context.userPool?.domain && { userPoolDomain: context.userPool.domain }),
      ...(context.identityPool && this.#existingIdentityPool(context.identityPool)),
      ...(context.bucket && { bucket: this.#existingBucket(context.bucket) }),
      groups: isNames(context.groups) ? context.groups : this.#existingRoles(context.groups),
      deploymentId,
    });
    this.#outputs(this.assets);
  }

  #existingUserPool(given: NonNullable<Context["userPool"]>): {
    userPool: IUserPool;
    userPoolClients: readonly IUserPoolClient[];
  } {
    const arn = this.formatArn({
      service: "cognito-idp",
      region: regionOf(given.id),
      resource: "userpool",
      resourceName: given.id,
    });
    return {
      userPool: UserPool.fromUserPoolArn(this, "UserPool", arn),
      userPoolClients: given.clientIds.map((id) =>
        UserPoolClient.fromUserPoolClientId(this, `Client-${id}`, id),
      ),
    };
  }

  #existingIdentityPool(given: NonNullable<Context["identityPool"]>): {
    identityPool: IIdentityPool;
    authenticatedRole: IRole;
  } {
    const arn = this.formatArn({
      service: "cognito-identity",
      region: regionOf(given.id),
      resource: "identitypool",
      resourceName: given.id,
    });
    return {
      identityPool: IdentityPool.fromIdentityPoolArn(this, "IdentityPool", arn),
      authenticatedRole: Role.fromRoleArn(this, "AuthenticatedRole", given.authenticatedRoleArn),
    };
  }

  #existingBucket({ name, region }: NonNullable<Context["bucket"]>): IBucket {
    return Bucket.fromBucketAttributes(this, "Bucket", { bucketName: name, region });
  }

  #existingRoles(groups: Config["groups"]): Readonly<Record<string, IRole>> {
    return Object.fromEntries(
      Object.entries(groups).map(([name, { roleArn }]) => [
        name,
        Role.fromRoleArn(this, `GroupRole-${encodeURIComponent(name)}`, roleArn),
      ]),
    );
  }

  #outputs(assets: SignedInAssets): void {
    const { distribution, config, userPool, userPoolClients, identityPool, bucket, groupRoles } = assets;
    const roles = Object.keys(groupRoles).length > 0 && this.toJsonString(groupDocument(groupRoles));
    const clientIds = userPoolClients.map((client) => client.userPoolClientId).join(",");
    const outputs: readonly (readonly [name: string, value: string | false | undefined, text: string])[] = [
      ["Url", `https://${distribution.distributionDomainName}`, "Where signed-in users read the assets"],
      ["SignInUrl", assets.signInUrls?.loginUrl, "Where people sign in"],
      ["ManagedLoginDomain", config.auth && config.userPool.domain, "Whose pages they see there"],
      ["DistributionId", distribution.distributionId, "For invalidations after an upload"],
      ["BucketName", bucket.bucketName, "Where the assets are uploaded to"],
      ["UserPoolId", userPool.userPoolId, "Whose users may sign in"],
      ["ClientId", clientIds, "What apps sign in with"],
      ["IdentityPoolId", identityPool?.identityPoolId, "What turns a token into AWS credentials"],
      ["GroupRoles", roles, "What members of each group may act as"],
      ["Region", this.region, "Where this stack is"],
    ];
    for (const [name, value, description] of outputs)
      if (value) new CfnOutput(this, name, { value, description });
  }
}
