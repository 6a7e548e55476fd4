// The function of an API's behaviour, through the built bundles: who gets in, and what reaches the API.
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { AreaDocument, ConfigDocument } from "../../edge/config/config.ts";
import type { RequestResult } from "../../edge/request/cloudfront.ts";
import { answerOf, HOST, ORIGIN } from "./fixtures/browser.ts";
import { AUTH_BUNDLES, BUNDLES, loadBundle, STS_AUTH_BUNDLES, STS_BUNDLES } from "./fixtures/bundle.ts";
import { configDocument, NOW } from "./fixtures/config.ts";
import { type EventOptions, viewerEvent } from "./fixtures/events.ts";
import { APP, KEYS, passTime, REFRESH_COOKIE, useGate } from "./fixtures/gate.ts";
import { JWKS, token } from "./fixtures/tokens.ts";

const ROLE = "arn:aws:iam::123456789012:role/staff";
const STAFF = { "cognito:groups": ["staff"] };
const AREAS: readonly AreaDocument[] = [
  { path: "/api/openapi.json" },
  { path: "/api/admin/*", api: true, groups: ["staff"] },
  { path: "/api/Public/*", api: true },
  { path: "/api/health", api: true, groups: ["staff"] },
  { path: "/api/*", api: true },
  { path: "/v2/Open/*", api: true },
  { path: "/v2/*", api: true, groups: ["staff"] },
  { path: "/*" },
];

function documentFor(bundle: string): ConfigDocument {
  const { identityPool, userPool, ...others } = configDocument();
  return {
    ...others,
    userPool: { ...userPool, jwks: JWKS, domain: "login.example.com" },
    ...(bundle.includes("sts")
      ? { exchange: { kind: "sts", roleArn: ROLE } }
      : { ...(identityPool && { identityPool }) }),
    ...(bundle.includes("auth") && { auth: { keys: KEYS } }),
    cors: { origins: [APP] },
    groups: { staff: { roleArn: ROLE } },
    areas: AREAS,
  };
}

/** Every header as it is sent on. */
function sent({ headers }: RequestResult): Record<string, readonly string[]> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, lines]) => [name, lines.map(({ value }) => value)]),
  );
}

describe.each([...BUNDLES, ...STS_BUNDLES, ...AUTH_BUNDLES, ...STS_AUTH_BUNDLES])("%s", (bundle) => {
  let logged: string[];

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["Date"], now: NOW });
    logged = [];
    vi.spyOn(console, "log").mockImplementation((line: string) => logged.push(line));
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.restoreAllMocks();
  });

  const call = async (options: EventOptions, exported = "apiRequest", document = documentFor(bundle)) =>
    answerOf(await loadBundle(bundle, document, exported)(viewerEvent(options)));
  const outcomeOf = ({ status, code }: Awaited<ReturnType<typeof call>>) =>
    status === "signed" ? "passed" : `${status} ${code}`;

  const bearer = (claims: object = {}) => ({ Authorization: `Bearer ${token(claims)}` });
  const session = (claims: object = {}) => ({ Cookie: `__Host-gatehouse-id=${token(claims)}` });

  test("the API gets the request as it was, with the token, and nothing of the gate's", async () => {
    const { forwarded } = await call({
      method: "POST",
      uri: "/api/items:batch/a%20b;v=1/",
      querystring: "a=%20&b=x+y&gatehouse-renewed=k1.x&c",
      headers: {
        Authorization: "Basic dXNlcjpwYXNz",
        Cookie: [
          `theme=dark; __Host-gatehouse-id=${token()}; __Host-gatehouse-refresh=r`,
          '__Secure-gatehouse-id-1=x;\t__Host-gatehouse-aws-0a1b2c3d=y; "__Host-gatehouse-aws=z"; lang="de, en"',
          "__HOST-GATEHOUSE-login-x=y",
        ],
        Origin: ORIGIN,
        "Content-Type": "application/json",
        "Content-Length": "2",
        "X-Gatehouse-Cache-Scope": "mine",
        "X-Gatehouse-User": "admin",
        "X-App-Version": ["1", "2"],
        Range: "bytes=0-1",
      },
    });
    expect(forwarded).toMatchObject({
      clientIp: "203.0.113.178",
      method: "POST",
      uri: "/api/items:batch/a%20b;v=1/",
      querystring: "a=%20&b=x+y&c",
    });
    expect(forwarded && sent(forwarded)).toEqual({
      host: [HOST],
      authorization: [`Bearer ${token()}`],
      cookie: ["theme=dark", 'lang="de, en"'],
      origin: [ORIGIN],
      "content-type": ["application/json"],
      "content-length": ["2"],
      "x-app-version": ["1", "2"],
      range: ["bytes=0-1"],
    });
  });

  test("without other cookies there is no Cookie header", async () => {
    const { forwarded } = await call({ uri: "/api/x", headers: session() });
    expect(forwarded && Object.keys(sent(forwarded))).toEqual(["host", "authorization"]);
  });

  test("what no browser writes is escaped, and the query stays one", async () => {
    const { forwarded } = await call({ uri: "/api/a b", querystring: "x=#y z", headers: bearer() });
    expect([forwarded?.uri, forwarded?.querystring]).toEqual(["/api/a%20b", "x=%23y%20z"]);
  });

  const places: readonly (readonly [string, object, string, string])[] = [
    ["everybody's", {}, "/api/x", "passed"],
    ["a group's, by a member", STAFF, "/api/admin/x", "passed"],
    ["a group's, by another", {}, "/api/admin/x", "403 access_denied"],
    ["a group's, decoded", {}, "/api/%61dmin/x", "403 access_denied"],
    ["a group's, decoded twice", {}, "/api/%2561dmin/x", "403 access_denied"],
    ["a group's, in other letters", {}, "/api/ADMIN/x", "403 access_denied"],
    ["a group's, with a parameter", {}, "/api/admin;a=b/x", "403 access_denied"],
    ["a group's, with dots behind it", {}, "/api/admin../x", "403 access_denied"],
    ["a group's, with a space behind it", {}, "/api/admin%20/x", "403 access_denied"],
    ["a group's, its slash escaped twice", {}, "/api/admin%252Fx", "403 access_denied"],
    ["a group's, without its slash", {}, "/api/admin", "403 access_denied"],
    ["a group's, without its slash, by a member", STAFF, "/api/admin", "passed"],
    ["a group's path with a slash", {}, "/api/health/", "403 access_denied"],
    ["a group's path in other letters", {}, "/api/Health", "403 access_denied"],
    ["what only begins so", {}, "/api/administrators", "passed"],
    ["below a group's path", {}, "/api/health/x", "passed"],
    ["an open one inside a group's", {}, "/v2/Open/x", "passed"],
    ["in other letters the group's", {}, "/v2/open/x", "403 access_denied"],
    ["a file inside it", {}, "/api/openapi.json", "403 access_denied"],
    ["a file inside it, in other letters", STAFF, "/api/OpenAPI.json", "403 access_denied"],
    ["outside", STAFF, "/x", "403 access_denied"],
    ["what only CloudFront takes for it", STAFF, "//api/x", "400 invalid_path"],
    ["an empty segment", STAFF, "/api//admin/x", "400 invalid_path"],
    ["a dot segment", STAFF, "/x/../api/x", "400 invalid_path"],
    ["a dot segment in escapes", STAFF, "/api/%2e%2e/x", "400 invalid_path"],
    ["a slash in escapes", STAFF, "/api/x%2Fy", "400 invalid_path"],
    ["a backslash", STAFF, "/api/x%5Cy", "400 invalid_path"],
    ["a group's, decoded twice beside what is no escape", {}, "/api/%2561dmin/x%25", "403 access_denied"],
    ["a group's, in wide letters", {}, "/api/%EF%BD%81dmin/x", "403 access_denied"],
    ["a group's, behind a parameter alone", {}, "/api/;/admin/x", "403 access_denied"],
    ["up by a parameter", STAFF, "/api/x/..;/admin/x", "400 invalid_path"],
    ["up by a parameter with a value, in escapes", STAFF, "/api/x/%2e%2e;a=b/admin/x", "400 invalid_path"],
    ["up and out by a parameter", STAFF, "/api/..;/x", "400 invalid_path"],
    ["up by escapes of escapes", STAFF, "/api/x/%252e%252e/admin/x", "400 invalid_path"],
    ["up by those beside what is no escape", STAFF, "/api/x/%252e%252e/admin/x%25", "400 invalid_path"],
    ["up by backslashes in escapes of escapes", STAFF, "/api/x/..%255C..%255Cadmin", "400 invalid_path"],
    ["up with a space behind it", STAFF, "/api/x/..%20/admin/x", "400 invalid_path"],
    ["up by wide dots", STAFF, "/api/x/%EF%BC%8E%EF%BC%8E/admin/x", "400 invalid_path"],
    ["a segment of dots alone", STAFF, "/api/.../x", "400 invalid_path"],
    ["the same segment, by a parameter", STAFF, "/api/.;a=b/x", "400 invalid_path"],
    ["escapes of escapes without an end", STAFF, "/api/%2525252525252561dmin", "400 invalid_path"],
    ["overlong dots in escapes of escapes", STAFF, "/api/x/%25c0%25ae%25c0%25ae/admin/x", "400 invalid_path"],
    ["dots in a name", {}, "/api/v1.0/.well-known/a..b", "passed"],
    ["a percent sign", {}, "/api/100%25/x", "passed"],
    ["a control character", STAFF, "/api/x%00", "400 invalid_path"],
    ["the gate's own endpoints", STAFF, "/.gatehouse/me", "404 not_found"],
    ["a long path", STAFF, `/api/${"x".repeat(1_030)}`, "414 uri_too_long"],
  ];
  test.each(places)("%s: with %j %s is %s", async (_, claims, uri, outcome) => {
    expect(outcomeOf(await call({ uri, headers: bearer(claims) }))).toBe(outcome);
  });

  test("a long query ends here", async () => {
    const querystring = "x".repeat(7_600);
    expect(outcomeOf(await call({ uri: "/api/x", querystring, headers: bearer() }))).toBe("414 uri_too_long");
  });

  test("the function of files never takes an API's path", async () => {
    for (const uri of ["/api/x", "/api/admin/x", "/api/%78"])
      expect(outcomeOf(await call({ uri, headers: bearer(STAFF) }, "handler"))).toBe("403 access_denied");
  });

  const PAGE = { "Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors" };
  const origins: readonly (readonly [string, string, object, string])[] = [
    ["a page of ours", "POST", { ...session(), Origin: ORIGIN }, "passed"],
    ["a page of a configured origin", "DELETE", { ...session(), Origin: APP }, "passed"],
    ["a page of ours, by metadata", "PUT", { ...session(), ...PAGE }, "passed"],
    ["another site", "POST", { ...session(), Origin: "https://evil.example" }, "403 origin_not_allowed"],
    [
      "another site that says it is ours",
      "POST",
      { ...session(), ...PAGE, Origin: "https://evil.example" },
      "403 origin_not_allowed",
    ],
    ["a sandboxed page", "PATCH", { ...session(), Origin: "null" }, "403 origin_not_allowed"],
    [
      "another host of the site",
      "POST",
      { ...session(), "Sec-Fetch-Site": "same-site" },
      "403 origin_not_allowed",
    ],
    [
      "another site, by metadata",
      "POST",
      { ...session(), "Sec-Fetch-Site": "cross-site" },
      "403 origin_not_allowed",
    ],
    [
      "another site, with a token",
      "POST",
      { ...bearer(), Origin: "https://evil.example" },
      "403 origin_not_allowed",
    ],
    [
      "somebody without a session, from another site",
      "POST",
      { Origin: "https://evil.example" },
      "403 origin_not_allowed",
    ],
    ["a program", "POST", bearer(), "passed"],
    ["a program with cookies alone", "POST", session(), "401 token_missing"],
    ["a program with nothing", "POST", {}, "401 token_missing"],
    ["a page of ours without a session", "POST", { Origin: ORIGIN }, "401 token_missing"],
    ["a link of another site", "GET", { ...session(), "Sec-Fetch-Site": "cross-site" }, "passed"],
    [
      "a WebSocket of another site",
      "GET",
      { ...session(), "Sec-WebSocket-Key": "x", Origin: "https://evil.example" },
      "403 origin_not_allowed",
    ],
    ["a WebSocket of ours", "GET", { ...session(), "Sec-WebSocket-Key": "x", Origin: ORIGIN }, "passed"],
    ["OPTIONS without an origin", "OPTIONS", session(), "passed"],
  ];
  test.each(origins)("from %s: %s", async (_, method, headers, outcome) => {
    expect(outcomeOf(await call({ method, uri: "/api/x", headers: { ...headers } }))).toBe(outcome);
  });

  test("preflights are answered for configured origins, with every method", async () => {
    const preflight = { "Access-Control-Request-Method": "DELETE" };
    const answer = await call({ method: "OPTIONS", uri: "/api/x", headers: { Origin: APP, ...preflight } });
    expect([answer.status, answer.headers["access-control-allow-methods"]]).toEqual([
      204,
      "GET, HEAD, OPTIONS, PUT, PATCH, POST, DELETE",
    ]);
    const other = { Origin: "https://evil.example", ...preflight };
    expect(outcomeOf(await call({ method: "OPTIONS", uri: "/api/x", headers: other }))).toBe(
      "403 origin_not_allowed",
    );
  });

  test("what is refused and what is allowed is logged without a secret", async () => {
    const document = { ...documentFor(bundle), log: { allowed: 1 } };
    await call({ uri: "/api/admin/x", headers: bearer(STAFF) }, "apiRequest", document);
    await call({ uri: "/api/admin/x", headers: bearer() }, "apiRequest", document);
    const lines = logged.map((line) => JSON.parse(line));
    expect(lines.map(({ code, area }) => [code, area])).toEqual([
      ["allowed", "/api/admin/*"],
      ["access_denied", undefined],
    ]);
    expect(logged.join()).not.toMatch(/eyJ/);
  });
});

describe.each(AUTH_BUNDLES)("%s: a session that has expired", (bundle) => {
  const gate = useGate(bundle, { areas: AREAS, groups: { staff: { roleArn: ROLE } } });

  const expired = async () => {
    const browser = await gate().signedIn();
    passTime(3_700_000);
    browser.handler = gate().coldStart({}, "apiRequest");
    return browser;
  };

  test.each(["GET", "POST", "DELETE"])(
    "%s by a page of ours is sent again with its body, renewed",
    async (method) => {
      const browser = await expired();
      const asking = { method, dest: "empty", headers: { Origin: ORIGIN } };
      const first = await browser.ask("/api/x?a=1", asking);
      expect([first.status, first.location.replace(/=\w+\.[\w-]+$/, "=")]).toEqual([
        307,
        "/api/x?a=1&gatehouse-renewed=",
      ]);
      const { forwarded } = await browser.ask(first.location, asking);
      expect([forwarded?.method, forwarded?.uri, forwarded?.querystring]).toEqual([method, "/api/x", "a=1"]);
    },
  );

  test("a person is renewed on the spot as well", async () => {
    const browser = await expired();
    expect((await browser.ask("/api/x")).status).toBe(307);
  });

  test("another site's request renews nothing", async () => {
    const browser = await expired();
    const headers = { Origin: "https://evil.example" };
    const { status, code } = await browser.ask("/api/x", { method: "POST", dest: "empty", headers });
    expect([status, code, gate().actions]).toEqual([403, "origin_not_allowed", []]);
  });

  test("a program without an origin is told, and nothing is renewed", async () => {
    const browser = await expired();
    const { forwarded, status, code } = await browser.ask("/api/x", {
      method: "POST",
      dest: "empty",
      headers: {
        "Sec-Fetch-Site": [],
        "Sec-Fetch-Mode": [],
        Authorization: browser.jar.get("__Host-gatehouse-id") ?? "",
      },
    });
    expect([forwarded, status, code, gate().actions]).toEqual([undefined, 401, "token_expired", []]);
  });

  test("without a refresh token a request that changes something is 401, a form too, and a person who reads is led to sign in", async () => {
    const browser = await expired();
    browser.jar.delete(REFRESH_COOKIE);
    const headers = { Origin: ORIGIN };
    const post = await browser.ask("/api/x", { method: "POST", dest: "empty", headers });
    expect([post.status, post.code]).toEqual([401, "token_expired"]);
    expect((await browser.ask("/api/x", { method: "POST", headers })).status).toBe(401);
    const get = await browser.ask("/api/x?a=1");
    expect([get.status, get.location]).toEqual([302, "/.gatehouse/login?return_to=%2Fapi%2Fx%3Fa%3D1"]);
  });
});
