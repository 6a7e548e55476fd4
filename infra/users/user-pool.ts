// The user pool that is made when none is given: who may sign in.
import { Duration, RemovalPolicy } from "aws-cdk-lib";
import {
  AccountRecovery,
  type IUserPool,
  Mfa,
  OAuthScope,
  type OAuthSettings,
  UserPool,
  UserPoolClient,
  UserPoolClientIdentityProvider,
} from "aws-cdk-lib/aws-cognito";
import type { Construct } from "constructs";
import { acknowledge } from "../cdk/acknowledge.ts";
import { customAttributes, protectClaims } from "./claims.ts";
import type { SignInUrls } from "./sign-in-urls.ts";

/** The longest that someone who was disabled keeps access; also how long an identity pool's credentials last. */
const TOKEN_VALIDITY = Duration.minutes(60);

/**
 * A user pool in which only an administrator makes users: otherwise "signed-in" would mean everybody.
 *
 * Destroying the stack leaves the pool with its users behind, and succeeds; deletion protection would add nothing but
 * make the rollback of a failed first deployment fail. `pool.applyRemovalPolicy(RemovalPolicy.DESTROY)` makes it go too.
 *
 * @param claims after which folders are named; custom attributes among them are made
 */
export function createUserPool(scope: Construct, claims: readonly string[]): UserPool {
  const userPool = new UserPool(scope, "UserPool", {
    selfSignUpEnabled: false,
    signInAliases: { email: true },
    signInCaseSensitive: false,
    ...(claims.length > 0 && { customAttributes: customAttributes(claims) }),
    accountRecovery: AccountRecovery.EMAIL_ONLY,
    passwordPolicy: {
      minLength: 12,
      requireLowercase: true,
      requireUppercase: true,
      requireDigits: true,
      requireSymbols: true,
      tempPasswordValidity: Duration.days(3),
    },
    mfa: Mfa.OPTIONAL,
    mfaSecondFactor: { otp: true, sms: false },
    removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
  });
  acknowledge(
    userPool,
    {
      id: "AwsSolutions-COG2",
      reason: "Users may turn on an authenticator app; who wants to require it brings a pool that does.",
    },
    {
      id: "AwsSolutions-COG8",
      reason: "Threat protection needs the Plus plan, which costs per user; a pool that has it can be given.",
    },
  );
  return userPool;
}

/** What a client must know to sign people in through the managed login. */
export interface ClientSignIn {
  readonly scopes: readonly string[];
  /** Where they come back to; undefined while that depends on a distribution, see `ClientUrls`. */
  readonly urls: SignInUrls | undefined;
  /** Who can sign in; undefined for the pool's own users and the providers that CDK knows. */
  readonly providers: readonly string[] | undefined;
}

/** A public client for browsers: no secret; apps of one's own sign in by SRP, so that no password leaves the browser. */
export function createUserPoolClient(
  scope: Construct,
  userPool: IUserPool,
  claims: readonly string[],
  signIn?: ClientSignIn,
): UserPoolClient {
  const client = new UserPoolClient(scope, "UserPoolClient", {
    userPool,
    // An update that names no name might take a generated one away.
    ...(signIn && { userPoolClientName: "Gatehouse" }),
    generateSecret: false,
    authFlows: { userSrp: true },
    ...(signIn?.urls ? { oAuth: oAuth(signIn.scopes, signIn.urls) } : { disableOAuth: true }),
    ...(signIn?.providers && {
      supportedIdentityProviders: signIn.providers.map((name) => UserPoolClientIdentityProvider.custom(name)),
    }),
    preventUserExistenceErrors: true,
    enableTokenRevocation: true,
    idTokenValidity: TOKEN_VALIDITY,
    accessTokenValidity: TOKEN_VALIDITY,
    refreshTokenValidity: Duration.days(30),
  });
  if (claims.length > 0) protectClaims(client, claims);
  return client;
}

/** The authorization code grant alone; that a proof of possession (PKCE) is asked for, is for who signs in to say. */
function oAuth(scopes: readonly string[], { callbackUrls, logoutUrls }: SignInUrls): OAuthSettings {
  return {
    flows: { authorizationCodeGrant: true },
    scopes: scopes.map((scope) => OAuthScope.custom(scope)),
    callbackUrls: [...callbackUrls],
    logoutUrls: [...logoutUrls],
  };
}
