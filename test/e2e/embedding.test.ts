// Pages of other hosts that show private files: an app hands its token over, and pictures load by their plain URLs.
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { Browser, Page } from "playwright-core";
import { expect, test } from "vitest";
import { chromiumMissing, launchChromium } from "../../local/browser/chromium.ts";
import { DEMO_CONTEXT } from "../../local/start/demo.ts";
import { throwAwayCertificate } from "../local/aws/cloudfront/certificate.ts";
import { pictureWidths } from "./page-state.ts";
import { describeWith } from "./requirements.ts";
import { type Stage, startStage } from "./stage.ts";

const ASSETS_URL = "https://assets.example.test";
const PICTURES = ["morning.jpg", "noon.webp", "night.png"].map((name) => `${ASSETS_URL}/pictures/${name}`);
const CERTIFICATE = throwAwayCertificate();
const EMBEDDED = { cookieSameSite: "None", cookiePartitioned: true };
/** What Chromium calls a world without third-party cookies. */
const NO_THIRD_PARTY_COOKIES = "--test-third-party-cookie-phaseout";

describeWith("Embedding with Chromium", [chromiumMissing()], () => {
  /** The app's own page, in a browser in which both hosts are played by this machine. */
  async function inApp(
    appHost: string,
    context: Readonly<Record<string, unknown>>,
    visit: (page: Page, stage: Stage) => Promise<void>,
  ): Promise<void> {
    const all = { ...DEMO_CONTEXT, ...context, corsOrigins: [`https://${appHost}`] };
    const stage = await startStage(all, { tls: CERTIFICATE, publicUrl: ASSETS_URL });
    const app = createServer(CERTIFICATE, (_, response) =>
      response.setHeader("Content-Type", "text/html").end("<!doctype html><title>App</title>"),
    );
    await new Promise<void>((resolve) => app.listen(0, "127.0.0.1", resolve));
    let browser: Browser | undefined;
    try {
      const hosts = {
        "assets.example.test": stage.gate.port,
        [appHost]: (app.address() as AddressInfo).port,
      };
      browser = await launchChromium({ hosts, flags: [NO_THIRD_PARTY_COOKIES] });
      const page = await browser.newPage({ ignoreHTTPSErrors: true });
      await page.goto(`https://${appHost}/`);
      await visit(page, stage);
    } finally {
      await browser?.close();
      app.closeAllConnections();
      app.close();
      await stage.close();
    }
  }

  const cases: Record<string, [string, Readonly<Record<string, unknown>>, boolean]> = {
    "another site, with SameSite=None; Partitioned": ["app.other.test", EMBEDDED, true],
    "another site, with the cookies of a gate for itself": ["app.other.test", {}, false],
    "another site, with SameSite=None alone": ["app.other.test", { cookieSameSite: "None" }, false],
    "another host of the same site": ["app.example.test", {}, true],
    "another host of the same site that shares the session": [
      "app.example.test",
      { cookieDomain: "example.test" },
      true,
    ],
  };
  test.each(Object.entries(cases))("%s", async (_, [appHost, context, shows]) => {
    await inApp(appHost, context, async (page, { gate }) => {
      const tokens = await gate.userPool.issueSession("ada");
      expect(await handOver(page, tokens)).toEqual([200, "ada"]);
      await show(page, PICTURES);
      const widths = Object.values(await pictureWidths(page));
      expect(widths.map((width) => width > 0)).toEqual(PICTURES.map(() => shows));
      expect(await status(page, `${ASSETS_URL}/documents/opening-hours.txt`)).toBe(shows ? 200 : 401);
    });
  });

  test("a page of an origin that is not configured can hand nothing over", async () => {
    await inApp("app.other.test", EMBEDDED, async (page, { gate }) => {
      await page.route("https://evil.other.test/", (route) =>
        route.fulfill({ contentType: "text/html", body: "<!doctype html>" }),
      );
      await page.goto("https://evil.other.test/");
      await expect(handOver(page, await gate.userPool.issueSession("ada"))).rejects.toThrow(
        /Failed to fetch/,
      );
    });
  });
});

async function handOver(page: Page, { idToken, refreshToken }: { idToken: string; refreshToken: string }) {
  return await page.evaluate<[number, string]>(
    `fetch("${ASSETS_URL}/.gatehouse/session", {
      method: "POST",
      credentials: "include",
      headers: { Authorization: "Bearer ${idToken}", "Content-Type": "application/json" },
      body: JSON.stringify({ refreshToken: "${refreshToken}" }),
    }).then(async (response) => [response.status, (await response.json()).username])`,
  );
}

async function show(page: Page, urls: readonly string[]): Promise<void> {
  await page.evaluate(
    `document.body.append(...${JSON.stringify(urls)}.map((src) => Object.assign(new Image(), { src })))`,
  );
}

async function status(page: Page, url: string): Promise<number> {
  return await page.evaluate<number>(
    `fetch(${JSON.stringify(url)}, { credentials: "include" }).then((response) => response.status)`,
  );
}
