import { describe, expect, test } from "vitest";
import { Areas, cacheScope, keyPath } from "../../edge/areas.ts";
import type { AreaDocument } from "../../edge/config/config.ts";
import { parseConfig } from "../../edge/config/document.ts";
import { canonicalPath } from "../../edge/request/path.ts";
import type { VerifiedToken } from "../../edge/token/token.ts";
import { configDocument, IDENTITY_ID } from "./fixtures/config.ts";

const EDITORS = "arn:aws:iam::123456789012:role/editors";
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
  const claims: unknown = { raw: "", sub: "user", groups, roles: [], expiresAt: 0 };
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
    expect(areas.trusts("/page.html")).toBe(true);
    expect(areas.trusts(`/users/${IDENTITY_ID}/page.html`)).toBe(false);
    expect(areas.trusts("/me/page.html")).toBe(false);
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
    expect(areas.trusts(path)).toBe(isTrusted);
  });

  test("takes the folders around it from the lists", () => {
    expect(areas.listable("/")).toBeUndefined();
    expect(areas.listable("/docs/")?.path).toBe("/*");
  });
});

describe("keyPath", () => {
  test("is the path itself", () => {
    const { area } = AREAS.accessTo("/a%20b/c", NOBODY);
    expect(keyPath(area, "/a%20b/c", IDENTITY_ID)).toBe("/a%20b/c");
  });
  test.each([
    ["/me/photo.jpg", "/users/us-east-1%3A11111111-1111-4111-8111-111111111111/photo.jpg"],
    ["/me/a%20b/%2B", "/users/us-east-1%3A11111111-1111-4111-8111-111111111111/a%20b/%2B"],
    ["/me/me/x", "/users/us-east-1%3A11111111-1111-4111-8111-111111111111/me/x"],
  ])("in an owner area %s is %s", (path, key) => {
    expect(keyPath(AREAS.accessTo(path, NOBODY).area, path, IDENTITY_ID)).toBe(key);
  });
});

test("the cache scope tells apart whoever may not share", () => {
  const scope = (path: string, token: VerifiedToken, identityId = IDENTITY_ID) =>
    cacheScope(AREAS.accessTo(path, token), identityId);
  expect(scope("/open/x", NOBODY)).toBe("signed-in");
  expect(scope("/team/x", tokenOf("editors"))).toBe("group:editors");
  expect(scope("/team/x", tokenOf("team&leads"))).toBe("group:team%26leads");
  expect(scope("/me/x", NOBODY)).toBe("owner:us-east-1%3A11111111-1111-4111-8111-111111111111");
  expect(scope("/me/x", NOBODY, "other")).toBe("owner:other");
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
