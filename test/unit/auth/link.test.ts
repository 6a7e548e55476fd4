// `POST link`, and what a link opens: for whom, for what, for how long, and where what is sealed must not be.
import { createHmac, hash } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { AreaDocument, ConfigDocument } from "../../../edge/config/config.ts";
import { functionKeys } from "../../../edge/config/function-keys.ts";
import { type Answer, Browser, ORIGIN } from "../fixtures/browser.ts";
import { AUTH_BUNDLES } from "../fixtures/bundle.ts";
import { CLIENT_ID, IDENTITY_ID, IDENTITY_POOL_ID, USER_POOL_ID } from "../fixtures/config.ts";
import { APP, KEYS, passTime, SECRETS, type TestGate, useGate } from "../fixtures/gate.ts";
import { ID_CLAIMS, token } from "../fixtures/tokens.ts";

const HOUR = 3_600;
const EDITORS = "arn:aws:iam::123456789012:role/editors";
const links = { maxSeconds: HOUR };
const AREAS: readonly AreaDocument[] = [
  { path: "/team/*", groups: ["editors"], links },
  { path: "/me/*", owner: "users/{identityId}/", links: { maxSeconds: 600 } },
  { path: "/films/secret/*" },
  { path: "/films/*", links, downloads: true, versions: true },
  { path: "/*" },
];
const GATE: Partial<ConfigDocument> = { areas: AREAS, groups: { editors: { roleArn: EDITORS } } };
const EDITOR = { "cognito:groups": ["editors"], "cognito:roles": [EDITORS] };

interface Made {
  readonly url: string;
  readonly expires: number;
}

async function ask(browser: Browser, body: object | string, headers: object = {}): Promise<Answer> {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return await browser.ask("/.gatehouse/link", {
    method: "POST",
    dest: "empty",
    body: text,
    headers: { Origin: APP, ...headers },
  });
}

/** A link made by a user of these claims. */
async function linkTo(gate: TestGate, path: string, more: object = {}, claims: object = {}): Promise<Made> {
  const browser = gate.browser();
  const Authorization = `Bearer ${gate.idToken(claims)}`;
  const answer = await ask(browser, { path, seconds: HOUR, ...more }, { Authorization });
  expect(answer).toMatchObject({ status: 200, cookies: [] });
  return JSON.parse(answer.body);
}

/** Somebody without cookies and without an account, at another container. */
const stranger = (gate: TestGate, changes: Partial<ConfigDocument> = {}) =>
  new Browser(gate.coldStart(changes));

describe.each(AUTH_BUNDLES)("%s", (bundle) => {
  const gate = useGate(bundle, GATE);

  test("a link opens its file without a session, in its maker's name", async () => {
    const { url, expires } = await linkTo(gate(), "/films/a b.mp4");
    expect(url).toMatch(new RegExp(`^${ORIGIN}/.gatehouse/link/[\\w-]+/films/a%20b\\.mp4$`));
    expect(expires).toBe(Date.now() / 1000 + HOUR - 300);
    const calls = gate().actions.length;
    for (const method of ["GET", "HEAD"]) {
      const { forwarded } = await stranger(gate()).ask(url, {
        method,
        dest: "video",
        headers: { Range: "bytes=0-1" },
      });
      expect(forwarded).toMatchObject({ method, uri: "/films/a%20b.mp4" });
      expect(forwarded?.querystring).toContain("X-Amz-Credential=test-access-key%2F");
      expect(forwarded?.headers["range"]).toEqual([{ key: "Range", value: "bytes=0-1" }]);
    }
    expect(gate().actions).toHaveLength(calls);
    expect(`${url}${gate().logged}`).not.toMatch(SECRETS);
  });

  test("it shares the cache with those who may read the file by a session", async () => {
    const { url } = await linkTo(gate(), "/films/a.mp4");
    const scope = "x-gatehouse-cache-scope";
    const linked = await stranger(gate()).ask(url, { dest: "video" });
    const Authorization = `Bearer ${gate().idToken()}`;
    const signedIn = await stranger(gate()).ask("/films/a.mp4", {
      dest: "video",
      headers: { Authorization },
    });
    expect(linked.headers[scope]).toMatch(/:signed-in$/);
    expect(linked.headers[scope]).toBe(signedIn.headers[scope]);
  });

  test("in the split placement it shares the cache with other links, by a scope that nobody else can write", async () => {
    const split = { placement: "split" } as const;
    const scopes: string[] = [];
    for (const sub of ["ada", "bob"]) {
      const { url } = await linkTo(gate(), "/films/a.mp4", {}, { sub });
      const { headers } = await stranger(gate(), split).ask(url, { dest: "video" });
      scopes.push(String(headers["x-gatehouse-cache-scope"]));
    }
    const [, hmac, scope] = /^([\w-]{43}):([0-9a-f]{16}:versions:signed-in)$/.exec(scopes[0] ?? "") ?? [];
    const { scope: key } = functionKeys(KEYS);
    expect(hmac).toBe(createHmac("sha256", key).update(`locked ${scope}`).digest("base64url"));
    expect(scopes[1]).toBe(scopes[0]);
  });
});

describe("what a link opens", () => {
  const gate = useGate("gatehouse-auth", GATE);
  const open = async (url: string, changes: Partial<ConfigDocument> = {}) => {
    const { status, code, forwarded } = await stranger(gate(), changes).ask(url, { dest: "video" });
    return forwarded ? forwarded.uri : `${status} ${code}`;
  };
  const other = (url: string, path: string) => url.replace(/(link\/[\w-]+)\/.*/, `$1${path}`);

  test.each([
    ["/films/x/film.m3u8", "/films/x/film.m3u8"],
    ["/films/x/1.ts", "410 link_ended"],
    ["/films/x/film.m3u8x", "410 link_ended"],
    ["/films/x/", "410 link_ended"],
    ["/films/x/./film.m3u8", "400 invalid_path"],
    ["/.gatehouse/me", "404 not_found"],
  ])("to a file: %s is %s", async (path, outcome) => {
    const { url } = await linkTo(gate(), "/films/x/film.m3u8");
    expect(await open(other(url, path))).toBe(outcome);
  });

  test.each([
    ["/films/x/1.ts", "/films/x/1.ts"],
    ["/films/x/720/1.ts", "/films/x/720/1.ts"],
    ["/films/x", "410 link_ended"],
    ["/films/y/1.ts", "410 link_ended"],
    ["/films/x%2F1.ts", "400 invalid_path"],
    ["/films/x/../y/1.ts", "400 invalid_path"],
  ])("to a folder: %s is %s", async (path, outcome) => {
    const { url } = await linkTo(gate(), "/films/x/film.m3u8", { prefix: "/films/x/" });
    expect(await open(other(url, path))).toBe(outcome);
  });

  test.each([
    ["/films/a.mp4", "/films/a.mp4"],
    ["/films/secret/a.mp4", "403 access_denied"],
    ["/a.txt", "403 access_denied"],
    ["/team/a.txt", "403 access_denied"],
    ["/me/a.txt", `/users/${encodeURIComponent(IDENTITY_ID)}/a.txt`],
    [`/users/${IDENTITY_ID}/a.txt`, "403 access_denied"],
    ["/.gatehouse/x", "404 not_found"],
  ])("to everything: %s is %s, for areas without links stay closed", async (path, outcome) => {
    const { url } = await linkTo(gate(), "/films/a.mp4", { prefix: "/" }, EDITOR);
    expect(await open(other(url, path))).toBe(outcome);
  });

  test("a group's file in the group's role, and nothing of everybody's with it", async () => {
    const { url } = await linkTo(gate(), "/team/a.txt", { prefix: "/" }, EDITOR);
    expect(gate().cognito.calls.at(-1)?.body).toMatchObject({ CustomRoleArn: EDITORS });
    const answer = await stranger(gate()).ask(url, { dest: "video" });
    expect(answer.headers["x-gatehouse-cache-scope"]).toMatch(/:group:editors$/);
    expect(await open(other(url, "/films/a.mp4"))).toBe("403 access_denied");
  });

  test("its own user's folder", async () => {
    const { url, expires } = await linkTo(gate(), "/me/a.txt");
    expect(expires).toBe(Date.now() / 1000 + 600);
    expect(await open(url)).toBe(`/users/${encodeURIComponent(IDENTITY_ID)}/a.txt`);
  });

  test("a download by another name passes, a version does not", async () => {
    const { url } = await linkTo(gate(), "/films/a.mp4");
    const answer = await stranger(gate()).ask(`${url}?download=b.mp4&versionId=abc`);
    expect(answer.forwarded?.querystring).toContain("response-content-disposition=attachment");
    expect(answer.forwarded?.querystring).not.toContain("versionId");
  });

  test.each<[string, Partial<ConfigDocument>]>([
    ["another key", { auth: { keys: { ...KEYS, current: "2".repeat(64) } } }],
    ["an app client fewer", { userPool: { id: USER_POOL_ID, clientIds: [CLIENT_ID] } }],
    ["another identity pool", { identityPool: { id: IDENTITY_POOL_ID.replace(/1$/, "2") } }],
    ["another bucket", { origin: { bucket: "other-bucket", region: "eu-central-1" } }],
    ["tokens of before do not count", { auth: { keys: KEYS, notBefore: 1_800_000_000 } }],
  ])("nothing where %s", async (_, changes) => {
    const { url } = await linkTo(gate(), "/films/a.mp4");
    expect(await open(url, changes)).toBe("410 link_ended");
  });

  test("nothing where links are off by now", async () => {
    const { url } = await linkTo(gate(), "/films/a.mp4");
    const areas = [{ path: "/films/*" }, { path: "/*", links }];
    expect(await open(url, { areas, groups: {} })).toBe("403 access_denied");
  });

  test("nothing where no area has links: there is no such endpoint", async () => {
    const { url } = await linkTo(gate(), "/films/a.mp4");
    expect(await open(url, { areas: [{ path: "/*" }], groups: {} })).toBe("404 not_found");
  });

  test("nothing with a bit changed, and no session opens as one", async () => {
    const { url } = await linkTo(gate(), "/films/a.mp4");
    const at = url.indexOf("/films") - 3;
    const changed = url[at] === "A" ? "B" : "A";
    expect(await open(url.slice(0, at) + changed + url.slice(at + 1))).toBe("410 link_ended");
    const browser = await gate().signedIn();
    const sealed = browser.jar.get("__Host-gatehouse-aws") ?? "";
    expect(await open(`/.gatehouse/link/${sealed}/films/a.mp4`)).toBe("410 link_ended");
    expect(await open("/.gatehouse/link//films/a.mp4")).toBe("410 link_ended");
  });

  test("until it ends, and then says so without a way that has it inside", async () => {
    const { url, expires } = await linkTo(gate(), "/films/a.mp4", { seconds: 60 });
    expect(expires).toBe(Date.now() / 1000 + 60);
    passTime(59_000);
    expect(await open(url)).toBe("/films/a.mp4");
    passTime(1_000);
    expect(await open(url)).toBe("410 link_ended");
    const page = await stranger(gate()).ask(url, { dest: "document" });
    const sealed = /link\/([\w-]+)\//.exec(url)?.[1] ?? "none";
    expect(page).toMatchObject({
      status: 410,
      heading: "This link has ended.",
      location: "",
      cookies: [],
    });
    expect(page.headers).toMatchObject({ "cache-control": "no-store", "referrer-policy": "no-referrer" });
    expect(`${page.body}${JSON.stringify(page.headers)}${gate().logged}`).not.toContain(sealed.slice(0, 20));
  });

  test("its maker's pseudonym is in the log, and the value is in none of the answers and lines", async () => {
    const { url } = await linkTo(gate(), "/films/a.mp4", { prefix: "/" });
    const sealed = /link\/([\w-]+)\//.exec(url)?.[1] ?? "none";
    for (const path of ["/films/secret/a", "/films/%00", `/${"x".repeat(2_000)}`, "/.gatehouse/me"]) {
      const answer = await stranger(gate()).ask(other(url, path), { dest: "document" });
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(`${answer.body}${JSON.stringify(answer.headers)}`).not.toContain(sealed.slice(0, 20));
    }
    expect(gate().logged.join()).not.toContain(sealed.slice(0, 20));
    // What is refused is the file, and the page's way on leads to it.
    const refused = await stranger(gate()).ask(other(url, "/films/secret/a"), { dest: "document" });
    expect(refused.body).toContain("return_to=%2Ffilms%2Fsecret%2Fa");
    gate().logged.pop();
    expect(gate().codes).toEqual(["access_denied", "invalid_path", "uri_too_long", "not_found"]);
    gate().logged.length = 0;
    await stranger(gate(), { log: { allowed: 1 } }).ask(url, { dest: "video" });
    const user = hash("sha256", ID_CLAIMS.sub, "hex").slice(0, 16);
    expect(JSON.parse(gate().logged[0] ?? "")).toMatchObject({ code: "allowed", user, area: "/films/*" });
    expect(gate().logged.join()).not.toContain(sealed.slice(0, 20));
  });

  test("a session in the browser changes nothing, nor does it end", async () => {
    const { url } = await linkTo(gate(), "/films/a.mp4");
    const browser = await gate().signedIn(EDITOR);
    const answer = await browser.ask(other(url, "/team/a.txt"), { dest: "document" });
    expect([answer.status, answer.cookies]).toEqual([410, []]);
  });

  test("makes no link", async () => {
    const { url } = await linkTo(gate(), "/films/a.mp4", { prefix: "/" });
    const body = JSON.stringify({ path: "/films/b.mp4", seconds: 60 });
    const asking = { method: "POST", dest: "empty", body, headers: { Origin: ORIGIN } };
    expect((await stranger(gate()).ask(url, asking)).code).toBe("not_found");
    expect(await stranger(gate()).ask("/.gatehouse/link", asking)).toMatchObject({ code: "token_missing" });
  });
});

describe("who may make which", () => {
  const gate = useGate("gatehouse-auth", GATE);
  const film = { path: "/films/a.mp4", seconds: 60 };

  test.each<[string, object | string, object, number, string]>([
    ["a page of another site", film, { Origin: "https://evil.example" }, 403, "origin_not_allowed"],
    ["nobody's page", film, { Origin: "" }, 403, "origin_not_allowed"],
    ["somebody without a token", film, { Authorization: "" }, 401, "token_missing"],
    ["somebody with a bad one", film, { Authorization: "Bearer x" }, 401, "token_invalid"],
    ["for an area without links", { ...film, path: "/a.txt" }, {}, 403, "access_denied"],
    ["for a group's area", { ...film, path: "/team/a.txt" }, {}, 403, "access_denied"],
    ["for another's folder", { ...film, path: "/users/x/a" }, {}, 403, "access_denied"],
    ["for an endpoint", { ...film, path: "/.gatehouse/me" }, {}, 403, "access_denied"],
    ["for dots", { ...film, path: "/films/../a.txt" }, {}, 400, "invalid_path"],
    ["for a query", { ...film, path: "/films/a.mp4?versionId=1" }, {}, 400, "invalid_path"],
    ["for no path", { seconds: 60 }, {}, 400, "invalid_request"],
    ["for no time", { path: "/films/a.mp4" }, {}, 400, "invalid_request"],
    ["for no time at all", { ...film, seconds: 0 }, {}, 400, "invalid_request"],
    ["for text", { ...film, seconds: "60" }, {}, 400, "invalid_request"],
    ["for half a second", { ...film, seconds: 0.5 }, {}, 400, "invalid_request"],
    ["for a folder that is none", { ...film, prefix: "/films" }, {}, 400, "invalid_request"],
    ["for a folder elsewhere", { ...film, prefix: "/other/" }, {}, 400, "invalid_request"],
    ["for a folder of another type", { ...film, prefix: true }, {}, 400, "invalid_request"],
    ["without JSON", "path=/films/a.mp4", {}, 400, "invalid_request"],
    ["with much of it", `{"path":"${"x".repeat(17_000)}"}`, {}, 413, "body_too_large"],
  ])("%s: %j %j is %i %s", async (_, body, headers, status, code) => {
    const Authorization = `Bearer ${gate().idToken()}`;
    expect(await ask(gate().browser(), body, { Authorization, ...headers })).toMatchObject({ status, code });
  });

  test.each(["GET", "HEAD"])("%s is no way to make one", async (method) => {
    const answer = await gate().browser().ask("/.gatehouse/link", { method, dest: "empty" });
    expect([answer.status, answer.headers["allow"]]).toEqual([405, "GET, POST, OPTIONS"]);
  });

  test("it ends with the token that it is made with", async () => {
    const exp = Date.now() / 1000 + 90;
    const Authorization = `Bearer ${token({ exp })}`;
    const answer = await ask(gate().browser(), { ...film, seconds: HOUR }, { Authorization });
    expect(JSON.parse(answer.body)).toMatchObject({ expires: exp });
  });

  test("20 of them make one exchange", async () => {
    const browser = gate().browser();
    const Authorization = `Bearer ${gate().idToken({ sub: ID_CLAIMS.sub })}`;
    for (let count = 0; count < 20; count += 1) await ask(browser, film, { Authorization });
    expect(gate().actions).toEqual(["GetId", "GetCredentialsForIdentity"]);
  });
});
