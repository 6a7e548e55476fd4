// What the CloudFront Function decides, in its own engine and in a VM; each row names what is asked.
import { createHash } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { functionKeys } from "../../../edge/config/function-keys.ts";
import { NOW } from "../fixtures/config.ts";
import type { EventOptions } from "../fixtures/events.ts";
import { type Decision, ENGINES, engineEvent, functionText } from "../fixtures/function-engine.ts";
import { passFor, SEALING_KEY, splitDocument } from "../fixtures/split.ts";
import { ID_CLAIMS, OTHER_KEY, token } from "../fixtures/tokens.ts";

const SECONDS = NOW / 1000;
const ROLE = "arn:aws:iam::123456789012:role/editors";
const DOCUMENT = splitDocument({
  cookies: { amplify: true, names: ["app-token"] },
  cors: { origins: ["https://app.example.com", "https://*.example.org"] },
  groups: { editors: { roleArn: ROLE }, "a/b": { roleArn: ROLE }, callers: { roleArn: ROLE } },
  areas: [
    { path: "/team/*", groups: ["editors", "a/b"] },
    { path: "/me/*", owner: "users/{identityId}/" },
    { path: "/open/*", public: true },
    { path: "/api/*", api: true, groups: ["callers"] },
    { path: "/docs/*", site: true },
    { path: "/kept/*", versions: true, downloads: true },
    { path: "/lists/*", trusted: true },
    { path: "/a.txt" },
  ],
});
const OTHER_GATE = splitDocument({
  areas: [{ path: "/*" }],
  origin: { bucket: "another", region: "eu-central-1" },
});

const RAW = token();
const SECOND = token({ sub: "aaaaaaaa-0000-4000-8000-000000000002" });
const PASS = passFor(RAW, DOCUMENT);
const own = (id: string, pass?: string) =>
  `__Host-gatehouse-id=${id}${pass === undefined ? "" : `; __Host-gatehouse-pass=${pass}`}`;
const signedIn = (claims: object = {}) => ({ Cookie: own(RAW, passFor(RAW, DOCUMENT, claims)) });
const PERSON = { "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document" };
const bearer = (claims: object = {}) => ({ Authorization: `Bearer ${token(claims)}` });
const tampered = (jwt: string) => `${jwt.slice(0, -2)}${jwt.endsWith("AA") ? "BB" : "AA"}`;
const justNow = (milliseconds: number) =>
  `gatehouse-renewed=${(NOW + milliseconds).toString(36)}.${"m".repeat(43)}`;

/** A token in the parts that a browser keeps. */
function inParts(whole: string): string {
  const tag = createHash("sha256").update(whole).digest("base64url").slice(0, 8);
  const half = Math.ceil(whole.length / 2);
  const [first, second] = [whole.slice(0, half), whole.slice(half)];
  return `__Host-gatehouse-id=~2${tag}~${first}; __Host-gatehouse-id-1=~2${tag}~${second}`;
}

type Row = readonly [name: string, options: EventOptions, expected: string];

const LOGIN = (back: string) => `302 /.gatehouse/login?return_to=${back}`;
const FOR_PASS = (back: string) => `307 /.gatehouse/pass?return_to=${back}`;

const ROWS: readonly Row[] = [
  ["a pass for a signed-in area", { headers: signedIn() }, "/a.txt"],
  ["HEAD with a pass", { method: "HEAD", headers: signedIn() }, "/a.txt"],
  ["POST", { method: "POST", headers: signedIn() }, "405 method_not_allowed"],
  ["PUT", { method: "PUT", headers: signedIn() }, "405 method_not_allowed"],
  ["OPTIONS without an origin", { method: "OPTIONS" }, "405 method_not_allowed"],
  [
    "a preflight of a configured origin",
    { method: "OPTIONS", headers: { Origin: "https://app.example.com" } },
    "204",
  ],
  [
    "a preflight of a domain's host",
    { method: "OPTIONS", headers: { Origin: "https://x.example.org" } },
    "204",
  ],
  [
    "a preflight of another origin",
    { method: "OPTIONS", headers: { Origin: "https://evil.example" } },
    "403 origin_not_allowed",
  ],

  ["nothing, by a program", {}, "401 token_missing"],
  [
    "nothing, by a picture",
    { headers: { "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image" } },
    "401 token_missing",
  ],
  [
    "nothing, by a person",
    { headers: PERSON, querystring: "a=1&b=%20" },
    LOGIN("%2Fa.txt%3Fa%3D1%26b%3D%2520"),
  ],
  ["nothing, in a frame", { headers: { ...PERSON, "Sec-Fetch-Dest": "iframe" } }, "401 page"],
  [
    "nothing, at a path that names another host",
    { headers: PERSON, uri: "//evil.example" },
    LOGIN("%2F.%2F%2Fevil.example"),
  ],
  [
    "nothing, with a mark of before",
    { headers: PERSON, querystring: `x=1&${justNow(-1)}` },
    LOGIN("%2Fa.txt%3Fx%3D1"),
  ],

  ["a token without a pass", { headers: { Cookie: own(RAW) } }, FOR_PASS("%2Fa.txt")],
  ["a refresh token alone", { headers: { Cookie: "__Host-gatehouse-refresh=r" } }, FOR_PASS("%2Fa.txt")],
  ["a configured cookie", { headers: { Cookie: `app-token=${RAW}` } }, FOR_PASS("%2Fa.txt")],
  [
    "one of Amplify's",
    { headers: { Cookie: `CognitoIdentityServiceProvider.c.ada.idToken=${RAW}` } },
    FOR_PASS("%2Fa.txt"),
  ],
  [
    "one of Amplify's that is too short",
    { headers: { Cookie: "CognitoIdentityServiceProvider.c.ada.idToken=x" } },
    "401 token_missing",
  ],
  ["another cookie", { headers: { Cookie: `other=${RAW}` } }, "401 token_missing"],
  [
    "a token without a pass, just renewed, by a person",
    { headers: { ...PERSON, Cookie: own(RAW) }, querystring: justNow(10_000) },
    LOGIN("%2Fa.txt"),
  ],
  [
    "a token without a pass, just renewed, by a program",
    { headers: { Cookie: own(RAW) }, querystring: justNow(10_000) },
    "401 token_invalid",
  ],
  [
    "a mark of another hour",
    { headers: { Cookie: own(RAW) }, querystring: justNow(3_600_000) },
    FOR_PASS("%2Fa.txt"),
  ],
  [
    "a pass that the keys here do not know, just made",
    { headers: { Cookie: own(RAW, tampered(PASS)) }, querystring: justNow(10_000) },
    "503 keys_unavailable",
  ],

  [
    "a pass beside a configured cookie",
    { headers: { Cookie: `app-token=${RAW}; __Host-gatehouse-pass=${PASS}` } },
    "/a.txt",
  ],
  [
    "a pass beside one of Amplify's",
    {
      headers: {
        Cookie: `CognitoIdentityServiceProvider.c.ada.idToken=${RAW}; __Host-gatehouse-pass=${PASS}`,
      },
    },
    "/a.txt",
  ],
  ["a token in parts", { headers: { Cookie: `${inParts(RAW)}; __Host-gatehouse-pass=${PASS}` } }, "/a.txt"],
  [
    "a token with a part of another's",
    {
      headers: {
        Cookie: `${inParts(RAW).replace(/-1=.*/, "-1=~2xxxxxxxx~y")}; __Host-gatehouse-pass=${PASS}`,
      },
    },
    FOR_PASS("%2Fa.txt"),
  ],
  ["a pass without its token", { headers: { Cookie: `__Host-gatehouse-pass=${PASS}` } }, "401 token_missing"],
  [
    "a pass under an empty key",
    { headers: { Cookie: own(RAW, passFor(RAW, DOCUMENT, {}, "")) } },
    FOR_PASS("%2Fa.txt"),
  ],
  ["an expired pass", { headers: signedIn({ exp: SECONDS }) }, FOR_PASS("%2Fa.txt")],
  ["a pass without an end", { headers: signedIn({ exp: undefined }) }, FOR_PASS("%2Fa.txt")],
  ["a pass without a beginning", { headers: signedIn({ iat: undefined }) }, FOR_PASS("%2Fa.txt")],
  [
    "a pass whose signature is another",
    { headers: { Cookie: own(RAW, tampered(PASS)) } },
    FOR_PASS("%2Fa.txt"),
  ],
  [
    "a pass without a signature",
    { headers: { Cookie: own(RAW, PASS.slice(0, PASS.lastIndexOf(".") + 1)) } },
    FOR_PASS("%2Fa.txt"),
  ],
  [
    "a pass under the scope's key",
    {
      headers: {
        Cookie: own(
          RAW,
          passFor(RAW, DOCUMENT, {}, functionKeys({ current: SEALING_KEY, previous: "none" }).scope),
        ),
      },
    },
    FOR_PASS("%2Fa.txt"),
  ],
  [
    "a pass under the sealing key",
    { headers: { Cookie: own(RAW, passFor(RAW, DOCUMENT, {}, SEALING_KEY)) } },
    FOR_PASS("%2Fa.txt"),
  ],
  ["another gate's pass", { headers: { Cookie: own(RAW, passFor(RAW, OTHER_GATE)) } }, FOR_PASS("%2Fa.txt")],
  ["another user's pass", { headers: { Cookie: own(RAW, passFor(SECOND, DOCUMENT)) } }, FOR_PASS("%2Fa.txt")],
  [
    "a pass for a token with the same end",
    { headers: { Cookie: own(`x${RAW}`, PASS) } },
    FOR_PASS("%2Fa.txt"),
  ],
  [
    "three bad passes before the good one",
    {
      headers: {
        Cookie: own(
          RAW,
          [tampered(PASS), tampered(PASS), tampered(PASS), PASS].join("; __Host-gatehouse-pass="),
        ),
      },
    },
    "/a.txt",
  ],
  [
    "four bad passes that know the token",
    {
      headers: {
        Cookie: own(RAW, [...Array<string>(4).fill(tampered(PASS)), PASS].join("; __Host-gatehouse-pass=")),
      },
    },
    FOR_PASS("%2Fa.txt"),
  ],
  [
    "fifty passes that do not",
    {
      headers: {
        Cookie: own(
          RAW,
          [...Array<string>(50).fill(passFor(SECOND, DOCUMENT)), PASS].join("; __Host-gatehouse-pass="),
        ),
      },
    },
    "/a.txt",
  ],
  [
    "two tokens, the second with a pass",
    { headers: { Cookie: own(SECOND, `${PASS}; __Host-gatehouse-id=${RAW}`) } },
    "/a.txt",
  ],
  [
    "cookies without a form",
    { headers: { Cookie: "=; ;;; __Host-gatehouse-id; __Host-gatehouse-id=; __Host-gatehouse-pass==" } },
    "401 token_missing",
  ],
  [
    "cookies with names of objects' own",
    { headers: { Cookie: "__proto__=x; constructor=y; toString=z" } },
    "401 token_missing",
  ],
  [
    "a pass of 30,000 characters",
    { headers: { Cookie: own(RAW, "x".repeat(30_000)) } },
    FOR_PASS("%2Fa.txt"),
  ],

  ["a program's token", { headers: bearer() }, "/a.txt"],
  ["a program's token without Bearer", { headers: { Authorization: RAW } }, "/a.txt"],
  ["a program's expired token", { headers: bearer({ exp: SECONDS }) }, "401 token_expired"],
  ["an access token", { headers: bearer({ token_use: "access" }) }, "401 id_token_required"],
  ["another client's token", { headers: bearer({ aud: "another" }) }, "401 token_invalid"],
  [
    "another pool's token",
    { headers: bearer({ iss: "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Other" }) },
    "401 token_invalid",
  ],
  [
    "another host's token",
    { headers: bearer({ iss: "https://evil.example/us-east-1_TestPool1" }) },
    "401 token_invalid",
  ],
  ["Basic", { headers: { Authorization: "Basic YTpi" } }, "401 token_invalid"],
  ["no JSON", { headers: { Authorization: "a.b.c" } }, "401 token_invalid"],
  ["Basic beside a pass", { headers: { ...signedIn(), Authorization: "Basic YTpi" } }, "/a.txt"],
  [
    "an expired token beside a pass of the same user",
    { headers: { ...signedIn(), ...bearer({ exp: SECONDS }) } },
    "/a.txt",
  ],
  [
    "an expired token beside another's pass",
    { headers: { ...signedIn(), ...bearer({ sub: "b", exp: SECONDS }) } },
    "401 token_expired",
  ],

  ["no area's path", { uri: "/nobody.txt", headers: signedIn() }, "403 access_denied"],
  [
    "no area's path, by a person",
    { uri: "/nobody.txt", headers: { ...signedIn(), ...PERSON } },
    FOR_PASS("%2Fnobody.txt"),
  ],
  [
    "no area's path, by a person who comes from there",
    { uri: "/nobody.txt", querystring: justNow(1), headers: { ...signedIn(), ...PERSON } },
    "403 page",
  ],
  ["an API's path", { uri: "/api/a", headers: signedIn({ groups: ["callers"] }) }, "403 access_denied"],
  [
    "one that CloudFront takes for another",
    { uri: "/%61pi/a", headers: signedIn({ groups: ["callers"] }) },
    "403 access_denied",
  ],
  ["an API's path, by a program", { uri: "/api/a", headers: bearer() }, "403 access_denied"],
  ["a public area's path", { uri: "/open/a.txt", headers: signedIn() }, "403 access_denied"],
  ["a group's path without the group", { uri: "/team/a.txt", headers: signedIn() }, "403 access_denied"],
  [
    "a group's path with the group",
    { uri: "/team/a.txt", headers: signedIn({ groups: ["editors"] }) },
    "/team/a.txt",
  ],
  [
    "a group's path with a group like it",
    { uri: "/team/a.txt", headers: signedIn({ groups: "editors" }) },
    "403 access_denied",
  ],
  [
    "a group's path, by a program",
    { uri: "/team/a.txt", headers: bearer({ "cognito:groups": ["editors"] }) },
    "/team/a.txt",
  ],
  [
    "a group's path, by a program without the group",
    { uri: "/team/a.txt", headers: bearer() },
    "403 access_denied",
  ],
  ["an owner's path", { uri: "/me/a.txt", headers: signedIn() }, "/me/a.txt"],
  ["an owner's key", { uri: "/users/us-east-1:1/a.txt", headers: signedIn() }, "403 access_denied"],
  ["an endpoint", { uri: "/.gatehouse/me", headers: signedIn() }, "404 not_found"],
  ["an endpoint in another spelling", { uri: "/%2egatehouse/me", headers: signedIn() }, "404 not_found"],

  ["a path in another spelling", { uri: "/lists/%61+%c3%bc'", headers: signedIn() }, "/lists/a%2B%C3%BC%27"],
  ["a folder", { uri: "/lists/", headers: signedIn() }, "/lists/"],
  ["a slash in a segment", { uri: "/lists/a%2Fb", headers: signedIn() }, "400 invalid_path"],
  ["a backslash", { uri: "/lists/a%5Cb", headers: signedIn() }, "400 invalid_path"],
  ["a dot segment", { uri: "/lists/../team/a.txt", headers: signedIn() }, "400 invalid_path"],
  ["an encoded dot segment", { uri: "/lists/%2e%2e/team/a.txt", headers: signedIn() }, "400 invalid_path"],
  ["a control byte", { uri: "/lists/%00", headers: signedIn() }, "400 invalid_path"],
  ["a broken escape", { uri: "/lists/%", headers: signedIn() }, "400 invalid_path"],
  ["no UTF-8", { uri: "/lists/%ff", headers: signedIn() }, "400 invalid_path"],
  ["a surrogate", { uri: "/lists/%ed%a0%80", headers: signedIn() }, "400 invalid_path"],
  ["no path", { uri: "lists", headers: signedIn() }, "400 invalid_path"],
  ["a key of 1,025 bytes", { uri: `/lists/${"k".repeat(1_019)}`, headers: signedIn() }, "414 uri_too_long"],

  ["a site's folder", { uri: "/docs", querystring: "a=1", headers: signedIn() }, "308 /docs/?a=1"],
  ["a site's page", { uri: "/docs/about", headers: signedIn() }, "/docs/about"],
  [
    "a version",
    { uri: "/kept/a", querystring: "x=1&versionId=abc&y=2", headers: signedIn() },
    "/kept/a?versionId=abc",
  ],
  [
    "a version in another spelling",
    { uri: "/kept/a", querystring: "%76ersionId=a%62c", headers: signedIn() },
    "/kept/a?versionId=a%62c",
  ],
  [
    "a name to save under",
    { uri: "/kept/a", querystring: "download=%C3%BC.pdf", headers: signedIn() },
    "/kept/a?download=%C3%BC.pdf",
  ],
  [
    "two versions",
    { uri: "/kept/a", querystring: "versionId=a&%76ersionId=b", headers: signedIn() },
    "400 invalid_query",
  ],
  [
    "a signature of the viewer's",
    { uri: "/kept/a", querystring: "X-Amz-Signature=a&response-content-type=text/html", headers: signedIn() },
    "/kept/a",
  ],
  [
    "a version where there are none",
    { uri: "/lists/a", querystring: "versionId=abc", headers: signedIn() },
    "/lists/a",
  ],
];

/** In one line: where to, or the answer's status and code or place. */
function said(decision: Decision): string {
  if (!("statusCode" in decision)) {
    const query = Object.entries(decision.querystring).map(([name, { value }]) => `${name}=${value}`);
    return query.length > 0 ? `${decision.uri}?${query.join("&")}` : decision.uri;
  }
  const place = decision.headers["location"]?.value;
  const text = decision.body?.data ?? "";
  const code = text.startsWith("{") ? JSON.parse(text).code : text && "page";
  return [decision.statusCode, place ?? code].filter(Boolean).join(" ");
}

describe.each(ENGINES)("in %s", (_name, engine) => {
  let decisions: readonly Decision[] = [];
  const text = functionText(DOCUMENT);

  beforeAll(async () => {
    decisions = await engine(
      text,
      ROWS.map(([, options]) => engineEvent(options)),
    );
  });

  test.each(ROWS.map(([name, , expected], index) => [name, expected, index] as const))(
    "%s: %s",
    (_row, expected, index) => {
      const decision = decisions[index];
      expect(decision && said(decision)).toBe(expected);
    },
  );

  test("every code has the status and the headers of the Lambda's answer", async () => {
    const [missing, expired, method, keys] = await engine(text, [
      engineEvent({}),
      engineEvent({ headers: bearer({ exp: SECONDS }) }),
      engineEvent({ method: "POST" }),
      engineEvent({ headers: { Cookie: own(RAW, tampered(PASS)) }, querystring: justNow(1) }),
    ]);
    const headersOf = (decision: Decision | undefined) =>
      (decision as { headers: object } | undefined)?.headers;
    expect(headersOf(missing)).toEqual({
      "cache-control": { value: "no-store" },
      "content-security-policy": { value: "default-src 'none'; frame-ancestors 'self'" },
      "content-type": { value: "application/json" },
      "cross-origin-resource-policy": { value: "same-site" },
      "referrer-policy": { value: "no-referrer" },
      "strict-transport-security": { value: "max-age=63072000" },
      vary: { value: "Origin" },
      "www-authenticate": { value: 'Bearer realm="gatehouse"' },
      "x-content-type-options": { value: "nosniff" },
      "x-request-id": { value: engineEvent({}).context.requestId },
    });
    expect(headersOf(expired)).toMatchObject({
      "www-authenticate": {
        value: expect.stringMatching(/^Bearer realm="gatehouse", error="invalid_token", /),
      },
    });
    expect(headersOf(method)).toMatchObject({ allow: { value: "GET, HEAD, OPTIONS" } });
    expect(headersOf(keys)).toMatchObject({ "retry-after": { value: "10" } });
  });

  test("nothing of the viewer's goes on but what the cache needs", async () => {
    const sealed = "__Host-gatehouse-aws=sealed; __Host-gatehouse-aws-0123abcd=other";
    const [forwarded] = await engine(text, [
      engineEvent({
        headers: {
          Cookie: `${own(RAW, PASS)}; ${sealed}; other=1`,
          Range: "bytes=0-1",
          "If-None-Match": "x".repeat(1_025),
          "Accept-Encoding": "gzip",
          "X-Gatehouse-Cache-Scope": "poisoned",
          "X-Gatehouse-Token": "poisoned",
          "X-Gatehouse-Session": "poisoned",
          "X-Amz-Security-Token": "x",
          "X-Forwarded-For": "1.2.3.4",
        },
      }),
    ]);
    expect(forwarded).toEqual({
      method: "GET",
      uri: "/a.txt",
      querystring: {},
      cookies: {},
      headers: {
        host: { value: "d111111abcdef8.cloudfront.net" },
        range: { value: "bytes=0-1" },
        "accept-encoding": { value: "gzip" },
        "x-gatehouse-cache-scope": { value: expect.stringMatching(/^[\w-]{43};;$/) },
        "x-gatehouse-token": { value: RAW },
        "x-gatehouse-session": { value: sealed },
      },
    });
  });

  test("a preflight is answered with the configured lists", async () => {
    const [answered] = await engine(text, [
      engineEvent({ method: "OPTIONS", headers: { Origin: "https://app.example.com" } }),
    ]);
    expect(answered).toMatchObject({
      statusCode: 204,
      headers: {
        "access-control-allow-origin": { value: "https://app.example.com" },
        "access-control-allow-credentials": { value: "true" },
        "access-control-allow-headers": { value: expect.stringContaining("authorization, ") },
        "access-control-allow-methods": { value: "GET, HEAD, OPTIONS" },
        "access-control-max-age": { value: "600" },
      },
    });
  });

  test("an entry is shared by those who may read it, and by nobody else", async () => {
    const scopeOf = (options: EventOptions) => engineEvent({ uri: "/a.txt", ...options });
    const second = {
      Cookie: own(SECOND, passFor(SECOND, DOCUMENT, { sub: "aaaaaaaa-0000-4000-8000-000000000002" })),
    };
    const rows: readonly (readonly [string, EventOptions])[] = [
      ["signed-in", { headers: signedIn() }],
      ["signed-in", { headers: second }],
      ["person in German", { headers: { ...signedIn(), ...PERSON, "Accept-Language": "de-AT,en;q=0.5" } }],
      ["person in English", { headers: { ...signedIn(), ...PERSON, "Accept-Language": "xx, en;q=0.5" } }],
      [
        "person in English",
        { headers: { ...signedIn(), ...PERSON, "Accept-Language": "de;q=0, de-AT; q=0.0" } },
      ],
      ["person in English", { headers: { ...signedIn(), ...PERSON, "Accept-Language": "*, zh" } }],
      ["person in English", { headers: { ...signedIn(), ...PERSON, "Accept-Language": "x,".repeat(5_000) } }],
      ["person in English", { headers: { ...signedIn(), ...PERSON } }],
      ["trusted", { uri: "/lists/a", headers: signedIn() }],
      ["first owner", { uri: "/me/a", headers: signedIn() }],
      ["second owner", { uri: "/me/a", headers: second }],
      ["editors", { uri: "/team/a", headers: signedIn({ groups: ["a/b", "editors"] }) }],
      ["a/b", { uri: "/team/a", headers: signedIn({ groups: ["a/b"] }) }],
      ["first program", { headers: bearer() }],
      ["first program's forged copy", { headers: { Authorization: tampered(token()) } }],
      ["second program", { headers: bearer({ sub: "b" }) }],
      ["query in a site", { uri: "/docs/a", querystring: "a=1", headers: { ...signedIn(), ...PERSON } }],
      [
        "another query in a site",
        { uri: "/docs/a", querystring: "a=2", headers: { ...signedIn(), ...PERSON } },
      ],
      ["versions", { uri: "/kept/a", querystring: "a=2", headers: signedIn() }],
    ];
    const all = await engine(
      text,
      rows.map(([, options]) => scopeOf(options)),
    );
    const scopes = all.map(
      (decision) => "headers" in decision && decision.headers["x-gatehouse-cache-scope"]?.value,
    );
    expect(scopes.every(Boolean)).toBe(true);
    const byScope = Map.groupBy(rows.keys(), (index) => scopes[index]);
    const groups = [...byScope.values()].map((indexes) => [
      ...new Set(indexes.map((index) => rows[index]?.[0])),
    ]);
    expect(groups.every((names) => names.length === 1)).toBe(true);
    expect(byScope.size).toBe(new Set(rows.map(([name]) => name)).size);
  });

  describe("with revocation", () => {
    const document = splitDocument({ revocation: true });
    const revocable = functionText(document);
    const pass = { Cookie: own(RAW, passFor(RAW, document)) };
    const { sub, iat } = ID_CLAIMS;

    test.each([
      ["nothing revoked", {}, pass, "/a.txt"],
      ["another user's", { "revoked/other": String(iat + 1) }, pass, "/a.txt"],
      ["the user's, as the token was issued", { [`revoked/${sub}`]: String(iat) }, pass, "/a.txt"],
      ["the user's, a second later", { [`revoked/${sub}`]: String(iat + 1) }, pass, "401 session_ended"],
      ["everybody's", { "revoked/*": String(iat + 1) }, pass, "401 session_ended"],
      ["a program's", { [`revoked/${sub}`]: String(iat + 1) }, bearer(), "401 session_ended"],
      ["a person's", { [`revoked/${sub}`]: String(iat + 1) }, { ...pass, ...PERSON }, LOGIN("%2Fa.txt")],
      ["an empty value", { [`revoked/${sub}`]: "" }, pass, "503 keys_unavailable"],
      ["a date", { "revoked/*": "2026-01-01" }, pass, "503 keys_unavailable"],
      ["a store that fails", undefined, pass, "503 keys_unavailable"],
    ] as const)("%s", async (_row, store, headers, expected) => {
      const [decision] = await engine(revocable, [engineEvent({ headers })], { store });
      expect(decision && said(decision)).toBe(expected);
    });
  });

  test("keys that nothing was put into the place of are no keys", async () => {
    const { pass, scope } = functionKeys({ current: SEALING_KEY, previous: "none" });
    const reference =
      "{{resolve:secretsmanager:arn:aws:secretsmanager:us-east-1:1:secret:a:SecretString:pass::v}}";
    const unresolved = text.replaceAll(pass, reference).replaceAll(scope, reference);
    const [byPass, byToken] = await engine(unresolved, [
      engineEvent({ headers: { Cookie: own(RAW, passFor(RAW, DOCUMENT, {}, reference)) } }),
      engineEvent({ headers: bearer() }),
    ]);
    expect([byPass, byToken].map((decision) => decision && said(decision))).toEqual([
      "503 keys_unavailable",
      "503 keys_unavailable",
    ]);
  });

  test("a gate that starts anew takes passes of its keys before, and no token of before notBefore", async () => {
    const previous = "7f".repeat(32);
    const changed = splitDocument({ auth: { keys: { current: SEALING_KEY, previous } } });
    const before = passFor(RAW, changed, {}, functionKeys({ current: previous, previous: "none" }).pass);
    const late = splitDocument({ auth: { keys: { current: SEALING_KEY }, notBefore: ID_CLAIMS.iat + 1 } });
    const [kept] = await engine(functionText(changed), [
      engineEvent({ headers: { Cookie: own(RAW, before) } }),
    ]);
    const [refused, program] = await engine(functionText(late), [
      engineEvent({ headers: { Cookie: own(RAW, passFor(RAW, late)) } }),
      engineEvent({ headers: bearer() }),
    ]);
    expect([kept, refused, program].map((decision) => decision && said(decision))).toEqual([
      "/a.txt",
      FOR_PASS("%2Fa.txt"),
      "401 token_expired",
    ]);
  });
});

test("a forged token is another program's: its hash is another", () => {
  expect(token({}, OTHER_KEY)).not.toBe(token());
});
