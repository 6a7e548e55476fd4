// Folders named after groups, through the built bundles: whose they are, with which credentials, and who shares the cache.
import { describe, expect, test, vi } from "vitest";
import type { ConfigDocument } from "../../edge/config/config.ts";
import { STS_AUTH_BUNDLES, STS_BUNDLES } from "./fixtures/bundle.ts";
import type { Answer } from "./fixtures/cognito.ts";
import { configDocument } from "./fixtures/config.ts";
import { viewerEvent } from "./fixtures/events.ts";
import { APP, type TestGate, useGate } from "./fixtures/gate.ts";
import { ID_CLAIMS, token } from "./fixtures/tokens.ts";

const SUB = ID_CLAIMS.sub;
const groups = (...names: readonly unknown[]) => ({ "cognito:groups": names });

function documentFor(bundle: string): Partial<ConfigDocument> {
  const auth = bundle.includes("auth");
  return {
    identityPool: undefined,
    exchange: { kind: "sts", roleArn: "arn:aws:iam::123456789012:role/readers" },
    ...(!auth && { auth: undefined }),
    listing: { enabled: true },
    origin: { ...configDocument().origin, path: "/site" },
    areas: [
      { path: "/teams/{group}/*", ...(auth && { links: { maxSeconds: 3_600 }, uploads: { maxBytes: 9 } }) },
      { path: "/t/*", owner: "of/{group}/{sub}/" },
      { path: "/*" },
    ],
  } as Partial<ConfigDocument>;
}

/** STS, with a key that is named after the group whose folder it opens. */
const services =
  (otherwise: Answer): Answer =>
  (response, call) => {
    const { body } = call;
    if (body["Action"] !== "AssumeRole") return otherwise(response, call);
    const tags = Object.entries(body)
      .filter(([name]) => name.startsWith("Tags."))
      .map(([, value]) => value);
    const group = tags.includes("group") ? tags[tags.indexOf("group") + 1] : "none";
    const expiration = new Date(Date.now() + 3_600_000).toISOString();
    response
      .writeHead(200, { "content-type": "text/xml" })
      .end(
        `<Credentials><AccessKeyId>key-of-${group}</AccessKeyId><SecretAccessKey>test-secret-key</SecretAccessKey>` +
          `<SessionToken>test+session/token==</SessionToken><Expiration>${expiration}</Expiration></Credentials>`,
      );
  };

function endpointsOf(gate: TestGate): Partial<ConfigDocument> {
  gate.cognito.answer = services(gate.cognito.answer);
  vi.stubEnv("AWS_ACCESS_KEY_ID", "function-key");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "function-secret");
  vi.stubEnv("AWS_SESSION_TOKEN", "function-token");
  const { url } = gate.cognito;
  return { endpoints: { sts: url, cognitoIdp: url, oauth: url, jwksUri: `${url}/jwks` } };
}

describe.each([...STS_BUNDLES, ...STS_AUTH_BUNDLES])("%s", (bundle) => {
  const gate = useGate(bundle, documentFor(bundle));
  const started = () => {
    const { endpoints } = endpointsOf(gate());
    return gate().coldStart({ endpoints: bundle.includes("auth") ? endpoints : { sts: gate().cognito.url } });
  };

  async function ask(handler: ReturnType<typeof started>, uri: string, claims: object) {
    const result = await handler(viewerEvent({ uri, headers: { Authorization: token(claims) } }));
    if ("status" in result) {
      const { code, message } = JSON.parse(result.body ?? "{}");
      return { status: result.status, code, message };
    }
    const query = new URLSearchParams(result.querystring);
    return {
      uri: result.uri,
      scope: String(result.headers["x-gatehouse-cache-scope"]?.[0]?.value).replace(/^\w+:/, ""),
      prefix: query.get("prefix"),
      key: String(query.get("X-Amz-Credential")).replace(/\/.*/, ""),
    };
  }

  test.each([
    ["/teams/red/a b.txt", groups("red"), "/site/teams/red/a%20b.txt", "owner:{group}=red", "key-of-red"],
    ["/teams/blue/x/y", groups("red", "blue"), "/site/teams/blue/x/y", "owner:{group}=blue", "key-of-blue"],
    ["/teams/a@b.c/x", groups("a@b.c"), "/site/teams/a%40b.c/x", "owner:{group}=a%40b.c", "key-of-a@b.c"],
    ["/teams/a%40b.c/x", groups("a@b.c"), "/site/teams/a%40b.c/x", "owner:{group}=a%40b.c", "key-of-a@b.c"],
    ["/teams/r%65d/x", groups("red"), "/site/teams/red/x", "owner:{group}=red", "key-of-red"],
    ["/t/red/x", groups("red"), `/site/of/red/${SUB}/x`, `owner:{group}=red/{sub}=${SUB}`, "key-of-red"],
    ["/x", groups("red"), "/site/x", "signed-in", "key-of-none"],
    ["/team/red/x", groups(), "/site/team/red/x", "signed-in", "key-of-none"],
  ])("%s with %j is %s, shared by %s", async (uri, claims, path, scope, key) => {
    expect(await ask(started(), uri.replace(" ", "%20"), claims)).toMatchObject({ uri: path, scope, key });
  });

  test.each<readonly [string, object, string | undefined]>([
    ["/teams/red/x", {}, undefined],
    ["/teams/red/x", groups(), undefined],
    ["/teams/red/x", groups("blue"), undefined],
    ["/teams/Red/x", groups("red"), undefined],
    ["/teams/red/x", groups("Red"), undefined],
    ["/teams/red/x", groups("re", "redd", "red/x"), undefined],
    ["/teams/red/x", { "cognito:groups": "red" }, undefined],
    ["/teams/red/x", groups(["red"]), undefined],
    ["/teams/red", groups("red"), undefined],
    ["/teams/", groups("red", ""), undefined],
    ["/teams//x", groups("red"), undefined],
    ["/teams//x", groups(""), "GroupNotPlain"],
    ["/teams/{group}/x", groups("{group}"), "GroupNotPlain"],
    ["/teams/%2A/x", groups("*"), "GroupNotPlain"],
    ["/teams/a%20b/x", groups("a b"), "GroupNotPlain"],
    ["/teams/%C3%A4/x", groups("\u00e4"), "GroupNotPlain"],
    [`/teams/${"x".repeat(129)}/x`, groups("x".repeat(129)), "GroupNotPlain"],
    ["/of/red/x", groups("red"), undefined],
    [`/of/red/${SUB}/x`, groups("red"), undefined],
    ["/t/red", groups("red"), undefined],
  ])("%s with %j is refused, in the log %s", async (uri, claims, cause) => {
    expect(await ask(started(), uri, claims)).toEqual({
      status: "403",
      code: "access_denied",
      message: "You may not see this.",
    });
    const line = JSON.parse(gate().logged.at(-1) ?? "");
    expect([line.code, line.cause]).toEqual(["access_denied", cause]);
    expect(gate().cognito.calls).toEqual([]);
  });

  test.each(["/teams/../teams/red/x", "/teams/red/../blue/x", "/teams/%2e%2e/x", "/teams/red%2fx"])(
    "%s leads into no other folder",
    async (uri) => {
      const answer = await ask(started(), uri, groups("red"));
      if ("uri" in answer) expect(answer.uri).toMatch(/^\/site\/(teams\/red\/|x)/);
      else expect(["400", "403"]).toContain(answer.status);
    },
  );

  test("credentials for one group never sign for another, nor for what is everybody's", async () => {
    const handler = started();
    const keys: unknown[] = [];
    for (const uri of ["/teams/red/x", "/teams/blue/x", "/x", "/teams/red/y", "/teams/blue/y", "/y"])
      keys.push((await ask(handler, uri, groups("red", "blue"))).key);
    const once = ["key-of-red", "key-of-blue", "key-of-none"];
    expect(keys).toEqual([...once, ...once]);
    expect(gate().cognito.calls.filter(({ body }) => body["Action"] === "AssumeRole")).toHaveLength(3);
  });

  test("requests for several groups at the same time get each their own", async () => {
    const handler = started();
    const claims = groups("red", "blue");
    const uris = ["/teams/red/x", "/teams/blue/x", "/x", "/teams/red/y"];
    const answers = await Promise.all(uris.map((uri) => ask(handler, uri, claims)));
    expect(answers.map(({ key }) => key)).toEqual(["key-of-red", "key-of-blue", "key-of-none", "key-of-red"]);
  });

  test("members share a group's entries, and a user who has its name shares none", async () => {
    const handler = started();
    const scopeOf = async (uri: string, claims: object) => (await ask(handler, uri, claims)).scope;
    const red = await scopeOf("/teams/red/x", { sub: "ada", ...groups("red") });
    expect(await scopeOf("/teams/red/x", { sub: "bob", ...groups("x", "red") })).toBe(red);
    expect(await scopeOf("/teams/blue/x", { sub: "bob", ...groups("blue") })).not.toBe(red);
    expect(await scopeOf("/t/red/x", { sub: "red", ...groups("red") })).not.toBe(red);
  });

  test("a list is of one group's folder, and of no folder around it", async () => {
    const handler = started();
    const red = await ask(handler, "/.gatehouse/list/teams/red/a/", groups("red", "blue"));
    expect([red.prefix, red.key]).toEqual(["site/teams/red/a/", "key-of-red"]);
    for (const path of ["teams/", "teams/blue/", ""])
      expect(await ask(handler, `/.gatehouse/list/${path}`, groups("red"))).toMatchObject({ status: "403" });
  });
});

describe.each(STS_AUTH_BUNDLES)("%s, for apps", (bundle) => {
  const gate = useGate(bundle, documentFor(bundle));
  const signedIn = () => gate().signedIn(groups("red", "blue"), endpointsOf(gate()));
  const post = { method: "POST", dest: "empty", headers: { Origin: APP } };

  test("a link opens what it is for in its group's folder, and nothing of another group of its maker's", async () => {
    const browser = await signedIn();
    const made = await browser.ask("/.gatehouse/link", {
      ...post,
      body: JSON.stringify({ path: "/teams/red/a/x", prefix: "/teams/", seconds: 600 }),
    });
    const url: string = JSON.parse(made.body).url;
    const stranger = gate().browser(endpointsOf(gate()));
    const { forwarded } = await stranger.ask(url.replace(/x$/, "y"), { dest: "video" });
    expect(forwarded?.uri).toBe("/site/teams/red/a/y");
    expect(forwarded?.querystring).toContain("X-Amz-Credential=key-of-red%2F");
    expect(await stranger.ask(url.replace("/red/", "/blue/"), { dest: "video" })).toMatchObject({
      status: 403,
      code: "access_denied",
    });
  });

  test.each([
    ["/teams/blue/a.txt", 200, "key-of-blue"],
    ["/teams/green/a.txt", 403, undefined],
  ])("a file is stored at %s: %s", async (path, status, key) => {
    const browser = await signedIn();
    const body = JSON.stringify({ path, type: "text/plain", size: 3 });
    const answer = await browser.ask("/.gatehouse/upload", { ...post, body });
    expect(answer.status).toBe(status);
    const { url } = JSON.parse(answer.body);
    const query = url && new URL(url).searchParams.get("X-Amz-Credential");
    expect(query?.replace(/\/.*/, "")).toBe(key);
  });
});
