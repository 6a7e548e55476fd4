// What a gate can be given: everything that is left out is made.
import type { IUserPool, IUserPoolClient } from "aws-cdk-lib/aws-cognito";
import type { IIdentityPool } from "aws-cdk-lib/aws-cognito-identitypool";
import type { IRole } from "aws-cdk-lib/aws-iam";
import type { IBucket } from "aws-cdk-lib/aws-s3";
import type { AreaDocument, ConfigDocument, Endpoints, Signing } from "../edge/config.ts";

/** Props of `SignedInAssets`. */
export interface SignedInAssetsProps {
  /**
   * Which keys a viewer may read; so far one area, with the path `"/*"`.
   * @default - every key, for any signed-in user
   */
  readonly areas?: readonly AreaDocument[];

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
   * An existing identity pool, in any region (`IdentityPool.fromIdentityPoolArn`), that has the user pool's clients
   * among its providers. It is not changed.
   * @default - an identity pool with server-side token check and without guests
   */
  readonly identityPool?: IIdentityPool;

  /**
   * The role that the existing identity pool gives to signed-in users. It is given the right to read the assets; a role
   * that was imported with `mutable: false`, or that belongs to another account, needs `s3:GetObject` on
   * `<bucket>/<origin path>/*` from its owner.
   * @default - the role that comes with the identity pool that is made
   */
  readonly authenticatedRole?: IRole;

  /**
   * An existing bucket; say its region if it is another one (`Bucket.fromBucketAttributes`). It is not changed. A bucket
   * of another account must itself allow `s3:GetObject` to the authenticated role in its bucket policy.
   * @default - a private, encrypted, versioned bucket
   */
  readonly bucket?: IBucket;

  /**
   * A key prefix that stays out of the URLs, such as `/site`.
   * @default - none
   */
  readonly originPath?: string;

  /**
   * `names`: cookies in which to look for an ID token, besides Gatehouse's own and Amplify's.
   * @default - no others
   */
  readonly cookies?: ConfigDocument["cookies"];

  /**
   * `origins`: web origins whose pages may read the assets with credentials, such as `https://app.example.com`.
   * @default - none
   */
  readonly cors?: ConfigDocument["cors"];

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
   * Whether the function uses the AWS SDK's packages instead of the small default build; both behave the same.
   * @default false
   */
  readonly sdk?: boolean;

  /**
   * Differs from deployment to deployment, so that the user pool's keys are read again in each.
   * @default - the time of synthesis
   */
  readonly deploymentId?: string;
}
