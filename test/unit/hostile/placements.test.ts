// Both placements decide alike: 100,000 generated requests, each by the viewer-request function and by the two of a split.
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { AreaDocument, ConfigDocument } from "../../../edge/config/config.ts";
import { NOW } from "../fixtures/config.ts";
import type { EventOptions } from "../fixtures/events.ts";
import { passFor, sealedPair, splitDocument } from "../fixtures/split.ts";
import { token } from "../fixtures/tokens.ts";
import { expectAlike, type Headers, type Pick } from "./placement-pairs.ts";

const LAYOUTS = 50;
const REQUESTS = 2_000;
const ROLE = "arn:aws:iam::123456789012:role/readers";
const GROUPS = ["editors", "staff", "a/b"];
const FOLDERS = ["/team/", "/me/", "/docs/", "/kept/", "/team/inner/", "/üb er/", "/docs/v1.2/", "/x/"];
const NAMES = [
  "a.txt",
  "about",
  "about.html",
  "index.html",
  "",
  "v1.2",
  "%61.txt",
  "ü",
  "%C3%BC",
  "a+b",
  "a%2Fb",
  "..",
  "%2e",
  "%",
  "a'b",
  "404.html",
];

/** Areas of every kind in any order that a configuration may have; the last one often takes the rest. */
function areasOf(pick: Pick): readonly AreaDocument[] {
  const kinds: readonly ((folder: string) => AreaDocument)[] = [
    (folder) => ({ path: `${folder}*` }),
    (folder) => ({ path: `${folder}*`, groups: [pick(GROUPS)] }),
    (folder) => ({ path: `${folder}*`, groups: GROUPS, trusted: true }),
    (folder) => ({ path: `${folder}*`, owner: "users/{identityId}/" }),
    (folder) => ({ path: `${folder}*`, public: true }),
    (folder) => ({ path: `${folder}*`, api: true }),
    (folder) => ({ path: `${folder}*`, site: { cleanUrls: pick([true, false]) }, trusted: true }),
    (folder) => ({ path: `${folder}*`, versions: true, downloads: true }),
    (folder) => ({ path: `${folder}a.txt` }),
  ];
  const areas = [1, 2, 3, 4].map(() => pick(kinds)(pick(FOLDERS)));
  return pick([true, false]) ? [...areas, { path: "/*" }] : areas;
}

function documentOf(pick: Pick): ConfigDocument {
  return splitDocument({
    areas: areasOf(pick),
    groups: Object.fromEntries(GROUPS.map((name) => [name, { roleArn: ROLE }])),
    log: { allowed: 0 },
  });
}

const USERS = [
  {},
  { "cognito:groups": ["editors"], "cognito:roles": [ROLE] },
  { "cognito:groups": ["staff", "a/b"], "cognito:roles": [ROLE] },
  { "cognito:groups": ["other"], "cognito:roles": [ROLE] },
].map((claims) => {
  const names: readonly string[] = claims["cognito:groups"] ?? [];
  return { raw: token(claims), groups: GROUPS.filter((name) => names.includes(name)) };
});

/** How the users ask: as browsers with a pass, and as programs. */
function headersOf(document: ConfigDocument): readonly Headers[] {
  const sealed = `${sealedPair(document)}; ${sealedPair(document, {}, ROLE)}`;
  return USERS.flatMap(({ raw, groups }): readonly Headers[] => [
    {
      Cookie: `__Host-gatehouse-id=${raw}; __Host-gatehouse-pass=${passFor(raw, document, { groups })}; ${sealed}`,
    },
    { Authorization: raw, Cookie: sealed },
  ]);
}

function requestOf(pick: Pick, headers: readonly Headers[]): EventOptions {
  return {
    method: pick(["GET", "GET", "GET", "HEAD", "PUT"]),
    uri: pick([...FOLDERS, "/", "/users/us-east-1:1/", "//", "/team"]) + pick(NAMES),
    querystring: pick([
      "",
      "",
      "versionId=abc",
      "download=b.pdf",
      "versionId=a&versionId=b",
      "x=1",
      "%76ersionId=a",
    ]),
    headers: pick(headers),
  };
}

describe("both placements", () => {
  beforeAll(() => {
    vi.useFakeTimers({ now: NOW, toFake: ["Date"] });
    vi.spyOn(console, "log").mockImplementation(() => {});
  });
  afterAll(() => {
    vi.useRealTimers();
    vi.restoreAllMocks();
  });

  test(`${LAYOUTS * REQUESTS} requests get the same key, scope or refusal`, {
    timeout: 600_000,
  }, async () => {
    const made = { documentOf, headersOf, requestOf, layouts: LAYOUTS, requests: REQUESTS };
    const outcomes = await expectAlike("gatehouse-auth", made);
    // Every kind of outcome is there, many times.
    for (const kind of ["GET", "HEAD", "308", "400", "403", "405"])
      expect(outcomes.get(kind)).toBeGreaterThan(500);
  });
});
