// Real Chromium and ways back from the managed login that are late, strange or taken twice: each ends at its page.
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { chromiumMissing, launchChromium } from "../../local/browser/chromium.ts";
import { cookie, fillForm } from "./people.ts";
import { describeWith } from "./requirements.ts";
import { type Stage, startStage } from "./stage.ts";

describeWith("Coming back with Chromium", [chromiumMissing()], () => {
  vi.setConfig({ testTimeout: 120_000 });
  let browser: Browser;
  let stage: Stage;
  beforeAll(async () => {
    browser = await launchChromium();
    stage = await startStage();
  });
  afterAll(async () => {
    await browser?.close();
    await stage?.close();
  });

  async function onStage(
    visit: (page: Page, stage: Stage, context: BrowserContext) => Promise<void>,
  ): Promise<void> {
    const context = await browser.newContext();
    try {
      await visit(await context.newPage(), stage, context);
    } finally {
      await context.close();
    }
  }

  test("a form that was open for so long that the browser has forgotten the attempt leads to the deep link", () =>
    onStage(async (page, { gate }, context) => {
      const url = `${gate.url}/account.html?after=lunch`;
      await page.goto(url);
      await context.clearCookies({ name: /gatehouse-login-/ });
      await fillForm(page, "ada");
      await page.waitForURL(url);
      expect(await cookie(page, "id")).not.toBe("");
    }));

  test("a form that another program has opened leads to the deep link in the browser", () =>
    onStage(async (page, { gate }) => {
      const other = await browser.newContext();
      const agent = await other.newPage();
      const asked = agent.waitForRequest((request) => request.url().includes("/oauth2/authorize?"));
      await agent.goto(`${gate.url}/account.html?from=office`);
      await page.goto((await asked).url());
      await other.close();
      await fillForm(page, "ada");
      await page.waitForURL(`${gate.url}/account.html?from=office`);
    }));

  test("a code without a state, as of an identity provider that starts, ends at the start page", () =>
    onStage(async (page, { gate }) => {
      await page.goto(`${gate.url}/.gatehouse/callback?code=0a1b2c3d-1111-2222-3333-444455556666`);
      await fillForm(page, "ada");
      await page.waitForURL(`${gate.url}/`);
    }));

  test(
    "ten restored tabs, and ways back a second time, show what they were opened for",
    { timeout: 120_000 },
    () =>
      onStage(async (_, { gate }, context) => {
        const urls = Array.from({ length: 10 }, (_, tab) => `${gate.url}/account.html?tab=${tab}`);
        const backs: string[] = [];
        context.on("request", (request) => {
          if (request.url().includes("/.gatehouse/callback?")) backs.push(request.url());
        });
        const tabs: Page[] = [];
        for (const url of urls) {
          const tab = await context.newPage();
          await tab.goto(url);
          tabs.push(tab);
        }
        for (const [index, tab] of tabs.entries()) {
          await fillForm(tab, "ada");
          await tab.waitForURL(urls[index] ?? "");
        }
        expect(backs.length).toBeGreaterThanOrEqual(10);
        const [tab] = tabs;
        for (const back of backs.slice(0, 4)) {
          const answer = await tab?.goto(back);
          expect([answer?.status(), new URL(tab?.url() ?? "").pathname]).toEqual([200, "/account.html"]);
        }
      }),
  );
});
