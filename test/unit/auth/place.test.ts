import { describe, expect, test } from "vitest";
import { isFromKnownOrigin, originOf } from "../../../edge/answer/own-origin.ts";
import { managedLogin, signInClientId, userPoolApi } from "../../../edge/auth/place.ts";
import type { ConfigDocument } from "../../../edge/config/config.ts";
import { parseConfig } from "../../../edge/config/document.ts";
import { readEvent } from "../../../edge/request/cloudfront.ts";
import { CLIENT_ID, configDocument, SECOND_CLIENT_ID } from "../fixtures/config.ts";
import { viewerEvent } from "../fixtures/events.ts";

const requestFrom = (headers: Readonly<Record<string, string>>) => readEvent(viewerEvent({ headers }));

describe("the origin that the viewer asked", () => {
  test.each([
    ["d111111abcdef8.cloudfront.net", "https://d111111abcdef8.cloudfront.net"],
    ["assets.example.com:8443", "https://assets.example.com:8443"],
    ["localhost", "http://localhost"],
    ["localhost:8080", "http://localhost:8080"],
    ["127.0.0.1:8080", "http://127.0.0.1:8080"],
    ["localhost.evil.example", "https://localhost.evil.example"],
    ["evil-localhost", "https://evil-localhost"],
  ])("%s is %s", (Host, origin) => {
    expect(originOf(requestFrom({ Host }))).toBe(origin);
  });

  test.each(["", "a/b", "a b", "user@example.com", "example.com:port", "example.com:80/", "[::1]", "a\r\nb"])(
    "%j is none",
    (Host) => {
      expect(() => originOf(requestFrom({ Host }))).toThrow(
        expect.objectContaining({ code: "invalid_request" }),
      );
    },
  );
});

describe("where the user pool is", () => {
  const { userPool } = configDocument();
  const configWith = (changes: Partial<ConfigDocument>) =>
    parseConfig(configDocument({ auth: { keys: { current: "1".repeat(64) } }, ...changes }));
  const own = configWith({ userPool: { ...userPool, domain: "login.example.com" } });
  const elsewhere = configWith({
    auth: { keys: { current: "1".repeat(64) }, clientId: SECOND_CLIENT_ID },
    endpoints: { oauth: "https://oauth.example.com", cognitoIdp: "https://idp.example.com" },
  });

  test("AWS's own places, and the first client", () => {
    expect([managedLogin(own), userPoolApi(own), signInClientId(own)]).toEqual([
      "https://login.example.com",
      "https://cognito-idp.us-east-1.amazonaws.com",
      CLIENT_ID,
    ]);
  });

  test("configured ones", () => {
    expect([managedLogin(elsewhere), userPoolApi(elsewhere), signInClientId(elsewhere)]).toEqual([
      "https://oauth.example.com",
      "https://idp.example.com",
      SECOND_CLIENT_ID,
    ]);
  });

  test.each([
    ["https://d111111abcdef8.cloudfront.net", true],
    ["http://d111111abcdef8.cloudfront.net", false],
    ["https://evil.example", false],
    ["null", false],
  ])("%s may change something: %s", (Origin, may) => {
    expect(isFromKnownOrigin(requestFrom({ Origin }), own)).toBe(may);
  });

  test("nobody may who does not say where from", () => {
    expect(isFromKnownOrigin(requestFrom({}), own)).toBe(false);
  });
});
