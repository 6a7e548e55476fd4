import { describe, expect, test } from "vitest";
import type { AreaDocument, Config, ConfigDocument } from "../../edge/config/config.ts";
import { parseConfig } from "../../edge/config/document.ts";
import { accessProblems, publicResources, type Reader, roleStatements } from "../../infra/access/index.ts";
import { amplifyStorageAreas } from "../../infra/bucket/amplify-storage.ts";

const SUB = "$" + "{cognito-identity.amazonaws.com:sub}";
const TAG = "$" + "{aws:PrincipalTag/identityId, '='}";
const ROLE_ARN = "arn:aws:iam::111122223333:role/r";
const GET = ["s3:GetObject"];
const VERSION = ["s3:GetObjectVersion"];

function configOf(areas: readonly AreaDocument[], others: Partial<ConfigDocument> = {}): Config {
  return parseConfig({
    userPool: { id: "us-east-1_AbCdEfGhI", clientIds: ["c"] },
    ...(!others.exchange && { identityPool: { id: "us-east-1:00000000-0000-4000-8000-000000000000" } }),
    origin: { bucket: "assets", region: "us-east-1" },
    groups: { editors: { roleArn: ROLE_ARN }, admins: { roleArn: ROLE_ARN } },
    areas,
    ...others,
  });
}

const TEAM: AreaDocument = { path: "/team/*", groups: ["editors"] };
const ME: AreaDocument = { path: "/me/*", owner: "users/{identityId}/" };
const ALL: AreaDocument = { path: "/*" };
const MIXED = [TEAM, ME, ALL];

describe("what a role may read", () => {
  const cases: readonly [
    name: string,
    areas: readonly AreaDocument[],
    reader: Reader,
    statements: object[],
  ][] = [
    ["everything", [ALL], undefined, [allow("/*")]],
    ["one key", [{ path: "/logo.png" }], undefined, [allow("/logo.png")]],
    ["a group's area, without the group", [TEAM], undefined, []],
    ["a group's area, in the group", [TEAM], "editors", [allow("/team/*")]],
    ["a group's area, in another group", [TEAM], "admins", []],
    ["a broader area around a group's", [TEAM, ALL], undefined, [allow("/*"), deny("/team/*")]],
    ["the same in the group", [TEAM, ALL], "editors", [allow("/*")]],
    ["only the own folder", [ME], undefined, [allow(`/users/${SUB}/*`)]],
    [
      "the README's three areas",
      MIXED,
      undefined,
      [
        { effect: "Allow", actions: GET, notResources: ["/users/*", "/team/*", "/me/*"] },
        { effect: "Deny", actions: GET, notResources: ["/*"] },
        allow(`/users/${SUB}/*`),
      ],
    ],
    [
      "the same in the group",
      MIXED,
      "editors",
      [
        { effect: "Allow", actions: GET, notResources: ["/users/*", "/me/*"] },
        { effect: "Deny", actions: GET, notResources: ["/*"] },
        allow(`/users/${SUB}/*`),
      ],
    ],
    [
      "Amplify Storage's layout",
      amplifyStorageAreas(),
      undefined,
      [allow(`/private/${SUB}/*`, "/public/*", "/protected/*")],
    ],
    [
      "an open key in a group's area in an open area, and a closed one in that",
      [
        { path: "/a/b/c/d", groups: ["editors"] },
        { path: "/a/b/c/*" },
        { path: "/a/b/*", groups: ["editors"] },
        { path: "/a/*" },
      ],
      undefined,
      [
        { effect: "Allow", actions: GET, notResources: ["/a/b/*"] },
        { effect: "Deny", actions: GET, notResources: ["/a/*"] },
        allow("/a/b/c/*"),
        deny("/a/b/c/d"),
      ],
    ],
    [
      "an area inside another open one, once",
      [{ path: "/a/b/*" }, { path: "/a/*" }],
      undefined,
      [allow("/a/*")],
    ],
    [
      "versions everywhere",
      [{ path: "/*", versions: true }],
      undefined,
      [{ effect: "Allow", actions: [...GET, ...VERSION], resources: ["/*"] }],
    ],
    [
      "versions in one area, and none in one inside",
      [{ path: "/docs/old/*" }, { path: "/docs/*", versions: true }, ALL],
      undefined,
      [
        allow("/*"),
        { effect: "Allow", actions: VERSION, resources: ["/docs/*"] },
        { effect: "Deny", actions: VERSION, resources: ["/docs/old/*"] },
      ],
    ],
    [
      "names that IAM would read as patterns",
      [{ path: "/a?$/b" }, { path: "/$" + "{aws:username}/*" }],
      undefined,
      [allow("/a$" + "{?}$" + "{$}/b", "/$" + "{$}{aws:username}/*")],
    ],
    ["nothing of public areas", [{ path: "/open/*", public: true }], undefined, []],
  ];
  test.each(cases)("%s", (_name, areas, reader, statements) => {
    expect(roleStatements(configOf(areas), reader)).toEqual(statements);
  });

  test("below an origin path, which may hold a wildcard of IAM's", () => {
    const origin = { bucket: "assets", region: "us-east-1", path: "/a*b" };
    expect(roleStatements(configOf([ME, { path: "/x/*" }], { origin }), undefined)).toEqual([
      allow(`/a$${"{*}"}b/users/${SUB}/*`, `/a$${"{*}"}b/x/*`),
    ]);
  });

  test("with the exchange by STS the own folder is the session tag's", () => {
    const exchange = { kind: "sts", roleArn: ROLE_ARN } as const;
    expect(roleStatements(configOf([ME], { exchange }), undefined)).toEqual([allow(`/users/${TAG}/*`)]);
  });
});

describe("what a role may list", () => {
  const lists = (like: string[], notLike?: string[]) => ({
    effect: "Allow",
    actions: ["s3:ListBucket"],
    resources: [""],
    conditions: {
      StringLike: { "s3:prefix": like },
      ...(notLike && { StringNotLike: { "s3:prefix": notLike } }),
    },
  });
  const cases: readonly [
    name: string,
    areas: readonly AreaDocument[],
    reader: Reader,
    statements: object[],
  ][] = [
    ["everything", [ALL], undefined, [lists(["", "*/"])]],
    ["keys are no folders", [{ path: "/logo.png" }], undefined, []],
    ["nothing of a group's, without the group", [TEAM], undefined, []],
    [
      "around a group's area and the users' folders",
      MIXED,
      undefined,
      [lists([`users/${SUB}/`, `users/${SUB}/*/`]), lists(["", "*/"], ["", "team/*", "me/*", "users/*"])],
    ],
    [
      "in the group as well: its area, and not what is around it",
      MIXED,
      "editors",
      [
        lists(["team/", "team/*/", `users/${SUB}/`, `users/${SUB}/*/`]),
        lists(["", "*/"], ["", "team/*", "me/*", "users/*"]),
      ],
    ],
    [
      "a key of another area deep inside closes the folders around it",
      [{ path: "/a/b/c/secret", groups: ["editors"] }, { path: "/a/*" }],
      undefined,
      [lists(["a/", "a/*/"], ["a/", "a/b/", "a/b/c/"])],
    ],
  ];
  test.each(cases)("%s", (_name, areas, reader, statements) => {
    const config = configOf(areas, { listing: { enabled: true } });
    const listing = roleStatements(config, reader).filter(({ actions }) => actions.includes("s3:ListBucket"));
    expect(listing).toEqual(statements);
  });

  test("nothing, unless listing is enabled", () => {
    expect(JSON.stringify(roleStatements(configOf(MIXED), undefined))).not.toContain("List");
  });
});

test("public keys are those prefixes only, below the origin path", () => {
  const origin = { bucket: "assets", region: "us-east-1", path: "/site" };
  const areas = [{ path: "/open/*", public: true }, { path: "/favicon.ico", public: true }, TEAM];
  expect(publicResources(configOf(areas, { origin }))).toEqual(["/site/open/*", "/site/favicon.ico"]);
});

describe("what AWS cannot say", () => {
  const deep: readonly AreaDocument[] = [
    { path: "/a/b/c/d/e" },
    { path: "/a/b/c/d/*", groups: ["editors"] },
    { path: "/a/b/c/*" },
    { path: "/a/b/*", groups: ["editors"] },
    { path: "/a/*" },
  ];
  const one = "letters, digits and - . _ ~ only, which CloudFront reads in one way";
  const cases: readonly [name: string, areas: readonly AreaDocument[], ...problems: (string | RegExp)[]][] = [
    [
      "an open area in a closed one in an open one in a closed one in an open one",
      deep,
      'areas: IAM cannot open areas[0].path "/a/b/c/d/e" to every signed-in user and keep areas[1].path "/a/b/c/d/*" closed around it; there are too many layers of open areas inside closed ones',
      'areas: IAM cannot open areas[0].path "/a/b/c/d/e" to group "admins" and keep areas[1].path "/a/b/c/d/*" closed around it; there are too many layers of open areas inside closed ones',
    ],
    [
      "characters beyond Latin-1",
      [{ path: "/日本/*" }, { path: "/me/*", owner: "用户/{identityId}/" }],
      'areas[0].path: "/日本/*" has characters beyond U+00FF, which IAM refuses in policies',
      'areas[1].owner: "用户/{identityId}/" has characters beyond U+00FF, which IAM refuses in policies',
    ],
    [
      "a public bucket",
      [{ path: "/*", public: true }],
      'areas[0].path: "/*" would make the whole bucket public',
    ],
    [
      "a public path that can be spelt in two ways",
      [{ path: "/a b/*", public: true }],
      `areas[0].path: "/a b/*" is public, so it takes ${one}`,
    ],
    [
      "a path for browsers to keep that can be spelt in two ways",
      [{ path: "/a+b/*", browserMaxAge: 60 }],
      `areas[0].path: "/a+b/*" has a browserMaxAge, so it takes ${one}`,
    ],
    [
      "a group's and a user's area where browsers keep everything",
      [TEAM, ME, { path: "/*", browserMaxAge: 60 }],
      'areas[2].browserMaxAge: browsers could keep what lies in "/team/*", which is a group\'s and inside "/*"',
      'areas[2].browserMaxAge: browsers could keep what lies in "/me/*", which is its owners\' and inside "/*"',
    ],
    [
      "a path inside that CloudFront could miss",
      [{ path: "/static/a b" }, { path: "/static/*", browserMaxAge: 60 }],
      `areas[1].browserMaxAge: "/static/a b" inside "/static/*" takes ${one}`,
    ],
    [
      "more areas than a policy holds",
      Array.from({ length: 120 }, (_, index) => ({ path: `/area-${index}/*` })),
      /^areas: the policy of signed-in users would be \d+ characters long, IAM takes 10000; use fewer areas$/,
      /^areas: the policy of group "editors" /,
      /^areas: the policy of group "admins" /,
    ],
  ];
  test.each(cases)("%s", (_name, areas, ...problems) => {
    const expected = problems.map((problem) =>
      typeof problem === "string" ? problem : expect.stringMatching(problem),
    );
    expect(accessProblems(configOf(areas))).toEqual(expected);
  });

  test("public areas below an origin path that can be spelt in two ways", () => {
    const origin = { bucket: "assets", region: "us-east-1", path: "/a!b" };
    expect(accessProblems(configOf([{ path: "/open/*", public: true }], { origin }))).toEqual([
      `areas[0].public: with public areas origin.path "/a!b" takes ${one}`,
    ]);
  });

  test("listings where browsers keep everything", () => {
    const config = configOf([{ path: "/*", browserMaxAge: 60 }], { listing: { enabled: true } });
    expect(accessProblems(config)).toEqual([
      'areas[0].browserMaxAge: browsers could keep listings, which "/*" reaches; give it to a folder',
    ]);
  });
});

function allow(...resources: string[]): object {
  return { effect: "Allow", actions: GET, resources };
}

function deny(...resources: string[]): object {
  return { effect: "Deny", actions: GET, resources };
}
