// User pools besides the one of sign-in: what is given of them, what the function is told, and whom the identity pool takes.
import type { IUserPool, IUserPoolClient } from "aws-cdk-lib/aws-cognito";
import type { ConfigDocument } from "../../edge/config/config.ts";
import { groupPrefix } from "../../edge/config/pools.ts";
import type { Provider } from "./identity-pool.ts";

/** A user pool whose tokens count besides those of `userPool`. */
export interface FurtherUserPoolProps {
  /** The pool, in any region. It is not changed, and whoever can sign in to it is a signed-in user. */
  readonly userPool: IUserPool;
  /** Its app clients whose ID tokens are accepted. They are not changed. */
  readonly userPoolClients: readonly IUserPoolClient[];
  /**
   * Where its key set is.
   * @default - AWS's own address
   */
  readonly jwksUri?: string | undefined;
}

type Given = readonly FurtherUserPoolProps[] | undefined;

/** What the configuration says of them. */
export function furtherDocuments(given: Given): NonNullable<ConfigDocument["userPools"]> {
  return (given ?? []).map(({ userPool, userPoolClients, jwksUri }) => ({
    id: userPool.userPoolId,
    clientIds: userPoolClients.map(({ userPoolClientId }) => userPoolClientId),
    jwksUri,
  }));
}

/** Whether a group is one of these pools', by its name. */
export function isOfFurtherPool(group: string, given: Given): boolean {
  return (given ?? []).some(({ userPool }) => group.startsWith(groupPrefix(userPool.userPoolId)));
}

/** Each as the identity pool takes it: groups decide on the role where they are configured, and nowhere else. */
export function furtherProviders(given: Given, groups: readonly string[]): readonly Provider[] {
  return (given ?? []).map(({ userPool, userPoolClients }, index) => ({
    userPool,
    clients: userPoolClients,
    hasGroups: groups.some((name) => name.startsWith(groupPrefix(userPool.userPoolId))),
    key: `pool${index}client`,
  }));
}
