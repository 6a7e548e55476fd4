// The SDK build's `Exchange`: the enhanced flow on the AWS SDK's own client.
import {
  CognitoIdentityClient,
  GetCredentialsForIdentityCommand,
  GetIdCommand,
} from "@aws-sdk/client-cognito-identity";
import { regionOf } from "./aws-names.ts";
import type { Config } from "./config.ts";
import { GateError } from "./errors.ts";
import {
  assertRole,
  cognitoError,
  cognitoIdentityEndpoint,
  credentialsOf,
  type Exchange,
  identityIdOf,
  identityPoolIdOf,
  loginsOf,
} from "./exchange.ts";
import type { Http } from "./https.ts";

/** One try of one call, in milliseconds; the client makes a second one where that may help. */
const ATTEMPT_MS = 1_800;

/** The enhanced flow through `CognitoIdentityClient`, which brings its own HTTP. `now` is in milliseconds. */
export function createExchange(config: Config, _http: Http, now: () => number): Exchange {
  const identityPoolId = identityPoolIdOf(config);
  const client = new CognitoIdentityClient({
    region: regionOf(identityPoolId),
    endpoint: cognitoIdentityEndpoint(config),
    maxAttempts: 2,
    requestHandler: {
      connectionTimeout: ATTEMPT_MS,
      requestTimeout: ATTEMPT_MS,
      throwOnRequestTimeout: true,
    },
  });
  const logins = loginsOf(config);

  return async ({ token, roleArn, identityId: known, deadline }) => {
    assertRole(token, roleArn);
    const options = { abortSignal: AbortSignal.timeout(Math.max(deadline - now(), 0)) };
    const Logins = logins(token);
    const getId = () => client.send(new GetIdCommand({ IdentityPoolId: identityPoolId, Logins }), options);
    try {
      const identityId = known ?? identityIdOf({ ...(await getId()) });
      const input = { IdentityId: identityId, Logins, CustomRoleArn: roleArn };
      const answer = await client.send(new GetCredentialsForIdentityCommand(input), options);
      if (answer.IdentityId !== identityId) throw new TypeError("another identity");
      return { identityId, credentials: credentialsOf(answer.Credentials, now()) };
    } catch (error) {
      throw exchangeError(error);
    }
  };
}

function exchangeError(error: unknown): GateError {
  if (error instanceof GateError) return error;
  if (!(error instanceof Error)) return new GateError("exchange_unavailable", error);
  if (isTimeout(error)) return new GateError("exchange_timeout", error);
  return cognitoError(error.name, statusOf(error));
}

/** The SDK calls a connection that broke a `TimeoutError` as well; its code tells. */
function isTimeout(error: Error): boolean {
  const broken = "code" in error && (error.code === "ECONNRESET" || error.code === "EPIPE");
  return !broken && (error.name === "TimeoutError" || error.name === "AbortError");
}

function statusOf(error: Error): number {
  const metadata: unknown = "$metadata" in error ? error.$metadata : undefined;
  const status =
    typeof metadata === "object" && metadata !== null && "httpStatusCode" in metadata
      ? metadata.httpStatusCode
      : 0;
  return typeof status === "number" ? status : 0;
}
