// Cognito's own pages for signing in, at a domain of the user pool that is made.
import { Fn, Stack } from "aws-cdk-lib";
import {
  CfnManagedLoginBranding,
  type IUserPool,
  type IUserPoolClient,
  ManagedLoginVersion,
  UserPoolDomain,
} from "aws-cdk-lib/aws-cognito";
import type { Construct } from "constructs";

/**
 * A domain whose prefix nobody else has: the stack's own GUID is in it, which holds neither capitals nor the words that
 * Cognito keeps for itself, and the name of the gate in the stack.
 *
 * The newer pages (version 2), because they know passkeys and the dark mode that people have chosen, and the plan that
 * every new pool has ("Essentials") includes them.
 */
export function createUserPoolDomain(scope: Construct, userPool: IUserPool): UserPoolDomain {
  const guid = Fn.select(2, Fn.split("/", Stack.of(scope).stackId));
  const domainPrefix = Fn.join("-", ["gatehouse", guid, scope.node.addr.slice(-8)]);
  return new UserPoolDomain(scope, "UserPoolDomain", {
    userPool,
    cognitoDomain: { domainPrefix },
    managedLoginVersion: ManagedLoginVersion.NEWER_MANAGED_LOGIN,
  });
}

/** The host of the managed login. */
export function hostOf(domain: UserPoolDomain): string {
  return `${domain.domainName}.auth.${Stack.of(domain).region}.amazoncognito.com`;
}

/** Without a style of its own the client would get an error page from version 2. */
export function createBranding(scope: Construct, userPool: IUserPool, client: IUserPoolClient): void {
  new CfnManagedLoginBranding(scope, "ManagedLoginBranding", {
    userPoolId: userPool.userPoolId,
    clientId: client.userPoolClientId,
    useCognitoProvidedValues: true,
  });
}
