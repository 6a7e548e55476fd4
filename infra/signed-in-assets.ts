// The reusable construct: everything between a viewer's token and the bytes of a private bucket.
import type {
  CachePolicy,
  Distribution,
  OriginRequestPolicy,
  ResponseHeadersPolicy,
} from "aws-cdk-lib/aws-cloudfront";
import type { IUserPool, IUserPoolClient, UserPoolDomain } from "aws-cdk-lib/aws-cognito";
import type { IIdentityPool } from "aws-cdk-lib/aws-cognito-identitypool";
import type { IRole, PolicyStatement, Role } from "aws-cdk-lib/aws-iam";
import type { IBucket } from "aws-cdk-lib/aws-s3";
import type { Secret } from "aws-cdk-lib/aws-secretsmanager";
import { Construct } from "constructs";
import type { Config } from "../edge/config.ts";
import { publicResources, roleStatements } from "./access/index.ts";
import { createAssetsBucket } from "./assets-bucket.ts";
import { areaBehaviors, endpointBehaviors, signedBehavior } from "./behaviors.ts";
import { readBuiltFile } from "./built-file.ts";
import type { ClientUrls } from "./client-urls.ts";
import { checkProps, configuration, groupDocument } from "./configuration.ts";
import { Deployment } from "./deployment.ts";
import { createDistribution } from "./distribution.ts";
import { edgeBundleName } from "./edge-bundles.ts";
import { createEdgeRole, EdgeFunction } from "./edge-function.ts";
import { groupsIn } from "./group-names.ts";
import { hostOf } from "./managed-login.ts";
import {
  createCachePolicy,
  createKeptResponseHeadersPolicy,
  createOriginRequestPolicy,
  createPublicResponseHeadersPolicy,
  createResponseHeadersPolicy,
} from "./policies.ts";
import type { SignedInAssetsProps } from "./props.ts";
import { printStatement, publicBehavior, publicReadStatement } from "./public-assets.ts";
import { grantAssets, warnAboutDenial } from "./rights.ts";
import { createGroups, identityPoolRoles, type Roles, stsRoles } from "./roles.ts";
import { createSealingSecret } from "./sealing-keys.ts";
import { registerUrls, urlsAt, usersOf } from "./sign-in.ts";
import type { SignInUrls } from "./sign-in-urls.ts";

const VIEWER_REQUEST = "Gatehouse: verifies, exchanges and signs every viewer request";
const ORIGIN_RESPONSE = "Gatehouse: replaces S3's errors and puts active content into a sandbox";

/**
 * Serves the files of a private bucket from CloudFront URLs to signed-in users only.
 *
 * ```ts
 * const stack = new Stack(app, "Site", { env: { region: "us-east-1" } });
 * new SignedInAssets(stack, "Assets", {
 *   areas: [
 *     { path: "/team/*", groups: ["editors"] },
 *     { path: "/me/*", owner: "users/{identityId}/" },
 *     { path: "/*" },
 *   ],
 * });
 * ```
 */
export class SignedInAssets extends Construct {
  readonly userPool: IUserPool;
  readonly userPoolClients: readonly IUserPoolClient[];
  /** With `auth`: where the pages of the user pool that was made are. */
  readonly userPoolDomain: UserPoolDomain | undefined;
  /** None with `exchange: "sts"`. */
  readonly identityPool: IIdentityPool | undefined;
  /** What signed-in users act as: may read the areas that are open to all of them, and their own folders. */
  readonly authenticatedRole: IRole;
  /** What members of a group may also act as, by the group's name: may read the group's areas besides. */
  readonly groupRoles: Readonly<Record<string, IRole>>;
  readonly bucket: IBucket;
  /** The configuration that the function is made with; the sealing keys have a stand-in here. */
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
  /** With `auth`: what the cookies are sealed with. */
  readonly secret: Secret | undefined;
  /** With `auth`: where people sign in and out. */
  readonly signInUrls: SignInUrls | undefined;
  /** With `auth`: what tells the client that was made its URLs, unless all are known without the distribution. */
  readonly clientUrls: ClientUrls | undefined;
  /** With public areas: what the bucket's policy says of them. A bucket that was given gets it from its owner. */
  readonly publicReadStatement: PolicyStatement | undefined;

  /** @throws ConfigError naming everything that is wrong with the props or with the stack's region. */
  constructor(scope: Construct, id: string, given: SignedInAssetsProps = {}) {
    super(scope, id);
    const props = { ...given, groups: given.groups ?? groupsIn(given.areas) };
    const { auth } = checkProps(this, props);
    const users = usersOf(this, props, auth);
    this.userPool = users.userPool;
    this.userPoolClients = users.userPoolClients;
    this.userPoolDomain = users.userPoolDomain;
    this.bucket = props.bucket ?? createAssetsBucket(this);
    const functionRole = createEdgeRole(this, "ViewerRequestRole", VIEWER_REQUEST);
    const roles =
      props.exchange === "sts"
        ? stsRoles(this, props, functionRole)
        : identityPoolRoles(this, props, this.userPool, this.userPoolClients);
    this.identityPool = roles.identityPool;
    this.authenticatedRole = roles.authenticatedRole;
    this.groupRoles = roles.groupRoles;
    if (!props.userPool) createGroups(this, this.userPool, roles);
    this.config = this.#configuration(props, roles);
    this.#grant(props);
    this.secret = auth && createSealingSecret(this);
    const deploymentId = props.deploymentId ?? new Date().toISOString();
    this.deployment = new Deployment(this, "Deployment", {
      config: this.config,
      deploymentId,
      secret: this.secret,
    });
    const functions = this.#edgeFunctions(props, functionRole);
    this.viewerRequest = functions.viewerRequest;
    this.originResponse = functions.originResponse;
    this.cachePolicy = createCachePolicy(this);
    this.originRequestPolicy = createOriginRequestPolicy(this);
    this.responseHeadersPolicy = createResponseHeadersPolicy(this, this.config.cors.origins);
    this.distribution = this.#distribution();
    this.signInUrls = auth && urlsAt(this.distribution, auth, props.auth);
    this.clientUrls =
      auth &&
      this.signInUrls &&
      registerUrls(this, { ...users, props, auth, urls: this.signInUrls, deploymentId });
    this.publicReadStatement = this.#openPublicAreas(props);
  }

  #configuration(props: SignedInAssetsProps, roles: Roles): Config {
    return configuration(props, {
      userPoolId: this.userPool.userPoolId,
      userPoolClientIds: this.userPoolClients.map((client) => client.userPoolClientId),
      userPoolDomain: this.userPoolDomain ? hostOf(this.userPoolDomain) : props.userPoolDomain,
      identityPoolId: roles.identityPool?.identityPoolId,
      signedInRoleArn: roles.authenticatedRole.roleArn,
      groups: groupDocument(roles.groupRoles),
      bucketName: this.bucket.bucketName,
      bucketRegion: this.bucket.env.region,
    });
  }

  #edgeFunctions(
    { exchange, sdk, auth }: SignedInAssetsProps,
    role: Role,
  ): { viewerRequest: EdgeFunction; originResponse: EdgeFunction } {
    const common = { config: this.config, deployment: this.deployment };
    const build = { sts: exchange === "sts", sdk: sdk === true, auth: auth !== undefined };
    const viewerRequest = new EdgeFunction(this, "ViewerRequest", {
      description: VIEWER_REQUEST,
      bundle: readBuiltFile(`edge/${edgeBundleName(build)}.js`),
      exportName: "handler",
      role,
      ...common,
    });
    const originResponse = new EdgeFunction(this, "OriginResponse", {
      description: ORIGIN_RESPONSE,
      // The same in both builds, and a second copy of the large one would not fit into a template.
      bundle: readBuiltFile(`edge/${edgeBundleName({ ...build, sdk: false })}.js`),
      exportName: "originResponse",
      ...common,
    });
    return { viewerRequest, originResponse };
  }

  #grant({ authenticatedRole, groups }: SignedInAssetsProps): void {
    const given = new Set([authenticatedRole, ...Object.values<unknown>(groups ?? [])]);
    const roles = [[undefined, this.authenticatedRole], ...Object.entries(this.groupRoles)] as const;
    for (const [reader, role] of roles) {
      const statements = roleStatements(this.config, reader);
      grantAssets(role, this.bucket, statements);
      if (given.has(role)) warnAboutDenial(this, role, statements);
    }
  }

  #distribution(): Distribution {
    const { areas, cors, origin } = this.config;
    const signed = signedBehavior({
      bucket: this.bucket,
      viewerRequest: this.viewerRequest.version,
      originResponse: this.originResponse.version,
      cachePolicy: this.cachePolicy,
      originRequestPolicy: this.originRequestPolicy,
      responseHeadersPolicy: this.responseHeadersPolicy,
    });
    const byArea = areaBehaviors(areas, {
      signed,
      publicAssets: () =>
        publicBehavior(
          this,
          this.bucket,
          origin.path,
          createPublicResponseHeadersPolicy(this, cors.origins),
          this.originResponse.version,
        ),
      keptPolicy: (seconds) => createKeptResponseHeadersPolicy(this, cors.origins, seconds),
    });
    const endpoints = endpointBehaviors(this.config, signed, this.viewerRequest.version);
    return createDistribution(this, signed, { ...endpoints, ...byArea });
  }

  #openPublicAreas({ bucket }: SignedInAssetsProps): PolicyStatement | undefined {
    const resources = publicResources(this.config);
    if (resources.length === 0) return undefined;
    const statement = publicReadStatement(this.bucket, this.distribution, resources);
    if (bucket) printStatement(this, statement);
    else this.bucket.addToResourcePolicy(statement);
    return statement;
  }
}
