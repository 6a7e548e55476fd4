import { describe, expect, test } from "vitest";
import type { AreaDocument, ConfigDocument } from "../../../edge/config/config.ts";
import { ConfigError, parseConfig } from "../../../edge/config/document.ts";
import { configDocument } from "../fixtures/config.ts";

const GROUPS = { editors: { roleArn: "arn:aws:iam::123456789012:role/editors" } };

function problemsOf(
  areas: readonly AreaDocument[],
  changes: Partial<ConfigDocument> = {},
): readonly string[] {
  try {
    parseConfig(configDocument({ areas, groups: GROUPS, ...changes }));
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

describe("sound lists", () => {
  const lists: Record<string, readonly AreaDocument[]> = {
    "the default": [{ path: "/*" }],
    "of every kind": [
      { path: "/team/*", groups: ["editors"] },
      { path: "/me/*", owner: "users/{identityId}/" },
      { path: "/*" },
    ],
    "an owner area under its own prefix": [
      { path: "/users/*", owner: "users/{identityId}/" },
      { path: "/*" },
    ],
    "two ways to one's own folder": [
      { path: "/me/*", owner: "users/{identityId}/" },
      { path: "/mine/*", owner: "users/{identityId}/" },
    ],
    "folders named after claims, one by one and two in one another": [
      { path: "/tenant/*", owner: "tenants/{claim:custom:tenant}/" },
      { path: "/both/*", owner: "people/{claim:custom:tenant}/{sub}/" },
      { path: "/site/*", owner: "sites/{claim:custom:tenant}/{claim:site}/" },
      { path: "/name/*", owner: "a b/names/{claim:cognito:username}/" },
      { path: "/sub/*", owner: "subs/{sub}/" },
      { path: "/me/*", owner: "users/{sub}/{identityId}/" },
      { path: "/*" },
    ],
    "a key before its prefix": [{ path: "/team/logo.png" }, { path: "/team/*", groups: ["editors"] }],
    "public beside private": [{ path: "/public/*", public: true }, { path: "/private/*" }],
    "letters with two Unicode forms where nothing is around them": [
      { path: "/\u00e9quipe/priv\u00e9/*", groups: ["editors"] },
      { path: "/\u00fcber.txt" },
      { path: "/me/*", owner: "priv\u00e9s/{identityId}/" },
    ],
    "the same, around an area that is spelt in one way": [
      { path: "/\u00e9quipe/plans/*", groups: ["editors"] },
      { path: "/\u00e9quipe/*" },
    ],
    "letters with one Unicode form": [
      { path: "/Stra\u00dfe \u00e6\u00f8/*", groups: ["editors"] },
      { path: "/*" },
    ],
    "a percent sign that encodes nothing": [
      { path: "/100% wool/*" },
      { path: "/50%/*" },
      { path: "/%zz.txt" },
    ],
    "public inside private": [
      { path: "/favicon.ico", public: true },
      { path: "/manifest.webmanifest", public: true },
      { path: "/.well-known/*", public: true },
      { path: "/public/*", public: true },
      { path: "/*", trusted: true },
    ],
    "public inside a group's": [
      { path: "/team/logo.png", public: true },
      { path: "/team/*", groups: ["editors"] },
      { path: "/*" },
    ],
    "a group's site with everybody's 404 page": [
      { path: "/team/*", groups: ["editors"], site: { notFound: "/404.html" } },
      { path: "/*", site: true },
    ],
    "a public page with scripts": [{ path: "/login.html", public: true, trusted: true }, { path: "/*" }],
    "trusted inside public": [
      { path: "/public/app/*", public: true, trusted: true },
      { path: "/public/*", public: true },
      { path: "/*" },
    ],
    "names that only begin alike": [{ path: "/team/*" }, { path: "/teams/*" }, { path: "/team" }],
  };
  test.each(Object.entries(lists))("%s", (_, areas) => expect(problemsOf(areas)).toEqual([]));
});

describe("folders by group", () => {
  const exchange = { kind: "sts", roleArn: "arn:aws:iam::123456789012:role/readers" } as const;
  const STS = { exchange, identityPool: undefined } as Partial<ConfigDocument>;
  const NEEDS_STS =
    "{group} needs exchange sts, for an identity pool does not tell S3 which group a request is for; with one, each group " +
    "takes an area and a role";

  test("are written as a path, or as a path and an owner", () => {
    const areas = [
      { path: "/teams/{group}/*" },
      { path: "/t/*", owner: "a b/of/{group}/{sub}/" },
      { path: "/*" },
    ];
    expect(problemsOf(areas, STS)).toEqual([]);
    const config = parseConfig(configDocument({ areas, ...STS }));
    expect(config.areas.slice(0, 2)).toMatchObject([
      { path: "/teams/*", owner: "teams/{group}/" },
      { path: "/t/*", owner: "a b/of/{group}/{sub}/" },
    ]);
  });

  const misplaced = (path: string, found: string) =>
    `areas[0].path: "${path}" has ${found}; a path is the same for everybody, but for one such as /teams/{group}/*, and ` +
    "owner says whose folder it stands for";
  const mistakes: Record<string, [readonly AreaDocument[], Partial<ConfigDocument>, ...string[]]> = {
    "with an identity pool": [[{ path: "/teams/{group}/*" }], {}, `areas[0].owner: ${NEEDS_STS}`],
    "with groups": [
      [{ path: "/teams/{group}/*", groups: ["editors"] }],
      STS,
      'areas[0].path: "/teams/*" is one of groups, owner, not several',
    ],
    public: [
      [{ path: "/teams/{group}/*", public: true }],
      STS,
      'areas[0].path: "/teams/*" is one of owner, public, not several',
    ],
    "in no folder": [[{ path: "/{group}/*" }], STS, misplaced("/{group}/*", "{group}")],
    "as a part of a name": [[{ path: "/team-{group}/*" }], STS, misplaced("/team-{group}/*", "{group}")],
    "as a file": [[{ path: "/teams/{group}" }], STS, misplaced("/teams/{group}", "{group}")],
    "with more behind it": [
      [{ path: "/teams/{group}/x/*" }],
      STS,
      misplaced("/teams/{group}/x/*", "{group}"),
    ],
    "beside an owner": [
      [{ path: "/teams/{group}/*", owner: "x/{group}/" }],
      STS,
      misplaced("/teams/{group}/*", "{group}"),
    ],
    "another placeholder in a path": [[{ path: "/me/{sub}/*" }], STS, misplaced("/me/{sub}/*", "{sub}")],
    "a claim in a path": [[{ path: "/t/{claim:a:b}/*" }], STS, misplaced("/t/{claim:a:b}/*", "{claim:a:b}")],
    "one group's area in them": [
      [{ path: "/teams/red/*", groups: ["editors"] }, { path: "/teams/{group}/*" }],
      STS,
      `areas[0].path: "/teams/red/*" lies in the users' own folders of "/teams/*"`,
    ],
    "a public one in them": [
      [{ path: "/teams/red/logo.png", public: true }, { path: "/teams/{group}/*" }],
      STS,
      `areas[0].path: "/teams/red/logo.png" lies in the users' own folders of "/teams/*"`,
    ],
    "a claim with the name of their tag": [
      [{ path: "/teams/{group}/*" }, { path: "/a/*", owner: "a/{claim:Group}/" }],
      STS,
      'areas[0].owner: "teams/{group}/" and {claim:Group} have the same name as session tags',
      'areas[1].owner: "a/{claim:Group}/" and {group} have the same name as session tags',
    ],
  };
  test.each(Object.entries(mistakes))("%s", (_, [areas, changes, ...problems]) =>
    expect(problemsOf(areas, changes)).toEqual(problems),
  );
});

describe("mistakes name both sides", () => {
  const mistakes: Record<string, [readonly AreaDocument[], ...string[]]> = {
    "covered by an earlier one": [
      [{ path: "/*" }, { path: "/team/*", groups: ["editors"] }],
      'areas[1].path: "/team/*" is never reached, "/*" comes before it',
    ],
    "twice the same": [
      [{ path: "/a.txt" }, { path: "/a.txt" }],
      'areas[1].path: "/a.txt" is never reached, "/a.txt" comes before it',
    ],
    "a group that is not there": [
      [{ path: "/*", groups: ["admins"] }],
      'areas[0].groups: "admins" is not in groups',
    ],
    "several kinds at once": [
      [{ path: "/a/*", groups: ["editors"], owner: "u/{identityId}/" }],
      'areas[0].path: "/a/*" is one of groups, owner, not several',
    ],
    "public behind the private one that it lies in": [
      [{ path: "/a/*" }, { path: "/a/b/*", public: true }],
      'areas[1].path: "/a/b/*" is never reached, "/a/*" comes before it',
    ],
    "private inside public": [
      [{ path: "/a/b/*" }, { path: "/a/*", public: true }],
      'areas[1].path: "/a/*" is public, so that "/a/b/*" inside it cannot be private',
    ],
    "private inside public, behind it": [
      [{ path: "/a/*", public: true }, { path: "/a/b/*" }],
      'areas[1].path: "/a/b/*" cannot be private inside "/a/*", which is public',
    ],
    "a group's inside public": [
      [
        { path: "/a/b.txt", groups: ["editors"] },
        { path: "/a/*", public: true },
      ],
      'areas[1].path: "/a/*" is public, so that "/a/b.txt" inside it cannot be private',
    ],
    "users' own folders' path inside public": [
      [
        { path: "/a/me/*", owner: "users/{identityId}/" },
        { path: "/a/*", public: true },
      ],
      'areas[1].path: "/a/*" is public, so that "/a/me/*" inside it cannot be private',
    ],
    "public and private at once": [
      [{ path: "/a/*", public: true }, { path: "/a/*" }],
      'areas[1].path: "/a/*" cannot be private inside "/a/*", which is public',
    ],
    "public and private at once, the other way round": [
      [{ path: "/a/*" }, { path: "/a/*", public: true }],
      'areas[1].path: "/a/*" is public, so that "/a/*" inside it cannot be private',
    ],
    "an area inside the users' folders": [
      [{ path: "/me/*", owner: "users/{identityId}/" }, { path: "/users/shared/*" }],
      `areas[1].path: "/users/shared/*" lies in the users' own folders of "/me/*"`,
    ],
    "exactly the users' folders": [
      [{ path: "/users/*" }, { path: "/me/*", owner: "users/{identityId}/" }],
      `areas[0].path: "/users/*" lies in the users' own folders of "/me/*"`,
    ],
    "public users' folders": [
      [
        { path: "/data/*", public: true },
        { path: "/me/*", owner: "data/users/{identityId}/" },
      ],
      `areas[0].path: "/data/*" would make the users' own folders of "/me/*" public`,
    ],
    "folders inside folders": [
      [
        { path: "/a/*", owner: "u/{identityId}/" },
        { path: "/b/*", owner: "u/v/{identityId}/" },
      ],
      `areas[1].owner: "u/v/{identityId}/" lies in the users' own folders of "/a/*"`,
    ],
    "trusted folders": [
      [{ path: "/me/*", owner: "u/{identityId}/", trusted: true }],
      "areas[0].trusted: what users store themselves cannot be trusted",
    ],
    "one placeholder twice": [
      [{ path: "/me/*", owner: "u/{sub}/{sub}/" }],
      'areas[0].owner: "u/{sub}/{sub}/" has {sub} twice, which is no folder of its own',
    ],
    "the subject as a claim": [
      [{ path: "/me/*", owner: "u/{claim:sub}/" }],
      "areas[0].owner: {claim:sub} is written {sub}",
    ],
    "a claim that is a token's own": [
      [{ path: "/me/*", owner: "u/{claim:aud}/" }],
      'areas[0].owner: the claim "aud" names nobody, and no group of people',
    ],
    "a claim that is a list": [
      [{ path: "/me/*", owner: "u/{claim:cognito:groups}/" }],
      'areas[0].owner: the claim "cognito:groups" names nobody, and no group of people',
    ],
    "a tenant's folder around those of its users": [
      [
        { path: "/a/*", owner: "u/{claim:t}/" },
        { path: "/b/*", owner: "u/{claim:t}/{sub}/" },
      ],
      `areas[0].owner: "u/{claim:t}/" lies in the users' own folders of "/b/*"`,
      `areas[1].owner: "u/{claim:t}/{sub}/" lies in the users' own folders of "/a/*"`,
    ],
    "folders side by side, of users and of tenants": [
      [
        { path: "/a/*", owner: "u/{claim:t}/" },
        { path: "/b/*", owner: "u/{sub}/" },
      ],
      `areas[0].owner: "u/{claim:t}/" lies in the users' own folders of "/b/*"`,
      `areas[1].owner: "u/{sub}/" lies in the users' own folders of "/a/*"`,
    ],
    "an area inside of a tenant's folder": [
      [{ path: "/u/acme/*" }, { path: "/a/*", owner: "u/{claim:t}/" }],
      `areas[0].path: "/u/acme/*" lies in the users' own folders of "/a/*"`,
    ],
    "two claims with one name as session tags": [
      [
        { path: "/a/*", owner: "a/{claim:custom:t}/" },
        { path: "/b/*", owner: "b/{claim:Custom-T}/" },
      ],
      'areas[0].owner: "a/{claim:custom:t}/" and {claim:Custom-T} have the same name as session tags',
      'areas[1].owner: "b/{claim:Custom-T}/" and {claim:custom:t} have the same name as session tags',
    ],
    "an owner of one key": [
      [{ path: "/me", owner: "u/{identityId}/" }],
      "areas[0].path: an owner area is a prefix such as /me/*",
    ],
    "browsers keep a group's files": [
      [{ path: "/a/*", groups: ["editors"], browserMaxAge: 60 }],
      "areas[0].browserMaxAge: not for an area with groups",
    ],
    "links without sign-in": [
      [{ path: "/a/*", links: { maxSeconds: 60 } }],
      "areas[0].links: only with auth, whose endpoint makes them",
    ],
    "uploads without sign-in": [
      [{ path: "/a/*", uploads: { maxBytes: 1 } }],
      "areas[0].uploads: only with auth, whose endpoint makes them",
    ],
    "versions of public files": [
      [{ path: "/a/*", public: true, versions: true }],
      "areas[0].public: nothing of a public area passes the function, so versions, downloads and site have no effect",
    ],
    "a site of one key": [[{ path: "/a", site: true }], "areas[0].site: for a prefix such as /docs/*"],
    "a site of users' folders": [
      [{ path: "/me/*", owner: "u/{identityId}/", site: true }, { path: "/*" }],
      "areas[0].site: not for users' own folders",
    ],
    "a public site": [
      [{ path: "/a/*", public: true, site: true }],
      "areas[0].public: nothing of a public area passes the function, so versions, downloads and site have no effect",
    ],
    "a 404 page of a group": [
      [
        { path: "/404.html", groups: ["editors"] },
        { path: "/*", site: true },
      ],
      'areas[1].site.notFound: "/404.html" is not for everybody who may read "/*"',
    ],
    "a public 404 page": [
      [
        { path: "/404.html", public: true },
        { path: "/*", site: true },
      ],
      'areas[1].site.notFound: "/404.html" is not for everybody who may read "/*"',
    ],
    "an app of another group": [
      [
        { path: "/a/*", groups: ["editors"] },
        { path: "/b/*", groups: ["editors"], site: { fallback: "/a/index.html" } },
      ],
      'areas[1].site.fallback: "/a/index.html" is not for everybody who may read "/b/*"',
    ],
    "an app that nobody owns": [
      [{ path: "/b/*", site: { fallback: "/index.html" } }],
      'areas[0].site.fallback: "/index.html" is not for everybody who may read "/b/*"',
    ],
    "a 404 page in users' folders": [
      [
        { path: "/me/*", owner: "users/{identityId}/" },
        { path: "/*", site: { notFound: "/users/404.html" } },
      ],
      'areas[1].site.notFound: "/users/404.html" is not for everybody who may read "/*"',
    ],
    "a letter with two Unicode forms": [
      [{ path: "/\u00e9quipe/*", groups: ["editors"] }, { path: "/*" }],
      `areas[0].path: "/\u00e9quipe/*" has letters with two Unicode forms, and keys in the other form would be those of "/*"`,
    ],
    "its decomposed form": [
      [{ path: "/e\u0301quipe/*", groups: ["editors"] }, { path: "/*" }],
      `areas[0].path: "/e\u0301quipe/*" has letters with two Unicode forms, and keys in the other form would be those of "/*"`,
    ],
    "one behind the broader area's name": [
      [{ path: "/\u00e9quipe/priv\u00e9.txt", groups: ["editors"] }, { path: "/\u00e9quipe/*" }],
      `areas[0].path: "/\u00e9quipe/priv\u00e9.txt" has letters with two Unicode forms, and keys in the other form would be those of "/\u00e9quipe/*"`,
    ],
    "the broader area's name in another form": [
      [{ path: "/\u00e9quipe/plans/*", groups: ["editors"] }, { path: "/e\u0301quipe/*" }],
      `areas[0].path: "/\u00e9quipe/plans/*" has letters with two Unicode forms, and keys in the other form would be those of "/e\u0301quipe/*"`,
    ],
    "a sign that is only another one's second form": [
      [{ path: "/\u212a.txt", groups: ["editors"] }, { path: "/*" }],
      `areas[0].path: "/\u212a.txt" has letters with two Unicode forms, and keys in the other form would be those of "/*"`,
    ],
    "users' folders with such a letter": [
      [{ path: "/me/*", owner: "priv\u00e9s/{identityId}/" }, { path: "/*" }],
      `areas[0].owner: "priv\u00e9s/{identityId}/" has letters with two Unicode forms, and keys in the other form would be those of "/*"`,
    ],
    "a path as browsers show it": [
      [{ path: "/my%20docs/*", groups: ["editors"] }, { path: "/*" }],
      `areas[0].path: "/my%20docs/*" is percent-encoded; areas are written decoded: "/my docs/*"`,
    ],
    "a path that no browser shows": [
      [{ path: "/100%ff/*" }],
      `areas[0].path: "/100%ff/*" is percent-encoded; areas are written decoded`,
    ],
    "users' folders as browsers show them": [
      [{ path: "/me/*", owner: "their%20own/{identityId}/" }],
      `areas[0].owner: "their%20own/{identityId}/" is percent-encoded; areas are written decoded: "their own/{identityId}/"`,
    ],
    "the gate's own endpoints": [
      [{ path: "/.gatehouse/*" }],
      `areas[0].path: "/.gatehouse/*" is where the gate's own endpoints are`,
    ],
  };
  test.each(Object.entries(mistakes))("%s", (_, [areas, ...problems]) =>
    expect(problemsOf(areas)).toEqual(problems),
  );
});

describe("a site", () => {
  const defaults = { index: "index.html", cleanUrls: true, fallback: undefined };
  const sites: [AreaDocument, object | undefined][] = [
    [{ path: "/*" }, undefined],
    [{ path: "/*", site: false }, undefined],
    [
      { path: "/*", site: true },
      { ...defaults, notFound: "/404.html" },
    ],
    [
      { path: "/docs/*", site: {} },
      { ...defaults, notFound: "/docs/404.html" },
    ],
    [
      { path: "/app/*", site: { fallback: "/app/index.html" } },
      { ...defaults, cleanUrls: false, fallback: "/app/index.html", notFound: "/app/404.html" },
    ],
    [
      {
        path: "/app/*",
        site: { fallback: "/app/i.html", cleanUrls: true, index: "i.html", notFound: "/app/x" },
      },
      { index: "i.html", cleanUrls: true, fallback: "/app/i.html", notFound: "/app/x" },
    ],
  ];
  test.each(sites)("of %j", (area, site) => {
    const parsed = parseConfig(configDocument({ areas: [area] }));
    expect(parsed.areas[0]?.site).toEqual(site);
    // The deployment reads what it has written.
    expect(parseConfig(JSON.parse(JSON.stringify(parsed))).areas[0]?.site).toEqual(site);
  });
});

describe("links and uploads", () => {
  const links = { maxSeconds: 3_600 };
  const uploads = { maxBytes: 5 * 1024 ** 3, types: ["image/*", "text/html"] };
  const reading = (area: AreaDocument) => {
    const auth = { keys: { current: "5".repeat(64) } };
    const userPool = { ...configDocument().userPool, domain: "login.example.com" };
    return parseConfig(configDocument({ areas: [area], auth, userPool, groups: GROUPS })).areas[0];
  };

  test("are off, and without types when nothing is said of them", () => {
    expect(reading({ path: "/*" })).toMatchObject({ links: undefined, uploads: undefined });
    expect(reading({ path: "/*", links, uploads })).toMatchObject({ links, uploads });
    expect(reading({ path: "/*", uploads: { maxBytes: 1 } })?.uploads).toEqual({ maxBytes: 1, types: [] });
  });

  test.each<[AreaDocument, string]>([
    [{ path: "/a/*", public: true, links }, "areas[0].links: not for a public area"],
    [{ path: "/a/*", public: true, uploads }, "areas[0].uploads: not for a public area"],
    [
      { path: "/a/*", groups: ["editors"], trusted: true, uploads },
      "areas[0].trusted: what users store themselves cannot be trusted, so not with uploads",
    ],
  ])("%j is wrong", (area, problem) => {
    expect(() => reading(area)).toThrow(`Invalid Gatehouse configuration:\n  ${problem}`);
  });
});

describe("a field by itself", () => {
  const fields: Record<string, [object, string]> = {
    "a pattern inside": [{ path: "/a*/b" }, "areas[0].path"],
    "a wildcard behind a name": [{ path: "/a*" }, "areas[0].path"],
    "no slash": [{ path: "a" }, "areas[0].path"],
    "a trailing slash": [{ path: "/a/" }, "areas[0].path"],
    "a dot segment": [{ path: "/a/../b" }, "areas[0].path"],
    "a backslash": [{ path: "/a\\b" }, "areas[0].path"],
    "no groups": [{ path: "/*", groups: [] }, "areas[0].groups"],
    "an owner without a folder": [{ path: "/*", owner: "{identityId}/" }, "areas[0].owner"],
    "an owner with a slash first": [{ path: "/*", owner: "/u/{identityId}/" }, "areas[0].owner"],
    "an owner without the identity": [{ path: "/*", owner: "u/" }, "areas[0].owner"],
    "a claim without a name": [{ path: "/*", owner: "u/{claim:}/" }, "areas[0].owner"],
    "a claim with an empty part": [{ path: "/*", owner: "u/{claim:custom:}/" }, "areas[0].owner"],
    "a claim with a blank": [{ path: "/*", owner: "u/{claim:a b}/" }, "areas[0].owner"],
    "a claim with a slash": [{ path: "/*", owner: "u/{claim:a/b}/" }, "areas[0].owner"],
    "a placeholder that there is not": [{ path: "/*", owner: "u/{username}/" }, "areas[0].owner"],
    "Amplify's own placeholder": [{ path: "/*", owner: "u/{entity_id}/" }, "areas[0].owner"],
    "a placeholder in a part of a folder": [{ path: "/*", owner: "u/x-{sub}/" }, "areas[0].owner"],
    "a folder behind a placeholder": [{ path: "/*", owner: "u/{sub}/x/" }, "areas[0].owner"],
    "a folder between two": [{ path: "/*", owner: "u/{claim:a}/x/{sub}/" }, "areas[0].owner"],
    "three placeholders": [{ path: "/*", owner: "u/{claim:a}/{claim:b}/{sub}/" }, "areas[0].owner"],
    "a placeholder without a slash": [{ path: "/*", owner: "u/{sub}" }, "areas[0].owner"],
    "an age in words": [{ path: "/*", browserMaxAge: "60" }, "areas[0].browserMaxAge"],
    "a site that is a word": [{ path: "/*", site: "spa" }, "areas[0].site"],
    "an index in a folder": [{ path: "/*", site: { index: "a/index.html" } }, "areas[0].site.index"],
    "clean URLs in words": [{ path: "/*", site: { cleanUrls: "yes" } }, "areas[0].site.cleanUrls"],
    "a fallback that is no key": [{ path: "/*", site: { fallback: "index.html" } }, "areas[0].site.fallback"],
    "a fallback that is a folder": [{ path: "/*", site: { fallback: "/app/" } }, "areas[0].site.fallback"],
    "a 404 page with dots": [{ path: "/*", site: { notFound: "/../404.html" } }, "areas[0].site.notFound"],
    "a misspelt setting of a site": [{ path: "/*", site: { spa: true } }, "areas[0].site.spa"],
    "a link for ever": [{ path: "/*", links: { maxSeconds: 3_601 } }, "areas[0].links.maxSeconds"],
    "a link for no time": [{ path: "/*", links: { maxSeconds: 0 } }, "areas[0].links.maxSeconds"],
    "a link without a time": [{ path: "/*", links: {} }, "areas[0].links.maxSeconds"],
    "links that are on": [{ path: "/*", links: true }, "areas[0].links"],
    "uploads of any size": [{ path: "/*", uploads: {} }, "areas[0].uploads.maxBytes"],
    "uploads beyond S3's": [
      { path: "/*", uploads: { maxBytes: 5_368_709_121 } },
      "areas[0].uploads.maxBytes",
    ],
    "half a byte": [{ path: "/*", uploads: { maxBytes: 0.5 } }, "areas[0].uploads.maxBytes"],
    "a type in capitals": [
      { path: "/*", uploads: { maxBytes: 1, types: ["Image/PNG"] } },
      "areas[0].uploads.types[0]",
    ],
    "any type": [{ path: "/*", uploads: { maxBytes: 1, types: ["*/*"] } }, "areas[0].uploads.types[0]"],
    "a misspelt setting of uploads": [{ path: "/*", uploads: { maxbytes: 1 } }, "areas[0].uploads.maxbytes"],
    "a misspelt setting of links": [{ path: "/*", links: { maxSecs: 1 } }, "areas[0].links.maxSecs"],
    "a public that is a word": [{ path: "/*", public: "yes" }, "areas[0].public"],
    "an unknown setting": [{ path: "/*", group: "editors" }, "areas[0].group"],
  };
  test.each(Object.entries(fields))("%s", (_, [area, field]) => {
    const document = { ...configDocument(), areas: [area] };
    expect(() => parseConfig(document)).toThrow(
      new RegExp(`^Invalid.*\n  ${field.replace(/[[\].]/g, "\\$&")}: `),
    );
  });
  test("no areas at all", () => {
    expect(problemsOf([])).toEqual(["areas: expected a list of at least 1"]);
  });
});

test("the same key in two forms is two areas, each of which is the other's second form", () => {
  expect(problemsOf([{ path: "/\u00e9.txt" }, { path: "/e\u0301.txt", groups: ["editors"] }])).toEqual([
    `areas[0].path: "/\u00e9.txt" has letters with two Unicode forms, and keys in the other form would be those of "/e\u0301.txt"`,
    `areas[1].path: "/e\u0301.txt" has letters with two Unicode forms, and keys in the other form would be those of "/\u00e9.txt"`,
  ]);
});

test("exactly one of identity pool and STS", () => {
  const { identityPool, ...rest } = configDocument();
  const exchange = { kind: "sts", roleArn: "arn:aws:iam::123456789012:role/readers" } as const;
  expect(parseConfig({ ...rest, exchange }).exchange).toEqual(exchange);
  expect(() => parseConfig(rest)).toThrow("identityPool: expected, or else exchange");
  expect(() => parseConfig({ ...rest, identityPool, exchange })).toThrow(
    "identityPool: expected, or else exchange",
  );
});
