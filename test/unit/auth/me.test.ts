// `GET me`: who is signed in, told to the user's own pages and apps.
import { describe, expect, test } from "vitest";
import { AUTH_BUNDLES } from "../fixtures/bundle.ts";
import { CLIENT_ID, SECOND_CLIENT_ID } from "../fixtures/config.ts";
import { APP, ID_COOKIE, REFRESH_COOKIE, SECRETS, useGate } from "../fixtures/gate.ts";
import { ID_CLAIMS, OTHER_KEY, token } from "../fixtures/tokens.ts";

const ME = "/.gatehouse/me";

describe.each(AUTH_BUNDLES)("%s", (bundle) => {
  const gate = useGate(bundle, { cookies: { names: ["app-token"], amplify: true } });

  test("a person who has signed in", async () => {
    const browser = await gate().signedIn({
      email: "ada@example.com",
      "cognito:groups": ["editors", "ünïcode"],
    });
    const answer = await browser.ask(ME, { dest: "empty", headers: { Origin: APP } });
    expect(answer).toMatchObject({ status: 200, cookies: [], location: "" });
    expect(JSON.parse(answer.body)).toEqual({
      sub: ID_CLAIMS.sub,
      username: "ada",
      email: "ada@example.com",
      groups: ["editors", "ünïcode"],
      expiresAt: Date.now() / 1000 + 3_600,
      renewable: true,
    });
    expect(answer.headers).toMatchObject({
      "content-type": "application/json",
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
      "access-control-allow-origin": APP,
    });
    expect(gate().actions).toEqual([]);
    expect(gate().logged).toEqual([]);
    expect(answer.body).not.toMatch(SECRETS);
  });

  const places: Record<string, [() => Record<string, string>, renewable: boolean]> = {
    "a bearer token": [() => ({ Authorization: `Bearer ${token()}` }), false],
    "a bearer token beside a refresh cookie": [
      () => ({ Authorization: token(), Cookie: `${REFRESH_COOKIE}=x` }),
      true,
    ],
    "our cookie": [() => ({ Cookie: `${ID_COOKIE}=${token()}` }), false],
    "a configured cookie": [() => ({ Cookie: `app-token=${token()}` }), false],
    "an Amplify cookie": [
      () => ({ Cookie: `CognitoIdentityServiceProvider.${CLIENT_ID}.ada.idToken=${token()}` }),
      false,
    ],
    "another client of ours": [() => ({ Authorization: token({ aud: SECOND_CLIENT_ID }) }), false],
  };
  test.each(Object.entries(places))("%s", async (_, [headers, renewable]) => {
    const { status, body } = await gate().browser().ask(ME, { dest: "empty", headers: headers() });
    expect(status).toBe(200);
    expect(JSON.parse(body)).toMatchObject({ sub: ID_CLAIMS.sub, renewable });
    expect(gate().actions).toEqual([]);
  });

  const nobody: Record<string, [() => Record<string, string>, code: string]> = {
    nobody: [() => ({}), "token_missing"],
    "a refresh token alone": [() => ({ Cookie: `${REFRESH_COOKIE}=x` }), "token_missing"],
    "an expired token": [() => ({ Authorization: token({ exp: 1 }) }), "token_expired"],
    "a forged token": [() => ({ Authorization: token({}, OTHER_KEY, { kid: "key-1" }) }), "token_invalid"],
    "an access token": [() => ({ Authorization: token({ token_use: "access" }) }), "id_token_required"],
  };
  test.each(Object.entries(nobody))("%s is nobody", async (_, [headers, code]) => {
    const answer = await gate().browser().ask(ME, { dest: "empty", headers: headers() });
    expect(answer).toMatchObject({ status: 401, code, cookies: [], location: "" });
    expect(JSON.parse(answer.body)).toEqual({
      code,
      message: expect.any(String),
      requestId: expect.any(String),
    });
    expect(answer.headers["www-authenticate"]).toMatch(/^Bearer realm="gatehouse"/);
    expect(gate().actions).toEqual([]);
  });
});

describe("claims that are not what they should be", () => {
  const gate = useGate("gatehouse-auth");

  test.each([
    ["no name", { "cognito:username": undefined }, { username: ID_CLAIMS.sub }],
    ["a name that is a list", { "cognito:username": ["a"] }, { username: ID_CLAIMS.sub }],
    ["a name in markup", { "cognito:username": "</script><b>" }, { username: "</script><b>" }],
    ["a name beyond ASCII", { "cognito:username": "Ada 🏰 \u2028" }, { username: "Ada 🏰 \u2028" }],
    ["an address that is a number", { email: 7 }, { username: "ada" }],
    ["groups that are a text", { "cognito:groups": "editors" }, { groups: [] }],
    ["groups of several kinds", { "cognito:groups": ["a", 1, null] }, { groups: ["a"] }],
  ])("%s", async (_, claims, expected) => {
    const headers = { Authorization: token(claims) };
    const { status, body } = await gate().browser().ask(ME, { dest: "empty", headers });
    expect(status).toBe(200);
    expect(JSON.parse(body)).toMatchObject(expected);
    expect(JSON.parse(body).email).toBeUndefined();
  });

  test.each(["HEAD", "POST", "PUT"])("%s is not for it", async (method) => {
    const browser = await gate().signedIn();
    const answer = await browser.ask(ME, { method, dest: "empty" });
    expect(answer).toMatchObject({ status: 405, cookies: [] });
  });

  test.each([
    "/.gatehouse/me/",
    "/.gatehouse/Me",
    "/.gatehouse/me2",
    "/.gatehouse/toString",
    "/.gatehouse/__proto__",
  ])("%s is nothing", async (url) => {
    const browser = await gate().signedIn();
    expect(await browser.ask(url, { dest: "empty" })).toMatchObject({ status: 404, code: "not_found" });
  });

  test("every spelling of its path is the endpoint", async () => {
    const browser = await gate().signedIn();
    expect(await browser.ask("/%2egatehouse/%6De", { dest: "empty" })).toMatchObject({ status: 200 });
  });
});
