// Machines: access tokens that app clients got for themselves, through the built bundles with the exchange by STS.
import { describe, expect, test, vi } from "vitest";
import { userHash } from "../../edge/answer/log.ts";
import type { ConfigDocument } from "../../edge/config/config.ts";
import { answerOf } from "./fixtures/browser.ts";
import { STS_AUTH_BUNDLES, STS_BUNDLES } from "./fixtures/bundle.ts";
import type { Answer } from "./fixtures/cognito.ts";
import { configDocument } from "./fixtures/config.ts";
import { viewerEvent } from "./fixtures/events.ts";
import { APP, ID_COOKIE, KEYS, SECRETS, type TestGate, useGate } from "./fixtures/gate.ts";
import { ID_CLAIMS, JWKS, OTHER_KEY, signed, token } from "./fixtures/tokens.ts";

const MACHINE = "3machineclient3";
/** A cookie that an app writes its users' tokens into. */
const APP_COOKIE = "app-token";
const role = (name: string) => `arn:aws:iam::123456789012:role/${name}`;
const AREAS = [
  { path: "/reports/*", scopes: ["assets/read", "assets/admin"] },
  { path: "/team/*", groups: ["editors"], scopes: ["assets/team"] },
  { path: "/me/*", owner: "users/{sub}/" },
  { path: "/people/*" },
  { path: "/*", scopes: ["assets/read"] },
];

function documentFor(bundle: string): Partial<ConfigDocument> {
  const document = configDocument();
  return {
    userPool: { ...document.userPool, jwks: JWKS, machineClientIds: [MACHINE] },
    identityPool: undefined,
    exchange: { kind: "sts", roleArn: role("readers") },
    ...(!bundle.includes("auth") && { auth: undefined }),
    listing: { enabled: true },
    cookies: { names: [APP_COOKIE] },
    areas: AREAS,
    groups: { editors: { roleArn: role("editors") } },
    scopes: {
      "assets/read": { roleArn: role("read") },
      "assets/admin": { roleArn: role("admin") },
      "assets/team": { roleArn: role("team") },
    },
  } as Partial<ConfigDocument>;
}

const { iss, iat, exp } = ID_CLAIMS;
const ACCESS = { iss, iat, exp, sub: MACHINE, client_id: MACHINE, token_use: "access", version: 2 };

/** A machine's token with other claims; one of undefined is left out. */
function machine(claims: object = {}, header: object = {}, key?: typeof OTHER_KEY): string {
  const payload = { scope: "assets/read", ...ACCESS, ...claims };
  const kid = JSON.parse(Buffer.from(token().split(".")[0] ?? "", "base64url").toString()).kid;
  return signed({ alg: "RS256", kid, ...header }, payload, key);
}

/** STS, with a key that is named after the role. */
const services =
  (otherwise: Answer): Answer =>
  (response, call) => {
    const { body } = call;
    if (body["Action"] !== "AssumeRole") return otherwise(response, call);
    const name = String(body["RoleArn"]).split("/").at(-1);
    const expiration = new Date(Date.now() + 3_600_000).toISOString();
    response
      .writeHead(200, { "content-type": "text/xml" })
      .end(
        `<Credentials><AccessKeyId>key-of-${name}</AccessKeyId><SecretAccessKey>test-secret-key</SecretAccessKey>` +
          `<SessionToken>test+session/token==</SessionToken><Expiration>${expiration}</Expiration></Credentials>`,
      );
  };

function endpointsOf(gate: TestGate): Partial<ConfigDocument> {
  gate.cognito.answer = services(gate.cognito.answer);
  vi.stubEnv("AWS_ACCESS_KEY_ID", "function-key");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "function-secret");
  vi.stubEnv("AWS_SESSION_TOKEN", "function-token");
  const { url } = gate.cognito;
  return { endpoints: { sts: url, cognitoIdp: url, oauth: url, jwksUri: `${url}/jwks` } };
}

describe.each([...STS_BUNDLES, ...STS_AUTH_BUNDLES])("%s", (bundle) => {
  const gate = useGate(bundle, documentFor(bundle));
  const started = () => {
    const { endpoints } = endpointsOf(gate());
    return gate().coldStart({ endpoints: bundle.includes("auth") ? endpoints : { sts: gate().cognito.url } });
  };

  async function ask(uri: string, headers: Record<string, string>, handler = started()) {
    const result = await handler(viewerEvent({ uri, headers }));
    if ("status" in result) {
      const { code, message } = JSON.parse(result.body ?? "{}");
      const [challenge] = result.headers["www-authenticate"] ?? [];
      return { status: result.status, code, message, challenge: challenge?.value };
    }
    return {
      uri: result.uri,
      scope: String(result.headers["x-gatehouse-cache-scope"]?.[0]?.value).replace(/^\w+:/, ""),
      key: String(new URLSearchParams(result.querystring).get("X-Amz-Credential")).replace(/\/.*/, ""),
    };
  }
  const bearer = (jwt: string) => ({ Authorization: `Bearer ${jwt}` });

  test.each([
    ["/reports/a.csv", "assets/read", "scope:assets%2Fread:signed-in", "key-of-read"],
    ["/reports/a.csv", "x/y assets/admin", "scope:assets%2Fadmin:signed-in", "key-of-admin"],
    ["/reports/a.csv", "assets/admin assets/read", "scope:assets%2Fread:signed-in", "key-of-read"],
    ["/team/a.txt", "assets/team", "scope:assets%2Fteam:signed-in", "key-of-team"],
    ["/a.txt", "assets/read", "scope:assets%2Fread:signed-in", "key-of-read"],
  ])("%s with the scope %s is shared by %s", async (uri, scope, shared, key) => {
    expect(await ask(uri, bearer(machine({ scope })))).toEqual({ uri, scope: shared, key });
  });

  const noScope = (scopes = "assets/read assets/admin") => ({
    status: "403",
    code: "insufficient_scope",
    message: "The scopes granted do not allow this.",
    challenge: `Bearer realm="gatehouse", error="insufficient_scope", error_description="The scopes granted do not allow this.", scope="${scopes}"`,
  });
  const DENIED = {
    status: "403",
    code: "access_denied",
    message: "You may not see this.",
    challenge: undefined,
  };
  const ID_REQUIRED = {
    status: "401",
    code: "id_token_required",
    message: "An ID token is required; an access token was sent.",
    challenge:
      'Bearer realm="gatehouse", error="invalid_token", error_description="An ID token is required; an access token was sent."',
  };
  const INVALID = { status: "401", code: "token_invalid" };
  const EXPIRED = { status: "401", code: "token_expired" };

  const refused: Record<string, [uri: string, jwt: string, answer: object]> = {
    "another scope": ["/reports/a", machine({ scope: "assets/team" }), noScope()],
    "no scope": ["/reports/a", machine({ scope: undefined }), noScope()],
    "an empty scope": ["/reports/a", machine({ scope: "" }), noScope()],
    "scopes as a list": ["/reports/a", machine({ scope: ["assets/read"] }), INVALID],
    "a scope that begins alike": ["/reports/a", machine({ scope: "assets/reads" }), noScope()],
    "a scope in another case": ["/reports/a", machine({ scope: "Assets/Read" }), noScope()],
    "the scope of another area": ["/team/a", machine(), noScope("assets/team")],
    "an area without scopes": ["/people/a", machine(), DENIED],
    "an owner area": ["/me/a", machine(), DENIED],
    "groups that it names": ["/people/a", machine({ "cognito:groups": ["editors"] }), DENIED],
    "a user's token": ["/a", machine({ username: "ada", sub: ID_CLAIMS.sub }), ID_REQUIRED],
    "a user's name beside the client": ["/a", machine({ username: "ada" }), ID_REQUIRED],
    "a user's name as ID tokens have it": ["/a", machine({ "cognito:username": "ada" }), ID_REQUIRED],
    "another subject": ["/a", machine({ sub: ID_CLAIMS.sub }), ID_REQUIRED],
    "another client": ["/a", machine({ sub: "other", client_id: "other" }), ID_REQUIRED],
    "a client of people": ["/a", machine({ sub: "1testclient1", client_id: "1testclient1" }), ID_REQUIRED],
    "no client": ["/a", machine({ client_id: undefined }), ID_REQUIRED],
    "an ID token of the machine's client": ["/a", token({ aud: MACHINE }), INVALID],
    "another issuer": ["/a", machine({ iss: `${iss}x` }), INVALID],
    "another key": ["/a", machine({}, {}, OTHER_KEY), INVALID],
    "a critical header": ["/a", machine({}, { crit: ["x"] }), ID_REQUIRED],
    "no end": ["/a", machine({ exp: undefined }), INVALID],
    "no beginning": ["/a", machine({ iat: undefined }), INVALID],
    "its end": ["/a", machine({ exp: Number(iat) }), EXPIRED],
    "an end as a text": ["/a", machine({ exp: "9999999999" }), INVALID],
  };
  test.each(Object.entries(refused))("%s is refused", async (_, [uri, jwt, answer]) => {
    expect(await ask(uri, bearer(jwt))).toMatchObject(answer);
    expect(gate().cognito.calls.filter(({ action }) => action !== "Jwks")).toEqual([]);
  });

  test("a machine's token in a cookie is nobody's session, known from a header or not", async () => {
    const handler = started();
    for (const _ of ["unknown", "known"]) {
      for (const name of [ID_COOKIE, APP_COOKIE])
        expect(await ask("/a", { Cookie: `${name}=${machine()}` }, handler), name).toEqual(ID_REQUIRED);
      expect(await ask("/a", bearer(machine()), handler)).toMatchObject({ key: "key-of-read" });
    }
  });

  test("nor does one that is planted there stand in a user's way", async () => {
    const handler = started();
    for (const cookies of [
      [`${ID_COOKIE}=${machine()}`, `${ID_COOKIE}=${token()}`],
      [`${ID_COOKIE}=${token()}`, `${APP_COOKIE}=${machine()}`],
    ])
      expect(await ask("/people/a", { Cookie: cookies.join("; ") }, handler)).toMatchObject({
        key: "key-of-readers",
      });
  });

  test("a machine's header counts before a user's cookies, and one that is over leaves them alone", async () => {
    const both = (jwt: string) => ({ ...bearer(jwt), Cookie: `${ID_COOKIE}=${token()}` });
    expect(await ask("/a", both(machine()))).toMatchObject({ key: "key-of-read" });
    expect(await ask("/people/a", both(machine()))).toEqual(DENIED);
    expect(await ask("/people/a", both(machine({ exp: Number(iat) })))).toMatchObject(EXPIRED);
  });

  test("the log names a machine as it names users, and has nothing of its token", async () => {
    const handler = started();
    await ask("/a", bearer(machine()), handler);
    await ask("/team/a", bearer(machine()), handler);
    const lines = gate().logged.map((line) => JSON.parse(line));
    expect(lines.map(({ code, user }) => [code, user])).toEqual([["insufficient_scope", userHash(MACHINE)]]);
    expect(JSON.stringify(lines)).not.toMatch(RegExp(`${SECRETS.source}|${MACHINE}|assets/`));
  });

  test("users read as before, and share no entry with machines", async () => {
    const handler = started();
    const user = await ask("/a.txt", bearer(token()), handler);
    expect(user).toMatchObject({ scope: "signed-in", key: "key-of-readers" });
    const other = await ask("/a.txt", bearer(machine()), handler);
    expect([other.key, other.scope === user.scope]).toEqual(["key-of-read", false]);
    expect(await ask("/team/a", bearer(token()), handler)).toMatchObject(DENIED);
  });

  test("a session in one scope's role never signs for another's", async () => {
    const handler = started();
    const keys: unknown[] = [];
    for (const scope of ["assets/read", "assets/admin", "assets/read", "assets/admin"])
      keys.push((await ask("/reports/a", bearer(machine({ scope })), handler)).key);
    expect(keys).toEqual(["key-of-read", "key-of-admin", "key-of-read", "key-of-admin"]);
    expect(gate().cognito.calls.map(({ body }) => body["RoleSessionName"])).toEqual([MACHINE, MACHINE]);
  });

  test("a list is of an area whose scope it has", async () => {
    expect(await ask("/.gatehouse/list/reports/", bearer(machine()))).toMatchObject({ key: "key-of-read" });
    expect(await ask("/.gatehouse/list/people/", bearer(machine()))).toMatchObject(DENIED);
  });
});

describe.each([...STS_BUNDLES, ...STS_AUTH_BUNDLES])("%s: an API", (bundle) => {
  const gate = useGate(bundle, {
    ...documentFor(bundle),
    areas: [{ path: "/api/*", api: true }, ...AREAS],
  });

  test("gets no machine's token", async () => {
    const endpoints = bundle.includes("auth") ? { oauth: gate().cognito.url } : {};
    const handler = gate().coldStart({ endpoints }, "apiRequest");
    const ask = async (jwt: string) =>
      answerOf(await handler(viewerEvent({ uri: "/api/a", headers: { Authorization: `Bearer ${jwt}` } })));
    expect(await ask(token())).toMatchObject({ status: "signed" });
    expect(await ask(machine())).toMatchObject({ status: 401, code: "id_token_required" });
  });
});

describe.each(STS_AUTH_BUNDLES)("%s: nothing that is a person's", (bundle) => {
  const gate = useGate(bundle, documentFor(bundle));
  const NOT_BEFORE = Number(iat) + 1;

  test.each([
    ["before", NOT_BEFORE - 1, "401 token_expired"],
    ["then", NOT_BEFORE, "signed undefined"],
  ])("one that was issued %s notBefore", async (_, issuedAt, outcome) => {
    const auth = { keys: KEYS, notBefore: NOT_BEFORE };
    const headers = { Authorization: `Bearer ${machine({ iat: issuedAt })}` };
    const answer = await gate()
      .browser({ ...endpointsOf(gate()), auth })
      .ask("/a", { dest: "empty", headers });
    expect(`${answer.status} ${answer.code}`).toBe(outcome);
  });

  test.each([
    ["GET", "/.gatehouse/me"],
    ["POST", "/.gatehouse/session"],
    ["POST", "/.gatehouse/link"],
    ["POST", "/.gatehouse/upload"],
  ])("%s %s takes ID tokens alone", async (method, url) => {
    const browser = gate().browser({ ...endpointsOf(gate()), auth: { keys: KEYS } });
    const answer = await browser.ask(url, {
      method,
      dest: "empty",
      headers: { Origin: APP, Authorization: `Bearer ${machine()}` },
      ...(method === "POST" && { body: JSON.stringify({ idToken: machine(), path: "/a", seconds: 9 }) }),
    });
    const { message } = JSON.parse(answer.body);
    expect([answer.status, answer.code, message, answer.cookies]).toEqual([
      401,
      "id_token_required",
      "An ID token is required; an access token was sent.",
      [],
    ]);
  });
});
