// App clients with a secret: it is proven to the user pool wherever the client acts, and told to nobody else.
import { describe, expect, test } from "vitest";
import { type Browser, ORIGIN } from "../fixtures/browser.ts";
import { AUTH_BUNDLES } from "../fixtures/bundle.ts";
import { CLIENT_ID, SECOND_CLIENT_ID } from "../fixtures/config.ts";
import { APP, ID_COOKIE, KEYS, passTime, useGate } from "../fixtures/gate.ts";

const SECRET = "1example2secret3of4an5app6client7";
const BASIC = `Basic ${Buffer.from(`${CLIENT_ID}:${SECRET}`).toString("base64")}`;

describe.each(AUTH_BUNDLES)("%s", (bundle) => {
  const gate = useGate(bundle, { auth: { keys: KEYS, clientSecret: SECRET } });

  async function signedIn(): Promise<Browser> {
    gate().pool.secrets.set(CLIENT_ID, SECRET);
    const browser = gate().browser();
    await gate().follow(browser, "/.gatehouse/login?return_to=/a");
    return browser;
  }

  test("a code, a renewal and a sign-out prove it", async () => {
    const browser = await signedIn();
    expect(browser.jar.has(ID_COOKIE)).toBe(true);
    passTime(3_601_000);
    expect(await browser.ask("/a", { dest: "image" })).toMatchObject({ status: 307 });
    await browser.ask("/.gatehouse/logout", { method: "POST", headers: { Origin: ORIGIN } });
    const calls = gate().cognito.calls.filter(({ action }) => /oauth2|Refresh/.test(action));
    expect(
      calls.map(({ action, headers, body }) => [action, headers.authorization, body["ClientSecret"]]),
    ).toEqual([
      ["/oauth2/token", BASIC, undefined],
      ["GetTokensFromRefreshToken", undefined, SECRET],
      ["/oauth2/revoke", BASIC, undefined],
    ]);
    expect(gate().codes).toEqual(["token_expired"]);
  });

  test("no answer and no log line holds it", async () => {
    gate().pool.secrets.set(CLIENT_ID, "another");
    const answers = await gate().follow(gate().browser(), "/a");
    expect(answers.at(-1)).toMatchObject({ status: 400, heading: "Signing in has failed." });
    expect(JSON.parse(gate().logged.at(-1) ?? "")).toMatchObject({
      code: "sign_in_failed",
      cause: "invalid_client",
    });
    const told = JSON.stringify([answers, gate().logged]);
    expect(told.includes(SECRET) || told.includes(BASIC.slice(6))).toBe(false);
  });

  test("another client's tokens are renewed without it", async () => {
    const browser = gate().browser();
    const body = JSON.stringify({ refreshToken: gate().pool.refreshToken(SECOND_CLIENT_ID) });
    const headers = { Origin: APP, Authorization: gate().idToken({}, SECOND_CLIENT_ID) };
    const answer = await browser.ask("/.gatehouse/session", { method: "POST", dest: "empty", body, headers });
    expect(JSON.parse(answer.body)).toMatchObject({ renewable: true });
    await browser.ask("/.gatehouse/logout", { method: "POST", headers: { Origin: ORIGIN } });
    expect(JSON.stringify(gate().cognito.calls)).not.toMatch(RegExp(`${SECRET}|Basic`));
  });
});

describe("without one", () => {
  const gate = useGate("gatehouse-auth");

  test("a client that has a secret is refused by its pool, and the log says what is missing", async () => {
    gate().pool.secrets.set(CLIENT_ID, SECRET);
    const answers = await gate().follow(gate().browser(), "/a");
    expect(answers.at(-1)).toMatchObject({ status: 400, heading: "Signing in has failed." });
    expect(JSON.parse(gate().logged.at(-1) ?? "")).toMatchObject({
      code: "sign_in_failed",
      cause: "invalid_client",
    });
  });
});
