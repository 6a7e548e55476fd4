import { describe, expect, test } from "vitest";
import { Areas, cacheScope, keyPath } from "../../edge/areas.ts";
import type { AreaDocument, ConfigDocument } from "../../edge/config/config.ts";
import { parseConfig } from "../../edge/config/document.ts";
import { canonicalPath } from "../../edge/request/path.ts";
import type { VerifiedToken } from "../../edge/token/token.ts";
import { CLIENT_ID, configDocument, IDENTITY_ID, SECOND_CLIENT_ID } from "./fixtures/config.ts";
import { JWKS } from "./fixtures/tokens.ts";

const EDITORS = "arn:aws:iam::123456789012:role/editors";
const CLIENTS = [SECOND_CLIENT_ID, CLIENT_ID];
const LEADS = "arn:aws:iam::123456789012:role/leads";

function areasOf(documents: readonly AreaDocument[]): Areas {
  const groups = { editors: { roleArn: EDITORS }, "team&leads": { roleArn: LEADS } };
  return new Areas(parseConfig(configDocument({ areas: documents, groups })));
}

const AREAS = areasOf([
  { path: "/team/welcome.txt" },
  { path: "/team/*", groups: ["team&leads", "editors"] },
  { path: "/me/*", owner: "users/{identityId}/" },
  { path: "/a b/*" },
  { path: "/open/*", trusted: true },
]);

function tokenOf(...groups: string[]): VerifiedToken {
  return tokenWith(groups, [EDITORS, LEADS]);
}

function tokenWith(groups: readonly string[], roles: readonly string[]): VerifiedToken {
  const claims: unknown = { raw: "", sub: "user", groups, roles, expiresAt: 0 };
  return claims as VerifiedToken;
}

const NOBODY = tokenOf();

describe("accessTo", () => {
  const cases: [string, string, VerifiedToken, object | "access_denied"][] = [
    ["the first match wins over the broader one", "/team/welcome.txt", NOBODY, { group: undefined }],
    ["a member of a group", "/team/x", tokenOf("editors"), { group: "editors", roleArn: EDITORS }],
    [
      "the area's order decides between groups",
      "/team/x",
      tokenOf("editors", "team&leads"),
      { roleArn: LEADS },
    ],
    ["no member", "/team/x", tokenOf("others"), "access_denied"],
    ["no groups at all", "/team/x", NOBODY, "access_denied"],
    ["one's own folder", "/me/x", NOBODY, { group: undefined, roleArn: undefined }],
    ["a pattern that needs escapes", "/a%20b/x", NOBODY, { group: undefined }],
    ["the prefix without its slash", "/team", tokenOf("editors"), "access_denied"],
    ["a longer name", "/teams/x", tokenOf("editors"), "access_denied"],
    ["another case", "/TEAM/x", tokenOf("editors"), "access_denied"],
    ["nobody's path", "/elsewhere", NOBODY, "access_denied"],
  ];
  test.each(cases)("%s: %s", (_, path, token, expected) => {
    if (expected === "access_denied") return expect(() => AREAS.accessTo(path, token)).toThrow(expected);
    return expect(AREAS.accessTo(path, token)).toMatchObject(expected);
  });
});

describe("a group's role", () => {
  const both = ["editors", "team&leads"];
  const cases: [string, readonly string[], readonly string[], object | "RoleNotInToken"][] = [
    ["is not in the token", ["editors"], [], "RoleNotInToken"],
    ["is another group's", ["editors"], [LEADS], "RoleNotInToken"],
    ["is the second group's only", both, [EDITORS], { group: "editors", roleArn: EDITORS }],
    ["is that of both groups", both, [EDITORS, LEADS], { group: "team&leads", roleArn: LEADS }],
  ];
  /** The access, or what it was refused with. */
  const outcomeOf = (areas: Areas, token: VerifiedToken): unknown => {
    try {
      return areas.accessTo("/team/x", token);
    } catch (error) {
      return error;
    }
  };

  test.each(cases)("%s: %j with %j", (_, groups, roles, expected) => {
    const refusal = { code: "access_denied", cause: { name: expected } };
    expect(outcomeOf(AREAS, tokenWith(groups, roles))).toMatchObject(
      typeof expected === "string" ? refusal : expected,
    );
  });

  test("with the exchange by STS the group is enough", () => {
    const { identityPool: _, ...rest } = configDocument();
    const config = parseConfig({
      ...rest,
      exchange: { kind: "sts", roleArn: "arn:aws:iam::123456789012:role/readers" },
      groups: { editors: { roleArn: EDITORS } },
      areas: [{ path: "/team/*", groups: ["editors"] }],
    });
    const access = outcomeOf(new Areas(config), tokenWith(["editors"], []));
    expect(access).toMatchObject({ group: "editors", roleArn: EDITORS });
  });
});

describe("users' own folders", () => {
  const areas = areasOf([
    { path: "/me/*", owner: "users/{identityId}/" },
    { path: "/*", trusted: true },
  ]);
  test.each(["/users/", "/users/x", `/users/${IDENTITY_ID}/photo.jpg`, "/users/us-east-1%3A1/x"])(
    "are out of reach by their real key %s",
    (path) => expect(() => areas.accessTo(canonicalPath(path), NOBODY)).toThrow("access_denied"),
  );
  test.each(["/users", "/usersx", "/Users/x", "/a/users/x", "//users/x"])(
    "end where they end: %s",
    (path) => {
      expect(areas.accessTo(canonicalPath(path), NOBODY).area.path).toBe("/*");
    },
  );
  test("are never trusted, whatever area their key would match", () => {
    expect(areas.lets("trusted", "/page.html")).toBe(true);
    expect(areas.lets("trusted", `/users/${IDENTITY_ID}/page.html`)).toBe(false);
    expect(areas.lets("trusted", "/me/page.html")).toBe(false);
  });
});

test("a public area never comes through the function", () => {
  const areas = areasOf([{ path: "/public/*", public: true }, { path: "/private/*" }]);
  expect(() => areas.accessTo("/public/x", NOBODY)).toThrow("access_denied");
});

describe("a public area inside a private one", () => {
  const areas = areasOf([
    { path: "/favicon.ico", public: true },
    { path: "/public/app/*", public: true, trusted: true },
    { path: "/public/*", public: true },
    { path: "/me/*", owner: "users/{identityId}/" },
    { path: "/*", trusted: true },
  ]);
  const gated: Record<string, boolean> = {
    "/": true,
    "/favicon.ico": false,
    "/favicon.icon": true,
    "/public/x": false,
    "/public/app/x": false,
    "/public": true,
  };
  test.each(Object.entries(gated))("%s comes through the function: %s", (path, isServed) => {
    const access = () => areas.accessTo(canonicalPath(path), NOBODY);
    if (isServed) expect(access().area.path).toBe("/*");
    else expect(access).toThrow(expect.objectContaining({ code: "access_denied" }));
  });

  /** As the origin is asked: a public path as its viewer spelt it. */
  const trusted: Record<string, boolean> = {
    "/index.html": true,
    "/public/app/a.html": true,
    "/public/%61pp/a.html": true,
    "/%70ublic/app/a.html": true,
    "/public/a.html": false,
    "/%70ublic/a.html": false,
    "/public/app/../a.html": false,
    "/%70ublic/x/../app/a.html": false,
    "/public/app/%2e%2e/a.html": false,
    "/public/app%2Fa.html": false,
    "/public/app/%": false,
    "/favicon.ico": false,
    "/users/x/a.html": false,
    "/%75sers/x/a.html": false,
  };
  test.each(Object.entries(trusted))("%s may run scripts: %s", (path, isTrusted) => {
    expect(areas.lets("trusted", path)).toBe(isTrusted);
  });

  test("takes the folders around it from the lists", () => {
    expect(areas.listable("/")).toBeUndefined();
    expect(areas.listable("/docs/")?.path).toBe("/*");
  });
});

describe("keyPath", () => {
  test("is the path itself", () => {
    const access = AREAS.accessTo("/a%20b/c", NOBODY);
    expect(keyPath(access, "/a%20b/c", IDENTITY_ID)).toBe("/a%20b/c");
  });
  test.each([
    ["/me/photo.jpg", "/users/us-east-1%3A11111111-1111-4111-8111-111111111111/photo.jpg"],
    ["/me/a%20b/%2B", "/users/us-east-1%3A11111111-1111-4111-8111-111111111111/a%20b/%2B"],
    ["/me/me/x", "/users/us-east-1%3A11111111-1111-4111-8111-111111111111/me/x"],
  ])("in an owner area %s is %s", (path, key) => {
    expect(keyPath(AREAS.accessTo(path, NOBODY), path, IDENTITY_ID)).toBe(key);
  });
});

describe("the cache scope", () => {
  const GATE = "29db69baf385bc59";
  const scope = (path: string, token: VerifiedToken, identityId = IDENTITY_ID) =>
    cacheScope(AREAS.accessTo(path, token), identityId);

  test("tells apart whoever may not share", () => {
    expect(scope("/a%20b/x", NOBODY)).toBe(`${GATE}:signed-in`);
    expect(scope("/team/x", tokenOf("editors"))).toBe(`${GATE}:group:editors`);
    expect(scope("/team/x", tokenOf("team&leads"))).toBe(`${GATE}:group:team%26leads`);
    expect(scope("/me/x", NOBODY)).toBe(`${GATE}:owner:us-east-1%3A11111111-1111-4111-8111-111111111111`);
    expect(scope("/me/x", NOBODY, "other")).toBe(`${GATE}:owner:other`);
    expect(scope("/me/x", NOBODY, "trusted:signed-in")).toBe(`${GATE}:owner:trusted%3Asigned-in`);
  });

  test.each([
    [{}, ""],
    [{ trusted: true }, ":trusted"],
    [{ versions: true }, ":versions"],
    [{ metadata: true }, ":metadata"],
    [{ metadata: true, versions: true, trusted: true }, ":trusted:versions:metadata"],
    [{ downloads: true, browserMaxAge: 60 }, ""],
  ])("says what the area lets pass: with %j %j", (settings, flags) => {
    const areas = areasOf([{ path: "/*", ...settings }]);
    expect(cacheScope(areas.accessTo("/x", NOBODY), IDENTITY_ID)).toBe(`${GATE}${flags}:signed-in`);
  });

  const document = configDocument();
  const { identityPool: _, ...withoutPool } = document;
  const sts = (name: string) => ({ kind: "sts" as const, roleArn: `arn:aws:iam::123456789012:role/${name}` });
  const auth = { keys: { current: "1".repeat(64) }, basePath: "/.gatehouse/" };
  const userPool = { ...document.userPool, domain: "login.example.com" };
  const gateIdIn = (changed: ConfigDocument) =>
    cacheScope(new Areas(parseConfig(changed)).accessTo("/x", NOBODY), "").split(":")[0];

  test.each<[string, ConfigDocument]>([
    ["another user pool", { ...document, userPool: { ...document.userPool, id: "us-east-1_Another" } }],
    ["another client", { ...document, userPool: { ...document.userPool, clientIds: ["another"] } }],
    ["another identity pool", { ...document, identityPool: { id: `us-east-1:${"a".repeat(36)}` } }],
    ["STS", { ...withoutPool, exchange: sts("readers") }],
    ["STS with another role", { ...withoutPool, exchange: sts("viewers") }],
    ["another bucket", { ...document, origin: { ...document.origin, bucket: "another" } }],
    ["a bucket in another region", { ...document, origin: { ...document.origin, region: "us-west-2" } }],
    ["another folder of the bucket", { ...document, origin: { ...document.origin, path: "/site" } }],
    ["endpoints elsewhere", { ...document, userPool, auth: { ...auth, basePath: "/gate/" } }],
  ])("%s is another gate", (_name, changed) => {
    const others = [document, { ...withoutPool, exchange: sts("others") }].map(gateIdIn);
    expect(gateIdIn(changed)).toMatch(/^[0-9a-f]{16}$/);
    expect(others).not.toContain(gateIdIn(changed));
  });

  test.each<[string, ConfigDocument]>([
    ["the clients in another order", { ...document, userPool: { ...document.userPool, clientIds: CLIENTS } }],
    ["other areas", { ...document, areas: [{ path: "/x", browserMaxAge: 60 }] }],
    ["other groups", { ...document, groups: { editors: { roleArn: EDITORS } } }],
    ["other keys of the pool", { ...document, userPool: { ...document.userPool, jwks: JWKS } }],
    ["sign-in", { ...document, userPool, auth }],
    ["new sealing keys", { ...document, userPool, auth: { keys: { current: "2".repeat(64) } } }],
    ["other logs and origins", { ...document, log: { allowed: 1 }, cors: { origins: [] } }],
  ])("%s is the same gate: its cache stays", (_name, changed) => {
    expect(gateIdIn(changed)).toBe(GATE);
  });
});

describe("listable", () => {
  const areas = areasOf([
    { path: "/team/plans/*", groups: ["editors"] },
    { path: "/team/*", groups: ["editors", "team&leads"] },
    { path: "/me/*", owner: "users/{identityId}/" },
    { path: "/*" },
  ]);
  const cases: Record<string, boolean> = {
    "/team/plans/": true,
    "/team/plans/2026/": true,
    "/team/notes/": true,
    "/team/": false,
    "/": false,
    "/me/": true,
    "/me/album/": true,
    "/users/": false,
    "/other/": true,
  };
  test.each(Object.entries(cases))("%s: %s", (path, listable) => {
    expect(areas.listable(path) !== undefined).toBe(listable);
  });
});
