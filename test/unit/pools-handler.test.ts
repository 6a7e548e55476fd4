// Tokens of several user pools, through the built bundles: which count, whose keys and credentials, and who shares what.
import { beforeEach, describe, expect, test, vi } from "vitest";
import { userHash } from "../../edge/answer/log.ts";
import type { ConfigDocument } from "../../edge/config/config.ts";
import { AUTH_BUNDLES, BUNDLES, type BundleName, STS_AUTH_BUNDLES, STS_BUNDLES } from "./fixtures/bundle.ts";
import { type Answer, type Call, json, working } from "./fixtures/cognito.ts";
import { CLIENT_ID, USER_POOL_ID } from "./fixtures/config.ts";
import { viewerEvent } from "./fixtures/events.ts";
import {
  APP,
  ID_COOKIE,
  KEYS,
  REFRESH_COOKIE,
  SEALED_COOKIE,
  type TestGate,
  useGate,
} from "./fixtures/gate.ts";
import { ID_CLAIMS, KEY, OTHER_KEY, signingKey, token } from "./fixtures/tokens.ts";

/** Each with a key of the same id as the first pool's. */
const SUB = { id: "eu-west-1_SubPool1", client: "3subclient3", key: signingKey(KEY.kid) };
const ASIA = { id: "ap-south-1_SubPool1", client: "4asiaclient4", key: signingKey(KEY.kid) };
type Pool = typeof SUB;

const { sub: USER } = ID_CLAIMS;
const READERS = "arn:aws:iam::123456789012:role/readers";
const EDITORS = "arn:aws:iam::123456789012:role/editors";
const SUB_EDITORS = "arn:aws:iam::123456789012:role/sub-editors";
const links = { maxSeconds: 3_600 };

function issuerOf({ id }: Pick<Pool, "id">): string {
  return `https://cognito-idp.${id.split("_")[0]}.amazonaws.com/${id}`;
}

function tokenOf(pool: Pool, claims: object = {}, key = pool.key): string {
  return token({ iss: issuerOf(pool), aud: pool.client, ...claims }, key);
}

function documentFor(bundle: BundleName): Partial<ConfigDocument> {
  const isAuth = bundle.includes("auth");
  return {
    ...(bundle.includes("sts") && {
      identityPool: undefined,
      exchange: { kind: "sts", roleArn: READERS } as const,
    }),
    ...(!isAuth && { auth: undefined }),
    userPools: [SUB, ASIA].map(({ id, client, key }) => ({
      id,
      clientIds: [client],
      jwks: { keys: [key.jwk] },
    })),
    groups: { editors: { roleArn: EDITORS }, [`${SUB.id}/editors`]: { roleArn: SUB_EDITORS } },
    cookies: { names: ["app-token"], amplify: true },
    log: { allowed: 1 },
    areas: [
      { path: "/team/*", groups: ["editors"] },
      { path: "/sub-team/*", groups: [`${SUB.id}/editors`], ...(isAuth && { links }) },
      { path: "/me/*", owner: "users/{identityId}/", ...(isAuth && { links }) },
      { path: "/own/*", owner: "own/{sub}/" },
      { path: "/tenant/*", owner: "tenants/{claim:custom:tenant}/" },
      { path: "/*", ...(isAuth && { links }) },
    ],
  } as Partial<ConfigDocument>;
}

/** Whom both services know: an identity, and a key, for each login or session name. */
function identityOf(login: string): string {
  return login.includes(SUB.id)
    ? "11111111-1111-4111-8111-1111111111b1"
    : "11111111-1111-4111-8111-1111111111a1";
}

const services =
  (otherwise: Answer): Answer =>
  (response, call) => {
    const { body, action } = call;
    if (body["Action"] === "AssumeRole") {
      const name = `key-${body["RoleSessionName"]}`;
      const expiration = new Date(Date.now() + 3_600_000).toISOString();
      return void response
        .writeHead(200, { "content-type": "text/xml" })
        .end(`<Credentials><AccessKeyId>${name}</AccessKeyId><SecretAccessKey>test-secret-key</SecretAccessKey>
<SessionToken>test+session/token==</SessionToken><Expiration>${expiration}</Expiration></Credentials>`);
    }
    if (action !== "GetId" && action !== "GetCredentialsForIdentity") return otherwise(response, call);
    const [login = ""] = Object.keys(Object(body["Logins"]));
    return working(
      Date.now,
      { AccessKeyId: `key-${login}` },
      `us-east-1:${identityOf(login)}`,
    )(response, call);
  };

function started(gate: TestGate, changes: Partial<ConfigDocument> = {}) {
  const { url } = gate.cognito;
  return gate.coldStart({
    endpoints: { cognitoIdentity: url, sts: url, cognitoIdp: url, oauth: url, jwksUri: `${url}/jwks` },
    ...changes,
  });
}

async function ask(handler: ReturnType<typeof started>, uri: string, headers: Record<string, string>) {
  const result = await handler(viewerEvent({ uri, headers }));
  if ("status" in result) {
    const { code, message } = JSON.parse(result.body ?? "{}");
    return { status: result.status, code, message };
  }
  const query = new URLSearchParams(result.querystring);
  return {
    uri: result.uri,
    scope: String(result.headers["x-gatehouse-cache-scope"]?.[0]?.value).replace(/^\w+:/, ""),
    key: String(query.get("X-Amz-Credential")).replace(/\/\d{8}\/.*/, ""),
  };
}

const bearer = (value: string) => ({ Authorization: value });
const REFUSED = { status: "403", code: "access_denied", message: "You may not see this." };
const INVALID = { status: "401", code: "token_invalid", message: "The token is not valid here." };
const EXPIRED = { status: "401", code: "token_expired", message: "The session has expired." };

beforeEach(() => {
  vi.stubEnv("AWS_ACCESS_KEY_ID", "function-key");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "function-secret");
  vi.stubEnv("AWS_SESSION_TOKEN", "function-token");
});

const MAIN: Pool = { id: USER_POOL_ID, client: CLIENT_ID, key: KEY };
const lastLog = (gate: TestGate) => JSON.parse(gate.logged.at(-1) ?? "{}");

describe.each([...BUNDLES, ...STS_BUNDLES])("%s", (bundle) => {
  const gate = useGate(bundle, documentFor(bundle));
  const isSts = bundle.includes("sts");
  const start = (changes?: Partial<ConfigDocument>) => {
    gate().cognito.answer = services(gate().cognito.answer);
    return started(gate(), changes);
  };
  const login = ({ id }: Pool) => `cognito-idp.${id.split("_")[0]}.amazonaws.com/${id}`;
  const folderOf = (pool: Pool, user = USER) => {
    if (!isSts) return `us-east-1:${identityOf(login(pool))}`;
    return pool === MAIN ? user : `${pool.id}_${user}`;
  };
  const keyOf = (pool: Pool) => `key-${isSts ? folderOf(pool) : login(pool)}`;

  describe("what counts", () => {
    test.each<readonly [string, string, object, string]>([
      ["another pool's client", token({ aud: SUB.client }), INVALID, "AnotherClient"],
      [
        "a further pool's token for the first pool's client",
        tokenOf(SUB, { aud: CLIENT_ID }),
        INVALID,
        "AnotherClient",
      ],
      ["one for another further pool's client", tokenOf(SUB, { aud: ASIA.client }), INVALID, "AnotherClient"],
      ["signed with the first pool's key", tokenOf(SUB, {}, KEY), INVALID, "InvalidSignature"],
      ["signed with another further pool's key", tokenOf(SUB, {}, ASIA.key), INVALID, "InvalidSignature"],
      ["the first pool's, signed with a further one's key", token({}, SUB.key), INVALID, "InvalidSignature"],
      [
        "a pool that is none of ours",
        tokenOf({ ...SUB, id: "eu-west-1_SubPool2" }),
        INVALID,
        "AnotherIssuer",
      ],
      ["a name that begins as one of ours", tokenOf({ ...SUB, id: `${SUB.id}2` }), INVALID, "AnotherIssuer"],
      [
        "the same pool in another region",
        tokenOf({ ...SUB, id: "eu-west-2_SubPool1" }),
        INVALID,
        "AnotherIssuer",
      ],
      ["several issuers", tokenOf(SUB, { iss: [issuerOf(SUB)] }), INVALID, "AnotherIssuer"],
      ["expired", tokenOf(SUB, { exp: ID_CLAIMS.iat }), EXPIRED, ""],
      [
        "a user of the first pool called as one of a further one",
        token({ sub: `${SUB.id}_${USER}` }),
        INVALID,
        "AnotherPool",
      ],
    ])("%s does not", async (_name, value, answer, cause) => {
      expect(await ask(start(), "/x", bearer(value))).toEqual(answer);
      expect(lastLog(gate())).toMatchObject(cause ? { cause } : {});
      expect(gate().actions).toEqual([]);
    });

    test.each([SUB, ASIA])("a token of $id, by either name of its issuer", async (pool) => {
      const handler = start();
      const allowed = { uri: "/x", key: keyOf(pool) };
      expect(await ask(handler, "/x", bearer(tokenOf(pool)))).toMatchObject(allowed);
      const iss = issuerOf(pool).replace("//", "//issuer-");
      expect(await ask(handler, "/x", bearer(tokenOf(pool, { iss })))).toMatchObject(allowed);
    });

    test("an access token is told apart, whichever pool's", async () => {
      const access = tokenOf(SUB, { token_use: "access" });
      expect(await ask(start(), "/x", bearer(access))).toMatchObject({
        status: "401",
        code: "id_token_required",
      });
    });

    test.each<readonly [string, Record<string, string>, object]>([
      ["a configured cookie", { Cookie: `app-token=${tokenOf(SUB)}` }, { uri: "/x" }],
      [
        "Amplify's cookie of its client",
        { Cookie: `CognitoIdentityServiceProvider.${SUB.client}.ada.idToken=${tokenOf(SUB)}` },
        { uri: "/x" },
      ],
      ["the gate's own cookie", { Cookie: `${ID_COOKIE}=${tokenOf(SUB)}` }, INVALID],
    ])("one in %s", async (_name, headers, answer) => {
      expect(await ask(start(), "/x", headers)).toMatchObject(answer);
    });

    test("one in the gate's own cookie stands in nobody's way", async () => {
      const Cookie = `${ID_COOKIE}=${tokenOf(SUB)}; ${ID_COOKIE}=${token()}; app-token=${tokenOf(SUB)}`;
      expect(await ask(start(), "/x", { Cookie })).toMatchObject({ uri: "/x", key: keyOf(MAIN) });
      const planted = `${ID_COOKIE}=${tokenOf(SUB)}; app-token=${token()}`;
      expect(await ask(start(), "/x", { Cookie: planted })).toMatchObject({ uri: "/x", key: keyOf(MAIN) });
    });

    test("a less trusted place does not replace a user by one of the same name in another pool", async () => {
      const expired = token({ exp: ID_CLAIMS.iat });
      const headers = { ...bearer(expired), Cookie: `app-token=${tokenOf(SUB)}` };
      expect(await ask(start(), "/x", headers)).toEqual(EXPIRED);
    });
  });

  test("a replicated pool's updated issuer names the primary region; one of a replica's region is refused", async () => {
    const issuer = (region: string) => `https://issuer-cognito-idp.${region}.amazonaws.com/${USER_POOL_ID}`;
    expect(await ask(start(), "/x", bearer(token({ iss: issuer("us-east-1") })))).toMatchObject({
      uri: "/x",
    });
    expect(await ask(start(), "/x", bearer(token({ iss: issuer("us-west-2") })))).toEqual(INVALID);
    expect(lastLog(gate())).toMatchObject({ cause: "AnotherIssuer" });
  });

  describe("keys", () => {
    const published = signingKey("key-9");
    const further = (url: string) => [
      { id: SUB.id, clientIds: [SUB.client], jwks: { keys: [SUB.key.jwk] }, jwksUri: `${url}/sub` },
      { id: ASIA.id, clientIds: [ASIA.client], jwks: { keys: [ASIA.key.jwk] }, jwksUri: `${url}/asia` },
    ];

    test("a key that is not known is asked for at its own pool, which has a pause of its own", async () => {
      const asked: string[] = [];
      const handler = start({ userPools: further(gate().cognito.url) });
      const { answer } = gate().cognito;
      gate().cognito.answer = (response, call) => {
        if (call.action !== "Jwks") return answer(response, call);
        asked.push(String(response.req.url));
        json(response, 200, { keys: [response.req.url === "/sub" ? published.jwk : OTHER_KEY.jwk] });
      };
      const unknown = (pool: Pool) => bearer(tokenOf(pool, {}, published));
      expect(await ask(handler, "/x", unknown(SUB))).toMatchObject({ uri: "/x" });
      expect(asked).toEqual(["/sub"]);
      expect(await ask(handler, "/x", unknown(ASIA))).toEqual(INVALID);
      expect(await ask(handler, "/x", unknown(ASIA))).toEqual(INVALID);
      expect(asked).toEqual(["/sub", "/asia"]);
      expect(await ask(handler, "/x", bearer(token({}, published)))).toEqual(INVALID);
      expect(asked).toEqual(["/sub", "/asia", "/jwks"]);
      expect(await ask(handler, "/x", bearer(tokenOf(SUB)))).toEqual(INVALID);
      expect(asked).toHaveLength(3);
    });
  });

  describe("the same user name in two pools is two people", () => {
    test.each<readonly [string, readonly Pool[]]>([
      ["cold", [MAIN, SUB]],
      ["the other way round", [SUB, MAIN]],
      ["warm", [MAIN, SUB, MAIN, SUB]],
    ])("%s", async (_name, pools) => {
      const handler = start();
      for (const pool of pools) {
        const mine = await ask(handler, "/me/x", bearer(pool === MAIN ? token() : tokenOf(pool)));
        const scope = `owner:${encodeURIComponent(folderOf(pool))}`;
        expect(mine).toEqual({
          uri: `/users/${encodeURIComponent(folderOf(pool))}/x`,
          key: keyOf(pool),
          scope: pool === MAIN ? scope : `${pool.id}:${scope}`,
        });
        expect(lastLog(gate())).toMatchObject({
          code: "allowed",
          user: userHash(pool === MAIN ? USER : `${pool.id}_${USER}`),
        });
      }
    });

    test("each gets an identity of their own, by the name of their own pool", async () => {
      const handler = start();
      for (const value of [token(), tokenOf(SUB), tokenOf(ASIA)]) await ask(handler, "/x", bearer(value));
      const named = ({ body }: Call) => body["RoleSessionName"] ?? Object.keys(Object(body["Logins"]))[0];
      const names = [
        ...new Set(
          gate()
            .cognito.calls.map(named)
            .filter((name) => name !== undefined),
        ),
      ];
      expect(names).toEqual([MAIN, SUB, ASIA].map((pool) => (isSts ? folderOf(pool) : login(pool))));
    });

    test("lists are of the own folder", async () => {
      const handler = start({ listing: { enabled: true } });
      const scopes: unknown[] = [];
      for (const value of [token(), tokenOf(SUB)])
        scopes.push((await ask(handler, "/.gatehouse/list/me/", bearer(value))).scope);
      expect(new Set(scopes).size).toBe(2);
      expect(scopes[1]).toMatch(RegExp(`^${SUB.id}:list:`));
    });
  });

  test("everybody's answers are shared within a pool, and the first pool's as if there were no other", async () => {
    const handler = start();
    const scopeOf = async (value: string) => (await ask(handler, "/x", bearer(value))).scope;
    expect(await scopeOf(token())).toBe("signed-in");
    expect(await scopeOf(tokenOf(SUB))).toBe(`${SUB.id}:signed-in`);
    expect(await scopeOf(tokenOf(SUB, { sub: "other-user" }))).toBe(`${SUB.id}:signed-in`);
    expect(await scopeOf(tokenOf(ASIA))).toBe(`${ASIA.id}:signed-in`);
  });

  describe("groups", () => {
    const groups = (...names: readonly string[]) => ({
      "cognito:groups": names,
      "cognito:roles": [EDITORS, SUB_EDITORS],
    });
    const scope = `${SUB.id}:group:${encodeURIComponent(`${SUB.id}/editors`)}`;

    test.each<readonly [string, string, string, object]>([
      [
        "/team/x",
        "the first pool's editor",
        token(groups("editors")),
        { uri: "/team/x", scope: "group:editors" },
      ],
      ["/team/x", "a further pool's editor", tokenOf(SUB, groups("editors")), REFUSED],
      [
        "/team/x",
        "one of the group of that name",
        tokenOf(SUB, groups("editors", `${SUB.id}/editors`)),
        REFUSED,
      ],
      [
        "/sub-team/x",
        "a further pool's editor",
        tokenOf(SUB, groups("editors")),
        { uri: "/sub-team/x", scope },
      ],
      ["/sub-team/x", "another further pool's editor", tokenOf(ASIA, groups("editors")), REFUSED],
      ["/sub-team/x", "another's with that name", tokenOf(ASIA, groups(`${SUB.id}/editors`)), REFUSED],
      ["/sub-team/x", "the first pool's with that name", token(groups(`${SUB.id}/editors`)), REFUSED],
      ["/sub-team/x", "the first pool's editor", token(groups("editors")), REFUSED],
    ])("%s for %s", async (uri, _who, value, answer) => {
      expect(await ask(start(), uri, bearer(value))).toMatchObject(answer);
    });
  });

  test.each([
    ["/own/x", {}],
    ["/tenant/x", { "custom:tenant": "acme" }],
  ])("%s is no folder of a further pool's user, whatever the token says", async (uri, claims) => {
    const handler = start();
    expect(await ask(handler, uri, bearer(token(claims)))).toMatchObject({ key: keyOf(MAIN) });
    expect(await ask(handler, uri, bearer(tokenOf(SUB, claims)))).toEqual(REFUSED);
    expect(lastLog(gate())).toMatchObject({ code: "access_denied", cause: "ClaimOfAnotherPool" });
  });

  test("an API gets each pool's tokens as they are, and knows its groups", async () => {
    const handler = gate().coldStart(
      {
        areas: [
          { path: "/api/sub/*", api: true, groups: [`${SUB.id}/editors`] },
          { path: "/api/*", api: true },
        ],
      },
      "apiRequest",
    );
    const asked = async (uri: string, value: string) => {
      const result = await handler(viewerEvent({ uri, headers: bearer(value) }));
      return "status" in result ? result.status : result.headers["authorization"]?.[0]?.value;
    };
    const editor = tokenOf(SUB, { "cognito:groups": ["editors"] });
    expect(await asked("/api/x", tokenOf(SUB))).toBe(`Bearer ${tokenOf(SUB)}`);
    expect(await asked("/api/sub/x", editor)).toBe(`Bearer ${editor}`);
    expect(await asked("/api/sub/x", tokenOf(ASIA, { "cognito:groups": ["editors"] }))).toBe("403");
  });
});

describe.each([...AUTH_BUNDLES, ...STS_AUTH_BUNDLES])("%s", (bundle) => {
  const gate = useGate(bundle, documentFor(bundle));
  const endpoints = () => {
    gate().cognito.answer = services(gate().cognito.answer);
    const { url } = gate().cognito;
    return { cognitoIdentity: url, sts: url, cognitoIdp: url, oauth: url, jwksUri: `${url}/jwks` };
  };
  const post = { method: "POST", dest: "empty" } as const;

  test("`POST session` takes the first pool's tokens alone, and leaves the session as it is", async () => {
    const browser = await gate().signedIn({}, { endpoints: endpoints() });
    const before = new Map(browser.jar);
    const Authorization = `Bearer ${tokenOf(SUB)}`;
    const answer = await browser.ask("/.gatehouse/session", {
      ...post,
      headers: { Origin: APP, Authorization },
    });
    expect(answer).toMatchObject({ status: 403, code: "user_pool_not_allowed", cookies: [] });
    expect(JSON.parse(answer.body).message).toBe("There are no sessions for users of this user pool.");
    expect(browser.jar).toEqual(before);
    expect(gate().actions).toEqual([]);
  });

  test.each([0, 1])(
    "a token of before `notBefore` is refused, one of that second is not: %i",
    async (after) => {
      const auth = { keys: KEYS, notBefore: ID_CLAIMS.iat + after };
      const handler = started(gate(), { auth, endpoints: endpoints() });
      const answer = after === 0 ? { uri: "/x" } : EXPIRED;
      expect(await ask(handler, "/x", bearer(tokenOf(SUB)))).toMatchObject(answer);
    },
  );

  test("`me` says whose token it is", async () => {
    const handler = started(gate(), { endpoints: endpoints() });
    const me = async (value: string) => {
      const result = await handler(viewerEvent({ uri: "/.gatehouse/me", headers: bearer(value) }));
      return JSON.parse(("body" in result && result.body) || "{}");
    };
    expect(await me(tokenOf(SUB, { "cognito:groups": ["editors"] }))).toMatchObject({
      userPool: SUB.id,
      sub: `${SUB.id}_${USER}`,
      groups: [`${SUB.id}/editors`],
    });
    expect(await me(token())).not.toHaveProperty("userPool");
  });

  test("a token of another pool in the gate's own cookie is not renewed, and revokes nothing", async () => {
    const browser = await gate().signedIn({}, { endpoints: endpoints() });
    browser.jar.set(ID_COOKIE, tokenOf(SUB, { exp: ID_CLAIMS.iat }));
    expect(await browser.ask("/x", { dest: "image" })).toMatchObject({ status: 401 });
    expect(browser.jar.has(REFRESH_COOKIE)).toBe(true);
    expect(gate().actions).toEqual([]);
    await browser.ask("/.gatehouse/logout", { ...post, headers: { Origin: APP } });
    expect(gate().actions).toEqual([]);
  });

  test("sealed credentials are of the pool that they were made for", async () => {
    const browser = await gate().signedIn({}, { endpoints: endpoints() });
    expect(browser.jar.has(SEALED_COOKIE)).toBe(true);
    browser.handler = started(gate());
    const { forwarded } = await browser.ask("/x", { dest: "image", headers: bearer(tokenOf(SUB)) });
    const credential = String(new URLSearchParams(forwarded?.querystring).get("X-Amz-Credential"));
    expect(credential).toContain(SUB.id);
    expect(gate().actions.length).toBeGreaterThan(0);
  });

  test("a link opens what its maker may read, and shares nothing with the first pool", async () => {
    const app = gate().browser({ endpoints: endpoints() });
    const made = async (path: string) => {
      const value = tokenOf(SUB, {
        "cognito:groups": ["editors"],
        "cognito:roles": [SUB_EDITORS],
      });
      const answer = await app.ask("/.gatehouse/link", {
        ...post,
        body: JSON.stringify({ path, seconds: 600 }),
        headers: { Origin: APP, ...bearer(value) },
      });
      return String(JSON.parse(answer.body).url);
    };
    const urls = [await made("/x"), await made("/sub-team/x"), await made("/me/x")];
    const scopes = await Promise.all(
      urls.map(async (url) => {
        const { forwarded } = await gate().browser({ endpoints: endpoints() }).ask(url, { dest: "image" });
        return forwarded?.headers["x-gatehouse-cache-scope"]?.[0]?.value;
      }),
    );
    expect(scopes.every((scope) => scope?.includes(`:${SUB.id}:`))).toBe(true);
    const without = documentFor(bundle);
    const { userPools, areas, groups } = without;
    const left = {
      endpoints: endpoints(),
      userPools: userPools?.filter(({ id }) => id !== SUB.id) ?? [],
      areas: areas?.filter(({ path }) => path !== "/sub-team/*") ?? [],
      groups: { editors: { roleArn: groups?.["editors"]?.roleArn ?? "" } },
    };
    const [first = ""] = urls;
    expect(await gate().browser(left).ask(first, { dest: "image" })).toMatchObject({
      status: 410,
      code: "link_ended",
    });
  });
});
