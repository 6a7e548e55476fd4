// The split placement, the whole chain: a CloudFront Function before the cache, a Lambda on misses only.
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { chromiumMissing, launchChromium } from "../../local/browser/chromium.ts";
import { DEMO_CONTEXT } from "../../local/start/demo.ts";
import { pictureWidths } from "./page-state.ts";
import { cookie, fillForm } from "./people.ts";
import { describeWith } from "./requirements.ts";
import { type Stage, signIn, signOut, startStage } from "./stage.ts";

const OBJECT = "/documents/opening-hours.txt";
const FILM = "/media/bells.mp3";
const SPLIT = { ...DEMO_CONTEXT, placement: "split", revocation: true };

describeWith("The split placement", [chromiumMissing()], () => {
  let stage: Stage;
  let browser: Browser;
  const s3Requests: unknown[] = [];

  beforeAll(async () => {
    stage = await startStage(SPLIT, { s3Log: (entry) => s3Requests.push(entry) });
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await stage?.close();
  });
  beforeEach(() => {
    stage.gate.cloudFront.invalidate();
    stage.gate.cloudFront.skipFunctions(false);
  });

  /** A browser profile of its own, for the time of a visit. */
  async function visit<T>(visiting: (page: Page, context: BrowserContext) => Promise<T>): Promise<T> {
    const context = await browser.newContext();
    try {
      return await visiting(await context.newPage(), context);
    } finally {
      await context.close();
    }
  }

  /** What a program is told: status and X-Cache. */
  async function ask(path: string, headers: Record<string, string> = {}): Promise<readonly unknown[]> {
    // A connection that is kept would be one that a deployment ends.
    const answer = await fetch(`${stage.gate.url}${path}`, {
      headers: { ...headers, connection: "close" },
      redirect: "manual",
    });
    await answer.arrayBuffer();
    return [answer.status, answer.headers.get("x-cache")];
  }

  async function bearer(username: string): Promise<Record<string, string>> {
    return { authorization: `Bearer ${await stage.gate.userPool.issueIdToken(username)}` };
  }

  /** Signed in, and the page has all its pictures: whatever is counted from here on is the test's own. */
  async function signInAndSettle(page: Page): Promise<void> {
    await signIn(page, stage, "ada");
    await page.waitForLoadState("networkidle");
  }

  /** The cookies of a profile, as a program would send them. */
  async function cookiesOf(context: BrowserContext): Promise<Record<string, string>> {
    const cookies = await context.cookies(stage.gate.url);
    return { cookie: cookies.map(({ name, value }) => `${name}=${value}`).join("; ") };
  }

  const secondsFromNow = (seconds: number) => String(Math.floor(Date.now() / 1000) + seconds);

  test("a person signs in, sees the page with its pictures, and signs out", () =>
    visit(async (page) => {
      await signIn(page, stage, "ada");
      expect(await cookie(page, "pass")).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);
      const widths = Object.values(await pictureWidths(page));
      expect([widths.length, widths.filter((width) => width === 0)]).toEqual([14, []]);
      await signOut(page, stage);
      expect(await cookie(page, "pass")).toBe("");
      await page.goto(`${stage.gate.url}${OBJECT}`);
      expect(new URL(page.url()).pathname).not.toBe(OBJECT);
    }));

  test("a deep link leads to the form, and back to the same URL", () =>
    visit(async (page) => {
      const url = `${stage.gate.url}/account.html?from=a%20link`;
      await page.goto(url);
      await fillForm(page, "ada");
      await page.waitForURL(url);
    }));

  test("a hit runs no Lambda, for people and for programs", () =>
    visit(async (page, context) => {
      await signInAndSettle(page);
      const callers = [await cookiesOf(context), await bearer("bob")];
      for (const headers of callers) expect((await ask(OBJECT, headers))[0]).toBe(200);
      stage.gate.runs.reset();
      for (const headers of callers) expect(await ask(OBJECT, headers)).toEqual([200, "Hit from cloudfront"]);
      expect([stage.gate.runs.lambda, stage.gate.runs.of("function")]).toEqual([0, 2]);
    }));

  test("a cold miss with a sealed session makes no round trip but S3's", () =>
    visit(async (page, context) => {
      await signInAndSettle(page);
      const headers = await cookiesOf(context);
      await stage.gate.redeploy();
      const exchanges = () =>
        IDENTITY_CALLS.map((operation) => stage.gate.identityPoolServer.calls(operation));
      const before = exchanges();
      s3Requests.length = 0;
      expect(await ask(OBJECT, headers)).toEqual([200, "Miss from cloudfront"]);
      expect(exchanges()).toEqual(before);
      expect(s3Requests).toHaveLength(1);
    }));

  test("members of a group read its area and nobody else does, whoever asked first", () =>
    visit(async (page, context) => {
      await signIn(page, stage, "ada");
      const path = new URL(await firstTeamFile(page)).pathname;
      expect((await ask(path, await cookiesOf(context)))[0]).toBe(200);
      expect(await ask(path, await bearer("ada"))).toEqual([200, expect.any(String)]);
      expect((await ask(path, await bearer("bob")))[0]).toBe(403);
    }));

  test("revocation ends access on the next request: one person's, then everybody's", () =>
    visit(async (page, context) => {
      await signIn(page, stage, "ada");
      const [ada, bob] = [await cookiesOf(context), await bearer("bob")];
      const store = stage.gate.keyValueStores.only;
      const statuses = async () => [(await ask(OBJECT, ada))[0], (await ask(OBJECT, bob))[0]];
      expect(await statuses()).toEqual([200, 200]);
      const sub = claimsOf(await cookie(page, "id"))["sub"];
      store.put(`revoked/${sub}`, secondsFromNow(1));
      expect(await statuses()).toEqual([401, 200]);
      store.put("revoked/*", secondsFromNow(1));
      expect(await statuses()).toEqual([401, 401]);
      store.put("revoked/*", "not a time");
      expect(await statuses()).toEqual([503, 503]);
      store.delete("revoked/*");
      store.delete(`revoked/${sub}`);
      store.fail(true);
      expect(await statuses()).toEqual([503, 503]);
      store.fail(false);
      expect(await statuses()).toEqual([200, 200]);
    }));

  test("a function that is skipped shows nobody what is in the cache, or in the bucket", () =>
    visit(async (page, context) => {
      await signIn(page, stage, "ada");
      const session = await cookiesOf(context);
      const token = await bearer("ada");
      const id = await cookie(page, "id");
      expect((await ask(OBJECT, session))[0]).toBe(200);
      expect((await ask(OBJECT, token))[0]).toBe(200);
      stage.gate.cloudFront.skipFunctions(true);
      const scopes = [{}, ...SCOPES.map((scope) => ({ "x-gatehouse-cache-scope": scope }))];
      const poisons = [{}, session, token, { "x-gatehouse-token": id }, { "x-gatehouse-token": "x" }];
      for (const scope of scopes)
        for (const poison of poisons)
          expect((await ask(OBJECT, { ...scope, ...poison }))[0]).toBeGreaterThanOrEqual(400);
      stage.gate.cloudFront.skipFunctions(false);
      expect((await ask(OBJECT, session))[0]).toBe(200);
    }));

  test("nor what a link has put there, whose scope a Lambda writes before the cache", () =>
    visit(async (page) => {
      await signIn(page, stage, "ada");
      const answer = await fetch(`${stage.gate.url}/.gatehouse/link`, {
        method: "POST",
        headers: { ...(await bearer("ada")), origin: stage.gate.url },
        body: JSON.stringify({ path: FILM, seconds: 60 }),
      });
      const { url } = Object(await answer.json());
      expect((await fetch(url)).status).toBe(200);
      expect((await fetch(url)).headers.get("x-cache")).toBe("Hit from cloudfront");
      stage.gate.cloudFront.skipFunctions(true);
      const scope = `${String(claimsOf(await cookie(page, "pass"))["iss"])}:signed-in`;
      expect((await ask(FILM, { "x-gatehouse-cache-scope": scope }))[0]).toBe(401);
    }));

  test("a viewer's own scope, token and session headers change nothing", () =>
    visit(async (page, context) => {
      await signIn(page, stage, "ada");
      const id = await cookie(page, "id");
      for (const scope of SCOPES) {
        const poison = {
          "x-gatehouse-cache-scope": scope,
          "x-gatehouse-token": id,
          "x-gatehouse-session": "a=b",
        };
        expect((await ask(OBJECT, poison))[0]).toBe(401);
        expect((await ask(OBJECT, { ...poison, ...(await cookiesOf(context)) }))[0]).toBe(200);
        expect((await ask(OBJECT, { ...poison, ...(await bearer("bob")) }))[0]).toBe(200);
      }
    }));

  test("a forged token never meets what a real one has put into the cache", async () => {
    const [header, payload, signature] = (await stage.gate.userPool.issueIdToken("ada")).split(".");
    const real = `Bearer ${header}.${payload}.${signature}`;
    expect((await ask(OBJECT, { authorization: real }))[0]).toBe(200);
    const forged = `Bearer ${header}.${payload}.${signature?.split("").reverse().join("")}`;
    expect((await ask(OBJECT, { authorization: forged }))[0]).toBe(401);
    expect((await ask(OBJECT, { authorization: real }))[1]).toBe("Hit from cloudfront");
  });
});

const IDENTITY_CALLS = ["GetId", "GetCredentialsForIdentity"] as const;

const SCOPES = ["", "x", "signed-in", `${"A".repeat(43)};;0;`];

async function firstTeamFile(page: Page): Promise<string> {
  const links = await page
    .locator('a[href*="team/"], img[src*="team/"]')
    .evaluateAll((found) =>
      found.map((element) => String(Reflect.get(element, "href") ?? Reflect.get(element, "src"))),
    );
  return links[0] ?? "";
}

function claimsOf(token: string): Readonly<Record<string, unknown>> {
  return JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
}
