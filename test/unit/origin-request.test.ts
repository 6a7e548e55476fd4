// The miss of the split placement: the whole lock once more, behind the function or without it.
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { FunctionForward } from "../../edge/function/event.ts";
import { AUTH_BUNDLES, forwardedOf, loadBundle, refusalOf } from "./fixtures/bundle.ts";
import { configDocument, IDENTITY_ID, NOW } from "./fixtures/config.ts";
import type { EventOptions } from "./fixtures/events.ts";
import { ENGINES, engineEvent, functionText } from "./fixtures/function-engine.ts";
import { forwardedBy, missEvent, passFor, sealedPair, splitDocument } from "./fixtures/split.ts";
import { OTHER_KEY, token } from "./fixtures/tokens.ts";

const ROLE = "arn:aws:iam::123456789012:role/editors";
const DOCUMENT = splitDocument({
  groups: { editors: { roleArn: ROLE } },
  areas: [
    { path: "/docs/secret.html", groups: ["editors"] },
    { path: "/team/*", groups: ["editors"] },
    { path: "/me/*", owner: "users/{identityId}/" },
    { path: "/docs/*", site: true },
    { path: "/kept/*", versions: true, downloads: true },
    { path: "/*" },
  ],
});
const RAW = token();
/** Under the name of a key that did not sign it. */
const FORGED = token({}, { ...OTHER_KEY, kid: "key-1" });
const SECOND_SUB = "aaaaaaaa-0000-4000-8000-000000000002";
const SECOND = token({ sub: SECOND_SUB });
const PERSON = { "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document", "Accept-Language": "de" };
const TEXT = functionText(DOCUMENT);
const [, vm] = ENGINES[0] ?? [];

/** What the function makes of a request. */
async function forwarded(options: EventOptions): Promise<FunctionForward> {
  const [decision] = (await vm?.(TEXT, [engineEvent(options)])) ?? [];
  if (!decision) throw new Error("no engine");
  return forwardedBy(decision);
}

const signedIn = (claims: object = {}) => ({
  Cookie: `__Host-gatehouse-id=${RAW}; __Host-gatehouse-pass=${passFor(RAW, DOCUMENT, claims)}; ${sealedPair(DOCUMENT)}`,
});

/** The same request with another header. */
function changed(request: FunctionForward, name: string, value: string | undefined): FunctionForward {
  const { [name]: _, ...headers } = request.headers;
  return { ...request, headers: value === undefined ? headers : { ...headers, [name]: { value } } };
}

beforeAll(() => {
  vi.useFakeTimers({ now: NOW, toFake: ["Date"] });
  vi.spyOn(console, "log").mockImplementation(() => {});
});
afterAll(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe.each(AUTH_BUNDLES)("%s", (name) => {
  let originRequest: ReturnType<typeof loadBundle>;
  beforeAll(() => {
    originRequest = loadBundle(name, DOCUMENT, "originRequest");
  });
  const signedOf = async (request: FunctionForward) => forwardedOf(await originRequest(missEvent(request)));
  const refusedOf = async (request: FunctionForward) => {
    const { status, headers, body } = refusalOf(await originRequest(missEvent(request)));
    return { status, headers, code: body.startsWith("{") ? JSON.parse(body).code : body };
  };

  test("a pass, a token and sealed credentials are signed without a call", async () => {
    const result = await signedOf(await forwarded({ uri: "/a%2B.txt", headers: signedIn() }));
    expect(result.uri).toBe("/a%2B.txt");
    expect(result.querystring).toMatch(
      /^X-Amz-Algorithm=.*X-Amz-Credential=AKID.*X-Amz-Signature=[0-9a-f]{64}$/,
    );
    expect(result.headers).toEqual({
      host: [{ key: "host", value: "assets-bucket.s3.eu-central-1.amazonaws.com" }],
      "x-gatehouse-cache-scope": [
        { key: "x-gatehouse-cache-scope", value: expect.stringMatching(/^[0-9a-f]{16}:signed-in$/) },
      ],
    });
    expect(result.origin).toEqual(
      missEvent(await forwarded({ headers: signedIn() })).Records[0]?.cf.request.origin,
    );
  });

  test("an owner's path leads to the owner's own folder", async () => {
    const { uri, headers } = await signedOf(await forwarded({ uri: "/me/a.txt", headers: signedIn() }));
    expect(uri).toBe(`/users/${encodeURIComponent(IDENTITY_ID)}/a.txt`);
    expect(headers["x-gatehouse-cache-scope"]?.[0]?.value).toContain(
      `:owner:${encodeURIComponent(IDENTITY_ID)}`,
    );
  });

  test("what the area lets its viewers choose is rebuilt behind the key", async () => {
    const request = await forwarded({
      uri: "/kept/a.pdf",
      querystring: "download=b.pdf&versionId=v",
      headers: signedIn(),
    });
    const { querystring } = await signedOf(request);
    expect(new URLSearchParams(querystring).get("response-content-disposition")).toContain(
      'filename="b.pdf"',
    );
    expect(new URLSearchParams(querystring).get("versionId")).toBe("v");
  });

  test("a site's page is read with its others, and moved to its own address with its query", async () => {
    const page = await signedOf(
      await forwarded({ uri: "/docs/about", headers: { ...signedIn(), ...PERSON }, querystring: "a=1" }),
    );
    expect(page.uri).toBe("/docs/about.html");
    expect(page.headers["x-gatehouse-cache-scope"]?.[0]?.value).toMatch(/\?a%3D1;page=de$/);
    const folder = await signedOf(await forwarded({ uri: "/docs/", headers: signedIn() }));
    expect(folder.uri).toBe("/docs/index.html");
    const asked = await forwarded({
      uri: "/docs/about.html",
      headers: { ...signedIn(), ...PERSON },
      querystring: "a=1",
    });
    const { status, headers } = await refusedOf(asked);
    expect([status, headers["location"], headers["cache-control"]]).toEqual([
      308,
      "/docs/about?a=1",
      "no-store",
    ]);
  });

  test("a site's page that is another area's is nobody's by the site's path", async () => {
    const editor = token({ "cognito:groups": ["editors"], "cognito:roles": [ROLE] });
    const headers = { Authorization: editor, Cookie: sealedPair(DOCUMENT, {}, ROLE) };
    const own = await forwarded({ uri: "/docs/secret.html", headers });
    expect((await signedOf(own)).uri).toBe("/docs/secret.html");
    const result = await originRequest(missEvent(await forwarded({ uri: "/docs/secret", headers })));
    expect(result).toMatchObject({ status: "403", body: expect.stringContaining(`"access_denied"`) });
  });

  test("a path without an area's right is refused, whatever the pass says", async () => {
    const request = await forwarded({ uri: "/team/a.txt", headers: signedIn({ groups: ["editors"] }) });
    const { status, code, headers } = await refusedOf(request);
    expect([status, code, headers["cache-control"]]).toEqual([403, "access_denied", "no-store"]);
  });

  test("a person's refusal is a page in their language, and leads nowhere", async () => {
    const request = await forwarded({
      uri: "/team/a.txt",
      headers: { ...signedIn({ groups: ["editors"] }), ...PERSON },
    });
    const { status, headers, code } = await refusedOf(request);
    expect([status, headers["location"], headers["set-cookie"]]).toEqual([403, undefined, undefined]);
    expect(code).toContain('<html lang="de"');
  });

  test.each([
    ["no scope", "x-gatehouse-cache-scope", undefined],
    ["a readable scope", "x-gatehouse-cache-scope", "0123456789abcdef:signed-in"],
    ["a scope of another key", "x-gatehouse-cache-scope", `${"A".repeat(43)};;`],
    ["a scope with a query", "x-gatehouse-cache-scope", "same;;a%3D1"],
    ["a scope behind another", "x-gatehouse-cache-scope", "same;;;page=de"],
  ])("the function is skipped, with %s: 503 keys_unavailable", async (_row, header, value) => {
    const request = await forwarded({ headers: signedIn() });
    const own = request.headers["x-gatehouse-cache-scope"]?.value.split(";")[0] ?? "";
    const { status, code, headers } = await refusedOf(changed(request, header, value?.replace("same", own)));
    expect([status, code, headers["retry-after"]]).toEqual([503, "keys_unavailable", "10"]);
  });

  test("the function is skipped, with a scope for other readers: 503 as their page", async () => {
    const request = await forwarded({ headers: signedIn() });
    const own = request.headers["x-gatehouse-cache-scope"]?.value.split(";")[0];
    const { status, code } = await refusedOf(changed(request, "x-gatehouse-cache-scope", `${own};de;`));
    expect([status, code.includes("Status 503")]).toEqual([503, true]);
  });

  test("a scope is not another path's, area's or user's", async () => {
    const scopeOf = (request: FunctionForward) => request.headers["x-gatehouse-cache-scope"]?.value;
    const asked = await forwarded({ uri: "/me/a.txt", headers: signedIn() });
    const second = await forwarded({ uri: "/me/a.txt", headers: { Authorization: SECOND } });
    const elsewhere = await forwarded({ headers: signedIn() });
    for (const scope of [scopeOf(second), scopeOf(elsewhere)])
      expect((await refusedOf(changed(asked, "x-gatehouse-cache-scope", scope))).code).toBe(
        "keys_unavailable",
      );
    const swapped = changed(asked, "x-gatehouse-token", SECOND);
    expect((await refusedOf(swapped)).code).toBe("keys_unavailable");
  });

  test.each([
    ["no token", undefined, 401, "token_missing"],
    ["a forged token", FORGED, 401, "token_invalid"],
    ["an expired token", token({ exp: NOW / 1000 }), 401, "token_expired"],
    ["an access token", token({ token_use: "access" }), 401, "id_token_required"],
  ])("%s is refused", async (_row, value, status, code) => {
    const request = await forwarded({ headers: signedIn() });
    const refused = await refusedOf(changed(request, "x-gatehouse-token", value));
    expect([refused.status, refused.code]).toEqual([status, code]);
  });

  test("a program's forged token gets through the function and no further", async () => {
    const request = await forwarded({ headers: { Authorization: FORGED } });
    const { status, code } = await refusedOf(request);
    expect([status, code]).toEqual([401, "token_invalid"]);
  });

  test.each([
    ["/a/../b", 400, "invalid_path"],
    ["/%61", 400, "invalid_path"],
    ["/docs/%", 400, "invalid_path"],
    ["/.gatehouse/me", 404, "not_found"],
  ])("a path that the function would have spelt differently: %s", async (uri, status, code) => {
    const request = await forwarded({ headers: signedIn() });
    const refused = await refusedOf({ ...request, uri });
    expect([refused.status, refused.code]).toEqual([status, code]);
  });

  test("other methods", async () => {
    const request = await forwarded({ headers: signedIn() });
    for (const method of ["POST", "OPTIONS", "PUT"])
      expect((await refusedOf({ ...request, method })).code).toBe("method_not_allowed");
  });

  test("the keys before are as good as the current ones while a deployment arrives", async () => {
    const auth = { keys: { current: "7f".repeat(32), previous: "5e".repeat(32) } };
    const later = loadBundle(name, { ...DOCUMENT, auth }, "originRequest");
    const request = await forwarded({ headers: signedIn() });
    expect(forwardedOf(await later(missEvent(request))).uri).toBe("/a.txt");
  });
});

test("a build without sign-in has nothing that lets a miss through", () => {
  expect(() => loadBundle("gatehouse", configDocument(), "originRequest")).toThrow(
    "exports no originRequest",
  );
});
