// A verified ID token becomes the user's own identity-pool credentials: the default build's `Exchange`.
// https://docs.aws.amazon.com/cognito/latest/developerguide/authentication-flow.html (enhanced flow)

import { hasRole, roleNotInToken } from "../areas.ts";
import { regionOf } from "../config/aws-names.ts";
import type { Config } from "../config/config.ts";
import { isRecord } from "../config/json.ts";
import { type ErrorCode, GateError } from "../errors.ts";
import { type Http, HttpError, type HttpResponse } from "../https.ts";
import type { Credentials } from "../s3/credentials.ts";
import type { VerifiedToken } from "../token/token.ts";

/** Whose credentials are wanted. */
export interface ExchangeInput {
  readonly token: VerifiedToken;
  /** The role to ask for; undefined for the one the user gets anyway. */
  readonly roleArn: string | undefined;
  /** The user's identity id, when it is known from before: saves `GetId`. */
  readonly identityId?: string;
  /** When the exchange must be over, in milliseconds since the epoch. */
  readonly deadline: number;
}

/** A user in one role. */
export interface Session {
  /** What the user's own folder is called. */
  readonly identityId: string;
  readonly credentials: Credentials;
}

/** Rejects with a GateError: `session_ended`, `account_disabled`, `access_denied` or one of `exchange_*`. */
export type Exchange = (input: ExchangeInput) => Promise<Session>;

/** What is left of one exchange: its deadline and the single retry that both calls share. */
export interface Attempts {
  readonly deadline: number;
  retried: boolean;
}

/** One try of one call; a second fits into an exchange's 3.8 s. */
const ATTEMPT_MS = 1_800;

/** The calls of the enhanced flow, over `http`. `now` is in milliseconds. */
export function createExchange(config: Config, http: Http, now: () => number): Exchange {
  const identityPoolId = identityPoolIdOf(config);
  const logins = loginsOf(config);
  const call = (action: string, body: object, attempts: Attempts) =>
    send(http, now, cognitoRequest(config, action, body), attempts);

  return async ({ token, roleArn, identityId: known, deadline }) => {
    if (!hasRole(token, roleArn)) throw roleNotInToken();
    const attempts = { deadline, retried: false };
    const Logins = logins(token);
    const getId = () => call("GetId", { IdentityPoolId: identityPoolId, Logins }, attempts);
    const identityId = known ?? processGetIdResponse(await getId());
    const input = { IdentityId: identityId, Logins, CustomRoleArn: roleArn };
    const response = await call("GetCredentialsForIdentity", input, attempts);
    return processGetCredentialsResponse(response, identityId, now());
  };
}

/** The pool of a configuration whose exchange is the identity pool's. */
export function identityPoolIdOf({ identityPool }: Config): string {
  if (!identityPool) throw new Error("no identity pool is configured");
  return identityPool.id;
}

/** The `Logins` map of both calls: the name of the token's user pool and the ID token. */
export function loginsOf(config: Config): (token: VerifiedToken) => Record<string, string> {
  return ({ pool = config.userPool.id, raw }) => ({
    [`cognito-idp.${regionOf(pool)}.amazonaws.com/${pool}`]: raw,
  });
}

/** The endpoint of the identity pool's region, or its replacement. */
export function cognitoIdentityEndpoint(config: Config): string {
  return (
    config.endpoints.cognitoIdentity ??
    `https://cognito-identity.${regionOf(identityPoolIdOf(config))}.amazonaws.com`
  );
}

/** A POST of a JSON or query protocol. */
export interface ServiceRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

function cognitoRequest(config: Config, action: string, body: object): ServiceRequest {
  return {
    url: cognitoIdentityEndpoint(config),
    headers: {
      "content-type": "application/x-amz-json-1.1",
      "x-amz-target": `AWSCognitoIdentityService.${action}`,
    },
    body: JSON.stringify(body),
  };
}

/** Sends a call; a failed connection or a 5xx answer gets one more try on a fresh connection. */
export async function send(
  http: Http,
  now: () => number,
  request: ServiceRequest,
  attempts: Attempts,
): Promise<HttpResponse> {
  const attempt = (fresh: boolean) =>
    http({ ...request, method: "POST", fresh, timeoutMs: Math.min(ATTEMPT_MS, attempts.deadline - now()) });
  try {
    const response = await attempt(attempts.retried);
    if (response.status < 500 || attempts.retried) return response;
  } catch (error) {
    if (attempts.retried || !(error instanceof HttpError)) throw unreachable(error);
  }
  attempts.retried = true;
  return attempt(true).catch((error: unknown) => {
    throw unreachable(error);
  });
}

/** The outcome of a call that got no response. */
function unreachable(error: unknown): GateError {
  const timedOut = error instanceof HttpError && error.kind === "timeout";
  return new GateError(timedOut ? "exchange_timeout" : "exchange_unavailable", error);
}

function processGetIdResponse(response: HttpResponse): string {
  return identityIdOf(parseResponse(response));
}

function processGetCredentialsResponse(response: HttpResponse, identityId: string, now: number): Session {
  const body = parseResponse(response);
  if (identityIdOf(body) !== identityId) throw invalid("AnotherIdentity");
  return { identityId, credentials: credentialsOf(body["Credentials"], now) };
}

function parseResponse({ status, body }: HttpResponse): Record<string, unknown> {
  const parsed = parseJson(body);
  if (status === 200) return parsed;
  const { __type: type, message = parsed["Message"] } = parsed;
  throw cognitoError(typeof type === "string" ? type : "", status, message);
}

function parseJson(body: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(body);
    if (isRecord(value)) return value;
  } catch {
    // An answer that is no JSON is no answer: the same outcome as JSON of another shape, and the text stays out of logs.
  }
  throw invalid("NotJson");
}

/** What a Cognito error means for the viewer; `type` may carry a namespace before `#`. The message is never shown. */
export function cognitoError(type: string, status: number, message: unknown): GateError {
  const name = type.slice(type.indexOf("#") + 1);
  return (
    told([...POOL_REFUSALS, ...USER_REFUSALS], name, status, message) ??
    serviceError(COGNITO_ERRORS, name, status)
  );
}

/** What a user pool's refusal means for a session; any words that are not known mean that it is over. */
export function refusalOf(name: string, status: number, message: unknown): GateError {
  return (
    told(USER_REFUSALS, name, status, message) ?? new GateError("session_ended", errorNamed(name, status))
  );
}

/**
 * Whose refusal it is: one name stands for a session that is over, for a user who is disabled, for a rule of the identity
 * pool's, and for an identity pool that does not fit the user pool. Cognito tells them apart in words alone, which AWS
 * does not promise.
 */
type Refusals = readonly (readonly [said: RegExp, code: ErrorCode, cause: string])[];

const POOL_REFUSALS: Refusals = [
  [/\brole/i, "access_denied", "RoleRefused"],
  [/supported provider/i, "exchange_misconfigured", "UnsupportedProvider"],
  [/logins don't match/i, "exchange_misconfigured", "LoginsMismatch"],
];

const USER_REFUSALS: Refusals = [
  [/disabled/i, "account_disabled", "UserDisabled"],
  [/inactive|revoked/i, "session_ended", "TokenInactive"],
  [/expired/i, "session_ended", "TokenExpired"],
];

function told(refusals: Refusals, name: string, status: number, message: unknown): GateError | undefined {
  if (name !== "NotAuthorizedException" || typeof message !== "string") return undefined;
  const [, code, cause = ""] = refusals.find(([said]) => said.test(message)) ?? [];
  return code && new GateError(code, errorNamed(cause, status));
}

/** What an error answer means by its name, or else by its status. */
export function serviceError(codes: ReadonlyMap<string, ErrorCode>, name: string, status: number): GateError {
  const code = codes.get(name) ?? (status === 429 ? "exchange_throttled" : "exchange_unavailable");
  return new GateError(code, errorNamed(name, status));
}

/** Names an error answer in the log: by its type where that is a plain word, else by its status. */
export function errorNamed(type: string, status: number): Error {
  return Object.assign(new Error(), { name: /^\w{1,60}$/.test(type) ? type : `status ${status}` });
}

/** What is not here is a passing fault of the service. */
// https://docs.aws.amazon.com/cognitoidentity/latest/APIReference/API_GetCredentialsForIdentity.html#API_GetCredentialsForIdentity_Errors
const COGNITO_ERRORS: ReadonlyMap<string, ErrorCode> = new Map([
  ["NotAuthorizedException", "session_ended"],
  ["TooManyRequestsException", "exchange_throttled"],
  ["LimitExceededException", "exchange_throttled"],
  ["ResourceNotFoundException", "exchange_misconfigured"],
  ["InvalidParameterException", "exchange_misconfigured"],
  ["ValidationException", "exchange_misconfigured"],
  ["InvalidIdentityPoolConfigurationException", "exchange_misconfigured"],
]);

/** @throws GateError `exchange_unavailable` when the answer names no identity. */
export function identityIdOf(body: Record<string, unknown>): string {
  const identityId = body["IdentityId"];
  if (typeof identityId !== "string" || !/^[\w-]+:[0-9a-f-]{36}$/.test(identityId))
    throw invalid("NoIdentityId");
  return identityId;
}

/** @throws GateError `exchange_unavailable` when the answer holds no credentials that are still good at `now`. */
export function credentialsOf(value: unknown, now: number): Credentials {
  const { AccessKeyId, SecretKey, SessionToken, Expiration } = isRecord(value) ? value : {};
  const expiresAt = Expiration instanceof Date ? Expiration.getTime() / 1000 : Expiration;
  if (!isFilled(AccessKeyId) || !isFilled(SecretKey) || !isFilled(SessionToken))
    throw invalid("NoCredentials");
  if (typeof expiresAt !== "number" || !(expiresAt * 1000 > now)) throw invalid("ExpiredCredentials");
  return { accessKeyId: AccessKeyId, secretAccessKey: SecretKey, sessionToken: SessionToken, expiresAt };
}

function invalid(name: string): GateError {
  return new GateError("exchange_unavailable", errorNamed(name, 200));
}

function isFilled(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}
