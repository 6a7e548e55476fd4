// Real Chromium and a person who signs in: deep links, many tabs, expired tokens, blocked cookies, signing out.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chromiumMissing, launchChromium, launchProfile } from "../../local/browser/chromium.ts";
import type { GateOptions } from "../../local/gate/gate.ts";
import { DEMO_CONTEXT } from "../../local/start/demo.ts";
import { withGap } from "./film.ts";
import { pictureWidths, playVideoFrom } from "./page-state.ts";
import { cookie, expireToken, fillForm } from "./people.ts";
import { describeWith } from "./requirements.ts";
import { ASSETS, type Stage, startStage } from "./stage.ts";

const TWELVE = Array.from({ length: 12 }, (_, index) => `/pictures/night.png?${index}`);
const ALBUM = `<!doctype html><title>Album</title>${TWELVE.map((src) => `<img src="${src}">`).join("")}`;

describeWith("Signing in with Chromium", [chromiumMissing()], () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(async () => await browser?.close());

  /** A stage with an album of twelve pictures, and a browser profile, for the time of a visit. */
  async function onStage<T>(
    options: Partial<GateOptions>,
    visit: (page: Page, stage: Stage, context: BrowserContext) => Promise<T>,
  ): Promise<T> {
    const stage = await startStage(undefined, options);
    await stage.gate.store.put("album.html", Buffer.from(ALBUM));
    await stage.gate.store.put("film.html", Buffer.from('<!doctype html><video src="film.mp4"></video>'));
    await stage.gate.store.put("film.mp4", withGap(readFileSync(join(ASSETS, "media/one-day.mp4"))));
    const context = await browser.newContext();
    try {
      return await visit(await context.newPage(), stage, context);
    } finally {
      await context.close();
      await stage.close();
    }
  }

  test("a deep link with a query leads to the form, and back to the same URL with the asset", () =>
    onStage({}, async (page, { gate }) => {
      const url = `${gate.url}/account.html?from=a%20link&list=1,2&q=%C3%BC+%2B&q=`;
      await page.goto(url);
      expect(new URL(page.url()).origin).toBe(gate.managedLogin.endpoint);
      await fillForm(page, "ada");
      await page.waitForURL(url);
      expect(await page.getByRole("heading", { level: 1 }).textContent()).not.toBe("");
      expect(await cookie(page, "id")).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);
      expect((await cookie(page, "aws")).length).toBeGreaterThan(200);
    }));

  test("twelve pictures at once, strangers to the gate, start no sign-in; with a session all of them show", () =>
    onStage({ coldStarts: "always" }, async (page, { gate }, context) => {
      await page.route("**/stranger", (route) => route.fulfill({ contentType: "text/html", body: ALBUM }));
      await page.goto(`${gate.url}/stranger`);
      expect(new Set(Object.values(await pictureWidths(page)))).toEqual(new Set([0]));
      expect(await context.cookies()).toEqual([]);
      await page.goto(`${gate.url}/album.html`);
      await fillForm(page, "ada");
      await page.waitForURL(`${gate.url}/album.html`);
      expect(Object.values(await pictureWidths(page))).toEqual(TWELVE.map(() => 900));
    }));

  test("five tabs sign in at the same time, and each ends where it started", () =>
    onStage({}, async (_, { gate }, context) => {
      const urls = [1, 2, 3, 4, 5].map((tab) => `${gate.url}/account.html?tab=${tab}`);
      const tabs = await Promise.all(
        urls.map(async (url) => {
          const tab = await context.newPage();
          await tab.goto(url);
          return { tab, url };
        }),
      );
      await Promise.all(
        tabs.map(async ({ tab, url }) => {
          await fillForm(tab, "ada");
          await tab.waitForURL(url);
        }),
      );
      const left = (await context.cookies()).filter(({ name }) => name.includes("login-"));
      expect(left.map(({ name }) => name)).toEqual([]);
    }));

  test("a video plays on when the token expires", () =>
    onStage({}, async (page, stage) => {
      await page.goto(`${stage.gate.url}/`);
      await fillForm(page, "ada");
      await page.getByRole("heading", { name: "Behind the gate" }).waitFor();
      await page.goto(`${stage.gate.url}/film.html`);
      expect(await playVideoFrom(page, 1)).toBeGreaterThan(1);
      const expired = await expireToken(page, stage, "ada");
      const renewals: number[] = [];
      page.on("response", (response) => response.status() === 307 && renewals.push(response.status()));
      expect(await playVideoFrom(page, 10)).toBeGreaterThan(10);
      expect(renewals.length).toBeGreaterThan(0);
      expect(await cookie(page, "id")).not.toBe(expired);
    }));

  describe.each([0, 60])(
    "twelve pictures with an expired token, rotation with %i s of grace",
    (graceSeconds) => {
      test("the session survives, in containers that remember nothing", () =>
        onStage({ coldStarts: "always" }, async (page, stage) => {
          rotateRefreshTokens(stage, graceSeconds);
          await page.goto(`${stage.gate.url}/account.html`);
          await fillForm(page, "ada");
          await page.waitForURL(`${stage.gate.url}/account.html`);
          await page.goto(`${stage.gate.url}/album.html`);
          const refreshToken = await cookie(page, "refresh");
          await expireToken(page, stage, "ada");
          await page.evaluate(
            "Promise.all([...document.images].map((image) => { image.src += '&again'; return image.decode().catch(() => {}); }))",
          );
          expect(await cookie(page, "refresh")).not.toBe(refreshToken);
          expect(Object.values(await pictureWidths(page))).toEqual(TWELVE.map(() => 900));
          await expireToken(page, stage, "ada");
          expect((await page.goto(`${stage.gate.url}/account.html`))?.status()).toBe(200);
          expect(new URL(page.url()).pathname).toBe("/account.html");
        }));
    },
  );

  test("blocked cookies are explained, and nothing goes round in circles", async () => {
    const stage = await startStage();
    const folder = profileThatBlocks(stage.gate.url);
    const context = await launchProfile(folder);
    try {
      const page = await context.newPage();
      const navigations: string[] = [];
      page.on("request", (request) => request.isNavigationRequest() && navigations.push(request.url()));
      await page.goto(`${stage.gate.url}/account.html`);
      await fillForm(page, "ada");
      await page.getByRole("heading", { name: /does not keep the cookies/ }).waitFor();
      // It may have been another program that began, so it is tried once more by itself.
      expect(navigations.filter((url) => url.includes("/oauth2/authorize?"))).toHaveLength(2);
      expect(await page.getByRole("link", { name: "Sign in" }).count()).toBe(1);
    } finally {
      await context.close();
      await stage.close();
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test("signing out shuts every URL, empties the cache, and ends the refresh token", () =>
    onStage(
      {
        context: {
          ...DEMO_CONTEXT,
          areas: [{ path: "/pictures/*", browserMaxAge: 3600 }, { path: "/*" }],
          groups: undefined,
        },
      },
      async (page, stage) => {
        const { url, userPoolServer } = stage.gate;
        await page.goto(`${url}/pictures/night.png`);
        await fillForm(page, "ada");
        await page.waitForURL(`${url}/pictures/night.png`);
        const refreshToken = await cookie(page, "refresh");
        await page.goto(`${url}/.gatehouse/logout`);
        await page.getByRole("button", { name: "Sign out" }).click();
        await page.getByRole("heading", { name: "You are signed out" }).waitFor();
        expect((await page.context().cookies(url)).map(({ name }) => name)).toEqual([]);
        expect(await isInBrowserCache(page, `${url}/pictures/night.png`)).toBe(false);
        await page.goto(`${url}/pictures/night.png`);
        await page.getByLabel("User name").waitFor();
        const response = await fetch(userPoolServer.endpoint, {
          method: "POST",
          headers: { "x-amz-target": "AWSCognitoIdentityProviderService.GetTokensFromRefreshToken" },
          body: JSON.stringify({
            RefreshToken: refreshToken,
            ClientId: stage.gate.userPool.clients[0]?.clientId,
          }),
        });
        expect(response.status).toBe(400);
      },
    ));

  describe.each(["lambda", "split"] as const)("two tabs, placement %s", (placement) => {
    const context = { ...DEMO_CONTEXT, placement };

    test("who signs out in one is signed out in the other, which signs in again to where it is", () =>
      onStage({ context }, async (page, { gate: { url } }) => {
        await page.goto(`${url}/account.html?tab=1`);
        await fillForm(page, "ada");
        await page.waitForURL(`${url}/account.html?tab=1`);
        const other = await page.context().newPage();
        await other.goto(`${url}/.gatehouse/logout`);
        await other.getByRole("button", { name: "Sign out" }).click();
        await other.getByRole("heading", { name: "You are signed out" }).waitFor();
        expect(await cookie(page, placement === "split" ? "pass" : "id")).toBe("");
        await page.reload();
        await fillForm(page, "ada");
        await page.waitForURL(`${url}/account.html?tab=1`);
      }));

    test("who may not see a page changes to somebody who may, there, and is that in the other tab too", () =>
      onStage({ context }, async (page, { gate: { url } }) => {
        await page.goto(`${url}/account.html`);
        await fillForm(page, "bob");
        await page.waitForURL(`${url}/account.html`);
        const other = await page.context().newPage();
        expect((await other.goto(`${url}/team/`))?.status()).toBe(403);
        await other.getByRole("link", { name: "Sign in as somebody else" }).click();
        await other.getByLabel("User name").waitFor();
        await fillForm(other, "ada");
        await other.waitForURL(`${url}/team/`);
        expect(await other.title()).not.toContain("403");
        const profile = (tab: Page) =>
          tab.evaluate<string>(`fetch("/.gatehouse/me").then((response) => response.text())`);
        expect(await profile(page)).toContain("ada@example.com");
        await page.reload();
        expect(await profile(page)).toBe(await profile(other));
      }));

    test("a page that is not there leads to the start page, and stays signed in", () =>
      onStage({ context }, async (page, { gate: { url } }) => {
        await page.goto(`${url}/nowhere.html`);
        await fillForm(page, "ada");
        await page.getByRole("link", { name: "Start page" }).waitFor();
        expect(page.url()).toBe(`${url}/nowhere.html`);
        await page.getByRole("link", { name: "Start page" }).click();
        await page.waitForURL(`${url}/`);
        expect(await cookie(page, "id")).not.toBe("");
      }));
  });
});

function rotateRefreshTokens({ gate: { userPool } }: Stage, graceSeconds: number): void {
  const [client] = userPool.clients;
  if (!client) throw new Error("the pool has no client");
  userPool.updateClient({
    ...client,
    explicitAuthFlows: ["ALLOW_USER_SRP_AUTH"],
    rotation: { graceSeconds },
  });
}

/** A profile that takes no cookies of one origin. */
function profileThatBlocks(origin: string): string {
  const folder = mkdtempSync(join(tmpdir(), "chromium-"));
  const exceptions = { cookies: { [`${origin},*`]: { setting: 2 } } };
  mkdirSync(join(folder, "Default"));
  const preferences = { profile: { content_settings: { exceptions } } };
  writeFileSync(join(folder, "Default/Preferences"), JSON.stringify(preferences));
  return folder;
}

async function isInBrowserCache(page: Page, url: string): Promise<boolean> {
  return await page.evaluate(
    `fetch(${JSON.stringify(url)}, { cache: "only-if-cached", mode: "same-origin" }).then((response) => response.ok, () => false)`,
  );
}
