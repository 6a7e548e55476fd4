// The reusable construct: everything between a viewer's token and the bytes of a private bucket.
import type {
  CachePolicy,
  Distribution,
  OriginRequestPolicy,
  ResponseHeadersPolicy,
} from "aws-cdk-lib/aws-cloudfront";
import type { IUserPool, IUserPoolClient } from "aws-cdk-lib/aws-cognito";
import type { IIdentityPool } from "aws-cdk-lib/aws-cognito-identitypool";
import type { IRole } from "aws-cdk-lib/aws-iam";
import type { IBucket } from "aws-cdk-lib/aws-s3";
import { Construct } from "constructs";
import type { Config } from "../edge/config.ts";
import { createAssetsBucket, grantReadAssets } from "./assets-bucket.ts";
import { readBuiltFile } from "./built-file.ts";
import { checkProps, configuration } from "./configuration.ts";
import { Deployment } from "./deployment.ts";
import { createDistribution } from "./distribution.ts";
import { EdgeFunction } from "./edge-function.ts";
import { createIdentityPool } from "./identity-pool.ts";
import { createCachePolicy, createOriginRequestPolicy, createResponseHeadersPolicy } from "./policies.ts";
import type { SignedInAssetsProps } from "./props.ts";
import { createUserPool, createUserPoolClient } from "./user-pool.ts";

/**
 * Serves the files of a private bucket from CloudFront URLs to signed-in users only.
 *
 * ```ts
 * const stack = new Stack(app, "Site", { env: { region: "us-east-1" } });
 * new SignedInAssets(stack, "Assets");
 * ```
 */
export class SignedInAssets extends Construct {
  readonly userPool: IUserPool;
  readonly userPoolClients: readonly IUserPoolClient[];
  readonly identityPool: IIdentityPool;
  /** What signed-in users act as: may read the assets. */
  readonly authenticatedRole: IRole;
  readonly bucket: IBucket;
  /** The configuration that the function is made with. */
  readonly config: Config;
  /** The custom resource that runs in every deployment. */
  readonly deployment: Deployment;
  /** The function that verifies, exchanges and signs. */
  readonly viewerRequest: EdgeFunction;
  /** The function that sees S3's answers before they are cached. */
  readonly originResponse: EdgeFunction;
  readonly cachePolicy: CachePolicy;
  readonly originRequestPolicy: OriginRequestPolicy;
  readonly responseHeadersPolicy: ResponseHeadersPolicy;
  readonly distribution: Distribution;

  /** @throws ConfigError naming everything that is wrong with the props or with the stack's region. */
  constructor(scope: Construct, id: string, props: SignedInAssetsProps = {}) {
    super(scope, id);
    checkProps(this, props);
    this.userPool = props.userPool ?? createUserPool(this);
    this.userPoolClients = props.userPoolClients ?? [createUserPoolClient(this, this.userPool)];
    const identity = this.#identity(props);
    this.identityPool = identity.identityPool;
    this.authenticatedRole = identity.authenticatedRole;
    this.bucket = props.bucket ?? createAssetsBucket(this);
    this.config = this.#configuration(props);
    grantReadAssets(this.authenticatedRole, this.bucket, this.config.origin.path);
    this.deployment = new Deployment(this, "Deployment", {
      config: this.config,
      deploymentId: props.deploymentId ?? new Date().toISOString(),
    });
    this.viewerRequest = new EdgeFunction(this, "ViewerRequest", {
      description: "Gatehouse: verifies, exchanges and signs every viewer request",
      bundle: readBuiltFile(props.sdk ? "edge/gatehouse-sdk.js" : "edge/gatehouse.js"),
      exportName: "handler",
      config: this.config,
      deployment: this.deployment,
    });
    this.originResponse = new EdgeFunction(this, "OriginResponse", {
      description: "Gatehouse: replaces S3's errors and puts active content into a sandbox",
      // The same in both builds, and a second copy of the large one would not fit into a template.
      bundle: readBuiltFile("edge/gatehouse.js"),
      exportName: "originResponse",
      config: this.config,
      deployment: this.deployment,
    });
    this.cachePolicy = createCachePolicy(this);
    this.originRequestPolicy = createOriginRequestPolicy(this);
    this.responseHeadersPolicy = createResponseHeadersPolicy(this, this.config.cors.origins);
    this.distribution = createDistribution(this, {
      bucket: this.bucket,
      viewerRequest: this.viewerRequest.version,
      originResponse: this.originResponse.version,
      cachePolicy: this.cachePolicy,
      originRequestPolicy: this.originRequestPolicy,
      responseHeadersPolicy: this.responseHeadersPolicy,
    });
  }

  #identity(props: SignedInAssetsProps): { identityPool: IIdentityPool; authenticatedRole: IRole } {
    const { identityPool, authenticatedRole } = props;
    if (identityPool && authenticatedRole) return { identityPool, authenticatedRole };
    const made = createIdentityPool(this, this.userPool, this.userPoolClients);
    return { identityPool: made, authenticatedRole: made.authenticatedRole };
  }

  #configuration(props: SignedInAssetsProps): Config {
    return configuration(props, {
      userPoolId: this.userPool.userPoolId,
      userPoolClientIds: this.userPoolClients.map((client) => client.userPoolClientId),
      identityPoolId: this.identityPool.identityPoolId,
      bucketName: this.bucket.bucketName,
      bucketRegion: this.bucket.env.region,
    });
  }
}
