// Both placements decide alike: 100,000 generated requests, each by the viewer-request function and by the two of a split.
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { AreaDocument, ConfigDocument } from "../../../edge/config/config.ts";
import type { RequestResult, ResponseResult } from "../../../edge/request/cloudfront.ts";
import { loadBundle } from "../fixtures/bundle.ts";
import { NOW } from "../fixtures/config.ts";
import { type EventOptions, viewerEvent } from "../fixtures/events.ts";
import { type Decision, ENGINES, engineEvent, functionText } from "../fixtures/function-engine.ts";
import { missEvent, passFor, sealedPair, splitDocument } from "../fixtures/split.ts";
import { token } from "../fixtures/tokens.ts";

const LAYOUTS = 50;
const REQUESTS = 2_000;
/** njs takes its events from a file: of each layout so many. */
const REQUESTS_IN_NJS = 200;
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

/** Numbers from 0 to 1 that are the same in every run (mulberry32). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

type Pick = <T>(from: readonly T[]) => T;

function picker(seed: number): Pick {
  const next = random(seed);
  return (from) => {
    const found = from[Math.floor(next() * from.length)];
    if (found === undefined) throw new Error("nothing to pick");
    return found;
  };
}

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

/** The first of many layouts that is one. */
function layout(seed: number): ConfigDocument {
  for (let attempt = 0; ; attempt += 1) {
    const document = splitDocument({
      areas: areasOf(picker(seed * 1_000 + attempt)),
      groups: Object.fromEntries(GROUPS.map((name) => [name, { roleArn: ROLE }])),
      log: { allowed: 0 },
    });
    try {
      functionText(document);
      return document;
    } catch {
      // Areas that no configuration may have together.
    }
  }
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
function headersOf(document: ConfigDocument): readonly Readonly<Record<string, string>>[] {
  const sealed = `${sealedPair(document)}; ${sealedPair(document, {}, ROLE)}`;
  return USERS.flatMap(({ raw, groups }): readonly Readonly<Record<string, string>>[] => [
    {
      Cookie: `__Host-gatehouse-id=${raw}; __Host-gatehouse-pass=${passFor(raw, document, { groups })}; ${sealed}`,
    },
    { Authorization: raw, Cookie: sealed },
  ]);
}

function requestOf(pick: Pick, headers: readonly Readonly<Record<string, string>>[]): EventOptions {
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

/** Of an answer its status and code or place, of a request its key and what selects its bytes. */
function outcome(result: RequestResult | ResponseResult): string {
  if ("status" in result) {
    const body = result.body?.startsWith("{") ? JSON.parse(result.body).code : "";
    return [result.status, body, result.headers["location"]?.[0]?.value].filter(Boolean).join(" ");
  }
  const query = new URLSearchParams(result.querystring);
  const scope = result.headers["x-gatehouse-cache-scope"]?.[0]?.value.replace(/\?.*/, "");
  return [
    result.method,
    result.uri,
    query.get("versionId"),
    query.get("response-content-disposition"),
    scope,
  ].join(" ");
}

async function split(decision: Decision, originRequest: ReturnType<typeof loadBundle>): Promise<string> {
  if (!("statusCode" in decision)) return outcome(await originRequest(missEvent(decision)));
  const code = decision.body ? JSON.parse(decision.body.data).code : "";
  return [decision.statusCode, code, decision.headers["location"]?.value].filter(Boolean).join(" ");
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
    const outcomes = new Map<string, number>();
    for (let seed = 0; seed < LAYOUTS; seed += 1) {
      const document = layout(seed);
      const pick = picker(seed + 0.5);
      const headers = headersOf(document);
      const requests = Array.from({ length: REQUESTS }, () => requestOf(pick, headers));
      const text = functionText(document);
      const events = requests.map(engineEvent);
      const handler = loadBundle("gatehouse-auth", { ...document, placement: "lambda" });
      const originRequest = loadBundle("gatehouse-auth", document, "originRequest");
      const [[, vm], njs] = ENGINES;
      const decisions = await vm(text, events);
      if (njs)
        expect(await njs[1](text, events.slice(0, REQUESTS_IN_NJS))).toEqual(
          decisions.slice(0, REQUESTS_IN_NJS),
        );
      for (const [index, request] of requests.entries()) {
        const decision = decisions[index];
        const expected = outcome(await handler(viewerEvent(request)));
        const found = decision && (await split(decision, originRequest));
        if (found !== expected)
          expect({ areas: document.areas, request, found }).toEqual({
            areas: document.areas,
            request,
            found: expected,
          });
        outcomes.set(expected.split(" ")[0] ?? "", (outcomes.get(expected.split(" ")[0] ?? "") ?? 0) + 1);
      }
    }
    // Every kind of outcome is there, many times.
    for (const kind of ["GET", "HEAD", "308", "400", "403", "405"])
      expect(outcomes.get(kind)).toBeGreaterThan(500);
  });
});
