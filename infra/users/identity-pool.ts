// The identity pool that is made when none is given: turns a verified token into the user's own AWS credentials.
import { Token } from "aws-cdk-lib";
import type { IUserPool, IUserPoolClient } from "aws-cdk-lib/aws-cognito";
import {
  IdentityPool,
  IdentityPoolProviderUrl,
  type IdentityPoolRoleMapping,
} from "aws-cdk-lib/aws-cognito-identitypool";
import type { Construct } from "constructs";
import { regionOf } from "../../edge/config/aws-names.ts";

/** A user pool whose tokens an identity pool takes. */
export interface Provider {
  readonly userPool: IUserPool;
  readonly clients: readonly IUserPoolClient[];
  /** Whether the groups of its tokens decide on the role; they can name any role, so only where groups are configured. */
  readonly hasGroups: boolean;
  /** What its clients' mappings are called. */
  readonly key: string;
}

/**
 * An identity pool for the given clients only. Cognito asks the user pool about each token, so that users who were
 * deleted or signed out everywhere get nothing; guests get nothing either, and the role made for them has no rights.
 * https://docs.aws.amazon.com/cognitoidentity/latest/APIReference/API_CognitoIdentityProvider.html
 *
 * @param hasGroups whether the token's groups decide on the role
 * @param further the user pools besides, each as the one that it is
 */
export function createIdentityPool(
  scope: Construct,
  userPool: IUserPool,
  clients: readonly IUserPoolClient[],
  hasGroups: boolean,
  further: readonly Provider[] = [],
): IdentityPool {
  const all = [{ userPool, clients, hasGroups, key: "client" }, ...further];
  const mappings = all.filter((each) => each.hasGroups).flatMap(roleMappings);
  return new IdentityPool(scope, "IdentityPool", {
    allowUnauthenticatedIdentities: false,
    allowClassicFlow: false,
    authenticationProviders: {
      // CDK's own UserPoolAuthenticationProvider names the stack's region, which is wrong for a pool in another one.
      userPools: all.flatMap((each) => {
        const providerName = providerNameOf(each.userPool);
        return each.clients.map(({ userPoolClientId: clientId }) => ({
          bind: () => ({ clientId, providerName, serverSideTokenCheck: true }),
        }));
      }),
    },
    ...(mappings.length > 0 && { roleMappings: mappings }),
  });
}

/**
 * The role comes from the token: the one that the function asks for, else the preferred one, and for members of several
 * groups without a preference the authenticated role. The key of a mapping cannot be known only at deploy time.
 * https://docs.aws.amazon.com/cognito/latest/developerguide/role-based-access-control.html
 */
function roleMappings({ userPool, clients, key }: Provider): IdentityPoolRoleMapping[] {
  return clients.map(({ userPoolClientId }, index) => ({
    providerUrl: IdentityPoolProviderUrl.custom(`${providerNameOf(userPool)}:${userPoolClientId}`),
    mappingKey: `${key}${index}`,
    useToken: true,
    resolveAmbiguousRoles: true,
  }));
}

/** The user pool as identity pools name it. A known id says its region itself; `UserPool.fromUserPoolId` would claim the stack's. */
export function providerNameOf(userPool: IUserPool): string {
  const id = userPool.userPoolId;
  if (Token.isUnresolved(id)) return userPool.userPoolProviderName;
  return `cognito-idp.${regionOf(id)}.amazonaws.com/${id}`;
}
