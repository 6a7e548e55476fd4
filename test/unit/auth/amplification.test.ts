// What one person can make the gate ask for, by asking it again and again.
import { describe, expect, test } from "vitest";
import type { Browser } from "../fixtures/browser.ts";
import { AUTH_BUNDLES } from "../fixtures/bundle.ts";
import { NOW } from "../fixtures/config.ts";
import { APP, passTime, useGate } from "../fixtures/gate.ts";

const ROLES = ["editors", "leads"].map((name) => `arn:aws:iam::123456789012:role/${name}`);
const CLAIMS = { auth_time: NOW / 1000, "cognito:groups": ["editors", "leads"], "cognito:roles": ROLES };
const CREDENTIALS = "GetCredentialsForIdentity";

describe.each(AUTH_BUNDLES)("%s", (bundle) => {
  const gate = useGate(bundle, {
    groups: { editors: { roleArn: ROLES[0] ?? "" }, leads: { roleArn: ROLES[1] ?? "" } },
    areas: [{ path: "/a/*", groups: ["editors"] }, { path: "/b/*", groups: ["leads"] }, { path: "/*" }],
  });
  const asked = () => gate().actions.filter((action) => action === CREDENTIALS).length;
  const finish = (browser: Browser) => browser.ask("/.gatehouse/finish");
  const handOver = (browser: Browser, claims: object = CLAIMS) =>
    browser.ask("/.gatehouse/session", {
      method: "POST",
      dest: "empty",
      headers: { Origin: APP, Authorization: `Bearer ${gate().idToken(claims)}` },
    });

  test("20 times `finish` after a sign-in: nothing more than the sign-in", async () => {
    const browser = await gate().signedIn(CLAIMS);
    for (let count = 0; count < 20; count += 1)
      expect(await finish(browser)).toMatchObject({ status: 303, cookies: { length: 3 } });
    expect(gate().actions).toEqual([]);
    expect(gate().logged).toEqual([]);
  });

  test("20 times `session`: one exchange for each role, and the same credentials", async () => {
    const browser = gate().browser();
    for (let count = 0; count < 20; count += 1) {
      passTime(1_000);
      expect(await handOver(browser)).toMatchObject({ status: 200, cookies: { length: 4 } });
    }
    expect(gate().actions).toEqual(["GetId", CREDENTIALS, CREDENTIALS, CREDENTIALS]);
    browser.handler = gate().coldStart();
    for (const url of ["/x", "/a/x", "/b/x"])
      expect(await browser.ask(url, { dest: "image" })).toMatchObject({ status: "signed" });
    expect(asked()).toBe(3);
  });

  test.each([
    ["899 seconds, of a token for a day", 899, 86_400, 3],
    ["901 seconds, of a token for a day", 901, 86_400, 6],
    ["901 seconds, of a token for an hour", 901, 3_600, 3],
  ])("after %s", async (_, seconds, life, expected) => {
    const browser = gate().browser();
    const claims = { ...CLAIMS, exp: Date.now() / 1000 + life };
    await handOver(browser, claims);
    passTime(seconds * 1_000);
    await finish(browser);
    expect(asked()).toBe(expected);
  });

  test("a token that says something else of its user gets credentials of its own", async () => {
    const browser = gate().browser();
    await handOver(browser);
    await handOver(browser, { ...CLAIMS, "cognito:preferred_role": ROLES[0] });
    expect(asked()).toBe(6);
    await handOver(browser, { ...CLAIMS, "cognito:preferred_role": ROLES[0] });
    expect(asked()).toBe(6);
  });

  test("another user's credentials are never taken", async () => {
    const browser = gate().browser();
    await handOver(browser);
    await handOver(browser, { ...CLAIMS, sub: "somebody-else" });
    expect(asked()).toBe(6);
  });
});
