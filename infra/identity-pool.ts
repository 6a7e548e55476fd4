// The identity pool that is made when none is given: turns a verified token into the user's own AWS credentials.
import { Token } from "aws-cdk-lib";
import type { IUserPool, IUserPoolClient } from "aws-cdk-lib/aws-cognito";
import { IdentityPool } from "aws-cdk-lib/aws-cognito-identitypool";
import type { Construct } from "constructs";
import { regionOf } from "../edge/config.ts";

/**
 * An identity pool for the given clients only. Cognito asks the user pool about each token, so that users who were
 * deleted or signed out everywhere get nothing; guests get nothing either, and the role made for them has no rights.
 * https://docs.aws.amazon.com/cognitoidentity/latest/APIReference/API_CognitoIdentityProvider.html
 */
export function createIdentityPool(
  scope: Construct,
  userPool: IUserPool,
  clients: readonly IUserPoolClient[],
): IdentityPool {
  const providerName = providerNameOf(userPool);
  return new IdentityPool(scope, "IdentityPool", {
    allowUnauthenticatedIdentities: false,
    allowClassicFlow: false,
    authenticationProviders: {
      // CDK's own UserPoolAuthenticationProvider names the stack's region, which is wrong for a pool in another one.
      userPools: clients.map((client) => ({
        bind: () => ({ clientId: client.userPoolClientId, providerName, serverSideTokenCheck: true }),
      })),
    },
  });
}

/** A known id says its region itself; `UserPool.fromUserPoolId` would claim the stack's. */
function providerNameOf(userPool: IUserPool): string {
  const id = userPool.userPoolId;
  if (Token.isUnresolved(id)) return userPool.userPoolProviderName;
  return `cognito-idp.${regionOf(id)}.amazonaws.com/${id}`;
}
