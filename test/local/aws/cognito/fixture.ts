// One user pool, one identity pool before it, and the store that mints its credentials.

import { IdentityPool, type IdentityPoolResources } from "../../../../local/aws/cognito/identity-pool.ts";
import { UserPool } from "../../../../local/aws/cognito/user-pool.ts";
import { parseRoles } from "../../../../local/aws/iam/role.ts";
import { Sessions } from "../../../../local/aws/iam/sessions.ts";

export const POOL_ID = "us-east-1_Example01";
export const CLIENT_ID = "exampleclientid0000000001";
export const OTHER_CLIENT_ID = "exampleclientid0000000002";
export const IDENTITY_POOL_ID = "us-east-1:00000000-0000-4000-8000-00000000abcd";
export const PROVIDER = `cognito-idp.us-east-1.amazonaws.com/${POOL_ID}`;
const role = (name: string) => `arn:aws:iam::111122223333:role/${name}`;
export const AUTHENTICATED = role("authenticated");
export const EDITORS = role("editors");
export const REVIEWERS = role("reviewers");
export const UNTRUSTING = role("untrusting");
export const NOW = Date.parse("2026-11-22T12:00:00Z");

/** The trust policy that CDK writes for an identity pool's role. */
export function trustOf(
  identityPoolId: string,
  actions: string | string[] = "sts:AssumeRoleWithWebIdentity",
) {
  return {
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Federated: "cognito-identity.amazonaws.com" },
        Action: actions,
        Condition: {
          StringEquals: { "cognito-identity.amazonaws.com:aud": identityPoolId },
          "ForAnyValue:StringLike": { "cognito-identity.amazonaws.com:amr": "authenticated" },
        },
      },
    ],
  };
}

const trust = trustOf(IDENTITY_POOL_ID);
const roles = parseRoles(
  new Map([
    [AUTHENTICATED, { trust, policies: [] }],
    [EDITORS, { trust, policies: [] }],
    [REVIEWERS, { trust, policies: [] }],
    [UNTRUSTING, { trust: trustOf("us-east-1:another"), policies: [] }],
  ]),
);

/** A pool with Ann (two groups), Bob (none) and Cy (two groups of the same rank). */
export async function makePools(changes: Partial<IdentityPoolResources> = {}) {
  const clock = { now: NOW };
  const now = () => clock.now;
  const userPool = await UserPool.create({
    id: POOL_ID,
    clients: [{ clientId: CLIENT_ID }, { clientId: OTHER_CLIENT_ID }],
    groups: [
      { name: "editors", precedence: 1, roleArn: EDITORS },
      { name: "reviewers", precedence: 2, roleArn: REVIEWERS },
      { name: "also-first", precedence: 1, roleArn: REVIEWERS },
      { name: "readers" },
    ],
    users: [
      { username: "ann", password: "ann-password", groups: ["reviewers", "editors"] },
      { username: "bob", password: "bob-password" },
      { username: "cy", password: "cy-password", groups: ["editors", "also-first"] },
    ],
    now,
  });
  const sessions = new Sessions({ now });
  const token = { Type: "Token", AmbiguousRoleResolution: "AuthenticatedRole" } as const;
  const identityPool = new IdentityPool(
    {
      identityPoolId: IDENTITY_POOL_ID,
      clientIds: [CLIENT_ID],
      serverSideTokenCheck: true,
      authenticatedRole: AUTHENTICATED,
      roleMappings: { [`${PROVIDER}:${CLIENT_ID}`]: token },
      roles,
      ...changes,
    },
    { userPool, mint: sessions.mint },
  );
  const logins = async (username: string, overrides = {}) => ({
    [PROVIDER]: await userPool.issueIdToken(username, overrides),
  });
  return { clock, userPool, identityPool, sessions, logins };
}

export type Pools = Awaited<ReturnType<typeof makePools>>;
