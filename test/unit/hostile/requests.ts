// Generated requests: what CloudFront can send, what it cannot, and everything that people put into either.
import fc from "fast-check";
import { REQUEST_ID } from "../fixtures/events.ts";
import { BAD_TOKENS, CANARY, PEOPLE, REFRESH } from "./world.ts";

/** An event in CloudFront's shape, or near it. */
export type Event = Readonly<Record<string, unknown>>;

const GOOD_TOKENS = PEOPLE.flatMap(({ tokens }) => tokens);
const canary = fc.nat({ max: 99 }).map((number) => `${CANARY}${number}`);
const junk = fc.oneof(
  canary,
  fc.constantFrom("", "=", ";;", '"', "null", "__proto__", "a".repeat(2_000), "%", "%E0%A4%A"),
);

const tokenText = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...GOOD_TOKENS) },
  { weight: 3, arbitrary: fc.constantFrom(...BAD_TOKENS) },
  { weight: 1, arbitrary: junk },
);

const authorization = fc
  .tuple(fc.constantFrom("Bearer ", "", "bearer  ", "Basic ", "Bearer"), tokenText)
  .map((parts) => parts.join(""));

const AMPLIFY = "CognitoIdentityServiceProvider.1testclient1.";

function cookie(sealed: readonly string[]): fc.Arbitrary<string> {
  const named = fc
    .tuple(
      fc.constantFrom(
        "__Host-gatehouse-id",
        "__Host-gatehouse-id",
        "__Secure-gatehouse-id",
        "app-token",
        `${AMPLIFY}ada.idToken`,
        "x__Host-gatehouse-id",
      ),
      tokenText,
    )
    .map(([name, value]) => `${name}=${value}`);
  const refresh = fc
    .tuple(
      fc.constantFrom("__Host", "__Secure"),
      fc.constantFrom(...PEOPLE.map(({ name }) => name), "stranger", ""),
    )
    .map(([prefix, name]) => `${prefix}-gatehouse-refresh=${REFRESH}${name}`);
  const other = fc
    .tuple(
      fc.constantFrom(
        "a",
        "__proto__",
        "__Host-gatehouse-login-",
        "__Host-gatehouse-login-0mjx5bq5k-AAAAAAAAAAAAAAAAAAAAAA",
        "__Host-gatehouse-aws",
        `${AMPLIFY}LastAuthUser`,
        "",
      ),
      junk,
    )
    .map(([name, value]) => `${name}=${value}`);
  return fc.oneof(
    { weight: 4, arbitrary: named },
    { weight: 3, arbitrary: fc.constantFrom(...sealed) },
    { weight: 1, arbitrary: refresh },
    { weight: 1, arbitrary: other },
  );
}

function cookieHeader(sealed: readonly string[]): fc.Arbitrary<string> {
  return fc
    .tuple(
      fc.array(cookie(sealed), { minLength: 1, maxLength: 6 }),
      fc.constantFrom("; ", ";", "; ", " ", ", "),
    )
    .map(([cookies, separator]) => cookies.join(separator));
}

/** Headers that pass, with values that may be seen again. */
const PASSING = {
  "accept-encoding": ["gzip, br"],
  "if-match": ['"a"'],
  "if-modified-since": ["Fri, 02 Jan 2026 03:04:05 GMT"],
  "if-none-match": ['"a"', "x".repeat(1_100)],
  "if-range": ['"a"'],
  "if-unmodified-since": ["Fri, 02 Jan 2026 03:04:05 GMT"],
  range: ["bytes=0-9", "bytes=-1", "x".repeat(1_100)],
  "user-agent": ["Mozilla/5.0"],
  via: ["2.0 viewer"],
  "content-length": ["0"],
  "transfer-encoding": ["chunked"],
  origin: [
    "https://app.example.com",
    "https://evil.example",
    "null",
    "https://d111111abcdef8.cloudfront.net",
  ],
} as const;

/** Headers that the gate reads and keeps. */
const READ = {
  accept: ["*/*", "text/html", "application/json"],
  "sec-fetch-mode": ["navigate", "no-cors", "cors", ""],
  "sec-fetch-dest": ["document", "iframe", "image", "empty", ""],
  "sec-fetch-site": ["same-origin", "cross-site", "none"],
  "access-control-request-method": ["GET", "DELETE"],
  "content-type": ["application/json", "text/plain"],
} as const;

const choice = (table: Readonly<Record<string, readonly string[]>>) =>
  fc.constantFrom(
    ...Object.entries(table).flatMap(([name, values]) => values.map((value) => ({ name, value }))),
  );

const foreign = fc
  .tuple(
    fc.oneof(
      fc.constantFrom(
        "x-amz-security-token",
        "x-amz-server-side-encryption-customer-key",
        "x-amz-content-sha256",
        "x-amz-date",
        "x-gatehouse-cache-scope",
        "x-forwarded-for",
        "x-forwarded-host",
        "forwarded",
        "referer",
        "proxy-authorization",
        "x-original-url",
        "x-http-method-override",
        "cf-connecting-ip",
        "__proto__",
        "constructor",
        "tostring",
        "hasownproperty",
      ),
      fc.stringMatching(/^x-[a-z-]{1,12}$/),
    ),
    canary,
  )
  .map(([name, value]) => ({ name, value }));

function header(sealed: readonly string[]): fc.Arbitrary<{ readonly name: string; readonly value: string }> {
  const cookies = cookieHeader(sealed).map((value) => ({ name: "cookie", value }));
  return fc.oneof(
    { weight: 3, arbitrary: cookies },
    { weight: 3, arbitrary: authorization.map((value) => ({ name: "authorization", value })) },
    { weight: 2, arbitrary: choice(PASSING) },
    { weight: 2, arbitrary: choice(READ) },
    { weight: 2, arbitrary: foreign },
  );
}

type Headers = Readonly<Record<string, readonly { readonly key?: string; readonly value: string }[]>>;

function headers(sealed: readonly string[]): fc.Arbitrary<Headers> {
  const host = fc.constantFrom(
    "d111111abcdef8.cloudfront.net",
    "d111111abcdef8.cloudfront.net",
    "localhost:4000",
    "",
  );
  const spelling = fc.constantFrom("lower", "Title", "none");
  return fc.tuple(fc.array(header(sealed), { maxLength: 7 }), host, spelling).map(([list, at, how]) => {
    const map = new Map<string, { key?: string; value: string }[]>();
    for (const { name, value } of [...(at ? [{ name: "host", value: at }] : []), ...list]) {
      const key = how === "Title" ? name.replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase()) : name;
      map.set(name, [...(map.get(name) ?? []), { ...(how !== "none" && { key }), value }]);
    }
    return Object.fromEntries(map);
  });
}

const SEGMENTS = [
  "team",
  "open.txt",
  "plans",
  "me",
  "users",
  "docs",
  "a b",
  "a%20b",
  "a+b",
  "a%2Bb",
  "public",
  "site",
  "x.html",
  "%74eam",
  "us%65rs",
  "ä",
  "%c3%a4",
  "TEAM",
  "..",
  "%2e%2e",
  ".",
  "%2F",
  "%5c",
  "\\",
  "%00",
  "%",
  "%C0%AF",
  "%252e",
  "?",
  "*",
  "#",
  "index.html",
  "",
  "x".repeat(300),
  "\ud800",
  ".gatehouse",
  "list",
  "{identityId}",
];
const ENDPOINTS = [
  "login",
  "callback",
  "finish",
  "session",
  "logout",
  "me",
  "list/team/",
  "list/me/",
  "list/docs/x/",
  "list/",
  "list/public/",
  "list/team",
  "list/users/",
  "list/site/",
  "constructor",
  "__proto__",
  "",
  "login/",
  "LOGIN",
  "%6cogin",
];
const plain = fc.constantFrom(
  "/docs/a.txt",
  "/team/plan.pdf",
  "/team/open.txt",
  "/me/photo.jpg",
  "/a%20b/c",
  "/docs/",
  "/team/",
  "/me/",
  "/",
);
const odd = fc
  .array(
    fc.oneof(fc.constantFrom(...SEGMENTS), fc.constantFrom(...PEOPLE.map(({ identityId }) => identityId))),
    { minLength: 1, maxLength: 4 },
  )
  .map((segments) => `/${segments.join("/")}`);
const uri = fc.oneof(
  { weight: 5, arbitrary: plain },
  { weight: 4, arbitrary: odd },
  { weight: 3, arbitrary: fc.constantFrom(...ENDPOINTS).map((name) => `/.gatehouse/${name}`) },
  {
    weight: 1,
    arbitrary: fc.constantFrom("team", "me", "docs/x").map((name) => `/.gatehouse/list/${name}/`),
  },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 30 }) },
);

const PARAMETERS = [
  "versionId=v1",
  "versionId=",
  "versionId=%20",
  "versionId=a&versionId=b",
  "download=a.pdf",
  "download=%22%0d%0a",
  "download=ä%E2%80%AE.pdf",
  "delimiter=/",
  "max-keys=7",
  "max-keys=0",
  "continuation-token=abc%2B",
  "return_to=/docs/a.txt",
  "return_to=//evil.example",
  "return_to=/%5Cevil.example",
  "return_to=/.//evil.example",
  "return_to=/docs/..//evil.example",
  "return_to=/.%5C/evil.example",
  "return_to=https://evil.example",
  "return_to=%0d%0aSet-Cookie:a",
  "error=access_denied",
  "error_description=%3Cscript%3E",
  "code=abc",
  "state=0mjx5bq5k-AAAAAAAAAAAAAAAAAAAAAA",
  "gatehouse-renewed=zzz.abc",
  "&&",
  "=",
  "%",
  "a%00",
];
const HOSTILE = [
  "X-Amz-Signature",
  "X-Amz-Credential",
  "x-amz-security-token",
  "response-content-type",
  "response-content-disposition",
  "prefix",
  "list-type",
  "acl",
  "uploads",
  "partNumber",
  "x-id",
  "__proto__",
];
const parameter = fc.oneof(
  fc.constantFrom(...PARAMETERS),
  fc.tuple(fc.constantFrom(...HOSTILE), canary).map(([name, value]) => `${name}=${value}`),
);
const querystring = fc.oneof(
  { weight: 2, arbitrary: fc.constant("") },
  { weight: 2, arbitrary: fc.array(parameter, { minLength: 1, maxLength: 4 }).map((list) => list.join("&")) },
);

const method = fc.oneof(
  { weight: 16, arbitrary: fc.constant("GET") },
  {
    weight: 3,
    arbitrary: fc.constantFrom("HEAD", "POST", "OPTIONS", "PUT", "DELETE", "PATCH", "get", "TRACE", ""),
  },
);

const body = fc.oneof(
  { weight: 3, arbitrary: fc.constant(undefined) },
  {
    weight: 1,
    arbitrary: fc.record({
      action: fc.constant("read-only"),
      data: fc
        .constantFrom(
          "",
          "{}",
          "[]",
          "null",
          "{",
          `{"refreshToken":"${REFRESH}ada"}`,
          `{"refreshToken":7}`,
          `{"refreshToken":"${CANARY}"}`,
          "x".repeat(20_000),
        )
        .map((text) => Buffer.from(text).toString("base64")),
      encoding: fc.constantFrom("base64", "text"),
      inputTruncated: fc.constantFrom(false, false, true),
    }),
  },
);

/** What CloudFront can send. */
function possible(sealed: readonly string[]): fc.Arbitrary<Event> {
  return fc
    .record({ method, uri, querystring, headers: headers(sealed), body })
    .map((request) => eventOf({ clientIp: "203.0.113.178", ...request }));
}

function eventOf(request: object): Event {
  const config = { distributionId: "EDFDVBD6EXAMPLE", eventType: "viewer-request", requestId: REQUEST_ID };
  return { Records: [{ cf: { config, request } }] };
}

/** A browser in the middle of a session: to be led on, signed in or renewed, and never elsewhere. */
const inSession: fc.Arbitrary<Event> = fc
  .record({
    uri: fc.oneof(odd, plain, fc.constant("/.gatehouse/finish"), fc.constant("//evil.example/a")),
    querystring,
    prefix: fc.constantFrom("__Host", "__Secure"),
    who: fc.constantFrom(...PEOPLE),
    refreshed: fc.constantFrom(...PEOPLE, undefined),
    isOver: fc.boolean(),
    mode: fc.constantFrom("navigate", "no-cors"),
  })
  .map(({ uri, querystring, prefix, who, refreshed, isOver, mode }) => {
    const id = `${prefix}-gatehouse-id=${isOver ? who.expired : who.tokens[0]}`;
    const refresh = refreshed ? `; ${prefix}-gatehouse-refresh=${REFRESH}${refreshed.name}` : "";
    const fields = { host: "d111111abcdef8.cloudfront.net", cookie: id + refresh, "sec-fetch-mode": mode };
    const map = Object.entries(fields).map(([key, value]) => [key, [{ key, value }]]);
    const headers: unknown = Object.fromEntries(map);
    return eventOf({ clientIp: "203.0.113.178", method: "GET", uri, querystring, headers });
  });

const WRONG: readonly unknown[] = [
  null,
  undefined,
  7,
  "",
  true,
  [],
  {},
  [null],
  [7],
  [{}],
  [{ value: 7 }],
  [{ value: null }],
  [{ key: 7, value: "x" }],
  [[]],
  { length: 1 },
  "text",
  [{ value: "x" }, 7],
];

/** What it cannot: a value of the wrong kind somewhere, or none at all. */
function impossible(sealed: readonly string[]): fc.Arbitrary<Event> {
  const where = fc.array(fc.nat({ max: 9 }), { minLength: 1, maxLength: 7 });
  const damage = fc.record({ where, value: fc.constantFrom(...WRONG) });
  return fc
    .tuple(possible(sealed), fc.array(damage, { minLength: 1, maxLength: 3 }))
    .map(([event, damages]) =>
      damages.reduce<Event>((left, each) => damaged(left, each.where, each.value), event),
    );
}

/** A copy with another value where the numbers lead, each choosing a field. */
function damaged(value: Event, [first = 0, ...rest]: readonly number[], wrong: unknown): Event {
  const names = Object.keys(value);
  const name = names[first % Math.max(names.length, 1)];
  if (name === undefined) return value;
  const inner = value[name];
  const isDeeper = rest.length > 0 && typeof inner === "object" && inner !== null;
  const changed = isDeeper ? damaged({ ...inner }, rest, wrong) : wrong;
  const fields = {
    ...value,
    [name]: isDeeper && Array.isArray(inner) ? Object.values(changed ?? {}) : changed,
  };
  return fields;
}

/** One try. */
export interface Try {
  readonly event: Event;
  /** Whether CloudFront could have sent it. */
  readonly isPossible: boolean;
}

/** Any event: seven of eight as CloudFront sends them. */
export function arbitraryTry(sealed: readonly string[]): fc.Arbitrary<Try> {
  return fc.oneof(
    { weight: 6, arbitrary: possible(sealed).map((event) => ({ event, isPossible: true })) },
    { weight: 1, arbitrary: inSession.map((event) => ({ event, isPossible: true })) },
    { weight: 1, arbitrary: impossible(sealed).map((event) => ({ event, isPossible: false })) },
  );
}
