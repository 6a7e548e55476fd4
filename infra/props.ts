// What a gate can be given: everything that is left out is made.
import type { IOrigin } from "aws-cdk-lib/aws-cloudfront";
import type { IUserPool, IUserPoolClient } from "aws-cdk-lib/aws-cognito";
import type { IIdentityPool } from "aws-cdk-lib/aws-cognito-identitypool";
import type { IRole } from "aws-cdk-lib/aws-iam";
import type { IBucket } from "aws-cdk-lib/aws-s3";
import type { AreaDocument, ConfigDocument, Endpoints, Signing } from "../edge/config/config.ts";
import type { AlarmOptions } from "./delivery/alarms.ts";
import type { GateDistributionProps } from "./delivery/distribution.ts";
import type { FurtherUserPoolProps } from "./users/further-user-pools.ts";
import type { SignInProps } from "./users/sign-in-props.ts";

/** An area of a gate that is made here. */
export type AreaProps = Omit<AreaDocument, "api"> & {
  /**
   * An API in the place of keys: `new HttpOrigin("api.example.com")`, a `RestApiOrigin`, a `LoadBalancerV2Origin`. It gets
   * what signed-in users ask, with their ID token as `Authorization: Bearer`.
   * @default - keys of the bucket
   */
  readonly api?: IOrigin | boolean | undefined;
};

/** Props of `SignedInBehaviors`: what the gate is, whatever distribution it is mounted on. */
export interface SignedInBehaviorsProps {
  /**
   * Who may read which keys: the first area whose path matches decides, and what none matches nobody reads. Every
   * role's policy, the behaviours and the public part of the bucket's policy follow from this one list.
   * `amplifyStorageAreas()` is Amplify Storage's layout. An API beside the files has its origin here, in the place of
   * `true`: `{ path: "/api/*", api: new HttpOrigin("api.example.com") }`.
   * @default - every key, for any signed-in user
   */
  readonly areas?: readonly AreaProps[];

  /**
   * The user-pool groups that areas name, and their roles.
   *
   * - A list of names: the stack makes a role for each, and the groups too where it makes the user pool. A group of an
   *   existing user pool must be there already, and is given so only with `exchange: "sts"`: an identity pool takes the
   *   group's role from the token, where only the group's own role is. A given list also catches misspelt names.
   * - Roles by name: those that groups of an existing user pool carry. Each is given the right to read what its group
   *   may read, and must trust the identity pool as `authenticatedRole` does. An existing identity pool must choose the
   *   role from the token for these clients.
   * @default - the names in `areas`
   */
  readonly groups?: readonly string[] | Readonly<Record<string, IRole>>;

  /**
   * Whether signed-in users may list the folders that they may read, at `/.gatehouse/list/<path>/`.
   * @default - `{ enabled: false }`
   */
  readonly listing?: ConfigDocument["listing"];

  /**
   * What turns a token into AWS credentials. `"sts"`: the function assumes the user's role itself; there is no identity
   * pool, one call instead of two, and users' own folders are named by their `sub`. All roles are made by the stack.
   * @default "identityPool"
   */
  readonly exchange?: "identityPool" | "sts";

  /**
   * An existing user pool, in any region (`UserPool.fromUserPoolArn`). Whoever can sign in to it can read the assets:
   * check that it does not let people sign up by themselves.
   * @default - a user pool in which only an administrator makes users
   */
  readonly userPool?: IUserPool;

  /**
   * The app clients of the existing user pool whose ID tokens are accepted. They are not changed.
   * @default - one client for browsers: no secret, SRP, tokens valid for 60 minutes
   */
  readonly userPoolClients?: readonly IUserPoolClient[];

  /**
   * Existing user pools besides, such as one a subsidiary, whose users bring their tokens: sign-in and sessions are those
   * of `userPool` alone. The issuer of a token decides which pool it is of, and no user, group, folder or cached answer
   * is shared between pools. Areas and `groups` name their groups by the pool's id, `us-east-1_Sub1/editors`; with an
   * identity pool such a group carries its role in its own pool.
   * @default - none
   */
  readonly furtherUserPools?: readonly FurtherUserPoolProps[];

  /**
   * App clients of the existing user pool that get access tokens for themselves (OAuth's client credentials grant), such as
   * nightly jobs. They read the areas of whose `scopes` their token has one; needs `exchange: "sts"`.
   * @default - none
   */
  readonly machineClients?: readonly IUserPoolClient[];

  /**
   * An existing identity pool, in any region (`IdentityPool.fromIdentityPoolArn`), that has the user pool's clients,
   * and those of further ones, among its providers. It is not changed.
   * @default - an identity pool with server-side token check and without guests; with an owner area it stays behind
   * when the stack is destroyed, since users' own folders are named by its identities
   */
  readonly identityPool?: IIdentityPool;

  /**
   * The role that the existing identity pool gives to signed-in users. It is given the right to read the assets; to one
   * that was imported with `mutable: false`, or that belongs to another account, its owner must give that. Where an area
   * lies inside a broader one that the role may not read, its policy denies the role every other object of S3.
   * @default - the role that comes with the identity pool that is made
   */
  readonly authenticatedRole?: IRole;

  /**
   * An existing bucket, which is not changed (`Bucket.fromBucketAttributes`).
   *
   * - In another region: say its `region`; nothing else is to do.
   * - In another account: say its `account`. Its owner adds the output `BucketPolicyStatements` to the bucket's policy,
   *   and writes objects with "bucket owner enforced" ownership.
   * - Encrypted with a KMS key: give the key as `encryptionKey`, so that the roles may decrypt with it by way of S3. The
   *   owner of a key in another account adds the output `KeyPolicyStatements` to the key's policy; such a bucket must not
   *   use the key `aws/s3`, which no other account can use. A key of the same account must let the account's policies
   *   count, as keys do unless their owner took that statement away.
   * - With public areas: its owner adds the output `PublicBucketPolicyStatement` to the bucket's policy, and
   *   `PublicKeyPolicyStatement` to that of its key.
   * @default - a private, encrypted, versioned bucket
   */
  readonly bucket?: IBucket;

  /**
   * A key prefix that stays out of the URLs, such as `/site`.
   * @default - none
   */
  readonly originPath?: string;

  /**
   * Sign-in for browsers through Cognito's managed login, at endpoints of the gate's own; `{}` turns it on. A user pool
   * that is made gets a managed login, its client the gate's URLs. An existing pool comes with `userPoolDomain`, and its
   * client is not changed: the URLs to register there are an output of the stack.
   * @default - off: apps bring tokens that they obtained themselves
   */
  readonly auth?: SignInProps;

  /**
   * The host of the existing user pool's managed login, such as `login.example.com` or
   * `example.auth.eu-west-1.amazoncognito.com`; `auth` needs it.
   * @default - a domain that Cognito gives to the user pool that is made
   */
  readonly userPoolDomain?: string;

  /**
   * - `names`: cookies in which to look for an ID token where no session of Gatehouse's own is. Hosts that can write them
   *   choose who is signed in there.
   * - `amplify`: the same for the cookies that Amplify writes.
   * - `sameSite`: `"None"` where pages of other sites embed the assets.
   * - `partitioned`: whether a session counts only below the site that embeds the assets.
   * - `domain`: shares the session with all hosts below that domain.
   * @default - `{ names: [], amplify: false, sameSite: "Lax", partitioned: false }`, for the gate's own host alone
   */
  readonly cookies?: ConfigDocument["cookies"];

  /**
   * - `origins`: web origins whose pages may read the assets with credentials, such as `https://app.example.com`,
   *   `https://*.preview.example.com` for every host below a domain of yours, or `capacitor://localhost` for an app.
   * - `allowHeaders`: request headers that pages may send, besides those that browsers and common libraries do.
   * - `exposeHeaders`: response headers that pages may read, besides those of every object.
   * @default - none
   */
  readonly cors?: ConfigDocument["cors"];

  /**
   * Further origins whose pages may show an object in a frame, such as a PDF in the app's own page.
   * @default - none: pages of the gate's own host
   */
  readonly frameAncestors?: ConfigDocument["frameAncestors"];

  /**
   * `allowed`: the share of allowed requests that get a log line, from 0 to 1. Every refusal gets one.
   * @default - `{ allowed: 0.01 }`
   */
  readonly log?: ConfigDocument["log"];

  /**
   * Two points that AWS leaves open; `docs/aws-unknowns.md` says how to settle them.
   * @default - `{ cfId: "unsigned", head: "HEAD" }`
   */
  readonly signing?: Partial<Signing>;

  /**
   * Replacements for AWS endpoints.
   * @default - AWS's own
   */
  readonly endpoints?: Partial<Endpoints>;

  /**
   * Where requests are decided on. `"lambda"`: in a Lambda@Edge function, every one. `"split"`, which needs `auth`: in a
   * CloudFront Function, and a Lambda runs on cache misses only; a hit costs a sixth, and starts in less than a
   * millisecond. `docs/how-it-works.md` has both side by side.
   * @default "lambda"
   */
  readonly placement?: ConfigDocument["placement"];

  /**
   * With `placement: "split"`: a KeyValueStore in which an operator ends somebody's access within seconds, without a
   * deployment. Each decision then reads it twice, which AWS charges for.
   * @default false
   */
  readonly revocation?: boolean;

  /**
   * Whether the function uses the AWS SDK's packages instead of the small default build; both behave the same.
   * @default false
   */
  readonly sdk?: boolean;

  /**
   * When this changes, the user pool's keys and the version of the sealing keys are read again. A pipeline that wants
   * that in each of its runs gives one that is different each time, such as the run's number.
   * @default - a hash of the stack's template: they are read again whenever something is deployed, and without a change
   * `cdk diff` is empty
   */
  readonly deploymentId?: string;
}

/** Props of `SignedInAssets`. */
export interface SignedInAssetsProps extends SignedInBehaviorsProps {
  /**
   * What CDK's `Distribution` takes, but for what the gate decides: domain names with their certificate, web ACL, price
   * class, geographic restriction, logs. With `domainNames` people sign in there, and the app client gets its URLs from
   * the template; patterns (`*.example.com`) are no place to sign in, but at hosts in `auth.origins`. Logs may show signed queries, which are valid for five minutes: keep them as carefully as the assets.
   * @default - a distribution at a name of CloudFront's, over HTTP/2 and 3, with neither logs nor restrictions
   */
  readonly distribution?: GateDistributionProps;

  /**
   * Alarms on server errors, failures of the functions, and refusals; `{ topic }` says who is told. See `Alarms` for
   * thresholds. `distribution: { publishAdditionalMetrics: true }`, which costs extra, makes the one on refusals exact.
   * @default false
   */
  readonly alarms?: boolean | AlarmOptions;

  /**
   * Whether the stack gets outputs: `Url`, `BucketName`, `UserPoolId`, `ClientId` and others, and the commands that come
   * next, `NextUpload`, `NextCreateUser`, `NextVerify` and `AfterDestroy`. In a stack with several gates, or with an
   * output of the same name, the gate's id comes before each name: `AssetsUrl`.
   * @default true
   */
  readonly outputs?: boolean;
}
