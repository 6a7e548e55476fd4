import { createServer, type Server } from "node:http";
import { text } from "node:stream/consumers";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { parseConfig } from "../../../edge/config/document.ts";
import { createHttp } from "../../../edge/https.ts";
import { signPost as sdkSignPost } from "../../../edge/sdk/sign.ts";
import { createStsExchange, type SignPost, signPost } from "../../../edge/session/sts.ts";
import { forwardedOf, loadBundle, refusalOf, STS_AUTH_BUNDLES } from "../fixtures/bundle.ts";
import { configDocument, NOW } from "../fixtures/config.ts";
import { viewerEvent } from "../fixtures/events.ts";
import { ID_CLAIMS, JWKS, token } from "../fixtures/tokens.ts";
import { verified } from "../fixtures/verified.ts";

const READERS = "arn:aws:iam::123456789012:role/readers";
const EDITORS = "arn:aws:iam::123456789012:role/editors";

interface Call {
  readonly headers: Record<string, unknown>;
  readonly form: Record<string, string>;
}

const SUCCESS = `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>
<AccessKeyId>test-access-key</AccessKeyId><SecretAccessKey>test-secret-key</SecretAccessKey>
<SessionToken>test+session/token==</SessionToken><Expiration>2026-01-02T04:04:05Z</Expiration>
</Credentials></AssumeRoleResult></AssumeRoleResponse>`;

const failure = (code: string) =>
  `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>as the test wants</Message></Error></ErrorResponse>`;

describe.each(["gatehouse-sts", "gatehouse-sts-sdk"] as const)("%s", (bundle) => {
  let server: Server;
  let url: string;
  let calls: Call[];
  let answer: readonly [status: number, body: string];

  beforeEach(async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: NOW });
    vi.stubEnv("AWS_REGION", "eu-west-1");
    vi.stubEnv("AWS_ACCESS_KEY_ID", "function-key");
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "function-secret");
    vi.stubEnv("AWS_SESSION_TOKEN", "function-token");
    vi.spyOn(console, "log").mockReturnValue();
    calls = [];
    answer = [200, SUCCESS];
    server = createServer(async (request, response) => {
      calls.push({
        headers: request.headers,
        form: Object.fromEntries(new URLSearchParams(await text(request))),
      });
      response.writeHead(answer[0], { "content-type": "text/xml" }).end(answer[1]);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    url = typeof address === "object" && address ? `http://127.0.0.1:${address.port}` : "";
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
    server.closeAllConnections();
    server.close();
  });

  const handler = () => {
    const { identityPool: _, ...rest } = configDocument();
    return loadBundle(bundle, {
      ...rest,
      userPool: { ...rest.userPool, jwks: JWKS },
      exchange: { kind: "sts", roleArn: READERS },
      endpoints: { sts: url },
      groups: { editors: { roleArn: EDITORS } },
      areas: [
        { path: "/team/*", groups: ["editors"] },
        { path: "/me/*", owner: "users/{identityId}/" },
        { path: "/*" },
      ],
    });
  };
  const request = (uri: string, claims: object = {}) =>
    viewerEvent({ uri, headers: { Authorization: token(claims) } });

  test("assumes the signed-in role once, named and tagged by the user", async () => {
    const handle = handler();
    for (const uri of ["/a.txt", "/b.txt"]) forwardedOf(await handle(request(uri)));
    expect(calls.map(({ form }) => form)).toEqual([
      {
        Action: "AssumeRole",
        DurationSeconds: "3600",
        RoleArn: READERS,
        RoleSessionName: ID_CLAIMS.sub,
        "Tags.member.1.Key": "identityId",
        "Tags.member.1.Value": ID_CLAIMS.sub,
        Version: "2011-06-15",
      },
    ]);
    expect(calls[0]?.headers["content-type"]).toBe("application/x-www-form-urlencoded; charset=utf-8");
    expect(calls[0]?.headers["authorization"]).toMatch(
      /^AWS4-HMAC-SHA256 Credential=function-key\/20260102\/eu-west-1\/sts\/aws4_request, SignedHeaders=content-type;host;.*x-amz-security-token, Signature=[0-9a-f]{64}$/,
    );
  });

  test("assumes a group's role for the group's area, and keeps it apart", async () => {
    const handle = handler();
    const member = { "cognito:groups": ["editors"] };
    const team = forwardedOf(await handle(request("/team/a.txt", member)));
    forwardedOf(await handle(request("/a.txt", member)));
    expect(calls.map(({ form }) => form["RoleArn"])).toEqual([EDITORS, READERS]);
    expect(team.headers["x-gatehouse-cache-scope"]?.[0]?.value).toMatch(/^[0-9a-f]{16}:group:editors$/);
    expect(refusalOf(await handle(request("/team/a.txt"))).status).toBe(403);
  });

  test("calls the user's own folder by the user's sub", async () => {
    const forwarded = forwardedOf(await handler()(request("/me/photo.jpg")));
    expect(forwarded.uri).toBe(`/users/${ID_CLAIMS.sub}/photo.jpg`);
    expect(forwarded.headers["x-gatehouse-cache-scope"]?.[0]?.value).toMatch(
      RegExp(`^[0-9a-f]{16}:owner:${ID_CLAIMS.sub}$`),
    );
  });

  test.each(["a/b", "..", "../ab", "ab/..", "*", "a b", "x", "ä-ä", "a".repeat(65)])(
    "refuses the sub %j, which could be read as something else",
    async (sub) => {
      expect(refusalOf(await handler()(request("/me/x", { sub }))).status).toBe(403);
      expect(calls).toEqual([]);
    },
  );

  const faults: [number, string, number, string][] = [
    [403, failure("AccessDenied"), 500, "exchange_misconfigured"],
    [403, failure("InvalidClientTokenId"), 500, "exchange_misconfigured"],
    [403, failure("RegionDisabledException"), 500, "exchange_misconfigured"],
    [403, failure("SignatureDoesNotMatch"), 500, "exchange_misconfigured"],
    [400, failure("ValidationError"), 500, "exchange_misconfigured"],
    [400, failure("Throttling"), 503, "exchange_throttled"],
    [429, "", 503, "exchange_throttled"],
    [400, failure("ExpiredToken"), 503, "exchange_unavailable"],
    [500, failure("InternalFailure"), 503, "exchange_unavailable"],
    [503, "", 503, "exchange_unavailable"],
    [200, "<html>", 503, "exchange_unavailable"],
    [200, SUCCESS.replace("2026", "2025"), 503, "exchange_unavailable"],
    [200, SUCCESS.replace(/<Expiration>.*<\/Expiration>/, ""), 503, "exchange_unavailable"],
  ];
  test.each(faults)("%i %s is %i %s", async (status, body, expected, code) => {
    answer = [status, body];
    const refused = refusalOf(await handler()(request("/a.txt")));
    expect([refused.status, JSON.parse(refused.body).code]).toEqual([expected, code]);
    expect(calls).toHaveLength(status >= 500 ? 2 : 1);
  });
});

test("both builds sign the same 1,000 forms", async () => {
  const word = fc.stringMatching(/^[\w+/=]{1,40}$/);
  const input = fc.record({
    host: fc.constantFrom("sts.us-east-1.amazonaws.com", "127.0.0.1:4000"),
    region: fc.constantFrom("us-east-1", "ap-southeast-2"),
    body: fc.string({ unit: "grapheme", maxLength: 80 }),
    credentials: fc.record({ accessKeyId: word, secretAccessKey: word, sessionToken: word }),
    now: fc.integer({ min: 0, max: 4e12 }),
  });
  const signature = ({ authorization }: Readonly<Record<string, string>>) => authorization;
  await fc.assert(
    fc.asyncProperty(input, async (post) => {
      expect(signature(await signPost(post))).toBe(signature(await sdkSignPost(post)));
    }),
    { numRuns: 1_000 },
  );
});

test.each(STS_AUTH_BUNDLES)("%s has sign-in", async (bundle) => {
  const { identityPool: _, ...rest } = configDocument();
  const handler = loadBundle(bundle, {
    ...rest,
    exchange: { kind: "sts", roleArn: READERS },
    auth: { keys: { current: "1f".repeat(32) } },
    endpoints: { oauth: "https://login.example.com" },
  });
  const { status, headers } = refusalOf(await handler(viewerEvent({ uri: "/.gatehouse/login" })));
  expect([status, headers["location"]]).toEqual([
    302,
    expect.stringMatching(/^https:\/\/login\.example\.com\//),
  ]);
});

describe("without what it needs,", () => {
  const create = (exchange: object, signed: SignPost = signPost) =>
    createStsExchange({ ...parseConfig(configDocument()), ...exchange }, createHttp(), () => NOW, signed, {});

  test("a configuration, it is not made", () => {
    expect(() => create({})).toThrow("no exchange is configured");
  });

  test("the function's environment, it asks STS in us-east-1, which knows nobody without credentials", async () => {
    const asked = vi.fn<SignPost>(() => Promise.reject(new Error("enough")));
    const exchange = create({ exchange: { kind: "sts", roleArn: READERS } }, asked);
    const input = { token: await verified(), roleArn: undefined, deadline: NOW };
    await expect(exchange(input)).rejects.toThrow("enough");
    expect(asked).toHaveBeenCalledWith({
      host: "sts.us-east-1.amazonaws.com",
      region: "us-east-1",
      body: expect.stringContaining("Action=AssumeRole&"),
      credentials: { accessKeyId: "", secretAccessKey: "", sessionToken: "" },
      now: NOW,
    });
  });
});
