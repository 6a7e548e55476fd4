// Folders named after claims, through the built bundles: whose keys, whose credentials, and who shares the cache.
import { describe, expect, test, vi } from "vitest";
import type { ConfigDocument } from "../../edge/config/config.ts";
import type { Browser } from "./fixtures/browser.ts";
import { AUTH_BUNDLES, BUNDLES, type BundleName, STS_AUTH_BUNDLES, STS_BUNDLES } from "./fixtures/bundle.ts";
import { type Answer, working } from "./fixtures/cognito.ts";
import { configDocument } from "./fixtures/config.ts";
import { viewerEvent } from "./fixtures/events.ts";
import { APP, ID_COOKIE, SEALED_COOKIE, type TestGate, useGate } from "./fixtures/gate.ts";
import { ID_CLAIMS, token } from "./fixtures/tokens.ts";

const READERS = "arn:aws:iam::123456789012:role/readers";
const TENANT = "custom:tenant";
const SUB = ID_CLAIMS.sub;
const links = { maxSeconds: 3_600 };

function documentFor(bundle: BundleName): Partial<ConfigDocument> {
  return {
    ...(bundle.includes("sts") && {
      identityPool: undefined,
      exchange: { kind: "sts", roleArn: READERS } as const,
    }),
    ...(!bundle.includes("auth") && { auth: undefined }),
    listing: { enabled: true },
    origin: { ...configDocument().origin, path: "/site" },
    areas: [
      {
        path: "/tenant/*",
        owner: "tenants/{claim:custom:tenant}/",
        ...(bundle.includes("auth") && { links }),
      },
      { path: "/both/*", owner: "people/{claim:custom:tenant}/{sub}/" },
      { path: "/me/*", owner: "users/{sub}/" },
      { path: "/as/*", owner: "as/{claim:toString}/" },
      { path: "/*" },
    ],
  } as Partial<ConfigDocument>;
}

/** Both services at one address, each with a key that is named after the tenant whose folder it opens. */
const services =
  (otherwise: Answer): Answer =>
  (response, call) => {
    const { body, action } = call;
    if (body["Action"] === "AssumeRole") {
      const values = Object.entries(body).filter(([name]) => name.startsWith("Tags."));
      const tags = values.map(([, value]) => value);
      const name = tags[tags.indexOf("custom-tenant") + 1];
      return void response.writeHead(200, { "content-type": "text/xml" }).end(credentialsOf(String(name)));
    }
    if (action !== "GetCredentialsForIdentity") return otherwise(response, call);
    const [idToken = ""] = Object.values(Object(body["Logins"])).map(String);
    const claims: Record<string, unknown> = JSON.parse(
      Buffer.from(idToken.split(".")[1] ?? "", "base64url").toString(),
    );
    return working(Date.now, { AccessKeyId: `key-of-${claims[TENANT]}` })(response, call);
  };

function credentialsOf(name: string): string {
  const expiration = new Date(Date.now() + 3_600_000).toISOString();
  return `<Credentials><AccessKeyId>key-of-${name}</AccessKeyId><SecretAccessKey>test-secret-key</SecretAccessKey>
<SessionToken>test+session/token==</SessionToken><Expiration>${expiration}</Expiration></Credentials>`;
}

function prepare(gate: TestGate): TestGate {
  gate.cognito.answer = services(gate.cognito.answer);
  vi.stubEnv("AWS_ACCESS_KEY_ID", "function-key");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "function-secret");
  vi.stubEnv("AWS_SESSION_TOKEN", "function-token");
  return gate;
}

const started = (gate: TestGate) => {
  const { url } = prepare(gate).cognito;
  return gate.coldStart({ endpoints: { cognitoIdentity: url, sts: url, cognitoIdp: url, oauth: url } });
};

describe.each([...BUNDLES, ...STS_BUNDLES])("%s", (bundle) => {
  const gate = useGate(bundle, documentFor(bundle));

  async function ask(handler: ReturnType<typeof started>, uri: string, claims: object) {
    const result = await handler(viewerEvent({ uri, headers: { Authorization: token(claims) } }));
    if ("status" in result) return { status: result.status, code: JSON.parse(result.body ?? "{}").code };
    const query = new URLSearchParams(result.querystring);
    return {
      uri: result.uri,
      scope: String(result.headers["x-gatehouse-cache-scope"]?.[0]?.value).replace(/^\w+:/, ""),
      prefix: query.get("prefix"),
      key: String(query.get("X-Amz-Credential")).replace(/\/.*/, ""),
    };
  }

  test.each([
    [
      "/tenant/a b.txt",
      { [TENANT]: "acme" },
      "/site/tenants/acme/a%20b.txt",
      "owner:{claim:custom:tenant}=acme",
    ],
    [
      "/tenant/x",
      { [TENANT]: "A.b_c-d@e" },
      "/site/tenants/A.b_c-d%40e/x",
      "owner:{claim:custom:tenant}=A.b_c-d%40e",
    ],
    ["/tenant/x", { [TENANT]: "..." }, "/site/tenants/.../x", "owner:{claim:custom:tenant}=..."],
    [
      "/both/x",
      { [TENANT]: "acme" },
      `/site/people/acme/${SUB}/x`,
      `owner:{claim:custom:tenant}=acme/{sub}=${SUB}`,
    ],
    ["/me/x", { [TENANT]: "acme" }, `/site/users/${SUB}/x`, `owner:{sub}=${SUB}`],
    ["/me/x", {}, `/site/users/${SUB}/x`, `owner:{sub}=${SUB}`],
    ["/x", {}, "/site/x", "signed-in"],
    ["/x", { [TENANT]: "a/b" }, "/site/x", "signed-in"],
  ])("%s with %j is %s, shared by %s", async (uri, claims, path, scope) => {
    expect(await ask(started(gate()), encodeURI(uri), claims)).toMatchObject({ uri: path, scope });
  });

  test.each<readonly [string, object, string]>([
    ["/tenant/x", {}, "ClaimMissing"],
    ["/tenant/x", { [TENANT]: undefined, tenant: "acme" }, "ClaimMissing"],
    ["/tenant/x", { [TENANT]: ["acme"] }, "ClaimMissing"],
    ["/tenant/x", { [TENANT]: 7 }, "ClaimMissing"],
    ["/tenant/x", { [TENANT]: null }, "ClaimMissing"],
    ["/as/x", {}, "ClaimMissing"],
    ["/both/x", {}, "ClaimMissing"],
    ...[
      "",
      ".",
      "..",
      "a/b",
      "a/../b",
      "a b",
      "*",
      "?",
      "a*",
      "$",
      "\u00e4",
      "a\n",
      "a%2Fb",
      "x".repeat(129),
    ].map((value) => ["/tenant/x", { [TENANT]: value }, "ClaimNotPlain"] as const),
    ["/both/x", { [TENANT]: "acme", sub: "a b" }, "ClaimNotPlain"],
  ])("%s with %j is refused: %s", async (uri, claims, cause) => {
    expect(await ask(started(gate()), uri, claims)).toEqual({ status: "403", code: "access_denied" });
    expect(JSON.parse(gate().logged.at(-1) ?? "")).toMatchObject({ code: "access_denied", cause });
    expect(gate().cognito.calls).toEqual([]);
  });

  test.each(["/tenants/acme/x", "/tenants/", "/people/acme/x", `/people/acme/${SUB}/x`, `/users/${SUB}/x`])(
    "%s, by its real key, is out of reach of its owner too",
    async (uri) => {
      expect(await ask(started(gate()), uri, { [TENANT]: "acme" })).toEqual({
        status: "403",
        code: "access_denied",
      });
    },
  );

  test("all users of one tenant share its entries, and a user who has its name shares none", async () => {
    const handler = started(gate());
    const scopeOf = async (uri: string, claims: object) => (await ask(handler, uri, claims)).scope;
    const acme = await scopeOf("/tenant/x", { sub: "ada", [TENANT]: "acme" });
    expect(await scopeOf("/tenant/x", { sub: "bob", [TENANT]: "acme" })).toBe(acme);
    expect(await scopeOf("/tenant/x", { sub: "bob", [TENANT]: "Acme" })).not.toBe(acme);
    expect(await scopeOf("/me/x", { sub: "acme", [TENANT]: "other" })).not.toBe(acme);
  });

  test("one list is of the own folder, and not shared with another tenant", async () => {
    const handler = started(gate());
    const acme = await ask(handler, "/.gatehouse/list/tenant/a/", { [TENANT]: "acme" });
    const other = await ask(handler, "/.gatehouse/list/tenant/a/", { [TENANT]: "other" });
    expect([acme.prefix, other.prefix]).toEqual(["site/tenants/acme/a/", "site/tenants/other/a/"]);
    expect(acme.scope).not.toBe(other.scope);
    expect(await ask(handler, "/.gatehouse/list/tenants/", { [TENANT]: "acme" })).toMatchObject({
      status: "403",
    });
  });

  test("a token with another tenant gets credentials of its own, and so does the one of before", async () => {
    const handler = started(gate());
    const keys: unknown[] = [];
    for (const tenant of ["acme", "other", "acme", "other"])
      keys.push((await ask(handler, "/tenant/x", { [TENANT]: tenant })).key);
    expect(keys).toEqual(["key-of-acme", "key-of-other", "key-of-acme", "key-of-other"]);
    const exchanges = gate().cognito.calls.filter(({ action }) => action !== "GetId");
    expect(exchanges).toHaveLength(2);
  });
});

describe.each(STS_BUNDLES)("%s", (bundle) => {
  const gate = useGate(bundle, documentFor(bundle));
  const tagsFor = async (claims: object) => {
    await started(gate())(viewerEvent({ uri: "/x", headers: { Authorization: token(claims) } }));
    const form = Object.entries(gate().cognito.calls.at(-1)?.body ?? {});
    return form.filter(([name]) => name.startsWith("Tags.")).map(([, value]) => value);
  };

  test("a session is tagged with what folders are named after", async () => {
    expect(await tagsFor({ [TENANT]: "acme", toString: "x" })).toEqual([
      "custom-tenant",
      "acme",
      "sub",
      SUB,
      "toString",
      "x",
    ]);
  });
  test.each([{}, { [TENANT]: "a/b" }, { [TENANT]: "*" }, { [TENANT]: ["acme"] }])(
    "and with nothing that is no plain word: %j",
    async (claims) => {
      expect(await tagsFor(claims)).toEqual(["sub", SUB]);
    },
  );
});

describe.each([...AUTH_BUNDLES, ...STS_AUTH_BUNDLES])("%s", (bundle) => {
  const gate = useGate(bundle, documentFor(bundle));

  const signedIn = async (tenant: string) => {
    const { url } = prepare(gate()).cognito;
    const endpoints = { cognitoIdentity: url, sts: url, cognitoIdp: url, oauth: url, jwksUri: `${url}/jwks` };
    return await gate().signedIn({ [TENANT]: tenant }, { endpoints });
  };
  /** With whose credentials a fresh process signs, and how often it asked for some. */
  const keyAt = async (browser: Browser) => {
    const before = gate().actions.length;
    browser.handler = started(gate());
    const { forwarded } = await browser.ask("/tenant/x", { dest: "image" });
    const credential = new URLSearchParams(forwarded?.querystring).get("X-Amz-Credential");
    return [forwarded?.uri, credential?.replace(/\/.*/, ""), gate().actions.length > before];
  };

  test("sealed credentials are for the tenant of the token that they were made with", async () => {
    const browser = await signedIn("acme");
    expect(browser.jar.has(SEALED_COOKIE)).toBe(true);
    expect(await keyAt(browser)).toEqual(["/site/tenants/acme/x", "key-of-acme", false]);
    const before = browser.jar.get(ID_COOKIE) ?? "";
    browser.jar.set(ID_COOKIE, gate().idToken({ [TENANT]: "other" }));
    expect(await keyAt(browser)).toEqual(["/site/tenants/other/x", "key-of-other", true]);
    browser.jar.set(ID_COOKIE, before);
    expect(await keyAt(browser)).toEqual(["/site/tenants/acme/x", "key-of-acme", false]);
  });

  test("a link opens the folder of its maker's tenant, whoever follows it", async () => {
    const browser = await signedIn("acme");
    const made = await browser.ask("/.gatehouse/link", {
      method: "POST",
      dest: "empty",
      body: JSON.stringify({ path: "/tenant/a/x", prefix: "/tenant/a/", seconds: 600 }),
      headers: { Origin: APP },
    });
    const url: string = JSON.parse(made.body).url;
    const stranger = gate().browser();
    stranger.handler = started(gate());
    const { forwarded } = await stranger.ask(url.replace(/x$/, "y"), { dest: "video" });
    expect(forwarded?.uri).toBe("/site/tenants/acme/a/y");
    expect(forwarded?.querystring).toContain("X-Amz-Credential=key-of-acme%2F");
    expect(forwarded?.headers["x-gatehouse-cache-scope"]?.[0]?.value).toMatch(
      /:owner:\{claim:custom:tenant\}=acme$/,
    );
  });
});
