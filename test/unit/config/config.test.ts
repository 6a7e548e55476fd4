import { describe, expect, test } from "vitest";
import { bucketHost, regionOf } from "../../../edge/config/aws-names.ts";
import { ConfigError, parseConfig } from "../../../edge/config/document.ts";
import { parseJwks } from "../../../edge/config/jwk-set.ts";
import { configDocument, SECOND_CLIENT_ID } from "../fixtures/config.ts";
import { JWKS, KEY } from "../fixtures/tokens.ts";

const problemsOf = (document: unknown, options = {}) => {
  try {
    parseConfig(document, options);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
};

test.each([
  ["split without sign-in", { placement: "split" }, "placement: split needs auth"],
  ["revocation without split", { revocation: true }, "revocation: needs placement split"],
  ["another word", { placement: "both" }, "placement: expected lambda or split"],
])("the placement: %s", (_row, changes, problem) => {
  expect(() => parseConfig({ ...configDocument(), ...changes })).toThrow(problem);
});

test("a minimal document gets the defaults", () => {
  const { log: _, ...minimal } = configDocument();
  expect(parseConfig(minimal)).toEqual({
    ...configDocument(),
    userPool: { ...configDocument().userPool, machineClientIds: [] },
    origin: { bucket: "assets-bucket", region: "eu-central-1", path: "" },
    areas: [
      {
        path: "/*",
        public: false,
        api: false,
        trusted: false,
        metadata: false,
        versions: false,
        downloads: false,
        browserMaxAge: 0,
      },
    ],
    groups: {},
    listing: { enabled: false },
    signing: { cfId: "unsigned", head: "HEAD" },
    cookies: { names: [], amplify: false, sameSite: "Lax", partitioned: false },
    placement: "lambda",
    revocation: false,
    log: { allowed: 0.01 },
    cors: {
      origins: [],
      allowHeaders: [
        "authorization",
        "baggage",
        "cache-control",
        "content-type",
        "if-match",
        "if-modified-since",
        "if-none-match",
        "if-range",
        "if-unmodified-since",
        "pragma",
        "range",
        "sentry-trace",
        "traceparent",
        "tracestate",
        "x-requested-with",
      ],
      exposeHeaders: [
        "accept-ranges",
        "content-disposition",
        "content-length",
        "content-range",
        "etag",
        "last-modified",
        "x-request-id",
      ],
    },
    frameAncestors: [],
    scopes: {},
    endpoints: {},
  });
});

test("every problem is reported at once, by field", () => {
  expect(
    problemsOf({
      userPool: { id: "nonsense", clientIds: [] },
      origin: { bucket: "Has.Dots", region: "nowhere", path: "site/" },
      areas: [{ path: "a" }],
      signing: { cfId: "maybe" },
      cookies: { names: ["a b"] },
      cors: { origins: ["https://app.example.com/"] },
      endpoints: { jwksUri: "http://example.com" },
      colour: "blue",
    }),
  ).toEqual([
    "colour: unknown setting",
    "userPool.id: expected a user pool id such as us-east-1_AbCdEfGhI",
    "userPool.clientIds: expected a list of at least 1",
    "origin.bucket: expected a bucket name without dots (TLS to S3 refuses dots)",
    "origin.region: expected an AWS region such as us-east-1",
    "origin.path: expected empty, or a prefix such as /site without a slash at its end",
    "areas[0].path: expected a key such as /logo.png, or a prefix such as /team/*",
    "signing.cfId: expected unsigned or signed",
    "cookies.names[0]: expected a cookie name (RFC 6265)",
    "cors.origins[0]: expected an origin such as https://app.example.com, in lower case and without a path",
    "endpoints.jwksUri: expected an https:// URL, or http:// on loopback",
    "identityPool: expected, or else exchange",
  ]);
});

describe("a setting that is spelt wrong is not left out: what was meant is asked", () => {
  const keys = { current: "1f".repeat(32) };
  const domain = { userPool: { ...configDocument().userPool, domain: "login.example.com" } };
  const cases: readonly [change: object, problem: string][] = [
    [{ aeras: [{ path: "/team/*" }] }, "aeras: unknown setting; did you mean areas?"],
    [{ area: [{ path: "/team/*" }] }, "area: unknown setting; did you mean areas?"],
    [{ Areas: [{ path: "/team/*" }] }, "Areas: unknown setting; did you mean areas?"],
    [{ group: {} }, "group: unknown setting; did you mean groups?"],
    [{ cookie: {} }, "cookie: unknown setting; did you mean cookies?"],
    [
      { areas: [{ path: "/team/*", group: ["editors"] }] },
      "areas[0].group: unknown setting; did you mean groups?",
    ],
    [
      { areas: [{ path: "/y" }, { path: "/x", ownr: "u/{identityId}/" }] },
      "areas[1].ownr: unknown setting; did you mean owner?",
    ],
    [
      { groups: { editors: { roleARN: "x", roleArn: "arn:aws:iam::123456789012:role/editors" } } },
      "groups.editors.roleARN: unknown setting; did you mean roleArn?",
    ],
    [{ ...domain, auth: { keys, notbefore: 1 } }, "auth.notbefore: unknown setting; did you mean notBefore?"],
    [
      { ...domain, auth: { keys: { ...keys, prevoius: "none" } } },
      "auth.keys.prevoius: unknown setting; did you mean previous?",
    ],
    [{ cookies: { samesite: "None" } }, "cookies.samesite: unknown setting; did you mean sameSite?"],
    [
      { cors: { origin: ["https://app.example.com"] } },
      "cors.origin: unknown setting; did you mean origins?",
    ],
    [{ listing: { enable: true } }, "listing.enable: unknown setting; did you mean enabled?"],
    [{ log: { alowed: 1 } }, "log.alowed: unknown setting; did you mean allowed?"],
    [{ signing: { cfID: "signed" } }, "signing.cfID: unknown setting; did you mean cfId?"],
    [
      { endpoints: { jwksUrl: "https://keys.example.com" } },
      "endpoints.jwksUrl: unknown setting; did you mean jwksUri?",
    ],
    [
      { origin: { ...configDocument().origin, paths: "/x" } },
      "origin.paths: unknown setting; did you mean path?",
    ],
    [
      { userPool: { ...configDocument().userPool, clientIDs: [] } },
      "userPool.clientIDs: unknown setting; did you mean clientIds?",
    ],
    [
      { identityPool: { ...configDocument().identityPool, ID: 1 } },
      "identityPool.ID: unknown setting; did you mean id?",
    ],
  ];
  test.each(cases)("%j", (change, problem) => {
    expect(problemsOf({ ...configDocument(), ...change })).toEqual([problem]);
  });
});

test("areas that are nothing do not open everything", () => {
  expect(problemsOf({ ...configDocument(), areas: null })).toEqual(["areas: expected a list of at least 1"]);
});

test.each([[null], ["text"], [[]]])("%j is no configuration", (document) => {
  expect(problemsOf(document)[0]).toBe("(document): expected an object");
});

test("values that are known only at deploy time satisfy any string rule", () => {
  const isToken = (value: unknown) => typeof value === "string" && value.startsWith("token:");
  const userPool = { id: "token:1", clientIds: ["token:2"], jwks: "token:3" };
  expect(problemsOf({ ...configDocument(), userPool }, { isToken })).toEqual([]);
  expect(problemsOf({ ...configDocument(), userPool })).toHaveLength(3);
});

describe("what no single field shows", () => {
  const keys = { current: "1f".repeat(32) };
  const [exchange, oauth] = [
    { kind: "sts", roleArn: "arn:aws:iam::123456789012:role/readers" },
    "https://a.b",
  ];
  const cases: Record<string, [changes: object, ...problems: string[]]> = {
    "an identity pool": [{}],
    "an exchange by STS": [{ identityPool: undefined, exchange }],
    "both of them": [{ exchange }, "identityPool: expected, or else exchange"],
    "sign-in where nobody knows": [
      { auth: { keys } },
      "userPool.domain: auth needs the host of the managed login",
    ],
    "sign-in at another place": [{ auth: { keys }, endpoints: { oauth } }],
    "sign-in of the second client": [{ auth: { keys, clientId: SECOND_CLIENT_ID }, endpoints: { oauth } }],
    "sign-in of another client": [
      { auth: { keys, clientId: "other" }, endpoints: { oauth } },
      'auth.clientId: "other" is not in userPool.clientIds',
    ],
    "sign-in without openid": [
      { auth: { keys, scopes: ["email"] }, endpoints: { oauth } },
      "auth.scopes: without openid there is no ID token",
    ],
  };
  test.each(Object.entries(cases))("%s", (_, [changes, ...problems]) => {
    expect(problemsOf({ ...configDocument(), ...changes })).toEqual(problems);
  });
});

describe("endpoints", () => {
  const allowed: Record<string, boolean> = {
    "https://vpce-1.example.com": true,
    "http://127.0.0.1:4000": true,
    "http://localhost:4000": true,
    "http://[::1]:4000": true,
    "http://localhost.example.com": false,
    "http://10.0.0.1": false,
    "ftp://localhost": false,
    "//localhost": false,
  };
  test.each(Object.entries(allowed))("%s: %s", (cognitoIdentity, ok) => {
    expect(problemsOf(configDocument({ endpoints: { cognitoIdentity } })).length === 0).toBe(ok);
  });
});

describe("parseJwks", () => {
  test("keeps RS256 signing keys and nothing else of them", () => {
    const { kty, n, e } = KEY.jwk;
    const other = { kty: "EC", kid: "ec", crv: "P-256", x: "x", y: "y" };
    expect(
      parseJwks({
        keys: [{ ...KEY.jwk, x5u: "https://evil.example" }, other, { ...KEY.jwk, use: "enc" }, 7],
      }),
    ).toEqual({
      keys: [{ kty, alg: "RS256", use: "sig", kid: "key-1", n, e }],
    });
  });
  test.each([[null], [{}], [{ keys: 1 }], [{ keys: [] }], [{ keys: [{ kty: "RSA" }] }]])(
    "refuses %j",
    (value) => {
      expect(() => parseJwks(value)).toThrow(/expected a JSON Web Key Set|holds no RS256 signing key/);
    },
  );
  test("is applied to baked-in keys", () => {
    const userPool = { ...configDocument().userPool, jwks: JWKS };
    expect(parseConfig(configDocument({ userPool })).userPool.jwks?.keys).toHaveLength(1);
    expect(problemsOf(configDocument({ userPool: { ...userPool, jwks: {} } }))).toEqual([
      'userPool.jwks: expected a JSON Web Key Set: { "keys": [...] }',
    ]);
  });
});

test("regions and hosts come from ids and names", () => {
  expect(regionOf("eu-west-1_Abc")).toBe("eu-west-1");
  expect(regionOf("us-gov-west-1:00000000-0000-4000-8000-000000000001")).toBe("us-gov-west-1");
  expect(bucketHost({ bucket: "b-1", region: "eu-west-1", path: "" })).toBe("b-1.s3.eu-west-1.amazonaws.com");
});
