// The shipped stack: one gate, and as outputs everything that an app in front of it needs.
import { Stack, type StackProps } from "aws-cdk-lib";
import { Certificate } from "aws-cdk-lib/aws-certificatemanager";
import { HttpOrigin } from "aws-cdk-lib/aws-cloudfront-origins";
import { type IUserPool, type IUserPoolClient, UserPool, UserPoolClient } from "aws-cdk-lib/aws-cognito";
import { IdentityPool, type IIdentityPool } from "aws-cdk-lib/aws-cognito-identitypool";
import { type IRole, Role } from "aws-cdk-lib/aws-iam";
import { Bucket, type IBucket } from "aws-cdk-lib/aws-s3";
import { Topic } from "aws-cdk-lib/aws-sns";
import type { Construct } from "constructs";
import { regionOf } from "../../edge/config/aws-names.ts";
import type { Config } from "../../edge/config/config.ts";
import { AssetUpload } from "../bucket/asset-upload.ts";
import { OUTPUTS } from "../outputs.ts";
import type { SignedInAssetsProps } from "../props.ts";
import { SignedInAssets } from "../signed-in-assets.ts";
import type { FurtherUserPoolProps } from "../users/further-user-pools.ts";
import { isNames } from "../users/group-names.ts";
import type { Context } from "./context.ts";
import type { Surroundings } from "./surroundings.ts";

/** Props of a `GatehouseStack`. */
export interface GatehouseStackProps extends StackProps {
  /** What the app was given to work with. */
  readonly context: Context;
  /**
   * When this changes, the user pool's keys are read again.
   * @default - the context's, else a hash of the template
   */
  readonly deploymentId?: string;
}

/** The stack that `cdk deploy` makes. */
export class GatehouseStack extends Stack {
  readonly assets: SignedInAssets;

  constructor(scope: Construct, id: string, props: GatehouseStackProps) {
    // CloudFormation takes a million bytes, of which white space would be a third where there are many groups.
    super(scope, id, { suppressTemplateIndentation: true, ...props });
    const { context, deploymentId } = props;
    this.assets = new SignedInAssets(this, "Assets", {
      ...context.settings,
      ...this.#areas(context),
      ...this.#around(context.surroundings),
      ...(context.userPool && this.#existingUserPool(context.userPool)),
      ...(context.userPool?.domain && { userPoolDomain: context.userPool.domain }),
      furtherUserPools: context.furtherUserPools.map((pool, index) => this.#furtherUserPool(pool, index)),
      ...(context.identityPool && this.#existingIdentityPool(context.identityPool)),
      ...(context.bucket && { bucket: this.#existingBucket(context.bucket) }),
      groups: isNames(context.groups) ? context.groups : this.#existingRoles(context.groups),
      ...(deploymentId !== undefined && { deploymentId }),
    });
    const { assets: folder } = context.surroundings;
    if (folder) this.#upload(folder);
  }

  /** Each API at its URL. */
  #areas({ apis, settings: { areas = [] } }: Context): Pick<SignedInAssetsProps, "areas"> {
    return {
      areas: areas.map((area) => {
        const url = apis.get(area.path);
        return url ? { ...area, api: originAt(url) } : area;
      }),
    };
  }

  /** Nobody has to be told how to do what the deployment does. */
  #upload(folder: string): void {
    const { bucket, distribution, config, node } = this.assets;
    new AssetUpload(this, "AssetUpload", { folder, bucket, distribution, originPath: config.origin.path });
    node.findChild(OUTPUTS).node.tryRemoveChild("NextUpload");
  }

  #existingUserPool(given: NonNullable<Context["userPool"]>): {
    userPool: IUserPool;
    userPoolClients: readonly IUserPoolClient[];
    machineClients: readonly IUserPoolClient[];
  } {
    const clientsOf = (ids: readonly string[]) =>
      ids.map((id) => UserPoolClient.fromUserPoolClientId(this, `Client-${id}`, id));
    return {
      userPool: UserPool.fromUserPoolArn(this, "UserPool", this.#userPoolArn(given.id)),
      userPoolClients: clientsOf(given.clientIds),
      machineClients: clientsOf(given.machineClientIds),
    };
  }

  #furtherUserPool(
    { id, clientIds, jwksUri }: Config["userPools"][number],
    index: number,
  ): FurtherUserPoolProps {
    const name = `FurtherUserPool${index}`;
    return {
      userPool: UserPool.fromUserPoolArn(this, name, this.#userPoolArn(id)),
      userPoolClients: clientIds.map((clientId) =>
        UserPoolClient.fromUserPoolClientId(this, `${name}Client-${clientId}`, clientId),
      ),
      jwksUri,
    };
  }

  #userPoolArn(id: string): string {
    const region = regionOf(id);
    return this.formatArn({ service: "cognito-idp", region, resource: "userpool", resourceName: id });
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

  /** Domain names with their certificate, and alarms. */
  #around({
    domain,
    alarms,
    alarmTopicArn,
  }: Surroundings): Pick<SignedInAssetsProps, "distribution" | "alarms"> {
    return {
      ...(domain && {
        distribution: {
          domainNames: [...domain.names],
          certificate: Certificate.fromCertificateArn(this, "Certificate", domain.certificateArn),
        },
      }),
      alarms: alarmTopicArn ? { topic: Topic.fromTopicArn(this, "AlarmTopic", alarmTopicArn) } : alarms,
    };
  }
}

function originAt({ hostname, port, pathname }: URL): HttpOrigin {
  const originPath = pathname.replace(/\/+$/, "");
  return new HttpOrigin(hostname, {
    ...(originPath && { originPath }),
    ...(port && { httpsPort: Number(port) }),
  });
}
