// Real Chromium against the whole chain: a person signs in and sees everything; everybody else sees nothing.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, BrowserContext, Page, Response } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { chromiumMissing, launchChromium } from "../../local/browser/chromium.ts";
import {
  assetUrls,
  audioDuration,
  fetchAll,
  fitsWidth,
  pictureWidths,
  playVideoFrom,
  showsAsPicture,
} from "./page-state.ts";
import { describeWith } from "./requirements.ts";
import { ASSETS, type Stage, setToken, signIn, signOut, startStage } from "./stage.ts";

const PICTURES = 14;
const LINKED = 20;
const UPLOAD = `<!doctype html><title>inert</title><h1>An upload</h1><img src="pictures/morning.jpg">
  <script>document.title = "it ran";</script>`;

describeWith("Chromium", [chromiumMissing()], () => {
  let stage: Stage;
  let browser: Browser;
  let page: Page;
  let responses: Response[];
  let urls: readonly string[];

  beforeAll(async () => {
    stage = await startStage();
    browser = await launchChromium();
    page = await (await browser.newContext()).newPage();
    responses = [];
    page.on("response", (response) => responses.push(response));
  });
  afterAll(async () => {
    await browser?.close();
    await stage?.close();
  });

  /** A new profile, for the time of a visit. */
  async function asStranger<T>(visit: (page: Page, context: BrowserContext) => Promise<T>): Promise<T> {
    const context = await browser.newContext();
    try {
      return await visit(await context.newPage(), context);
    } finally {
      await context.close();
    }
  }

  async function expectEverythingShut(stranger: Page): Promise<void> {
    const hits = await fetchAll(page, urls);
    const kept = hits.filter(({ url }) => !url.includes("/.gatehouse/"));
    expect(hits.filter(({ status }) => status !== 200)).toEqual([]);
    expect(kept.filter(({ cache }) => cache !== "Hit from cloudfront")).toEqual([]);
    await expectShut(stranger);
  }

  /** Programs are told so at every URL; a person, at one of each kind, is asked to sign in or learns that it is over. */
  async function expectShut(stranger: Page): Promise<void> {
    for (const url of urls)
      expect((await stranger.request.get(url, { maxRedirects: 0 })).status(), url).toBe(401);
    for (const url of oneOfEachKind(urls)) await expectAsked(stranger, url);
  }

  async function expectAsked(stranger: Page, url: string): Promise<void> {
    await stranger.goto(url);
    expect(await stranger.getByRole("heading").textContent(), url).toMatch(
      /^(Sign in|The session has ended\.)$/,
    );
  }

  test("signs in through the form of the managed login", async () => {
    await signIn(page, stage, "ada");
    expect(page.url()).toBe(`${stage.gate.url}/`);
    urls = await assetUrls(page);
    expect(urls.length).toBeGreaterThanOrEqual(LINKED);
  });

  test("shows every picture, those with odd names too", async () => {
    const widths = await pictureWidths(page);
    expect(Object.keys(widths)).toHaveLength(PICTURES);
    expect(Object.entries(widths).filter(([, width]) => width === 0)).toEqual([]);
  });

  test("plays the video, and fetches just the part that was sought", async () => {
    responses.length = 0;
    expect(await playVideoFrom(page, 10)).toBeGreaterThan(10);
    const ranges = responses.filter((response) => response.status() === 206);
    expect(ranges.map((response) => response.headers()["content-range"])).toContainEqual(
      expect.stringMatching(/^bytes [1-9]\d*-\d+\/\d+$/),
    );
  });

  test("loads the audio", async () => {
    expect(await audioDuration(page)).toBeGreaterThan(1);
  });

  test("opens the PDF in the browser", async () => {
    const tab = await page.context().newPage();
    const response = await tab.goto(`${stage.gate.url}/documents/visitor-guide.pdf`);
    expect([response?.status(), response?.headers()["content-type"]]).toEqual([200, "application/pdf"]);
    await expect
      .poll(() => tab.frames().some((frame) => frame.url().startsWith("chrome-extension:")))
      .toBe(true);
    await tab.close();
  });

  test("downloads a document with its bytes", async () => {
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("link", { name: "Visitor numbers" }).click(),
    ]);
    expect(download.suggestedFilename()).toBe("visitors.csv");
    expect(readFileSync(await download.path())).toEqual(readFileSync(join(ASSETS, "documents/visitors.csv")));
  });

  test.each([
    ["a desk", 1280],
    ["a phone", 360],
  ])("fits the screen of %s", async (_, width) => {
    await page.setViewportSize({ width, height: 800 });
    expect(await fitsWidth(page)).toBe(true);
  });

  test("without a session every one of these URLs is shut while it is in the cache", async () => {
    await fetchAll(page, urls);
    await asStranger(async (stranger) => {
      await expectEverythingShut(stranger);
      for (const url of urls) await expectAsked(stranger, url);
      await stranger.goto("about:blank");
      expect(await showsAsPicture(stranger, urls)).not.toContain(true);
    });
  });

  test.each<[string, () => Promise<string>]>([
    ["something else in the cookie", async () => "signed-in"],
    ["an expired token", () => stage.gate.userPool.issueIdToken("ada", { expiresInSeconds: -1 })],
    ["an access token", () => stage.gate.userPool.issueAccessToken("ada")],
    ["another client's token", () => stage.gate.userPool.issueIdToken("ada", { clientId: "another" })],
    ["a tampered token", async () => (await stage.gate.userPool.issueIdToken("ada")).replace(/.{3}$/, "AAA")],
    ["the token of a user who has signed out everywhere", tokenOfSignedOutUser],
  ])("%s opens none of them either", async (_, token) => {
    await asStranger(async (stranger, context) => {
      await setToken(context, stage, await token());
      await expectEverythingShut(stranger);
    });
  });

  async function tokenOfSignedOutUser(): Promise<string> {
    const { userPool } = stage.gate;
    userPool.users.add({ username: "eve", password: "eve", groups: ["editors"] });
    const token = await userPool.issueIdToken("eve");
    userPool.users.signOut("eve");
    return token;
  }

  test("somebody else finds the same pictures, another private folder, and the editors' page shut", async () => {
    await asStranger(async (bobs) => {
      await signIn(bobs, stage, "bob");
      expect(Object.values(await pictureWidths(bobs))).not.toContain(0);
      // Pages are not kept at the edge, but what scripts fetch is: hers first, then he asks.
      const own = [`${stage.gate.url}/me/`];
      await fetchAll(page, own);
      expect(await fetchAll(page, own)).toMatchObject([{ status: 200, cache: "Hit from cloudfront" }]);
      expect(await fetchAll(bobs, own)).toMatchObject([{ status: 200, cache: "Miss from cloudfront" }]);
      await page.goto(`${stage.gate.url}/me/`);
      await bobs.goto(`${stage.gate.url}/me/`);
      expect([await page.title(), await bobs.title()]).toEqual([
        "Private folder of ada",
        "Private folder of bob",
      ]);
      const adas = `users/${stage.gate.identityIdOf("ada")}/index.html`;
      for (const path of ["team/", "team/notes.txt", adas])
        expect((await bobs.goto(`${stage.gate.url}/${path}`))?.status(), path).toBe(403);
      expect((await page.goto(`${stage.gate.url}/team/`))?.status()).toBe(200);
      await page.goto(`${stage.gate.url}/index.html`);
    });
  });

  test("signing out shuts every URL for this browser", async () => {
    await signOut(page, stage);
    await expectShut(page);
  });

  test("whoever signs in next in the same browser gets their own bytes at the same URLs", async () => {
    const asked = ["me/", "team/", ".gatehouse/list/me/", ".gatehouse/list/team/"];
    for (const [username, statuses] of [
      ["ada", [200, 200, 200, 200]],
      ["bob", [200, 403, 200, 403]],
      ["ada", [200, 200, 200, 200]],
    ] as const) {
      await signIn(page, stage, username);
      const seen = [];
      for (const path of asked) seen.push((await page.goto(`${stage.gate.url}/${path}`))?.status());
      expect(seen, username).toEqual(statuses);
      const list = await page.goto(`${stage.gate.url}/.gatehouse/list/me/`);
      expect(await list?.text()).toContain(`<Prefix>users/${stage.gate.identityIdOf(username)}/</Prefix>`);
      await page.goto(`${stage.gate.url}/me/`);
      expect(await page.title()).toBe(`Private folder of ${username}`);
      await signOut(page, stage);
    }
  });
});

/** The first URL with each ending. */
function oneOfEachKind(urls: readonly string[]): readonly string[] {
  return [
    ...new Map(
      [...urls].reverse().map((url) => [new URL(url).pathname.replace(/^.*[./]/s, ""), url]),
    ).values(),
  ];
}

describeWith("Chromium on a page that is not trusted", [chromiumMissing()], () => {
  test("runs none of its scripts, and gives its pictures nothing of the reader's session", async () => {
    const stage = await startStage({});
    const browser = await launchChromium();
    try {
      stage.gate.s3.bucket.put("upload.html", Buffer.from(UPLOAD), { "content-type": "text/html" });
      const context = await browser.newContext();
      await setToken(context, stage, await stage.gate.userPool.issueIdToken("ada"));
      const page = await context.newPage();
      expect((await page.goto(`${stage.gate.url}/upload.html`))?.status()).toBe(200);
      expect([await page.title(), await pictureWidths(page)]).toEqual([
        "inert",
        { "pictures/morning.jpg": 0 },
      ]);
    } finally {
      await browser.close();
      await stage.close();
    }
  });
});
