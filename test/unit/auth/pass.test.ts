// Passes: made at sign-in, hand-over and renewal, fetched by browsers that have a session without one, gone with it.
import { describe, expect, test } from "vitest";
import type { ConfigDocument } from "../../../edge/config/config.ts";
import { Browser } from "../fixtures/browser.ts";
import { AUTH_BUNDLES } from "../fixtures/bundle.ts";
import { configDocument } from "../fixtures/config.ts";
import {
  APP,
  ID_COOKIE,
  KEYS,
  passTime,
  REFRESH_COOKIE,
  SECRETS,
  type TestGate,
  useGate,
} from "../fixtures/gate.ts";
import { type Ran, splitEdge } from "../fixtures/split-edge.ts";
import { JWKS } from "../fixtures/tokens.ts";

const PASS_COOKIE = "__Host-gatehouse-pass";
const ROLE = "arn:aws:iam::123456789012:role/editors";
const SPLIT = {
  placement: "split",
  groups: {
    editors: { roleArn: ROLE },
    others: { roleArn: ROLE },
    callers: { roleArn: ROLE },
    staff: { roleArn: ROLE },
  },
  areas: [
    { path: "/api/*", api: true, groups: ["callers"] },
    { path: "/team/*", groups: ["editors"] },
    { path: "/staff/*", groups: ["staff"] },
    { path: "/me/*", owner: "users/{identityId}/" },
    { path: "/*" },
  ],
} as const satisfies Partial<ConfigDocument>;

function payloadOf(jwt = ""): Record<string, unknown> {
  return JSON.parse(Buffer.from(jwt.split(".")[1] ?? "", "base64url").toString());
}

describe.each(AUTH_BUNDLES)("%s", (bundle) => {
  const gateOf = useGate(bundle, SPLIT);

  /** A browser at a distribution of the split placement. */
  function browserAt(gate: TestGate, ran: Ran[] = [], changes: Partial<ConfigDocument> = {}): Browser {
    const document = {
      ...configDocument(),
      userPool: { ...configDocument().userPool, jwks: JWKS },
      auth: { keys: KEYS },
      cors: { origins: [APP] },
      endpoints: { oauth: gate.cognito.url },
      ...SPLIT,
      ...changes,
    };
    return new Browser(
      splitEdge(document, gate.coldStart(changes), gate.coldStart(changes, "originRequest"), ran),
    );
  }

  async function signedIn(gate: TestGate, ran: Ran[] = [], claims: object = {}): Promise<Browser> {
    const browser = browserAt(gate, ran);
    await gate.follow(browser, "/a.txt", claims);
    gate.cognito.calls.length = 0;
    ran.length = 0;
    return browser;
  }

  test("a sign-in leads to the file and leaves a pass, which ends with the token", async () => {
    const gate = gateOf();
    const browser = browserAt(gate);
    const answers = await gate.follow(browser, "/a.txt?x=1", {
      "cognito:groups": ["editors", "others", "callers", "unknown"],
      "cognito:roles": [ROLE],
    });
    expect(answers.at(-1)?.status).toBe("signed");
    const pass = payloadOf(browser.jar.get(PASS_COOKIE));
    const token = payloadOf(browser.jar.get(ID_COOKIE));
    expect(pass).toEqual({
      iss: expect.stringMatching(/^[0-9a-f]{16}$/),
      sub: token["sub"],
      iat: token["iat"],
      exp: token["exp"],
      groups: ["editors"],
      id_hash: expect.stringMatching(/^[\w-]{22}$/),
    });
    const line = answers.flatMap(({ cookies }) => cookies).find((cookie) => cookie.startsWith(PASS_COOKIE));
    expect(line).toMatch(/; Max-Age=\d+; Path=\/; Secure; HttpOnly; SameSite=Lax$/);
    expect(line?.match(/Max-Age=(\d+)/)?.[1]).toBe(String(Number(token["exp"]) - Number(token["iat"])));
  });

  test("a request with a pass asks nobody, and on a miss only the Lambda that signs", async () => {
    const ran: Ran[] = [];
    const gate = gateOf();
    const browser = await signedIn(gate, ran);
    const { status } = await browser.ask("/pictures/b.png", { dest: "image" });
    expect([status, ran, gate.actions]).toEqual(["signed", ["function", "miss"], []]);
  });

  test("a session without a pass gets one, and what was asked for", async () => {
    const ran: Ran[] = [];
    const gate = gateOf();
    const browser = await signedIn(gate, ran);
    browser.jar.delete(PASS_COOKIE);
    const first = await browser.ask("/b.png?x=1", { dest: "image" });
    expect([first.status, first.location]).toEqual([307, "/.gatehouse/pass?return_to=%2Fb.png%3Fx%3D1"]);
    const second = await browser.ask(first.location, { dest: "image" });
    expect([second.status, second.location]).toEqual([
      307,
      expect.stringMatching(/^\/b\.png\?x=1&gatehouse-renewed=/),
    ]);
    const third = await browser.ask(second.location, { dest: "image" });
    expect([third.status, ran]).toEqual(["signed", ["function", "endpoint", "function", "miss"]]);
  });

  test("an expired session is renewed on the way, and has a new pass", async () => {
    const gate = gateOf();
    const browser = await signedIn(gate);
    const before = browser.jar.get(PASS_COOKIE);
    passTime(3_700_000);
    const answers = await gate.follow(browser, "/b.png");
    expect(answers.map(({ status }) => status)).toEqual([307, 307, "signed"]);
    expect(browser.jar.get(PASS_COOKIE)).not.toBe(before);
    expect(gate.actions[0]).toBe("GetTokensFromRefreshToken");
  });

  test("a browser that keeps no new cookies is not sent round in circles", async () => {
    const gate = gateOf();
    const browser = await signedIn(gate);
    browser.jar.delete(PASS_COOKIE);
    browser.keep = () => {};
    const answers = await gate.follow(browser, "/b.png");
    expect(answers.map(({ status }) => status).slice(0, 3)).toEqual([307, 307, 302]);
    const asked = await browser.ask(answers[1]?.location ?? "", { dest: "image" });
    expect([asked.status, asked.code]).toEqual([401, "token_invalid"]);
  });

  test("a session that cannot be renewed ends at the sign-in for people, with 401 for others", async () => {
    const gate = gateOf();
    const browser = await signedIn(gate);
    browser.jar.delete(REFRESH_COOKIE);
    passTime(3_700_000);
    const first = await browser.ask("/b.png");
    const second = await browser.ask(first.location);
    expect([second.status, second.location]).toEqual([302, "/.gatehouse/login?return_to=%2Fb.png"]);
    const other = await browser.ask(first.location, { dest: "image" });
    expect([other.status, other.code]).toEqual([401, "token_expired"]);
  });

  test("who may not see something is told so as a page by the endpoint, as JSON by the function", async () => {
    const gate = gateOf();
    const browser = await signedIn(gate);
    const answers = await gate.follow(browser, "/team/a.txt");
    expect(answers.map(({ status }) => status)).toEqual([307, 403]);
    expect(answers[1]?.heading).toBe("You may not see this.");
    expect(answers[1]?.body).toContain("Signed in as ");
    expect(answers[1]?.body).toContain("/.gatehouse/login?prompt=login&#38;return_to=%2Fteam%2F");
    const other = await browser.ask("/team/a.txt", { dest: "image" });
    expect([other.status, other.code]).toEqual([403, "access_denied"]);
  });

  test("an app's hand-over leaves a pass", async () => {
    const gate = gateOf();
    const browser = browserAt(gate);
    const headers = { Authorization: gate.idToken(), Origin: APP };
    const { status } = await browser.ask("/.gatehouse/session", { method: "POST", dest: "empty", headers });
    expect([status, browser.jar.has(PASS_COOKIE)]).toEqual([200, true]);
    expect((await browser.ask("/b.png", { dest: "image" })).status).toBe("signed");
  });

  test("signing out ends the pass, and nothing opens any more", async () => {
    const gate = gateOf();
    const browser = await signedIn(gate);
    await browser.ask("/.gatehouse/logout", {
      method: "POST",
      headers: { Origin: "https://d111111abcdef8.cloudfront.net" },
    });
    expect([...browser.jar.keys()]).toEqual([]);
    const { status, code } = await browser.ask("/b.png", { dest: "image" });
    expect([status, code]).toEqual([401, "token_missing"]);
  });

  test("the endpoint leads to this origin only, and to none of its own", async () => {
    const gate = gateOf();
    const browser = await signedIn(gate);
    for (const place of [
      "https://evil.example/",
      "//evil.example/",
      "/\\evil.example/",
      "/.gatehouse/pass",
      "",
    ]) {
      const { location } = await browser.ask(`/.gatehouse/pass?return_to=${encodeURIComponent(place)}`, {
        dest: "image",
      });
      expect(location).toMatch(/^\/\?gatehouse-renewed=/);
    }
  });

  test("there is no such endpoint, and no pass, in the other placement", async () => {
    const gate = gateOf();
    const browser = await gate.signedIn({}, { placement: "lambda" });
    expect(browser.jar.has(PASS_COOKIE)).toBe(false);
    const { status, code } = await browser.ask("/.gatehouse/pass?return_to=/a", { dest: "image" });
    expect([status, code]).toEqual([404, "not_found"]);
  });

  test("nothing of a pass is in a log line", async () => {
    const gate = gateOf();
    const browser = await signedIn(gate);
    browser.jar.delete(PASS_COOKIE);
    await gate.follow(browser, "/team/a.txt");
    expect(gate.logged.length).toBeGreaterThan(0);
    expect(gate.logged.join("\n")).not.toMatch(SECRETS);
  });
});
