// Sign-in around a gate: the user pool with its pages and client before the functions, the URLs after the distribution.
import { CfnOutput, Stack } from "aws-cdk-lib";
import type { IDistribution } from "aws-cdk-lib/aws-cloudfront";
import type { IUserPool, IUserPoolClient, UserPoolDomain } from "aws-cdk-lib/aws-cognito";
import type { Construct } from "constructs";
import type { Auth } from "../../edge/config/config.ts";
import { type OwnerAreas, setClaims, warnAboutClaims } from "./claims.ts";
import { ClientUrls } from "./client-urls.ts";
import { createBranding, createUserPoolDomain } from "./managed-login.ts";
import type { SignInProps } from "./sign-in-props.ts";
import { type SignInUrls, signInUrls } from "./sign-in-urls.ts";
import { createUserPool, createUserPoolClient } from "./user-pool.ts";

/** The props that users come from; `SignedInBehaviorsProps` says what each means. */
export interface UserProps {
  readonly userPool?: IUserPool;
  readonly userPoolClients?: readonly IUserPoolClient[];
  readonly auth?: SignInProps;
  readonly areas?: OwnerAreas;
}

/** Who may sign in, and with what. */
export interface Users {
  readonly userPool: IUserPool;
  readonly userPoolClients: readonly IUserPoolClient[];
  /** Where the pages are that were made. */
  readonly userPoolDomain?: UserPoolDomain;
}

/** The user pool with its clients, as far as they are not given; with sign-in, its pages as well. */
export function usersOf(scope: Construct, props: UserProps, auth: Auth | undefined): Users {
  if (props.userPool) {
    warnAboutClaims(scope, props.areas);
    return { userPool: props.userPool, userPoolClients: props.userPoolClients ?? [] };
  }
  const claims = setClaims(props.areas);
  const userPool = createUserPool(scope, claims);
  const client = createUserPoolClient(
    scope,
    userPool,
    claims,
    auth && {
      scopes: auth.scopes,
      urls: knownUrls(auth, props.auth),
      providers: props.auth?.supportedIdentityProviders,
    },
  );
  if (!auth) return { userPool, userPoolClients: [client] };
  createBranding(scope, userPool, client);
  return { userPool, userPoolClients: [client], userPoolDomain: createUserPoolDomain(scope, userPool) };
}

/** The URLs at every origin of the gate's: the distribution's own first, unless sign-in is elsewhere. */
export function urlsAt(
  distribution: IDistribution,
  auth: Auth,
  settings: SignInProps | undefined,
): SignInUrls {
  const own = `https://${distribution.distributionDomainName}`;
  return knownUrls(auth, settings) ?? signInUrls(auth, [own, ...(settings?.origins ?? [])]);
}

/** The URLs when the distribution's name is in none of them. */
function knownUrls(auth: Auth, settings: SignInProps | undefined): SignInUrls | undefined {
  const [first, ...others] = settings?.origins ?? [];
  if (settings?.distributionOrigin !== false || first === undefined) return undefined;
  return signInUrls(auth, [first, ...others]);
}

/** What registering URLs takes. */
export interface Registration extends Users {
  readonly props: UserProps;
  readonly auth: Auth;
  readonly urls: SignInUrls;
  readonly deploymentId: string;
}

/** Tells the client its URLs, unless it knows them or belongs to somebody else, who is told instead. */
export function registerUrls(scope: Construct, registration: Registration): ClientUrls | undefined {
  const { props, auth, urls, userPool, userPoolClients, deploymentId } = registration;
  const [client] = userPoolClients;
  if (props.userPool) printUrls(scope, urls);
  if (props.userPool || !client || knownUrls(auth, props.auth)) return undefined;
  return new ClientUrls(scope, "ClientUrls", { userPool, client, scopes: auth.scopes, urls, deploymentId });
}

function printUrls(scope: Construct, { callbackUrls, logoutUrls }: SignInUrls): void {
  new CfnOutput(scope, "AppClientUrls", {
    description: "Add these to the app client, with the authorization code grant and the scopes of sign-in",
    value: Stack.of(scope).toJsonString({ CallbackURLs: callbackUrls, LogoutURLs: logoutUrls }),
  });
}
