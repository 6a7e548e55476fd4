// Sites through the built bundles: what is signed beside a page's key, and what becomes of it on a miss.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { AreaDocument, ConfigDocument } from "../../edge/config/config.ts";
import { createSign } from "../../edge/s3/sign.ts";
import { BUNDLES, forwardedOf, loadBundle, refusalOf } from "./fixtures/bundle.ts";
import { type FakeCognito, fakeCognito } from "./fixtures/cognito.ts";
import { configDocument, NOW } from "./fixtures/config.ts";
import { viewerEvent } from "./fixtures/events.ts";
import { JWKS, token } from "./fixtures/tokens.ts";

const EDITORS = "arn:aws:iam::123456789012:role/editors";
const EDITOR = { "cognito:groups": ["editors"], "cognito:roles": [EDITORS] };
const PERSON = { Accept: "text/html", "Sec-Fetch-Dest": "document" };
/** The gate's id, as the cache scope starts with it. */
const GATE = "576538a30759921c";
const HOST = "assets-bucket.s3.eu-central-1.amazonaws.com";
const AREAS: readonly AreaDocument[] = [
  { path: "/secret.html", groups: ["editors"] },
  { path: "/team/*", groups: ["editors"] },
  { path: "/app/*", site: { fallback: "/app/index.html" } },
  { path: "/*", site: true },
];

describe.each(BUNDLES)("%s", (bundle) => {
  let cognito: FakeCognito;
  let s3: Server;
  let asked: { method: string; path: string; host: string; query: string }[];
  let objects: Record<string, (response: ServerResponse) => void>;
  let document: ConfigDocument;
  let logged: string[];

  beforeEach(async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: NOW });
    logged = [];
    vi.spyOn(console, "log").mockImplementation((line: string) => logged.push(line));
    cognito = await fakeCognito(Date.now);
    asked = [];
    objects = {};
    s3 = createServer((request, response) => serve(request, response));
    await new Promise<void>((resolve) => s3.listen(0, "127.0.0.1", resolve));
    const { origin, userPool } = configDocument();
    document = configDocument({
      userPool: { ...userPool, jwks: JWKS },
      origin: { ...origin, path: "/site" },
      endpoints: {
        cognitoIdentity: cognito.url,
        s3: `http://127.0.0.1:${(s3.address() as AddressInfo).port}`,
      },
      groups: { editors: { roleArn: EDITORS } },
      areas: AREAS,
    });
  });
  afterEach(async () => {
    vi.useRealTimers();
    vi.restoreAllMocks();
    s3.closeAllConnections();
    await new Promise((resolve) => s3.close(resolve));
    await cognito[Symbol.asyncDispose]();
  });

  function serve({ method = "", url = "", headers }: IncomingMessage, response: ServerResponse): void {
    const [path = "", query = ""] = url.split("?");
    asked.push({ method, path, host: String(headers.host), query });
    const object = objects[path];
    if (object) object(response);
    else response.writeHead(403, { "content-type": "application/xml" }).end("<Error>of S3</Error>");
  }

  const html = (body: string) => (response: ServerResponse) =>
    void response
      .writeHead(200, { "content-type": "text/html; charset=utf-8", "x-amz-id-2": "secret" })
      .end(body);

  const view = async (
    uri: string,
    options: { querystring?: string; claims?: object; headers?: object } = {},
  ) => {
    const { querystring = "", claims = {}, headers = PERSON } = options;
    const handler = loadBundle(bundle, document);
    return await handler(
      viewerEvent({ uri, querystring, headers: { Authorization: token(claims), ...headers } }),
    );
  };
  const scopeOf = (result: Awaited<ReturnType<typeof view>>) =>
    forwardedOf(result).headers["x-gatehouse-cache-scope"]?.[0]?.value;
  /** What comes of a miss, when S3 says that the key is not there. */
  const miss = async (result: Awaited<ReturnType<typeof view>>, status = 403) => {
    const request = forwardedOf(result);
    const [record] = viewerEvent().Records;
    const response = { status: String(status), headers: { via: [{ key: "Via", value: "1.1 s3" }] } };
    const answer = loadBundle(bundle, document, "originResponse");
    return await answer({ Records: [{ cf: { ...record?.cf, request, response } }] });
  };

  test("a page without its ending is its key, and the query never decides", async () => {
    expect(forwardedOf(await view("/about")).uri).toBe("/site/about.html");
    expect(forwardedOf(await view("/guide/")).uri).toBe("/site/guide/index.html");
    expect(forwardedOf(await view("/app/users/42")).uri).toBe("/site/app/index.html");
  });

  test("the area of the key decides, not that of the path: the scope and the role are the key's", async () => {
    expect(refusalOf(await view("/secret")).status).toBe(403);
    expect(scopeOf(await view("/secret", { claims: EDITOR }))).toBe(`${GATE}:group:editors;page=`);
    expect(cognito.calls.at(-1)?.body["CustomRoleArn"]).toBe(EDITORS);
  });

  test("a redirect goes to this host, keeps the query, and is kept by nobody", async () => {
    const { status, headers, body } = refusalOf(
      await view("//evil.example/a.html", { querystring: "a=b&c=%20" }),
    );
    expect([status, headers["location"], headers["cache-control"], body]).toEqual([
      308,
      "/.//evil.example/a?a=b&c=%20",
      "no-store",
      "",
    ]);
  });

  test("no address leads to another host, out of the origin's path, or to itself", async () => {
    const PIECES = [
      "/",
      "\\",
      "%5C",
      "%2F",
      ".",
      "..",
      "%2e",
      "evil.example",
      ":",
      "@",
      "%09",
      "%0d%0a",
      "%00",
      "?",
      "#",
    ];
    const piece = fc.constantFrom(
      ...PIECES,
      "about",
      "app",
      "guide/",
      "index.html",
      ".html",
      "%E3%80%82",
      "%",
      "é",
      ";",
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { minLength: 1, maxLength: 8 }), async (pieces) => {
        const uri = `/${pieces.join("")}`;
        const result = await view(uri, { claims: EDITOR });
        if (!("status" in result)) {
          expect(result.uri).toMatch(/^\/site\//);
          expect(`${decodeURIComponent(result.uri)}/`).not.toMatch(/\/\.\.?\//);
          return;
        }
        const location = result.headers["location"]?.[0]?.value;
        if (location === undefined) return;
        const to = new URL(location, "https://gate.example/x/y");
        expect([to.origin, location.startsWith("/"), location === uri]).toEqual([
          "https://gate.example",
          true,
          false,
        ]);
      }),
      { numRuns: 400 },
    );
  });

  test("nobody is redirected without a token", async () => {
    const anonymous = viewerEvent({ uri: "/about.html", headers: PERSON });
    expect(refusalOf(await loadBundle(bundle, document)(anonymous)).status).toBe(401);
  });

  test("outside of sites nothing is signed beside the key", async () => {
    document = { ...document, areas: [{ path: "/*" }] };
    const { querystring, uri } = forwardedOf(await view("/about", { querystring: "x=1" }));
    expect([uri, querystring.includes("x-gatehouse-else")]).toEqual(["/site/about", false]);
    expect(scopeOf(await view("/about", { querystring: "x=1" }))).toBe(`${GATE}:signed-in;page=`);
  });

  test("a file that a program asks for has nothing beside it", async () => {
    const { querystring } = forwardedOf(await view("/a.js", { headers: { "Sec-Fetch-Dest": "script" } }));
    expect(querystring).not.toContain("x-gatehouse-else");
  });

  test.each(["unsigned", "signed"] as const)(
    "with the request id %s, each other key has a signature of its own",
    async (cfId) => {
      document = { ...document, signing: { cfId } };
      const result = await view("/about");
      expect(refusalOf(await miss(result)).status).toBe(404);
      expect(asked.map(({ method, path, host }) => [method, path, host])).toEqual([
        ["HEAD", "/site/about/index.html", HOST],
        ["GET", "/site/404.html", HOST],
      ]);
      const credentials = {
        accessKeyId: "test-access-key",
        secretAccessKey: "test-secret-key",
        sessionToken: "test+session/token==",
        expiresAt: 0,
      };
      for (const { method, path, query } of asked) {
        const input = { host: HOST, region: "eu-central-1", path, query: [], credentials, now: NOW };
        expect(query).toBe(await createSign()({ ...input, method: method === "HEAD" ? "HEAD" : "GET" }));
      }
    },
  );

  test("a query stays with those who asked with it", async () => {
    const [plain, first, second] = [
      await view("/guide"),
      await view("/guide", { querystring: "code=1&x=%C3%A4" }),
      await view("/guide", { querystring: "code=2" }),
    ];
    expect([plain, first, second].map(scopeOf)).toEqual([
      `${GATE}:signed-in;page=`,
      `${GATE}:signed-in?code%3D1%26x%3D%25C3%25A4;page=`,
      `${GATE}:signed-in?code%3D2;page=`,
    ]);
    objects["/site/guide/index.html"] = html("");
    expect(refusalOf(await miss(first)).headers["location"]).toBe("/guide/?code=1&x=%C3%A4");
    expect(refusalOf(await miss(plain)).headers["location"]).toBe("/guide/");
    const long = await view("/guide", { querystring: `x=${"y".repeat(1_100)}` });
    expect(scopeOf(long)).toBe(`${GATE}:signed-in;page=`);
    expect(refusalOf(await miss(long)).headers["location"]).toBe("/guide/");
  });

  test("the site's own page has status 404, is sandboxed where it is not trusted, and holds nothing of S3's", async () => {
    objects["/site/404.html"] = html("<h1>Not here</h1>");
    const result = await miss(await view("/none"));
    expect(result).toEqual({
      status: "404",
      headers: {
        via: [{ key: "Via", value: "1.1 s3" }],
        "content-type": [{ key: "content-type", value: "text/html; charset=utf-8" }],
        "cache-control": [{ key: "Cache-Control", value: "no-store" }],
        "content-security-policy": [{ value: "sandbox" }],
      },
      body: Buffer.from("<h1>Not here</h1>").toString("base64"),
      bodyEncoding: "base64",
    });
    document = { ...document, areas: [{ path: "/*", site: true, trusted: true }] };
    expect((await miss(await view("/none"))).headers).not.toHaveProperty("content-security-policy");
  });

  test("the app is shown for a person's file that is not there, and a program gets 404", async () => {
    objects["/site/app/index.html"] = html("the app");
    expect(await miss(await view("/app/jo.doe"))).toMatchObject({ status: "200" });
    const program = await miss(await view("/app/jo.doe", { headers: { "Sec-Fetch-Dest": "empty" } }));
    expect(refusalOf(program).status).toBe(404);
  });

  const faults: Record<string, (response: ServerResponse) => void> = {
    "is too large": html("x".repeat(700_001)),
    "is cut": (response) =>
      void response.writeHead(200, { "content-length": "9" }).write("x", () => response.destroy()),
    "is elsewhere": (response) => void response.writeHead(307, { location: "https://evil.example" }).end(),
    "is an error": (response) => void response.writeHead(500).end("<Error>of S3</Error>"),
  };
  test.each(Object.entries(faults))("a 404 page that %s: the gate's own", async (_, fault) => {
    objects["/site/404.html"] = fault;
    const { status, body } = refusalOf(await miss(await view("/none")));
    expect([status, body.includes("There is nothing here.")]).toEqual([404, true]);
    expect(body).not.toContain("of S3");
  });

  test("an S3 that hangs: the gate's own page before Lambda ends the function", {
    timeout: 10_000,
  }, async () => {
    objects["/site/404.html"] = () => undefined;
    const startedAt = performance.now();
    expect(refusalOf(await miss(await view("/none"))).status).toBe(404);
    expect(performance.now() - startedAt).toBeLessThan(4_500);
  });

  test("only what is not there is looked for elsewhere", async () => {
    objects["/site/404.html"] = html("");
    for (const status of [412, 416, 500, 503])
      expect(refusalOf(await miss(await view("/none"), status)).status).not.toBe(404);
    expect(asked).toEqual([]);
  });

  test("no log line and no answer holds a signature", async () => {
    const results = [
      await miss(await view("/none")),
      await miss(await view("/guide", { querystring: "x=1" })),
    ];
    expect(JSON.stringify([...results, ...logged])).not.toMatch(/X-Amz|x-gatehouse-else|[0-9a-f]{64}/);
    expect(logged.map((line) => JSON.parse(line).code)).toEqual(["not_found", "not_found"]);
  });
});

test("both builds sign the same", async () => {
  const queries: string[] = [];
  for (const bundle of BUNDLES) {
    vi.useFakeTimers({ toFake: ["Date"], now: NOW });
    const cognito = await fakeCognito(Date.now);
    const { userPool } = configDocument();
    const endpoints = { cognitoIdentity: cognito.url };
    const areas = [{ path: "/*", site: { cleanUrls: true, fallback: "/a b.html" } }];
    const handler = loadBundle(
      bundle,
      configDocument({ userPool: { ...userPool, jwks: JWKS }, endpoints, areas }),
    );
    const event = viewerEvent({ uri: "/ä%20/x", headers: { Authorization: token(), ...PERSON } });
    queries.push(forwardedOf(await handler(event)).querystring);
    await cognito[Symbol.asyncDispose]();
    vi.useRealTimers();
  }
  expect(queries[0]).toMatch(/&x-gatehouse-else=308[0-9a-f]{64}.*200[0-9a-f]{64}.*404[0-9a-f]{64}/);
  expect(queries[1]).toBe(queries[0]);
});
