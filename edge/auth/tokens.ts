// Gets tokens from the user pool: for a code, and for a refresh token; and revokes the latter.
import type { Config } from "../config/config.ts";
import { isRecord } from "../config/json.ts";
import { GateError } from "../errors.ts";
import { type Http, HttpError, type HttpRequest, type HttpResponse } from "../https.ts";
import { errorNamed, refusalOf } from "../session/exchange.ts";
import { managedLogin, signInClientId, userPoolApi } from "./place.ts";

/** What the pool hands out. Nothing in it has been checked. */
export interface UncheckedTokens {
  readonly idToken: string;
  /** Undefined when the one in use stays valid. */
  readonly refreshToken: string | undefined;
}

/** Sends one request; `timeoutMs` boxes it. */
type Call = Omit<HttpRequest, "timeoutMs">;

/** A refresh token, and the key of the device that the pool remembers it with. */
interface Renewing {
  readonly refreshToken: string;
  readonly deviceKey: string | undefined;
}

/** As a session keeps both: neither of them has this character. */
const SEPARATOR = "~";

/** What a session keeps to be renewed with. */
export function keptRenewal({ refreshToken, deviceKey }: Renewing): string {
  return deviceKey === undefined ? refreshToken : `${refreshToken}${SEPARATOR}${deviceKey}`;
}

/** What is kept, taken apart. */
export function renewingWith(kept: string): Renewing {
  const [refreshToken = "", deviceKey] = kept.split(SEPARATOR);
  return { refreshToken, deviceKey };
}

/**
 * The token request for a code (RFC 6749 §4.1.3, RFC 7636 §4.5).
 * https://docs.aws.amazon.com/cognito/latest/developerguide/token-endpoint.html
 */
export function codeRequest(
  config: Config,
  grant: {
    readonly clientId: string;
    readonly code: string;
    readonly redirectUri: string;
    readonly codeVerifier: string;
  },
): Call {
  const form = {
    grant_type: "authorization_code",
    client_id: grant.clientId,
    code: grant.code,
    redirect_uri: grant.redirectUri,
    code_verifier: grant.codeVerifier,
  };
  return postForm(config, grant.clientId, "token", form);
}

/** @throws GateError `sign_in_failed` when the pool refuses the code, `sign_in_unavailable` when it cannot be asked */
export function processCodeResponse({ status, body }: HttpResponse): UncheckedTokens {
  const answer = json(body);
  if (status >= 500 || status === 429) throw unavailable(`status ${status}`, status);
  const error = answer["error"];
  if (status !== 200)
    throw new GateError("sign_in_failed", errorNamed(typeof error === "string" ? error : "", status));
  return tokensOf(answer["id_token"], answer["refresh_token"]);
}

/**
 * The request for new tokens, with and without rotation of refresh tokens.
 * https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_GetTokensFromRefreshToken.html
 */
export function refreshRequest(config: Config, clientId: string, kept: string): Call {
  const headers = {
    "content-type": "application/x-amz-json-1.1",
    "x-amz-target": "AWSCognitoIdentityProviderService.GetTokensFromRefreshToken",
  };
  const { refreshToken, deviceKey } = renewingWith(kept);
  const body = JSON.stringify({
    ClientId: clientId,
    ClientSecret: clientSecretOf(config, clientId),
    DeviceKey: deviceKey,
    RefreshToken: refreshToken,
  });
  return post(`${userPoolApi(config)}/`, headers, body);
}

/**
 * @throws GateError `session_ended` when the pool refuses the token, `account_disabled` when that is because of its user,
 * `sign_in_unavailable` when it cannot be asked
 */
export function processRefreshResponse({ status, body }: HttpResponse): UncheckedTokens {
  const answer = json(body);
  const result = isRecord(answer["AuthenticationResult"]) ? answer["AuthenticationResult"] : {};
  if (status === 200) return tokensOf(result["IdToken"], result["RefreshToken"]);
  const type = String(answer["__type"] ?? "");
  const name = type.slice(type.indexOf("#") + 1);
  if (status !== 400 || !/^\w+$/.test(name) || PASSING.has(name)) throw unavailable(name, status);
  throw refusalOf(name, status, answer["message"]);
}

/** What may go away by itself; all else says that the token, its user or its client is not what it was. */
const PASSING = new Set(["InternalErrorException", "LimitExceededException", "TooManyRequestsException"]);

/** The request that ends a refresh token and all that came from it (RFC 7009). */
export function revokeRequest(config: Config, clientId: string, kept: string): Call {
  const form = { client_id: clientId, token: renewingWith(kept).refreshToken };
  return postForm(config, clientId, "revoke", form);
}

/**
 * Sends a request once: a code can be redeemed only once, and a second try after a lost answer would lose it.
 * @param deadline milliseconds since the epoch, as `now` gives them
 * @throws GateError `sign_in_unavailable`
 */
export async function ask(
  http: Http,
  now: () => number,
  call: Call,
  deadline: number,
): Promise<HttpResponse> {
  try {
    return await http({ ...call, fresh: true, timeoutMs: deadline - now() });
  } catch (error) {
    throw new GateError("sign_in_unavailable", error instanceof HttpError ? error : undefined);
  }
}

/** The secret of the client that people sign in with; the others' secrets are not ours. */
function clientSecretOf(config: Config, clientId: string): string | undefined {
  return clientId === signInClientId(config) ? config.auth?.clientSecret : undefined;
}

/**
 * A form for one of the OAuth endpoints; a client with a secret authenticates by Basic (RFC 6749 §2.3.1).
 * https://docs.aws.amazon.com/cognito/latest/developerguide/token-endpoint.html
 */
function postForm(
  config: Config,
  clientId: string,
  endpoint: "token" | "revoke",
  form: Readonly<Record<string, string>>,
): Call {
  const secret = clientSecretOf(config, clientId);
  const headers = {
    "content-type": "application/x-www-form-urlencoded",
    ...(secret !== undefined && {
      authorization: `Basic ${Buffer.from(`${clientId}:${secret}`).toString("base64")}`,
    }),
  };
  return post(`${managedLogin(config)}/oauth2/${endpoint}`, headers, String(new URLSearchParams(form)));
}

function post(url: string, headers: Readonly<Record<string, string>>, body: string): Call {
  return { method: "POST", url, headers, body };
}

function tokensOf(idToken: unknown, refreshToken: unknown): UncheckedTokens {
  if (typeof idToken !== "string") throw unavailable("NoIdToken", 200);
  return { idToken, refreshToken: typeof refreshToken === "string" ? refreshToken : undefined };
}

/** What is no JSON object holds no field. */
function json(body: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(body);
    return isRecord(value) ? value : {};
  } catch {
    return {};
  }
}

function unavailable(name: string, status: number): GateError {
  return new GateError("sign_in_unavailable", errorNamed(name, status));
}
