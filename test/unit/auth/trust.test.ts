// Whose session it is: what other hosts can plant never replaces, clears or outvotes the gate's own.
import { describe, expect, test } from "vitest";
import type { ConfigDocument } from "../../../edge/config/config.ts";
import { type Browser, ORIGIN } from "../fixtures/browser.ts";
import { AUTH_BUNDLES } from "../fixtures/bundle.ts";
import { failing } from "../fixtures/cognito.ts";
import { CLIENT_ID } from "../fixtures/config.ts";
import { passTime, useGate } from "../fixtures/gate.ts";
import { ID_CLAIMS, OTHER_KEY, token } from "../fixtures/tokens.ts";
import { withFault } from "../fixtures/user-pool.ts";

const HOUR = 3_601_000;
const ME = "/.gatehouse/me";
const REFRESH = "GetTokensFromRefreshToken";
const MALLORY = "mallory";
const AMPLIFY = `CognitoIdentityServiceProvider.${CLIENT_ID}`;
const ANYWHERE = { names: ["app-token"], amplify: true };

const MODES: Record<string, ConfigDocument["cookies"]> = {
  "the host's own cookies": {},
  "cookies of the domain": { domain: "example.com" },
};
const BUILDS = AUTH_BUNDLES.flatMap((bundle) =>
  Object.entries(MODES).map(([mode, cookies]) => [bundle, mode, cookies] as const),
);

describe.each(BUILDS)("%s, %s", (bundle, _, mode) => {
  const gate = useGate(bundle, { cookies: { ...mode, ...ANYWHERE } });
  const prefix = mode?.domain === undefined ? "__Host-gatehouse" : "__Secure-gatehouse";

  /** What another host of the domain can set: each place that is configured, with a token of this user. */
  const planted = (sub: string): Record<string, string> => ({
    "a configured cookie": `app-token=${gate().idToken({ sub })}`,
    "Amplify's cookies": `${AMPLIFY}.m.idToken=${gate().idToken({ sub })}; ${AMPLIFY}.LastAuthUser=m`,
  });
  const places = ["a configured cookie", "Amplify's cookies"];

  /** Who it is, as the gate says, or the code of its refusal. */
  async function who(browser: Browser, Cookie: string, headers: object = {}): Promise<unknown> {
    const answer = await browser.ask(ME, { dest: "empty", headers: { Cookie, ...headers } });
    return answer.status === 200 ? JSON.parse(answer.body).sub : (answer.code ?? answer.status);
  }

  describe.each(places)("beside somebody else's good token in %s", (place) => {
    const at = (sub: string) => planted(sub)[place] ?? "";

    test("a session goes on, wherever in the header", async () => {
      const browser = await gate().signedIn();
      expect(await who(browser, `${at(MALLORY)}; ${browser.cookie}`)).toBe(ID_CLAIMS.sub);
      expect(await who(browser, `${browser.cookie}; ${at(MALLORY)}`)).toBe(ID_CLAIMS.sub);
    });

    test("a session that has ended is renewed", async () => {
      const browser = await gate().signedIn();
      passTime(HOUR);
      const Cookie = `${at(MALLORY)}; ${browser.cookie}`;
      expect(await browser.ask("/me/x", { dest: "image", headers: { Cookie } })).toMatchObject({
        status: 307,
        cookies: { length: 3 },
      });
      expect(gate().actions[0]).toBe(REFRESH);
      expect(await who(browser, `${at(MALLORY)}; ${browser.cookie}`)).toBe(ID_CLAIMS.sub);
    });

    test("one that cannot be renewed has ended", async () => {
      const browser = await gate().signedIn();
      passTime(HOUR);
      gate().cognito.answer = withFault(REFRESH, failing(400, "NotAuthorizedException"), gate().pool.answer);
      const headers = { Cookie: `${at(MALLORY)}; ${browser.cookie}` };
      const { status, location } = await browser.ask("/me/x", { dest: "image", headers });
      expect(status).toBe(307);
      const again = await browser.ask(location, { dest: "image", headers });
      expect(again).toMatchObject({ status: 401, code: "token_expired", cookies: [] });
      expect(await browser.ask(location, { headers })).toMatchObject({
        status: 302,
        location: "/.gatehouse/login?return_to=%2Fme%2Fx",
      });
    });

    test("a link that says that it has been renewed changes nothing", async () => {
      const browser = await gate().signedIn();
      passTime(HOUR);
      const headers = { Cookie: `${at(MALLORY)}; ${browser.cookie}` };
      for (const marker of ["x", `zzzzzzzz.${"A".repeat(43)}`, ""])
        expect(
          await browser.ask(`/me/x?gatehouse-renewed=${marker}`, { dest: "image", headers: { ...headers } }),
        ).toMatchObject({ status: 307, cookies: { length: 3 } });
    });

    test("an ended session without a refresh token is nobody else's", async () => {
      const browser = await gate().signedIn();
      passTime(HOUR);
      const id = `${prefix}-id=${browser.jar.get(`${prefix}-id`)}`;
      expect(await who(browser, `${at(MALLORY)}; ${id}`)).toBe("token_expired");
      expect(gate().actions).toEqual([]);
    });

    test("a refresh token alone is nobody's", async () => {
      const browser = await gate().signedIn();
      const refresh = `${prefix}-refresh=${browser.jar.get(`${prefix}-refresh`)}`;
      expect(await who(browser, `${at(MALLORY)}; ${refresh}`)).toBe("token_missing");
      const headers = { Cookie: `${at(MALLORY)}; ${refresh}` };
      expect(await browser.ask("/me/x?gatehouse-renewed=x", { dest: "image", headers })).toMatchObject({
        status: 401,
        code: "token_missing",
      });
    });

    test("a user who is gone takes no cookie of this session along", async () => {
      const browser = await gate().signedIn();
      const gone = withFault("GetId", failing(400, "NotAuthorizedException"), gate().pool.answer);
      gate().cognito.answer = withFault(
        "GetCredentialsForIdentity",
        failing(400, "NotAuthorizedException"),
        gone,
      );
      const beside = { Cookie: `${at(MALLORY)}; ${browser.cookie}` };
      expect(await browser.ask("/a.txt", { headers: beside })).toMatchObject({ status: "signed" });
      // Even where nothing of a session is left but its sealed credentials.
      browser.handler = gate().coldStart();
      const alone = { Cookie: `${at(MALLORY)}; ${prefix}-aws=${browser.jar.get(`${prefix}-aws`)}` };
      const answer = await browser.ask("/a.txt", { headers: alone });
      expect(answer).toMatchObject({ status: 401, cookies: [] });
      expect(gate().codes).toEqual(["session_ended"]);
    });

    test("after signing out it counts, since it is configured", async () => {
      const browser = await gate().signedIn();
      await browser.ask("/.gatehouse/logout", { method: "POST", headers: { Origin: ORIGIN } });
      expect(browser.jar.size).toBe(0);
      expect(await who(browser, at(MALLORY))).toBe(MALLORY);
    });

    test("after signing out it is nothing where it is not configured", async () => {
      const browser = await gate().signedIn();
      await browser.ask("/.gatehouse/logout", { method: "POST", headers: { Origin: ORIGIN } });
      browser.handler = gate().coldStart({ cookies: mode ?? {} });
      const headers = { Cookie: at(MALLORY) };
      expect(await browser.ask("/me/x", { dest: "image", headers })).toMatchObject({
        status: 401,
        code: "token_missing",
      });
    });
  });

  describe.each(places)("beside a good token of the same user in %s", (place) => {
    const at = () => planted(ID_CLAIMS.sub)[place] ?? "";

    test("a session that has ended is renewed all the same", async () => {
      const browser = await gate().signedIn();
      passTime(HOUR);
      const headers = { Cookie: `${at()}; ${browser.cookie}` };
      expect(await browser.ask("/a.txt", { headers })).toMatchObject({ status: 307, cookies: { length: 3 } });
    });

    test("one that cannot be renewed goes on by that token", async () => {
      const browser = await gate().signedIn();
      passTime(HOUR);
      gate().cognito.answer = withFault(REFRESH, failing(400, "NotAuthorizedException"), gate().pool.answer);
      const headers = { Cookie: `${at()}; ${browser.cookie}` };
      const { location } = await browser.ask("/a.txt", { dest: "image", headers });
      expect(await browser.ask(location, { dest: "image", headers })).toMatchObject({ status: "signed" });
    });

    test("and so does one without a refresh token", async () => {
      const browser = await gate().signedIn();
      passTime(HOUR);
      const id = `${prefix}-id=${browser.jar.get(`${prefix}-id`)}`;
      expect(await who(browser, `${at()}; ${id}`)).toBe(ID_CLAIMS.sub);
    });
  });

  test("Authorization comes before the session, and one that has ended is nobody else's", async () => {
    const browser = await gate().signedIn();
    const other = { Authorization: `Bearer ${gate().idToken({ sub: MALLORY })}` };
    expect(await who(browser, browser.cookie, other)).toBe(MALLORY);
    const ended = { Authorization: `Bearer ${gate().idToken({ sub: MALLORY, exp: Date.now() / 1000 })}` };
    expect(await who(browser, browser.cookie, ended)).toBe("token_expired");
    const own = { Authorization: `Bearer ${gate().idToken({ exp: Date.now() / 1000 })}` };
    expect(await who(browser, browser.cookie, own)).toBe(ID_CLAIMS.sub);
    const forged = { Authorization: `Bearer ${token({ sub: MALLORY }, OTHER_KEY, { kid: "key-1" })}` };
    expect(await who(browser, browser.cookie, forged)).toBe(ID_CLAIMS.sub);
  });

  test("a user who is gone loses the own session's cookies", async () => {
    const browser = await gate().signedIn();
    browser.jar.delete(`${prefix}-aws`);
    browser.handler = gate().coldStart();
    gate().cognito.answer = failing(400, "NotAuthorizedException");
    const { status, cookies } = await browser.ask("/a.txt");
    expect([status, cookies.map((line) => line.split("=")[0])]).toEqual([
      401,
      [`${prefix}-id`, `${prefix}-refresh`],
    ]);
  });
});

describe("an app that signs in by itself, and two users of one browser", () => {
  const gate = useGate("gatehouse-auth", { cookies: ANYWHERE });
  const amplify = (sub: string) =>
    `${AMPLIFY}.${sub}.idToken=${gate().idToken({ sub })}; ${AMPLIFY}.LastAuthUser=${sub}`;
  const handOver = (browser: Browser, sub: string) =>
    browser.ask("/.gatehouse/session", {
      method: "POST",
      dest: "empty",
      headers: { Origin: "https://app.example.com", Authorization: `Bearer ${gate().idToken({ sub })}` },
    });
  const who = async (browser: Browser, Cookie: string) =>
    JSON.parse((await browser.ask(ME, { dest: "empty", headers: { Cookie } })).body).sub;

  test("the gate's session stays the first one's until the app hands over the second one's", async () => {
    const browser = gate().browser();
    await handOver(browser, "ada");
    expect(await who(browser, `${browser.cookie}; ${amplify("bob")}`)).toBe("ada");
    expect(await handOver(browser, "bob")).toMatchObject({ status: 200 });
    expect(await who(browser, `${browser.cookie}; ${amplify("bob")}`)).toBe("bob");
  });

  test("the app signs out at the gate, too", async () => {
    const browser = gate().browser();
    await handOver(browser, "ada");
    await browser.ask("/.gatehouse/logout", {
      method: "POST",
      headers: { Origin: "https://app.example.com" },
    });
    expect(await who(browser, browser.cookie)).toBeUndefined();
  });
});
