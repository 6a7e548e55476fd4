// Tokens that are too large for one cookie, of people in many groups: kept whole in several, up to what CloudFront carries.
import { describe, expect, test } from "vitest";
import type { Cookies } from "../../../edge/config/config.ts";
import { Browser, ORIGIN } from "../fixtures/browser.ts";
import { AUTH_BUNDLES } from "../fixtures/bundle.ts";
import { CLIENT_ID } from "../fixtures/config.ts";
import { APP, passTime, SECRETS, type TestGate, useGate } from "../fixtures/gate.ts";

/** CloudFront carries this much of request line and headers, by the smaller of two documented limits. */
const CLOUDFRONT = 20_480;

/** A person in as many groups, each with its role. */
function inGroups(count: number): object {
  const roleOf = (index: number) =>
    `arn:aws:iam::123456789012:role/Site-AssetsGateProject${String(index).padStart(3, "0")}Role1A2B3C4D-x9AbCdEfGhIj`;
  return {
    "cognito:groups": Array.from(
      { length: count },
      (_, index) => `project-${String(index).padStart(3, "0")}`,
    ),
    "cognito:roles": Array.from({ length: count }, (_, index) => roleOf(index)),
  };
}

const tokenNames = (browser: Browser) =>
  [...browser.jar.keys()]
    .filter((name) => /-(id|refresh)/.test(name))
    .map((name) => name.replace(/.*house-/, ""));

const MODES: Record<string, Partial<Cookies>> = {
  "of the host": {},
  "of a domain": { domain: "example.com" },
};

describe.each(AUTH_BUNDLES)("%s", (bundle) => {
  describe.each(Object.entries(MODES))("cookies %s", (_, cookies) => {
    const gate = useGate(bundle, { cookies });

    test.each([
      [5, ["id", "refresh"]],
      [30, ["id", "id-1", "refresh"]],
      [50, ["id", "id-1", "refresh"]],
      [70, ["id", "id-1", "id-2", "refresh"]],
    ])("%i groups sign in, see files, are renewed and sign out", async (count, names) => {
      const browser = gate().browser();
      const answers = await gate().follow(browser, "/a.txt", inGroups(count));
      expect(answers.at(-1)?.status).toBe("signed");
      expect(tokenNames(browser)).toEqual(names);
      expect(browser.cookie.length + 6_000).toBeLessThan(CLOUDFRONT);
      const lines = answers.flatMap((answer) => answer.cookies);
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(4_096);
      browser.handler = gate().coldStart();
      expect(await browser.ask("/a.txt", { dest: "image" })).toMatchObject({ status: "signed" });
      passTime(3_601_000);
      expect(await browser.ask("/a.txt", { dest: "image" })).toMatchObject({ status: 307 });
      expect(await browser.ask("/a.txt", { dest: "image" })).toMatchObject({ status: "signed" });
      await browser.ask("/.gatehouse/logout", { method: "POST", headers: { Origin: ORIGIN } });
      expect(browser.jar.size).toBe(0);
      expect(gate().logged.join()).not.toMatch(SECRETS);
    });

    test("a smaller token leaves nothing of the larger one", async () => {
      const browser = gate().browser();
      await gate().follow(browser, "/.gatehouse/login", inGroups(70));
      await gate().follow(browser, "/.gatehouse/login", inGroups(30));
      expect(tokenNames(browser).sort()).toEqual(["id", "id-1", "refresh"]);
      await gate().follow(browser, "/.gatehouse/login", inGroups(1));
      expect(tokenNames(browser).sort()).toEqual(["id", "refresh"]);
    });

    test("two tabs that are renewed at the same time end with one whole session", async () => {
      const browser = gate().browser();
      await gate().follow(browser, "/.gatehouse/login", inGroups(50));
      passTime(3_601_000);
      const other = new Browser(gate().coldStart());
      for (const [name, value] of browser.jar) other.jar.set(name, value);
      const first = await browser.ask("/a.txt", { dest: "image" });
      passTime(1_000);
      const second = await other.ask("/a.txt", { dest: "image" });
      const lines = [...first.cookies, ...second.cookies];
      for (const taken of [lines, [...second.cookies, ...first.cookies]]) {
        const both = new Browser(gate().coldStart());
        for (const line of taken) both.keep(line);
        expect(await both.ask("/a.txt", { dest: "image" })).toMatchObject({ status: "signed" });
      }
      const torn = new Browser(gate().coldStart());
      for (const line of [first.cookies[0] ?? "", second.cookies[1] ?? ""]) torn.keep(line);
      expect(await torn.ask("/a.txt", { dest: "image" })).toMatchObject({
        status: 401,
        code: "token_missing",
      });
    });

    test("planted parts lock nobody out", async () => {
      const browser = gate().browser();
      await gate().follow(browser, "/.gatehouse/login", inGroups(50));
      const planted = [...browser.jar.keys()]
        .flatMap((name) => ["~2AAAAAAAA~x", "~3BBBBBBBB~x", "~", "x"].map((value) => `${name}=${value}`))
        .join("; ");
      browser.handler = gate().coldStart();
      const headers = { Cookie: `${planted}; ${browser.cookie}; ${planted}` };
      expect(await browser.ask("/a.txt", { headers })).toMatchObject({ status: "signed" });
    });

    test("what is handed over is kept the same way", async () => {
      const browser = gate().browser();
      const answer = await handOver(gate(), browser, inGroups(50));
      expect(answer.status).toBe(200);
      expect(tokenNames(browser)).toEqual(["id", "id-1"]);
      expect(await browser.ask("/a.txt", { dest: "image" })).toMatchObject({ status: "signed" });
    });

    test("more than CloudFront carries beside the rest is refused, and said so", async () => {
      const browser = gate().browser();
      const answers = await gate().follow(browser, "/.gatehouse/login", inGroups(100));
      expect(answers.at(-1)).toMatchObject({ status: 431, location: "" });
      expect(browser.jar.size).toBe(0);
      expect(JSON.parse(gate().logged.at(-1) ?? "")).toMatchObject({
        level: "warn",
        code: "cookie_too_large",
        status: 431,
        cause: "cookie id",
      });
      const handed = await handOver(gate(), gate().browser(), inGroups(100));
      expect(handed).toMatchObject({ status: 431, code: "cookie_too_large", cookies: [] });
      expect(JSON.parse(handed.body).message).toBe(
        "The session's tokens take more than 12,288 bytes of cookies.",
      );
    });

    test("to the byte", async () => {
      const sizeWith = async (pad: number) => {
        const browser = gate().browser();
        await handOver(gate(), browser, { pad: "x".repeat(pad) });
        const kept = [...browser.jar].filter(([name]) => /-id/.test(name));
        return kept.reduce((sum, [name, value]) => sum + `${name}=${value}; `.length, 0);
      };
      let [fits, tooLong] = [4_000, 12_000];
      while (tooLong - fits > 1) {
        const pad = Math.floor((fits + tooLong) / 2);
        if ((await sizeWith(pad)) > 0) fits = pad;
        else tooLong = pad;
      }
      expect(await sizeWith(fits)).toBeGreaterThan(12_280);
      expect(await sizeWith(fits)).toBeLessThanOrEqual(12_288);
      expect(await sizeWith(tooLong)).toBe(0);
    });
  });
});

function handOver(gate: TestGate, browser: Browser, claims: object) {
  return browser.ask("/.gatehouse/session", {
    method: "POST",
    dest: "empty",
    headers: { Origin: APP, Authorization: gate.pool.idToken(CLIENT_ID, claims) },
  });
}
