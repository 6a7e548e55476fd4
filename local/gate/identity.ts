// The two ways from a token to credentials, identity pool and STS, behind their servers.
import type { Stack } from "../aws/cloudformation/index.ts";
import { IdentityPool } from "../aws/cognito/identity-pool.ts";
import { type IdentityPoolServer, startIdentityPoolServer } from "../aws/cognito/identity-pool-server.ts";
import { type StsServer, startStsServer } from "../aws/cognito/sts-server.ts";
import type { UserPool } from "../aws/cognito/user-pool.ts";
import { parseRoles } from "../aws/iam/role.ts";
import type { Sessions } from "../aws/iam/sessions.ts";
import type { Closables } from "./closables.ts";
import { identityPoolOf } from "./identity-resources.ts";
import type { Places } from "./places.ts";
import { roleDocumentsOf } from "./resources.ts";
import type { ObjectStore } from "./store.ts";

/** What the servers are made from. */
export interface IdentityParts {
  readonly stack: Stack;
  readonly userPool: UserPool;
  /** Those besides, whose users bring their tokens. */
  readonly furtherUserPools?: readonly UserPool[];
  readonly sessions: Sessions;
  readonly store: ObjectStore;
}

/** The running servers. */
export interface IdentityServers {
  /** Knows nobody when the template has no identity pool. */
  readonly identityPool: IdentityPool;
  readonly identityPoolServer: IdentityPoolServer;
  /** Refuses everybody when the template lets no function assume roles. */
  readonly stsServer: StsServer;
  /** What a user's own folder is called. */
  readonly identityIdOf: (username: string) => string;
}

/** Both ways to credentials are always there; the template says which of them leads anywhere. */
export async function startIdentity(
  { stack, userPool, furtherUserPools = [], sessions, store }: IdentityParts,
  places: Pick<Places, "identityPool" | "sts">,
  running: Closables,
): Promise<IdentityServers> {
  const roles = parseRoles(roleDocumentsOf(stack.resources));
  const described = identityPoolOf(stack.resources, roles);
  const nobodys = { identityPoolId: "", clientIds: [], serverSideTokenCheck: true, roles };
  const identityPool = new IdentityPool(described ?? nobodys, {
    userPool,
    furtherUserPools,
    mint: store.mint,
  });
  const sts = { roles, mint: store.mint, sessions, region: "us-east-1", now: Date.now };
  const subOf = (username: string) => userPool.users.get(username).sub;
  return {
    identityPool,
    identityPoolServer: running.add(
      await startIdentityPoolServer(identityPool, { port: places.identityPool.port }),
    ),
    stsServer: running.add(await startStsServer(sts, { port: places.sts.port })),
    identityIdOf: (username) => (described ? identityPool.identityIdOf(subOf(username)) : subOf(username)),
  };
}
