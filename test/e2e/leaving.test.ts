// Over TLS, in real Chromium with its back/forward cache on: who has signed out sees nothing again, and who signs in ends
// at the whole address that was asked for.
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chromiumMissing, launchChromium } from "../../local/browser/chromium.ts";
import { DEMO_CONTEXT } from "../../local/start/demo.ts";
import { throwAwayCertificate } from "../local/aws/cloudfront/certificate.ts";
import { expireToken, fillForm } from "./people.ts";
import { describeWith } from "./requirements.ts";
import { type Stage, startStage } from "./stage.ts";

const URL_OF_GATE = "https://assets.example.test";
const SECRET = "for signed-in eyes";
const PAGE = `<!doctype html><title>Private</title><h1>${SECRET}</h1><img src="/pictures/night.png">`;
const APP = `<!doctype html><title>App</title><h1></h1><script>
addEventListener("hashchange", show); show();
function show() { document.querySelector("h1").textContent = "At " + location.hash; }
</script>`;

const PLACEMENTS = ["lambda", "split"] as const;

describeWith("Coming and going with Chromium", [chromiumMissing()], () =>
  describe.each(PLACEMENTS)("placement %s", comingAndGoing),
);

function comingAndGoing(placement: (typeof PLACEMENTS)[number]): void {
  let stage: Stage;
  /** As the driver wants it, and as people have it: with pages kept for the back button. */
  let browser: Browser;
  let remembering: Browser;
  let context: BrowserContext;
  let page: Page;

  beforeAll(async () => {
    const areas = [
      { path: "/app/*", trusted: true },
      { path: "/kept/*", browserMaxAge: 3600 },
      { path: "/*" },
    ];
    stage = await startStage(
      { ...DEMO_CONTEXT, placement, areas, groups: undefined },
      { tls: throwAwayCertificate(), publicUrl: URL_OF_GATE },
    );
    const { store } = stage.gate;
    await store.put("private.html", Buffer.from(PAGE));
    await store.put("kept/private.html", Buffer.from(PAGE));
    await store.put("private.txt", Buffer.from(SECRET));
    await store.put("app/index.html", Buffer.from(APP));
    const hosts = { "assets.example.test": stage.gate.port };
    browser = await launchChromium({ hosts });
    remembering = await launchChromium({ hosts, backForwardCache: true });
  });
  afterAll(async () => {
    await browser?.close();
    await remembering?.close();
    await stage?.close();
  });

  async function inProfile(visit: () => Promise<void>, options: object = {}): Promise<void> {
    context = await browser.newContext({ ignoreHTTPSErrors: true, ...options });
    page = await context.newPage();
    try {
      await visit();
    } finally {
      await context.close();
    }
  }

  async function open(path: string): Promise<void> {
    await page.goto(`${URL_OF_GATE}${path}`);
    await fillForm(page, "ada");
    await page.waitForURL(`${URL_OF_GATE}${path}`);
  }

  /** The same person in the browser with that cache; the driver loses sight of a tab that leaves other pages behind there. */
  async function inRememberingProfile(visit: () => Promise<void>): Promise<void> {
    await inProfile(async () => {
      await open("/private.html");
      const signedIn = await remembering.newContext({ ignoreHTTPSErrors: true });
      await signedIn.addCookies((await context.cookies()).filter(({ name }) => name.includes("gatehouse")));
      page = await signedIn.newPage();
      await visit();
      await signedIn.close();
    });
  }

  async function goBack(): Promise<void> {
    const from = page.url();
    await page.evaluate("history.back()").catch(() => undefined);
    await page
      .waitForURL((url) => url.href !== from, { waitUntil: "commit", timeout: 3_000 })
      .catch(() => undefined);
  }

  /** Whether the page that is shown came out of the back/forward cache, as it says itself. */
  async function isRestored(): Promise<boolean> {
    return await page.evaluate<boolean>("self.restored === true");
  }

  describe("the back button", () => {
    test("restores a page of another kind as it was: the cache is on", async () => {
      page = await remembering.newPage();
      await page.route("https://other.test/*", (route) =>
        route.fulfill({ contentType: "text/html", body: "<!doctype html><title>x</title>" }),
      );
      await page.goto("https://other.test/one");
      await page.evaluate(`addEventListener("pageshow", (event) => { self.restored = event.persisted })`);
      await page.goto("https://other.test/two");
      await goBack();
      expect(page.url()).toBe("https://other.test/one");
      expect(await isRestored()).toBe(true);
      await page.close();
    });

    test.each([
      "/private.html",
      "/kept/private.html",
      "/private.txt",
      "/pictures/night.png",
      "/media/one-day.mp4",
      "/documents/visitor-guide.pdf",
    ])("after signing out does not bring %s back", (path) =>
      inRememberingProfile(async () => {
        expect((await page.goto(`${URL_OF_GATE}${path}`))?.status()).toBe(200);
        await page.goto(`${URL_OF_GATE}/.gatehouse/logout`);
        await page.getByRole("button", { name: "Sign out" }).click();
        await page.getByRole("heading", { name: "You are signed out" }).waitFor();
        await goBack();
        expect(await page.getByRole("heading").textContent()).toBe("You are signed out.");
        await goBack();
        await page.getByLabel("User name").waitFor({ timeout: 10_000 });
        expect(await page.content()).not.toContain(SECRET);
      }),
    );

    test("while signed in works, and what a page shows is asked about and kept", () =>
      inProfile(async () => {
        await open("/app/");
        const said = await page.evaluate<string>(
          `fetch("/pictures/night.png").then((response) => response.headers.get("cache-control"))`,
        );
        expect(said).toBe("private, no-cache");
        await page.goto(`${URL_OF_GATE}/private.html`);
        const again = await page.goto(`${URL_OF_GATE}/private.html?again`);
        expect(again?.headers()["cache-control"]).toBe("no-store");
        await page.goBack();
        expect(page.url()).toBe(`${URL_OF_GATE}/private.html`);
        expect(await page.getByRole("heading").textContent()).toBe(SECRET);
      }));
  });

  describe("the #fragment", () => {
    const path = "/app/?tab=2#/orders/42";

    async function isAt(where: string, hash: string): Promise<void> {
      await page.waitForURL(`${URL_OF_GATE}${where}`);
      await expect.poll(() => page.getByRole("heading").textContent()).toBe(`At ${hash}`);
    }

    test("is there after the form, after a redirect by who knows the person, and after a renewal", () =>
      inProfile(async () => {
        await page.goto(`${URL_OF_GATE}${path}`);
        await fillForm(page, "ada");
        await isAt(path, "#/orders/42");
        await context.clearCookies({ name: /gatehouse/ });
        await page.goto("about:blank");
        await page.goto(`${URL_OF_GATE}/app/?tab=3#/orders/43`);
        await isAt("/app/?tab=3#/orders/43", "#/orders/43");
        await expireToken(page, stage, "ada");
        await page.goto("about:blank");
        await page.goto(`${URL_OF_GATE}/app/?tab=4#/orders/44`);
        await expect.poll(() => page.getByRole("heading").textContent()).toBe("At #/orders/44");
        expect(new URL(page.url()).hash).toBe("#/orders/44");
      }));

    test("that is markup stays one", () =>
      inProfile(async () => {
        const hash = `#"><script>alert(1)</script>&return_to=//evil.example`;
        await page.goto(`${URL_OF_GATE}/app/${hash}`);
        await fillForm(page, "ada");
        await page.getByRole("heading", { name: "At #" }).waitFor();
        const url = new URL(page.url());
        expect([url.origin, url.pathname]).toEqual([URL_OF_GATE, "/app/"]);
        expect(decodeURIComponent(url.hash)).toBe(hash);
      }));

    test("no way is lost without script, but for the fragment", () =>
      inProfile(
        async () => {
          await page.goto(`${URL_OF_GATE}${path}`);
          await page.getByLabel("User name").waitFor();
          await fillForm(page, "ada");
          await page.waitForURL(`${URL_OF_GATE}/app/?tab=2`);
        },
        { javaScriptEnabled: false },
      ));
  });

  test("a person and a program that miss the same object at once each get their own kind of answer", () =>
    inProfile(async () => {
      await open("/app/");
      await page.setExtraHTTPHeaders({ "Accept-Language": "de" });
      const other = await context.newPage();
      await other.setExtraHTTPHeaders({ "Accept-Language": "ja" });
      const [asked] = await Promise.all([
        page.evaluate<[number, string]>(
          `fetch("/missing.json").then(async (response) => [response.status, (await response.json()).code])`,
        ),
        other.goto(`${URL_OF_GATE}/missing.json`),
      ]);
      expect(asked).toEqual([404, "not_found"]);
      expect(await other.getByRole("heading").textContent()).toBe("ここには何もありません。");
      expect(await other.locator("html").getAttribute("lang")).toBe("ja");
      await other.getByRole("link", { name: "トップページ" }).click();
      await other.waitForURL(`${URL_OF_GATE}/`);
    }));
}
