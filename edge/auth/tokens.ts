// Gets tokens from the user pool: for a code, and for a refresh token; and revokes the latter.
import type { Config } from "../config/config.ts";
import { isRecord } from "../config/json.ts";
import { GateError } from "../errors.ts";
import { type Http, HttpError, type HttpRequest, type HttpResponse } from "../https.ts";
import { errorNamed } from "../session/exchange.ts";
import { managedLogin, userPoolApi } from "./place.ts";

/** What the pool hands out. Nothing in it has been checked. */
export interface UncheckedTokens {
  readonly idToken: string;
  /** Undefined when the one in use stays valid. */
  readonly refreshToken: string | undefined;
}

/** Sends one request; `timeoutMs` boxes it. */
type Call = Omit<HttpRequest, "timeoutMs">;

const FORM = { "content-type": "application/x-www-form-urlencoded" };

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
  return post(`${managedLogin(config)}/oauth2/token`, FORM, String(new URLSearchParams(form)));
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
export function refreshRequest(config: Config, clientId: string, refreshToken: string): Call {
  const headers = {
    "content-type": "application/x-amz-json-1.1",
    "x-amz-target": "AWSCognitoIdentityProviderService.GetTokensFromRefreshToken",
  };
  const body = JSON.stringify({ ClientId: clientId, RefreshToken: refreshToken });
  return post(`${userPoolApi(config)}/`, headers, body);
}

/** @throws GateError `session_ended` when the pool refuses the token, `sign_in_unavailable` when it cannot be asked */
export function processRefreshResponse({ status, body }: HttpResponse): UncheckedTokens {
  const answer = json(body);
  const result = isRecord(answer["AuthenticationResult"]) ? answer["AuthenticationResult"] : {};
  if (status === 200) return tokensOf(result["IdToken"], result["RefreshToken"]);
  const type = String(answer["__type"] ?? "");
  const name = type.slice(type.indexOf("#") + 1);
  if (status !== 400 || !/^\w+$/.test(name) || PASSING.has(name)) throw unavailable(name, status);
  throw new GateError("session_ended", errorNamed(name, status));
}

/** What may go away by itself; all else says that the token, its user or its client is not what it was. */
const PASSING = new Set(["InternalErrorException", "LimitExceededException", "TooManyRequestsException"]);

/** The request that ends a refresh token and all that came from it (RFC 7009). */
export function revokeRequest(config: Config, clientId: string, refreshToken: string): Call {
  const form = { client_id: clientId, token: refreshToken };
  return post(`${managedLogin(config)}/oauth2/revoke`, FORM, String(new URLSearchParams(form)));
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
