import { describe, expect, test } from "vitest";
import { parseClientSettings } from "../../../../local/aws/cognito/client-settings.ts";

const OAUTH = {
  AllowedOAuthFlowsUserPoolClient: true,
  AllowedOAuthFlows: ["code"],
  AllowedOAuthScopes: ["openid", "email"],
  CallbackURLs: ["https://a.example.com/callback"],
};
const SRP = ["ALLOW_USER_SRP_AUTH"];

describe("settings", () => {
  test.each<[string, object, object]>([
    ["flows and scopes", OAUTH, { oauthFlows: ["code"], oauthScopes: ["openid", "email"] }],
    [
      "flows and scopes while OAuth is off",
      { ...OAUTH, AllowedOAuthFlowsUserPoolClient: false },
      { oauthFlows: [], oauthScopes: [] },
    ],
    ["switches as text", { ...OAUTH, AllowedOAuthFlowsUserPoolClient: "true" }, { oauthFlows: ["code"] }],
    [
      "http://localhost",
      { CallbackURLs: ["http://localhost:1/c"] },
      { callbackUrls: ["http://localhost:1/c"] },
    ],
    ["an app's own scheme", { LogoutURLs: ["myapp://bye"] }, { logoutUrls: ["myapp://bye"] }],
    [
      "lifetimes in their default units",
      { IdTokenValidity: 2, AccessTokenValidity: 3, RefreshTokenValidity: 4 },
      { idTokenSeconds: 7200, accessTokenSeconds: 10_800, refreshTokenSeconds: 345_600 },
    ],
    [
      "lifetimes in other units",
      {
        IdTokenValidity: 5,
        AccessTokenValidity: 300,
        RefreshTokenValidity: 1,
        TokenValidityUnits: { IdToken: "minutes", AccessToken: "seconds", RefreshToken: "hours" },
      },
      { idTokenSeconds: 300, accessTokenSeconds: 300, refreshTokenSeconds: 3600 },
    ],
    ["a lifetime of 0, which is the default", { IdTokenValidity: 0 }, { idTokenSeconds: 3600 }],
    [
      "rotation",
      {
        ExplicitAuthFlows: SRP,
        RefreshTokenRotation: { Feature: "ENABLED", RetryGracePeriodSeconds: 60 },
      },
      { rotation: { graceSeconds: 60 } },
    ],
    [
      "rotation without a grace",
      { ExplicitAuthFlows: SRP, RefreshTokenRotation: { Feature: "ENABLED" } },
      { rotation: { graceSeconds: 0 } },
    ],
    ["rotation that is off", { RefreshTokenRotation: { Feature: "DISABLED" } }, { rotation: undefined }],
    ["no revocation", { EnableTokenRevocation: false }, { canRevoke: false }],
  ])("%s", (_name, input, expected) => {
    expect(parseClientSettings("c", { ...input })).toMatchObject(expected);
  });

  const INVALID = "InvalidParameterException";
  test.each<[string, object, string]>([
    ["http://127.0.0.1", { CallbackURLs: ["http://127.0.0.1:1/c"] }, INVALID],
    ["plain HTTP", { CallbackURLs: ["http://a.example.com/c"] }, INVALID],
    ["a host that only starts like localhost", { LogoutURLs: ["http://localhost.example.com/"] }, INVALID],
    ["a fragment", { CallbackURLs: ["https://a.example.com/#x"] }, INVALID],
    ["a relative URL", { CallbackURLs: ["/callback"] }, INVALID],
    ["an empty URL", { LogoutURLs: [""] }, INVALID],
    [
      "101 URLs",
      { LogoutURLs: Array.from({ length: 101 }, (_, i) => `https://a.example.com/${i}`) },
      INVALID,
    ],
    ["a default URL that is not registered", { DefaultRedirectURI: "https://a.example.com/" }, INVALID],
    ["OAuth without flows", { ...OAUTH, AllowedOAuthFlows: [] }, INVALID],
    ["OAuth without scopes", { ...OAUTH, AllowedOAuthScopes: undefined }, INVALID],
    ["flows without a callback", { ...OAUTH, CallbackURLs: [] }, "InvalidOAuthFlowException"],
    [
      "client credentials without a secret",
      { ...OAUTH, AllowedOAuthFlows: ["client_credentials"] },
      "InvalidOAuthFlowException",
    ],
    ["an unknown flow", { ...OAUTH, AllowedOAuthFlows: ["token"] }, INVALID],
    ["an unknown scope", { ...OAUTH, AllowedOAuthScopes: ["openid", "all"] }, "ScopeDoesNotExistException"],
    ["a list that is none", { CallbackURLs: "https://a.example.com/" }, INVALID],
    ["a switch that is none", { EnableTokenRevocation: "yes" }, INVALID],
    ["4 minutes", { IdTokenValidity: 4, TokenValidityUnits: { IdToken: "minutes" } }, INVALID],
    ["25 hours", { AccessTokenValidity: 25 }, INVALID],
    ["half a day", { IdTokenValidity: 0.5 }, INVALID],
    [
      "59 minutes to refresh",
      { RefreshTokenValidity: 59, TokenValidityUnits: { RefreshToken: "minutes" } },
      INVALID,
    ],
    ["over 10 years", { RefreshTokenValidity: 3651 }, INVALID],
    ["an unknown unit", { IdTokenValidity: 1, TokenValidityUnits: { IdToken: "weeks" } }, INVALID],
    [
      "a refresh token that ends before the others",
      { IdTokenValidity: 2, RefreshTokenValidity: 1, TokenValidityUnits: { RefreshToken: "hours" } },
      INVALID,
    ],
    [
      "rotation beside ALLOW_REFRESH_TOKEN_AUTH",
      {
        ExplicitAuthFlows: [...SRP, "ALLOW_REFRESH_TOKEN_AUTH"],
        RefreshTokenRotation: { Feature: "ENABLED" },
      },
      INVALID,
    ],
    ["rotation beside the default flows", { RefreshTokenRotation: { Feature: "ENABLED" } }, INVALID],
    [
      "a grace of 61 s",
      {
        ExplicitAuthFlows: SRP,
        RefreshTokenRotation: { Feature: "ENABLED", RetryGracePeriodSeconds: 61 },
      },
      INVALID,
    ],
    ["rotation without a feature", { RefreshTokenRotation: {} }, INVALID],
  ])("%s is refused", (_name, input, code) => {
    expect(() => parseClientSettings("c", { ...input })).toThrow(expect.objectContaining({ code }));
  });
});
