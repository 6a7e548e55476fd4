// Areas through the built bundles: which role is asked for, which key is signed, and who shares the cache.
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { BUNDLES, forwardedOf, loadBundle, refusalOf } from "./fixtures/bundle.ts";
import { type FakeCognito, failing, fakeCognito, working } from "./fixtures/cognito.ts";
import { configDocument, IDENTITY_ID, NOW } from "./fixtures/config.ts";
import { viewerEvent } from "./fixtures/events.ts";
import { JWKS, token } from "./fixtures/tokens.ts";

const EDITORS = "arn:aws:iam::123456789012:role/editors";
const EDITOR = { "cognito:groups": ["editors"], "cognito:roles": [EDITORS] };
const OTHER_IDENTITY_ID = "us-east-1:22222222-2222-4222-8222-222222222222";
/** The id of this gate. */
const GATE = "576538a30759921c";
const FOLDER = `/site/users/${encodeURIComponent(IDENTITY_ID)}`;

describe.each(BUNDLES)("%s", (bundle) => {
  let cognito: FakeCognito;
  let handler: ReturnType<typeof loadBundle>;

  beforeEach(async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: NOW });
    vi.spyOn(console, "log").mockReturnValue();
    cognito = await fakeCognito(Date.now);
    const document = configDocument();
    handler = loadBundle(bundle, {
      ...document,
      userPool: { ...document.userPool, jwks: JWKS },
      origin: { ...document.origin, path: "/site" },
      endpoints: { cognitoIdentity: cognito.url },
      groups: { editors: { roleArn: EDITORS } },
      listing: { enabled: true },
      areas: [
        { path: "/team/*", groups: ["editors"], versions: true },
        { path: "/me/*", owner: "users/{identityId}/", downloads: true },
        { path: "/*" },
      ],
    });
  });
  afterEach(async () => {
    vi.useRealTimers();
    vi.restoreAllMocks();
    await cognito[Symbol.asyncDispose]();
  });

  const ask = (uri: string, claims: object = {}, querystring = "") =>
    handler(viewerEvent({ uri, querystring, headers: { Authorization: token(claims) } }));
  const signed = async (uri: string, claims: object = {}, querystring = "") => {
    const { headers, uri: path, ...rest } = forwardedOf(await ask(uri, claims, querystring));
    const query = new URLSearchParams(rest.querystring);
    return { path, query, scope: headers["x-gatehouse-cache-scope"]?.[0]?.value };
  };
  const problem = async (...request: Parameters<typeof ask>) => {
    const { status, body } = refusalOf(await ask(...request));
    return [status, JSON.parse(body).code];
  };
  const rolesAsked = () =>
    cognito.calls.filter(({ action }) => action !== "GetId").map(({ body }) => body["CustomRoleArn"]);

  test("a group's area asks for the group's role, a signed-in area for none", async () => {
    expect(await signed("/team/plan.pdf", EDITOR)).toMatchObject({
      path: "/site/team/plan.pdf",
      scope: `${GATE}:versions:group:editors`,
    });
    expect(await signed("/plan.pdf", EDITOR)).toMatchObject({
      path: "/site/plan.pdf",
      scope: `${GATE}:signed-in`,
    });
    await signed("/team/other.pdf", EDITOR);
    expect(rolesAsked()).toEqual([EDITORS, undefined]);
  });

  test("one's own folder has the identity in its key and its cache scope", async () => {
    expect(await signed("/me/a%20b.jpg")).toMatchObject({
      path: `${FOLDER}/a%20b.jpg`,
      scope: `${GATE}:owner:${encodeURIComponent(IDENTITY_ID)}`,
    });
  });

  test("somebody else's folder is out of reach by its real key", async () => {
    expect(await problem(`/users/${IDENTITY_ID}/photo.jpg`)).toEqual([403, "access_denied"]);
    expect(await problem("/me/../users/x/photo.jpg")).toEqual([400, "invalid_path"]);
    expect(cognito.calls).toEqual([]);
  });

  test("a group's area is closed to everybody else, without asking Cognito", async () => {
    expect(await problem("/team/plan.pdf")).toEqual([403, "access_denied"]);
    expect(await problem("/team/plan.pdf", { "cognito:groups": ["others"] })).toEqual([403, "access_denied"]);
    expect(await problem("/team/plan.pdf", { "cognito:groups": ["editors"] })).toEqual([
      403,
      "access_denied",
    ]);
    expect(await problem("/team/plan.pdf", { "cognito:groups": "editors" })).toEqual([403, "access_denied"]);
    expect(cognito.calls).toEqual([]);
  });

  test("Cognito's refusal ends the request, whatever role was asked for", async () => {
    cognito.answer = failing(400, "NotAuthorizedException");
    expect(await problem("/team/plan.pdf", EDITOR)).toEqual([401, "session_ended"]);
  });

  test("versions and downloads pass where the area allows them, and nothing else does", async () => {
    const querystring = "versionId=v1&download=x.jpg&response-content-type=text/html";
    const team = await signed("/team/plan.pdf", EDITOR, querystring);
    expect([team.query.get("versionId"), team.query.has("response-content-disposition")]).toEqual([
      "v1",
      false,
    ]);
    const own = await signed("/me/x.jpg", {}, querystring);
    expect(own.query.get("response-content-disposition")).toBe(
      `attachment; filename="x.jpg"; filename*=UTF-8''x.jpg`,
    );
    expect([own.query.has("versionId"), own.query.has("response-content-type")]).toEqual([false, false]);
    expect(await problem("/team/plan.pdf", EDITOR, "versionId=%20")).toEqual([400, "invalid_query"]);
  });

  test("a listing is signed for the keys below the path, and shared with nobody", async () => {
    const team = await signed("/.gatehouse/list/team/2026/", EDITOR, "delimiter=/&max-keys=10&prefix=users/");
    expect(team.path).toBe("/");
    expect(Object.fromEntries(team.query)).toMatchObject({
      "list-type": "2",
      prefix: "site/team/2026/",
      delimiter: "/",
      "max-keys": "10",
    });
    expect(team.scope).toMatch(RegExp(`^${GATE}:versions:list:[0-9a-f]{64}$`));
    vi.setSystemTime(NOW + 1_000);
    const later = await signed(
      "/.gatehouse/list/team/2026/",
      EDITOR,
      "delimiter=/&max-keys=10&prefix=users/",
    );
    expect(later.scope).not.toBe(team.scope);
    const own = await signed("/.gatehouse/list/me/");
    expect(own.query.get("prefix")).toBe(`site/users/${IDENTITY_ID}/`);
    expect(own.scope).not.toBe(team.scope);
  });

  test.each([
    ["/.gatehouse/list/", 403, "access_denied"],
    ["/.gatehouse/list/users/", 403, "access_denied"],
    ["/.gatehouse/list/team/", 403, "access_denied"],
    ["/.gatehouse/list/me", 404, "not_found"],
    ["/.gatehouse/list", 404, "not_found"],
    ["/.gatehouse/", 404, "not_found"],
    ["/.gatehouse/list/%2e%2e/", 400, "invalid_path"],
  ])("%s is %i %s", async (uri, status, code) => {
    expect(await problem(uri)).toEqual([status, code]);
  });

  test("a list is for GET: S3 takes HEAD on a bucket for something else", async () => {
    const uri = "/.gatehouse/list/me/";
    const event = viewerEvent({ method: "HEAD", uri, headers: { Authorization: token() } });
    expect(refusalOf(await handler(event)).status).toBe(404);
  });

  test("no two users who may not share have one cache key", async () => {
    const own = ["/me/x", "/.gatehouse/list/me/", "/.gatehouse/list/team/2026/"];
    const ask = async (claims: object) => await Promise.all(own.map((uri) => signed(uri, claims)));
    const shared = await Promise.all([signed("/team/x", EDITOR), signed("/x")]);
    const first = await ask(EDITOR);
    const sized = await signed("/.gatehouse/list/me/", {}, "max-keys=1");
    cognito.answer = working(Date.now, {}, OTHER_IDENTITY_ID);
    const second = await ask({ ...EDITOR, sub: "another" });
    const keys = [...shared, ...first, sized, ...second];
    expect(new Set(keys.map(({ path, scope }) => `${path} ${scope}`)).size).toBe(keys.length);
    // The scope alone tells them apart, whatever the path; and in it, what its area lets pass does not help.
    const sharing = keys.map(({ scope }) => scope?.replace(/:(trusted|versions)\b/g, ""));
    expect(new Set(sharing).size).toBe(keys.length);
  });
});
