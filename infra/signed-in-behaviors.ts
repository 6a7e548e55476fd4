// The gate without a distribution: everything between a viewer's token and the bytes, as behaviours to mount.
import type {
  BehaviorOptions,
  CachePolicy,
  ErrorResponse,
  IDistribution,
  OriginRequestPolicy,
  ResponseHeadersPolicy,
} from "aws-cdk-lib/aws-cloudfront";
import type { IUserPool, IUserPoolClient, UserPoolDomain } from "aws-cdk-lib/aws-cognito";
import type { IIdentityPool } from "aws-cdk-lib/aws-cognito-identitypool";
import type { IRole, PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { IBucket } from "aws-cdk-lib/aws-s3";
import type { Secret } from "aws-cdk-lib/aws-secretsmanager";
import { Construct } from "constructs";
import type { Config } from "../edge/config/config.ts";
import { machinesWith, publicResources } from "./access/index.ts";
import { createAssetsBucket } from "./bucket/assets-bucket.ts";
import { openUploads } from "./bucket/browser-uploads.ts";
import { grantAreas } from "./bucket/grants.ts";
import { openPublicAreas, publicBehavior } from "./bucket/public-assets.ts";
import {
  checkProps,
  configuration,
  groupDocument,
  machineClientIds,
  makesAllRoles,
} from "./configuration.ts";
import { apiBehaviors } from "./delivery/api-behaviors.ts";
import { apiOrigins } from "./delivery/api-origins.ts";
import { areaBehaviors, endpointBehaviors, lockedBehavior, signedBehavior } from "./delivery/behaviors.ts";
import { errorResponses } from "./delivery/distribution.ts";
import { edgeCodes } from "./delivery/edge-codes.ts";
import { codeHash, type EdgeFunction } from "./delivery/edge-function.ts";
import { createEdgeFunctions, createViewerRequestRole } from "./delivery/edge-functions.ts";
import { distributionProblems, type Mounted } from "./delivery/own-distribution.ts";
import {
  createKeptResponseHeadersPolicy,
  createLinkResponseHeadersPolicy,
  createPublicResponseHeadersPolicy,
  createResponseHeadersPolicy,
  createSignedPolicies,
} from "./delivery/policies.ts";
import { ViewerFunction } from "./delivery/viewer-function.ts";
import { Deployment } from "./deployment/deployment.ts";
import { templateHash } from "./deployment/deployment-id.ts";
import { createSealingSecret } from "./deployment/sealing-keys.ts";
import { BEHAVIORS_PROPS } from "./prop-names.ts";
import type { SignedInBehaviorsProps } from "./props.ts";
import { templateProblems, warnAboutQuotas } from "./quotas.ts";
import type { ClientUrls } from "./users/client-urls.ts";
import { groupsIn } from "./users/group-names.ts";
import { hostOf } from "./users/managed-login.ts";
import { createGroups, identityPoolRoles, type Roles, stsRoles } from "./users/roles.ts";
import { registerUrls, urlsAt, usersOf } from "./users/sign-in.ts";
import type { SignInUrls } from "./users/sign-in-urls.ts";

/** What follows from the distribution that serves the behaviours. */
interface Connection {
  readonly signInUrls: SignInUrls | undefined;
  readonly clientUrls: ClientUrls | undefined;
  readonly publicReadStatement: PolicyStatement | undefined;
}

/**
 * The gate for a distribution of one's own: behaviours as plain objects, and everything behind them.
 *
 * ```ts
 * const gate = new SignedInBehaviors(stack, "Gate", { areas: [{ path: "/private/*" }], auth: {} });
 * const distribution = new Distribution(stack, "Site", {
 *   defaultBehavior: { origin: new HttpOrigin("www.example.com") },
 *   additionalBehaviors: { ...gate.additionalBehaviors, "/private/*": gate.defaultBehavior },
 *   errorResponses: [...gate.errorResponses],
 * });
 * gate.connectTo(distribution);
 * ```
 *
 * Three rules. `additionalBehaviors` come first, in their order. Below the path where the default behaviour is mounted
 * the gate decides alone; areas outside of it are served by nobody. The error responses are part of the protection: with
 * CloudFront's own, one viewer's failed request would answer the next for ten seconds; and a custom error page would
 * replace the gate's answers. The distribution must have no default root object while the default behaviour is its own.
 * `connectTo` checks what of that it can see.
 */
export class SignedInBehaviors extends Construct {
  /** What users sign in to: as given, or made. */
  readonly userPool: IUserPool;
  /** The app clients whose ID tokens are accepted. */
  readonly userPoolClients: readonly IUserPoolClient[];
  /** With `auth`: where the pages of the user pool that was made are. */
  readonly userPoolDomain: UserPoolDomain | undefined;
  /** None with `exchange: "sts"`. */
  readonly identityPool: IIdentityPool | undefined;
  /** What signed-in users act as: may read the areas that are open to all of them, and their own folders. */
  readonly authenticatedRole: IRole;
  /** What members of a group may also act as, by the group's name: may read the group's areas besides. */
  readonly groupRoles: Readonly<Record<string, IRole>>;
  /** What machines act as, by the scope that lets them. */
  readonly scopeRoles: Readonly<Record<string, IRole>>;
  /** Where the assets are: as given, or made. */
  readonly bucket: IBucket;
  /** The configuration that the function is made with; the sealing keys have a stand-in here. */
  readonly config: Config;
  /** The custom resource that runs whenever something is deployed. */
  readonly deployment: Deployment;
  /** With `placement: "split"`: what decides on every request before the cache. */
  readonly viewerFunction: ViewerFunction | undefined;
  /** The function that verifies, exchanges and signs: every request, or endpoints and misses with `placement: "split"`. */
  readonly viewerRequest: EdgeFunction;
  /** With areas that are APIs: the function that verifies what they are asked. */
  readonly apiRequest: EdgeFunction | undefined;
  /** The function that sees S3's answers before they are cached. */
  readonly originResponse: EdgeFunction;
  /** What the cache key of signed behaviours is made of. */
  readonly cachePolicy: CachePolicy;
  /** What S3 is sent by signed behaviours. */
  readonly originRequestPolicy: OriginRequestPolicy;
  /** What browsers are told by signed behaviours. */
  readonly responseHeadersPolicy: ResponseHeadersPolicy;
  /** With `auth`: what the cookies are sealed with. */
  readonly secret: Secret | undefined;
  /** The signed behaviour: the default one of `SignedInAssets`, or mounted at a path of one's own distribution. */
  readonly defaultBehavior: BehaviorOptions;
  /** The behaviours of the endpoints and of areas that differ, by path; their order counts. */
  readonly additionalBehaviors: Readonly<Record<string, BehaviorOptions>>;
  /** Keeps CloudFront from caching errors. */
  readonly errorResponses: readonly ErrorResponse[] = errorResponses();
  readonly #props: SignedInBehaviorsProps;
  readonly #deploymentId: string;
  #connection: Connection | undefined;

  /** @throws ConfigError naming everything that is wrong with the props or with the stack's region. */
  constructor(scope: Construct, id: string, given: SignedInBehaviorsProps = {}) {
    super(scope, id);
    const props = { ...given, groups: given.groups ?? groupsIn(given.areas) };
    this.#props = props;
    this.#deploymentId = props.deploymentId ?? templateHash(this);
    const { auth } = checkProps(this, props, this.propNames());
    const users = usersOf(this, props, auth);
    this.userPool = users.userPool;
    this.userPoolClients = users.userPoolClients;
    this.userPoolDomain = users.userPoolDomain;
    this.bucket = props.bucket ?? createAssetsBucket(this);
    const functionRole = createViewerRequestRole(this);
    const roles =
      props.exchange === "sts"
        ? stsRoles(this, props, functionRole)
        : identityPoolRoles(this, props, this.userPool, this.userPoolClients);
    this.identityPool = roles.identityPool;
    this.authenticatedRole = roles.authenticatedRole;
    this.groupRoles = roles.groupRoles;
    this.scopeRoles = roles.scopeRoles;
    if (!props.userPool) createGroups(this, this.userPool, roles, props.furtherUserPools);
    this.config = this.#configuration(props, roles);
    this.#grant(props);
    openUploads(this, this.bucket, this.config, props.bucket !== undefined);
    this.secret = auth && createSealingSecret(this);
    const codes = edgeCodes({ ...props, placement: this.config.placement }, this.config.areas);
    this.deployment = new Deployment(this, "Deployment", {
      config: this.config,
      code: Object.values(codes)
        .flatMap((code) => (code ? [codeHash(code)] : []))
        .join("-"),
      deploymentId: this.#deploymentId,
      secret: this.secret,
      clientSecret: props.auth?.clientSecret,
    });
    const { config, deployment } = this;
    const functions = createEdgeFunctions(this, codes, functionRole, { config, deployment });
    this.viewerRequest = functions.viewerRequest;
    this.apiRequest = functions.apiRequest;
    this.originResponse = functions.originResponse;
    this.viewerFunction =
      config.placement === "split"
        ? new ViewerFunction(this, "ViewerFunction", { config, deployment })
        : undefined;
    const { cachePolicy, originRequestPolicy } = createSignedPolicies(this, config.placement);
    this.cachePolicy = cachePolicy;
    this.originRequestPolicy = originRequestPolicy;
    this.responseHeadersPolicy = createResponseHeadersPolicy(this, this.config);
    this.defaultBehavior = this.#signedBehavior();
    this.additionalBehaviors = this.#additionalBehaviors();
    warnAboutQuotas(this, 1 + Object.keys(this.additionalBehaviors).length);
    this.node.addValidation({
      validate: () => [...this.#missingConnection(), ...templateProblems(this)],
    });
  }

  /** Names of the props that there are; a subclass with more of them adds theirs, for others are refused. */
  protected propNames(): readonly string[] {
    return BEHAVIORS_PROPS;
  }

  /** With `auth`, once connected: where people sign in and out. */
  get signInUrls(): SignInUrls | undefined {
    return this.#connection?.signInUrls;
  }

  /** With `auth`, once connected: what tells the client that was made its URLs, unless it knows them. */
  get clientUrls(): ClientUrls | undefined {
    return this.#connection?.clientUrls;
  }

  /** With public areas, once connected: what the bucket's policy says of them, or its owner has to make it say. */
  get publicReadStatement(): PolicyStatement | undefined {
    return this.#connection?.publicReadStatement;
  }

  /**
   * Tells the app client the URLs at this distribution, and lets it read the public areas. Call it once, with the
   * distribution that the behaviours are mounted on.
   */
  connectTo(distribution: IDistribution): void {
    if (this.#connection) throw new Error(`${this.node.path} is connected to a distribution already`);
    this.node.addValidation({ validate: () => distributionProblems(distribution, this.#mounted()) });
    const { auth } = this.config;
    const signInUrls = auth && urlsAt(distribution, auth, this.#props.auth);
    this.#connection = {
      signInUrls,
      clientUrls: signInUrls && this.#register(auth, signInUrls),
      publicReadStatement: openPublicAreas(this, {
        bucket: this.bucket,
        isGiven: this.#props.bucket !== undefined,
        distribution,
        resources: publicResources(this.config),
      }),
    };
  }

  #mounted(): Mounted {
    const paths = Object.keys(this.additionalBehaviors);
    return { areas: this.config.areas, paths, viewerRequest: this.viewerRequest.version };
  }

  #register(auth: NonNullable<Config["auth"]>, urls: SignInUrls): ClientUrls | undefined {
    const { userPool, userPoolClients } = this;
    const common = { props: this.#props, deploymentId: this.#deploymentId };
    return registerUrls(this, { ...common, userPool, userPoolClients, auth, urls });
  }

  #missingConnection(): string[] {
    const isNeeded = this.config.auth !== undefined || publicResources(this.config).length > 0;
    if (this.#connection || !isNeeded) return [];
    return ["connectTo(distribution) was not called: sign-in and public areas need the distribution"];
  }

  #configuration(props: SignedInBehaviorsProps, roles: Roles): Config {
    return configuration(this, props, {
      userPoolId: this.userPool.userPoolId,
      userPoolClientIds: this.userPoolClients.map((client) => client.userPoolClientId),
      userPoolDomain: this.userPoolDomain ? hostOf(this.userPoolDomain) : props.userPoolDomain,
      identityPoolId: roles.identityPool?.identityPoolId,
      signedInRoleArn: roles.authenticatedRole.roleArn,
      groups: groupDocument(roles.groupRoles),
      scopes: groupDocument(roles.scopeRoles),
      machineClientIds: machineClientIds(props),
      bucketName: this.bucket.bucketName,
      bucketRegion: this.bucket.env.region,
    });
  }

  #grant(props: SignedInBehaviorsProps): void {
    const { bucket, config } = this;
    grantAreas(this, {
      bucket,
      config,
      roles: [
        [undefined, this.authenticatedRole],
        ...Object.entries(this.groupRoles),
        ...Object.entries(this.scopeRoles).map(([name, role]) => [machinesWith(name), role] as const),
      ],
      given: new Set([props.authenticatedRole, ...Object.values<unknown>(props.groups ?? [])]),
      canShare: makesAllRoles(props),
    });
  }

  #signedBehavior(): BehaviorOptions {
    return signedBehavior({
      bucket: this.bucket,
      viewerRequest: this.viewerRequest.version,
      originResponse: this.originResponse.version,
      viewerFunction: this.viewerFunction?.function,
      cachePolicy: this.cachePolicy,
      originRequestPolicy: this.originRequestPolicy,
      responseHeadersPolicy: this.responseHeadersPolicy,
    });
  }

  #additionalBehaviors(): Record<string, BehaviorOptions> {
    const { areas, origin } = this.config;
    const signed = this.defaultBehavior;
    const byArea = areaBehaviors(areas, {
      signed,
      publicAssets: () => publicBehavior(this, this.bucket, origin.path, this.originResponse.version),
      publicPolicy: (trusted) => createPublicResponseHeadersPolicy(this, this.config, trusted),
      keptPolicy: (seconds) => createKeptResponseHeadersPolicy(this, this.config, seconds),
      api: apiBehaviors(this, {
        origins: apiOrigins(this.#props.areas),
        apiRequest: this.apiRequest?.version,
        sharing: this.config,
      }),
    });
    const functions = {
      viewerRequest: this.viewerRequest.version,
      originResponse: this.originResponse.version,
    };
    const locked = () =>
      this.viewerFunction
        ? lockedBehavior(signed, { ...functions, ...createSignedPolicies(this, "lambda") })
        : signed;
    const linkPolicy = () => createLinkResponseHeadersPolicy(this, this.config);
    return { ...endpointBehaviors(this.config, signed, linkPolicy, functions, locked), ...byArea };
  }
}
