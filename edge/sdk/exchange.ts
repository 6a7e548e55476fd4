// The SDK build's `Exchange`: the enhanced flow on the AWS SDK's own client.
import { pipeline, Readable, Transform } from "node:stream";
import {
  CognitoIdentityClient,
  GetCredentialsForIdentityCommand,
  GetIdCommand,
} from "@aws-sdk/client-cognito-identity";
import { hasRole, roleNotInToken } from "../areas.ts";
import { regionOf } from "../config/aws-names.ts";
import type { Config } from "../config/config.ts";
import { isRecord } from "../config/json.ts";
import { GateError } from "../errors.ts";
import { type Http, HttpError, MAX_RESPONSE_BYTES } from "../https.ts";
import {
  cognitoError,
  cognitoIdentityEndpoint,
  credentialsOf,
  type Exchange,
  identityIdOf,
  identityPoolIdOf,
  loginsOf,
} from "../session/exchange.ts";

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
  client.middlewareStack.add(
    (next) => async (input) => {
      const output = await next(input);
      limit(output.response);
      return output;
    },
    { step: "deserialize", priority: "low", name: "limitResponse" },
  );
  const logins = loginsOf(config);

  return async ({ token, roleArn, identityId: known, deadline }) => {
    if (!hasRole(token, roleArn)) throw roleNotInToken();
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

/** The SDK reads a body of any size; this one ends where ours does. */
function limit(response: unknown): void {
  if (!isRecord(response) || !(response["body"] instanceof Readable)) return;
  let size = 0;
  const limited = new Transform({
    transform(chunk: Buffer, _, done) {
      size += chunk.length;
      done(size > MAX_RESPONSE_BYTES ? new HttpError("too_large") : null, chunk);
    },
  });
  response["body"] = pipeline(response["body"], limited, () => {});
}

function exchangeError(error: unknown): GateError {
  if (error instanceof GateError) return error;
  if (!(error instanceof Error)) return new GateError("exchange_unavailable", error);
  if (isTimeout(error)) return new GateError("exchange_timeout", error);
  return cognitoError(error.name, statusOf(error), error.message);
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
