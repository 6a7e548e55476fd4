// A way back that comes late, twice or to another browser: it ends where its person wanted to go, or at a page that helps.
import { describe, expect, test } from "vitest";
import { type Answer, Browser } from "../fixtures/browser.ts";
import { AUTH_BUNDLES } from "../fixtures/bundle.ts";
import { json } from "../fixtures/cognito.ts";
import {
  ID_COOKIE,
  KEYS,
  passTime,
  SEALED_COOKIE,
  SECRETS,
  type TestGate,
  useGate,
} from "../fixtures/gate.ts";
import { OTHER_KEY, token } from "../fixtures/tokens.ts";
import { withFault } from "../fixtures/user-pool.ts";

const DEEP = "/reports/2026.pdf?page=4";
const BLOCKED = "The browser does not keep the cookies of this site.";
const FAILED = "Signing in has failed.";

/** A browser at the managed login, and the address with which it comes back. */
async function leave(gate: TestGate, browser: Browser, returnTo = DEEP) {
  const { location } = await browser.ask(`/.gatehouse/login?return_to=${encodeURIComponent(returnTo)}`);
  const state = new URL(location).searchParams.get("state") ?? "";
  const cookie = `__Host-gatehouse-login-${state.split(".")[0]}`;
  return { location, state, cookie, back: () => `/.gatehouse/callback?${gate.pool.signIn(location)}` };
}

/** Statuses of a trip and the place where it ended. */
function trip(answers: readonly Answer[]) {
  const signed = answers.at(-1)?.forwarded;
  return [answers.map(({ status }) => status), signed?.uri];
}

/** Keeps nothing. */
class Forgetful extends Browser {
  override keep(): void {}
}

/** Keeps attempts alone. */
class NoSession extends Browser {
  override keep(line: string): void {
    if (line.includes("-login-")) super.keep(line);
  }
}

describe.each(AUTH_BUNDLES)("%s", (bundle) => {
  const gate = useGate(bundle);
  const SIGNED_UP = [302, 302, 303, 303, "signed"];

  test("a page of the managed login that was open for 20 minutes leads to where one wanted to go", async () => {
    const browser = gate().browser();
    const { back, cookie } = await leave(gate(), browser);
    passTime(1_200_000);
    browser.jar.delete(cookie);
    expect(trip(await gate().follow(browser, back()))).toEqual([SIGNED_UP, "/reports/2026.pdf"]);
    expect(browser.jar.has(ID_COOKIE)).toBe(true);
  });

  test("a sign-in that another program has begun is begun again in the browser", async () => {
    const { back } = await leave(gate(), gate().browser());
    const browser = gate().browser();
    const answers = await gate().follow(browser, back());
    expect(trip(answers)).toEqual([SIGNED_UP, "/reports/2026.pdf"]);
    expect(answers[3]?.location).toBe(DEEP);
    expect(gate().actions).toEqual(["/oauth2/token", "GetId", "GetCredentialsForIdentity"]);
  });

  test("a sign-in that an identity provider has started is one of the gate's own in the end", async () => {
    const browser = gate().browser();
    const answers = await gate().follow(browser, "/.gatehouse/callback?code=secret-code-of-nobody");
    expect(trip(answers)).toEqual([SIGNED_UP, "/index.html"]);
    expect(
      gate()
        .cognito.calls.map(({ body }) => body["code"])
        .filter(Boolean),
    ).toEqual(["secret-code-1"]);
  });

  test("twelve tabs that are restored at the same time all end where they were", async () => {
    const browser = gate().browser();
    const tabs: (() => string)[] = [];
    for (let tab = 1; tab <= 12; tab += 1) {
      tabs.push((await leave(gate(), browser, `/tab${tab}`)).back);
      passTime(10);
    }
    const statuses = new Set<string>();
    for (const [index, back] of tabs.entries()) {
      const answers = await gate().follow(browser, back());
      statuses.add(answers.map(({ status }) => status).join());
      expect(answers.at(-1)?.forwarded?.uri).toBe(`/tab${index + 1}`);
    }
    expect([...statuses]).toEqual(["302,302,303,303,signed", "303,signed", "303,303,signed"]);
  });

  test("a way back that is loaded twice before it is answered is gone once more, by the other code", async () => {
    const browser = gate().browser();
    const url = (await leave(gate(), browser)).back();
    const second = new Browser(browser.handler);
    for (const [name, value] of browser.jar) second.jar.set(name, value);
    await browser.ask(url);
    const answers = await gate().follow(second, url);
    expect(trip(answers)).toEqual([SIGNED_UP, "/reports/2026.pdf"]);
    expect([...second.jar.keys()]).toEqual([ID_COOKIE, "__Host-gatehouse-refresh", SEALED_COOKIE]);
  });

  test.each<[string, (browser: Browser) => void]>([
    ["a browser that is signed out", (browser) => browser.jar.clear()],
    [
      "a browser whose token is another gate's",
      (browser) => browser.jar.set(ID_COOKIE, token({}, OTHER_KEY)),
    ],
  ])("the last hop of a sign-in that is long over leads %s to the deep link", async (_, change) => {
    const browser = gate().browser();
    const { back } = await leave(gate(), browser);
    const { location } = await browser.ask(back());
    change(browser);
    passTime(7_200_000);
    const answers = await gate().follow(browser, location);
    expect(trip(answers)).toEqual([SIGNED_UP, "/reports/2026.pdf"]);
    expect(answers[0]?.location).toBe(`/.gatehouse/login?return_to=${encodeURIComponent(DEEP)}&restarted=1`);
    expect(answers[2]?.location).toBe(`/.gatehouse/finish?return_to=${encodeURIComponent(DEEP)}&restarted=1`);
    expect(gate().codes[0]).toBe("cookies_blocked");
  });

  test("the last hop again with a live session goes on without signing in", async () => {
    const browser = await gate().signedIn();
    const url = `/.gatehouse/finish?return_to=${encodeURIComponent(DEEP)}`;
    expect(trip(await gate().follow(browser, url))).toEqual([[303, "signed"], "/reports/2026.pdf"]);
  });

  test("a code that is refused because it is old changes no session that is live", async () => {
    const browser = await gate().signedIn();
    const { back } = await leave(gate(), browser);
    const before = browser.jar.get(ID_COOKIE);
    gate().cognito.answer = withFault(
      "/oauth2/token",
      (response) => json(response, 400, { error: "invalid_grant" }),
      gate().pool.answer,
    );
    expect(trip(await gate().follow(browser, back()))).toEqual([[303, "signed"], "/reports/2026.pdf"]);
    expect(browser.jar.get(ID_COOKIE)).toBe(before);
    expect([...browser.jar.keys()].join()).not.toContain("login");
  });
});

describe("it ends", () => {
  const gate = useGate("gatehouse-auth");
  const link = `href="/.gatehouse/login?return_to=${encodeURIComponent(DEEP)}"`;

  test("a browser that keeps no cookies is told so at its second way back, with a link to where it wanted to go", async () => {
    const answers = await gate().follow(new Forgetful(gate().coldStart()), DEEP);
    expect(answers.map(({ status }) => status)).toEqual([302, 302, 302, 302, 400]);
    expect(answers.at(-1)).toMatchObject({ heading: BLOCKED, location: "" });
    expect(answers.at(-1)?.body).toContain(link);
    expect(gate().actions).toEqual([]);
    expect(gate().codes).toEqual(["token_missing", "cookies_blocked", "cookies_blocked"]);
  });

  test("so is one that comes without a state", async () => {
    const answers = await gate().follow(new Forgetful(gate().coldStart()), "/.gatehouse/callback?code=a");
    expect(answers.map(({ status, heading }) => [status, heading])).toEqual([
      [302, undefined],
      [302, undefined],
      [400, BLOCKED],
    ]);
  });

  test("a browser that keeps every cookie but the session's is told so at the second last hop", async () => {
    const browser = new NoSession(gate().coldStart());
    const answers = await gate().follow(browser, DEEP);
    expect(answers.map(({ status }) => status)).toEqual([302, 302, 303, 302, 302, 303, 400]);
    expect(answers.at(-1)).toMatchObject({ heading: BLOCKED, location: "" });
    expect(answers.at(-1)?.body).toContain(link);
    expect(gate().codes).toEqual(["token_missing", "cookies_blocked", "cookies_blocked"]);
  });

  test("a program is told at once", async () => {
    const url = `/.gatehouse/finish?return_to=${encodeURIComponent(DEEP)}`;
    const answer = await gate().browser().ask(url, { dest: "empty" });
    expect(answer).toMatchObject({ status: 400, code: "cookies_blocked", location: "" });
    expect(JSON.parse(answer.body)).toMatchObject({ message: BLOCKED });
  });

  test("a pool that says of every code that it was used has the last word", async () => {
    gate().cognito.answer = withFault(
      "/oauth2/token",
      (response) => json(response, 400, { error: "invalid_grant" }),
      gate().pool.answer,
    );
    const answers = await gate().follow(gate().browser(), DEEP);
    expect(answers.map(({ status }) => status)).toEqual([302, 302, 302, 302, 400]);
    expect(answers.at(-1)).toMatchObject({ heading: FAILED, location: "" });
    expect(answers.at(-1)?.body).toContain(link);
    expect(gate().actions).toEqual(["/oauth2/token", "/oauth2/token"]);
    expect(
      gate()
        .logged.map((line) => JSON.parse(line))
        .slice(1),
    ).toEqual([
      expect.objectContaining({ level: "info", code: "sign_in_failed", status: 302, cause: "invalid_grant" }),
      expect.objectContaining({ level: "warn", code: "sign_in_failed", status: 400, cause: "invalid_grant" }),
    ]);
  });

  test("who follows the link of that page has both tries again", async () => {
    const answers = await gate().follow(new Forgetful(gate().coldStart()), "/.gatehouse/login?return_to=/a");
    expect(answers.map(({ status }) => status)).toEqual([302, 302, 302, 400]);
  });

  test("keys that cannot be had leave open whether there is a session", async () => {
    const browser = gate().browser();
    const { back } = await leave(gate(), gate().browser());
    browser.jar.set(ID_COOKIE, token({}, OTHER_KEY));
    gate().cognito.answer = (response) => json(response, 500, {});
    const answer = await browser.ask(back());
    expect(answer).toMatchObject({ status: 503, location: "", cookies: [] });
    expect(gate().codes).toEqual(["keys_unavailable"]);
  });
});

describe("the way in a state", () => {
  const gate = useGate("gatehouse-auth");
  const nowhere = ["302,302,303,303,signed", "/index.html"];

  async function endOf(state: string, browser = gate().browser()) {
    const answers = await gate().follow(browser, `/.gatehouse/callback?code=a&state=${state}`);
    const [statuses, uri] = trip(answers);
    return [String(statuses), uri];
  }

  test.each([
    ["a second before seven days are over", 604_799_000, ["302,302,303,303,signed", "/reports/2026.pdf"]],
    ["seven days later, at the start page", 604_800_000, nowhere],
  ])("is known until %s", async (_, ms, end) => {
    const { state } = await leave(gate(), gate().browser());
    passTime(ms);
    expect(await endOf(state)).toEqual(end);
  });

  test("says nothing to whom it passes", async () => {
    const { state } = await leave(gate(), gate().browser());
    const text = Buffer.from(state.split(".")[1] ?? "", "base64url").toString("latin1");
    expect(`${state}${text}`).not.toMatch(/reports|2026|pdf/);
    expect(state.length).toBeLessThan(200);
  });

  test("is this gate's own, for this attempt, unchanged", async () => {
    const { state } = await leave(gate(), gate().browser());
    const other = await leave(gate(), gate().browser(), "/other");
    const [id = "", way = ""] = state.split(".");
    const [otherId = ""] = other.state.split(".");
    expect(await endOf(state)).toEqual(["302,302,303,303,signed", "/reports/2026.pdf"]);
    expect(await endOf(`${otherId}.${way}`)).toEqual(nowhere);
    expect(await endOf(`${id}.${way.slice(0, 40)}${way[40] === "A" ? "B" : "A"}${way.slice(41)}`)).toEqual(
      nowhere,
    );
    expect(await endOf(`${id}.${Buffer.from("0//evil.example").toString("base64url")}`)).toEqual(nowhere);
    expect(await endOf(`${id}.`)).toEqual(nowhere);
    const stranger = gate().browser({ auth: { keys: { current: "5".repeat(64), previous: "none" } } });
    expect(await endOf(state, stranger)).toEqual(nowhere);
    const rotated = gate().browser({ auth: { keys: { current: "5".repeat(64), previous: KEYS.current } } });
    expect(await endOf(state, rotated)).toEqual(["302,302,303,303,signed", "/reports/2026.pdf"]);
  });

  test.each([
    ["200 characters of a query", `/a?${"x".repeat(200)}`, `/a?${"x".repeat(200)}`],
    ["a query that is too long for it", `/a?x=${Array.from({ length: 500 }, (_, i) => i).join()}`, "/a"],
    ["a path that is too long for it", `/${Array.from({ length: 700 }, (_, i) => i).join()}`, "/"],
  ])("holds %s", async (_, wanted, end) => {
    const { state } = await leave(gate(), gate().browser(), wanted);
    expect(state.length).toBeLessThanOrEqual(1_024);
    const signedIn = await gate().signedIn();
    const { status, location } = await signedIn.ask(`/.gatehouse/callback?code=a&state=${state}`);
    expect([status, location]).toEqual([303, end]);
  });

  test("of somebody else's browser sets up no session of theirs", async () => {
    const attacker = await leave(gate(), gate().browser(), "/wanted");
    const url = attacker.back();
    const victim = gate().browser();
    const first = await victim.ask(url);
    expect(first.status).toBe(302);
    expect(first.cookies.join()).not.toMatch(/gatehouse-(id|refresh|aws)=/);
    const answers = await gate().follow(victim, url, { sub: "victim" });
    expect(JSON.parse((await victim.ask("/.gatehouse/me")).body)).toMatchObject({ sub: "victim" });
    expect(
      answers.map(({ location, body }) => location.replace(/^.*authorize/, "") + body).join(),
    ).not.toMatch(SECRETS);
  });
});
