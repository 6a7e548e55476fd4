// The user pool that is made when none is given: who may sign in.
import { Duration, RemovalPolicy, Validations } from "aws-cdk-lib";
import { AccountRecovery, type IUserPool, Mfa, UserPool, UserPoolClient } from "aws-cdk-lib/aws-cognito";
import type { Construct } from "constructs";

/** The longest that someone who was disabled keeps access; also how long an identity pool's credentials last. */
const TOKEN_VALIDITY = Duration.minutes(60);

/**
 * A user pool in which only an administrator makes users: otherwise "signed-in" would mean everybody.
 *
 * Destroying the stack leaves the pool with its users behind, and succeeds; deletion protection would add nothing but
 * make the rollback of a failed first deployment fail. `pool.applyRemovalPolicy(RemovalPolicy.DESTROY)` makes it go too.
 */
export function createUserPool(scope: Construct): UserPool {
  const userPool = new UserPool(scope, "UserPool", {
    selfSignUpEnabled: false,
    signInAliases: { email: true },
    signInCaseSensitive: false,
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
  Validations.of(userPool).acknowledge(
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

/** A public client for browsers: no secret, sign-in by SRP, so that no password leaves the browser. */
export function createUserPoolClient(scope: Construct, userPool: IUserPool): UserPoolClient {
  return new UserPoolClient(scope, "UserPoolClient", {
    userPool,
    generateSecret: false,
    authFlows: { userSrp: true },
    disableOAuth: true,
    preventUserExistenceErrors: true,
    enableTokenRevocation: true,
    idTokenValidity: TOKEN_VALIDITY,
    accessTokenValidity: TOKEN_VALIDITY,
    refreshTokenValidity: Duration.days(30),
  });
}
