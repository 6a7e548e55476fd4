// What exists before the template is deployed: the user pool with its people, and ids that functions are built with.

import type { Provider } from "./cloudformation/index.ts";
import type { UserPool, UserPoolOptions } from "./cognito/user-pool.ts";
import type { Group } from "./cognito/users.ts";

const USER_POOL_ID = "us-east-1_LocalPool";
const CLIENT_ID = "localclient";
const IDENTITY_POOL_ID = "us-east-1:00000000-0000-4000-8000-00000000a11a";
const BUCKET = "local-assets";

/** One user of each kind to try: `ada` is in a group when there is one, `bob` in none. */
export const DEMO_USERS = [
  { username: "ada", password: "ada" },
  { username: "bob", password: "bob" },
] as const;

/** The pool that context names, or one made up. */
export function poolOptions(context: Readonly<Record<string, unknown>>): UserPoolOptions {
  const { userPoolId = USER_POOL_ID, userPoolClientIds = CLIENT_ID } = context;
  return {
    id: String(userPoolId),
    clients: String(userPoolClientIds)
      .split(",")
      .map((clientId) => ({ clientId })),
    users: DEMO_USERS,
  };
}

/** Gives the pool the template's groups, and `ada` her place: among the editors, or else in every group. */
export function joinGroups(userPool: UserPool, groups: readonly Group[]): void {
  userPool.setGroups(groups);
  const names = groups.map(({ name }) => name);
  userPool.users.setGroups("ada", names.includes("editors") ? ["editors"] : names);
}

/** Resources whose ids must be known before the template is deployed. */
export function providers(userPool: UserPool): Record<string, Provider> {
  return {
    "AWS::Cognito::UserPool": () => ({
      ref: userPool.id,
      attributes: {
        Arn: `arn:aws:cognito-idp:${userPool.region}:123456789012:userpool/${userPool.id}`,
        ProviderName: userPool.providerName,
      },
    }),
    "AWS::Cognito::UserPoolClient": () => ({ ref: userPool.clients[0]?.clientId ?? "", attributes: {} }),
    "AWS::Cognito::IdentityPool": () => ({ ref: IDENTITY_POOL_ID, attributes: { Name: "local" } }),
    "AWS::S3::Bucket": () => ({
      ref: BUCKET,
      attributes: {
        Arn: `arn:aws:s3:::${BUCKET}`,
        RegionalDomainName: `${BUCKET}.s3.us-east-1.amazonaws.com`,
      },
    }),
  };
}
