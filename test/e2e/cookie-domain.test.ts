// Over TLS, in real Chromium: `cookies.domain` changes between two deployments, as people are signed in. Nobody is locked
// out, nobody goes on as somebody else, and who signs out is signed out of what was there before, too.
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isRecord } from "../../edge/config/json.ts";
import { chromiumMissing, launchChromium } from "../../local/browser/chromium.ts";
import { DEMO_CONTEXT } from "../../local/start/demo.ts";
import { throwAwayCertificate } from "../local/aws/cloudfront/certificate.ts";
import { fillForm } from "./people.ts";
import { describeWith } from "./requirements.ts";
import { type Stage, startStage } from "./stage.ts";

const URL_OF_GATE = "https://assets.example.test";
const PATH = "/account.html?after=lunch";

/** The domain of then, and that of now. */
const CHANGES: readonly (readonly [string | undefined, string | undefined])[] = [
  [undefined, "example.test"],
  ["example.test", undefined],
  ["example.test", "assets.example.test"],
  ["assets.example.test", "example.test"],
];

describeWith("Another cookie domain, with Chromium", [chromiumMissing()], () => {
  describe.each(["lambda", "split"] as const)("placement %s", (placement) => {
    let stage: Stage;
    let browser: Browser;
    let context: BrowserContext;
    let page: Page;

    beforeAll(async () => {
      const settings = { tls: throwAwayCertificate(), publicUrl: URL_OF_GATE };
      stage = await startStage({ ...DEMO_CONTEXT, placement }, settings);
      browser = await launchChromium({ hosts: { "assets.example.test": stage.gate.port } });
    });
    afterAll(async () => {
      await browser?.close();
      await stage?.close();
    });

    async function deployWith(cookieDomain: string | undefined): Promise<void> {
      await stage.gate.redeploy({ ...DEMO_CONTEXT, placement, ...(cookieDomain && { cookieDomain }) });
    }

    async function inProfile(visit: () => Promise<void>): Promise<void> {
      context = await browser.newContext({ ignoreHTTPSErrors: true });
      page = await context.newPage();
      try {
        await visit();
      } finally {
        await context.close();
      }
    }

    async function open(username: string): Promise<void> {
      await page.goto(`${URL_OF_GATE}${PATH}`);
      await fillForm(page, username);
      await page.waitForURL(`${URL_OF_GATE}${PATH}`);
    }

    async function leave(): Promise<void> {
      await page.goto(`${URL_OF_GATE}/.gatehouse/logout`);
      await page.getByRole("button", { name: "Sign out" }).click();
      await page.getByRole("heading", { name: "You are signed out" }).waitFor();
    }

    async function leaveManagedLogin(): Promise<void> {
      await context.clearCookies({ domain: new URL(stage.gate.managedLogin.endpoint).hostname });
    }

    /** Nobody is led to the form, which has no JSON. */
    async function whoIsSignedIn(): Promise<string> {
      const answer = await page.goto(`${URL_OF_GATE}/.gatehouse/me`);
      const me: unknown = await answer?.json().catch(() => undefined);
      return isRecord(me) ? String(me["username"]) : "nobody";
    }

    async function sessionCookies(): Promise<readonly string[]> {
      const cookies = await context.cookies();
      return cookies.map(({ name }) => name).filter((name) => /gatehouse-(id|refresh|pass|aws)/.test(name));
    }

    test.each(CHANGES)(
      "from %s to %s: a deep link ends there, and the session of then is gone",
      (then, now) =>
        inProfile(async () => {
          await deployWith(then);
          await open("ada");
          const before = await sessionCookies();
          await deployWith(now);
          await open("ada");
          expect(await whoIsSignedIn()).toBe("ada");
          const kept = await sessionCookies();
          expect(new Set(kept).size).toBe(kept.length);
          expect(kept.length).toBe(before.length);
          await leave();
          expect(await sessionCookies()).toEqual([]);
          await deployWith(then);
          await page.goto(`${URL_OF_GATE}/account.html`);
          await page.getByLabel("User name").waitFor();
        }),
    );

    test.each(CHANGES)(
      "from %s to %s: who signs in as somebody else is that one, and a rollback does not bring the first back",
      (then, now) =>
        inProfile(async () => {
          await deployWith(then);
          await open("ada");
          await deployWith(now);
          // Between two domains the session goes on, and has to be ended; the managed login would know Ada, too.
          if (then !== undefined && now !== undefined) await leave();
          await leaveManagedLogin();
          await open("bob");
          expect(await whoIsSignedIn()).toBe("bob");
          await deployWith(then);
          await leaveManagedLogin();
          expect(await whoIsSignedIn()).not.toBe("ada");
        }),
    );
  });
});
