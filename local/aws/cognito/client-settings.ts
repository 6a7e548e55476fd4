// A client's settings as UpdateUserPoolClient and CloudFormation are told them: what is not told is reset to AWS's default.
// https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UpdateUserPoolClient.html

import { type JsonObject, objectOf } from "../cloudformation/json.ts";
import { ApiError, invalidParameter } from "../json-api/index.ts";
import { type AppClient, STANDARD_SCOPES } from "./app-client.ts";
import { parseUrls } from "./client-urls.ts";
import { parseValidity } from "./token-validity.ts";

/** "If you don't specify a value for ExplicitAuthFlows, your client supports …". */
const DEFAULT_AUTH_FLOWS = ["ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_CUSTOM_AUTH"];
const MAX_GRACE_SECONDS = 60;

/**
 * The client that these settings make; CloudFormation's properties have the same names.
 * @throws ApiError InvalidParameterException, InvalidOAuthFlowException or ScopeDoesNotExistException.
 */
export function parseClientSettings(clientId: string, input: JsonObject, clientSecret?: string): AppClient {
  const told = texts(input, "ExplicitAuthFlows");
  const explicitAuthFlows = told.length === 0 ? DEFAULT_AUTH_FLOWS : told;
  const callbackUrls = parseUrls(texts(input, "CallbackURLs"));
  const defaultUrl = input["DefaultRedirectURI"];
  if (defaultUrl !== undefined && !callbackUrls.some((url) => url === defaultUrl))
    throw invalidParameter("DefaultRedirectURI must be in the CallbackURLs list.");
  return {
    clientId,
    clientSecret,
    callbackUrls,
    logoutUrls: parseUrls(texts(input, "LogoutURLs")),
    ...oauthOf(input, callbackUrls),
    identityProviders: texts(input, "SupportedIdentityProviders"),
    explicitAuthFlows,
    ...parseValidity(input),
    rotation: rotationOf(input["RefreshTokenRotation"], explicitAuthFlows),
    canRevoke: flag(input["EnableTokenRevocation"] ?? true, "EnableTokenRevocation"),
  };
}

function oauthOf(
  input: JsonObject,
  callbackUrls: readonly string[],
): Pick<AppClient, "oauthFlows" | "oauthScopes"> {
  const oauthFlows = texts(input, "AllowedOAuthFlows");
  const oauthScopes = texts(input, "AllowedOAuthScopes");
  const isOn = flag(input["AllowedOAuthFlowsUserPoolClient"] ?? false, "AllowedOAuthFlowsUserPoolClient");
  refuseFlows(oauthFlows, callbackUrls);
  const unknown = oauthScopes.find((scope) => !STANDARD_SCOPES.includes(scope));
  if (unknown !== undefined)
    throw new ApiError("ScopeDoesNotExistException", `Invalid scope requested: ${unknown}`);
  if (!isOn) return { oauthFlows: [], oauthScopes: [] };
  if (oauthFlows.length > 0 && oauthScopes.length > 0) return { oauthFlows, oauthScopes };
  throw invalidParameter(
    "AllowedOAuthFlows and AllowedOAuthScopes are required if user pool client is allowed to use OAuth flows.",
  );
}

function refuseFlows(flows: readonly string[], callbackUrls: readonly string[]): void {
  const unknown = flows.find((flow) => !["code", "implicit", "client_credentials"].includes(flow));
  if (unknown !== undefined) throw invalidParameter(`AllowedOAuthFlows: ${unknown} is no OAuth flow.`);
  if (flows.includes("client_credentials"))
    throw new ApiError(
      "InvalidOAuthFlowException",
      "client_credentials flow can not be selected if client does not have a client secret.",
    );
  if (flows.length > 0 && callbackUrls.length === 0)
    throw new ApiError(
      "InvalidOAuthFlowException",
      "CallbackUrls can not be empty when code flow or implicit flow is selected",
    );
}

/**
 * Rotation goes without ALLOW_REFRESH_TOKEN_AUTH: "you must disable this authentication flow in your app client".
 * A period of grace has no documented default; none is the harsher reading.
 */
function rotationOf(value: unknown, authFlows: readonly string[]): AppClient["rotation"] {
  if (value === undefined || value === null) return undefined;
  const rotation = objectOf(value) ?? {};
  const { Feature: feature, RetryGracePeriodSeconds: grace = 0 } = rotation;
  if (feature !== "ENABLED" && feature !== "DISABLED")
    throw invalidParameter("RefreshTokenRotation.Feature: expected ENABLED or DISABLED");
  const graceSeconds = Number(grace);
  if (!Number.isInteger(graceSeconds) || graceSeconds < 0 || graceSeconds > MAX_GRACE_SECONDS)
    throw invalidParameter("RefreshTokenRotation.RetryGracePeriodSeconds: expected 0 to 60");
  if (feature === "DISABLED") return undefined;
  if (authFlows.includes("ALLOW_REFRESH_TOKEN_AUTH"))
    throw invalidParameter("Refresh token rotation is not compatible with ALLOW_REFRESH_TOKEN_AUTH.");
  return { graceSeconds };
}

function texts(input: JsonObject, name: string): readonly string[] {
  const value = input[name] ?? [];
  if (Array.isArray(value) && value.every((item) => typeof item === "string")) return value;
  throw invalidParameter(`${name}: expected a list of strings`);
}

/** CloudFormation hands booleans over as text, too. */
function flag(value: unknown, name: string): boolean {
  if (value === true || value === "true") return true;
  if (value === false || value === "false") return false;
  throw invalidParameter(`${name}: expected true or false`);
}
