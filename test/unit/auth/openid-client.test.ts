// The certified client library openid-client (OpenID Certified, https://openid.net/developers/certified-openid-connect-implementations/)
// sends what `login` and `callback` send, and accepts and refuses what they do.
import * as client from "openid-client";
import { beforeEach, describe, expect, test } from "vitest";
import { type Browser, ORIGIN } from "../fixtures/browser.ts";
import { json } from "../fixtures/cognito.ts";
import { CLIENT_ID } from "../fixtures/config.ts";
import { ID_COOKIE, useGate } from "../fixtures/gate.ts";
import { ID_CLAIMS, JWKS, KEY, OTHER_KEY, signed } from "../fixtures/tokens.ts";

const gate = useGate("gatehouse-auth");
let browser: Browser;
let library: client.Configuration;
/** What `login` has sent. */
let sent: URL;
let state: string;
let nonce: string;

beforeEach(async () => {
  const { url } = gate().cognito;
  library = new client.Configuration(
    {
      issuer: ID_CLAIMS.iss,
      authorization_endpoint: `${url}/oauth2/authorize`,
      token_endpoint: `${url}/oauth2/token`,
      jwks_uri: `${url}/jwks.json`,
    },
    CLIENT_ID,
    { id_token_signed_response_alg: "RS256", [client.clockTolerance]: 0 },
    client.None(),
  );
  client.allowInsecureRequests(library);
  client.enableNonRepudiationChecks(library);
  browser = gate().browser();
  sent = new URL((await browser.ask("/.gatehouse/login?return_to=/a")).location);
  state = sent.searchParams.get("state") ?? "";
  nonce = sent.searchParams.get("nonce") ?? "";
});

/** The library's callback, with what this attempt has to check against. */
async function theirs(query: string, pkceCodeVerifier = "v".repeat(43)) {
  const url = new URL(`${ORIGIN}/.gatehouse/callback?${query}`);
  const checks = { pkceCodeVerifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true };
  return await client.authorizationCodeGrant(library, url, checks);
}

const ours = (query: string) => browser.ask(`/.gatehouse/callback?${query}`);

test("login sends the authorization request that the library builds", () => {
  const built = client.buildAuthorizationUrl(library, {
    redirect_uri: `${ORIGIN}/.gatehouse/callback`,
    scope: "openid",
    state,
    nonce,
    code_challenge: sent.searchParams.get("code_challenge") ?? "",
    code_challenge_method: "S256",
  });
  expect(sent.origin + sent.pathname).toBe(built.origin + built.pathname);
  expect([...sent.searchParams].sort()).toEqual([...built.searchParams].sort());
});

test("its state, nonce and verifier are as long as the library's own", async () => {
  await ours(gate().pool.signIn(sent.href));
  const verifier = String(gate().cognito.calls[0]?.body["code_verifier"]);
  expect(state.length).toBeGreaterThanOrEqual(22);
  expect(nonce.length).toBeGreaterThanOrEqual(22);
  expect(verifier).toHaveLength(client.randomPKCECodeVerifier().length);
});

test("callback sends the token request that the library sends, and proves the same", async () => {
  const query = gate().pool.signIn(sent.href);
  const tokens = { id_token: gate().idToken({ nonce }), access_token: "x", token_type: "Bearer" };
  gate().cognito.answer = (response, call) => json(response, 200, call.action === "Jwks" ? JWKS : tokens);
  expect(await ours(query)).toMatchObject({ status: 303 });
  const [own] = gate().cognito.calls;
  const verifier = String(own?.body["code_verifier"]);
  expect(await client.calculatePKCECodeChallenge(verifier)).toBe(sent.searchParams.get("code_challenge"));
  await theirs(query, verifier);
  const [library] = gate().cognito.calls.filter((call) => call !== own && call.action === "/oauth2/token");
  expect(own?.body).toEqual(library?.body);
  expect(own?.headers["authorization"]).toBe(library?.headers["authorization"]);
});

describe("the tokens of an answer", () => {
  const now = ID_CLAIMS.iat + 60;
  const header = { alg: "RS256", kid: KEY.kid };
  const good = () => ({ ...ID_CLAIMS, nonce });
  const verdicts: Record<string, [idToken: () => unknown, ours: boolean, theirs: boolean]> = {
    good: [() => signed(header, good()), true, true],
    "claims besides": [() => signed(header, { ...good(), email: "a@b.example", azp: CLIENT_ID }), true, true],
    "a second before its end": [() => signed(header, { ...good(), exp: now + 1 }), true, true],
    "valid from now on": [() => signed(header, { ...good(), nbf: now }), true, true],
    "the nonce of another attempt": [
      () => signed(header, { ...good(), nonce: "A".repeat(22) }),
      false,
      false,
    ],
    "no nonce": [() => signed(header, { ...good(), nonce: undefined }), false, false],
    "a nonce that is longer": [() => signed(header, { ...good(), nonce: `${nonce}A` }), false, false],
    "another audience": [() => signed(header, { ...good(), aud: "stranger" }), false, false],
    "no audience": [() => signed(header, { ...good(), aud: undefined }), false, false],
    "other audiences": [() => signed(header, { ...good(), aud: ["stranger", "other"] }), false, false],
    "an audience besides ours": [
      () => signed(header, { ...good(), aud: [CLIENT_ID, "stranger"] }),
      false,
      false,
    ],
    "another issuer": [() => signed(header, { ...good(), iss: `${ID_CLAIMS.iss}2` }), false, false],
    "the issuer with a slash": [() => signed(header, { ...good(), iss: `${ID_CLAIMS.iss}/` }), false, false],
    "no issuer": [() => signed(header, { ...good(), iss: undefined }), false, false],
    "no subject": [() => signed(header, { ...good(), sub: undefined }), false, false],
    "at its end": [() => signed(header, { ...good(), exp: now }), false, false],
    "past its end": [() => signed(header, { ...good(), exp: now - 1 }), false, false],
    "no end": [() => signed(header, { ...good(), exp: undefined }), false, false],
    "an end in words": [() => signed(header, { ...good(), exp: "9999999999" }), false, false],
    "not valid yet": [() => signed(header, { ...good(), nbf: now + 1 }), false, false],
    "alg none": [() => signed({ ...header, alg: "none" }, good()), false, false],
    "alg none, unsigned": [
      () => signed({ ...header, alg: "none" }, good()).replace(/[^.]*$/, ""),
      false,
      false,
    ],
    "alg HS256": [() => signed({ ...header, alg: "HS256" }, good()), false, false],
    "alg RS512": [() => signed({ ...header, alg: "RS512" }, good()), false, false],
    "alg PS256": [() => signed({ ...header, alg: "PS256" }, good()), false, false],
    "no alg": [() => signed({ kid: KEY.kid }, good()), false, false],
    "another key under the key's name": [() => signed(header, good(), OTHER_KEY), false, false],
    "a key that is unknown": [() => signed({ ...header, kid: "key-9" }, good()), false, false],
    "a changed claim": [
      () => {
        const [head, , signature] = signed(header, good()).split(".");
        const [, payload] = signed(header, { ...good(), sub: "somebody-else" }).split(".");
        return `${head}.${payload}.${signature}`;
      },
      false,
      false,
    ],
    "a crit header": [() => signed({ ...header, crit: ["x"] }, good()), false, false],
    "a word": [() => "x", false, false],
    "a number": [() => 1, false, false],
    none: [() => undefined, false, false],
    // Stricter than the library: what a user pool never makes.
    "our audience as a list": [() => signed(header, { ...good(), aud: [CLIENT_ID] }), false, true],
    "an access token's use": [() => signed(header, { ...good(), token_use: "access" }), false, true],
    "no use": [() => signed(header, { ...good(), token_use: undefined }), false, true],
    "an empty subject": [() => signed(header, { ...good(), sub: "" }), false, true],
    "no time of issue": [() => signed(header, { ...good(), iat: undefined }), false, false],
  };
  test.each(Object.entries(verdicts))("%s", async (_, [idToken, accepted, acceptedByThem]) => {
    gate().cognito.answer = (response, { action }) =>
      json(
        response,
        200,
        action === "Jwks" ? JWKS : { id_token: idToken(), access_token: "x", token_type: "Bearer" },
      );
    const { status } = await ours(`code=x&state=${state}`);
    const them = await theirs(`code=x&state=${state}`).then(
      () => true,
      () => false,
    );
    expect([status === 303, browser.jar.has(ID_COOKIE)]).toEqual([accepted, accepted]);
    expect(them).toBe(acceptedByThem);
  });
});

describe("the parameters of the way back", () => {
  const unknown = "0mjwxyz12-AAAAAAAAAAAAAAAAAAAAAA";
  const queries: Record<string, [query: () => string, accepted: boolean]> = {
    "as they should be": [() => `code=x&state=${state}`, true],
    "and more": [() => `code=x&state=${state}&session_state=y`, true],
    "no state": [() => "code=x", false],
    "an empty state": [() => "code=x&state=", false],
    "another state": [() => `code=x&state=${unknown}`, false],
    "the state twice": [() => `code=x&state=${state}&state=${state}`, false],
    "a state besides": [() => `code=x&state=${state}&state=${unknown}`, false],
    "no code": [() => `state=${state}`, false],
    "the code twice": [() => `code=x&code=x&state=${state}`, false],
    "an error": [() => `error=access_denied&state=${state}`, false],
    "an error and a code": [() => `error=access_denied&code=x&state=${state}`, false],
    "an error without a state": [() => "error=access_denied", false],
    nothing: [() => "", false],
  };
  test.each(Object.entries(queries))("%s", async (_, [query, accepted]) => {
    const tokens = { id_token: gate().idToken({ nonce }), access_token: "x", token_type: "Bearer" };
    gate().cognito.answer = (response, { action }) => json(response, 200, action === "Jwks" ? JWKS : tokens);
    const { status } = await ours(query());
    const them = await theirs(query()).then(
      () => true,
      () => false,
    );
    expect([status === 303, them]).toEqual([accepted, accepted]);
  });
});

describe("the token endpoint's answer", () => {
  test.each([
    ["invalid_grant", 400, { error: "invalid_grant" }],
    ["status 500", 500, {}],
    ["status 429", 429, {}],
    ["a token under status 400", 400, { id_token: "good" }],
    ["a token under status 201", 201, { id_token: "good" }],
    ["nothing", 200, {}],
    ["a list", 200, []],
  ])("%s is refused by both", async (name, status, body) => {
    const tokens =
      "id_token" in body
        ? { id_token: gate().idToken({ nonce }), access_token: "x", token_type: "Bearer" }
        : body;
    gate().cognito.answer = (response, { action }) =>
      action === "Jwks" ? json(response, 200, JWKS) : json(response, status, tokens);
    const answer = await ours(`code=x&state=${state}`);
    // A code that was used is asked for anew, once, where the library leaves that to its caller.
    if (name === "invalid_grant") expect(answer.location).toMatch(/^\/\.gatehouse\/login\?.*&restarted=1$/);
    else expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(browser.jar.has(ID_COOKIE)).toBe(false);
    await expect(theirs(`code=x&state=${state}`)).rejects.toThrow();
  });
});
