// Every page that the gate can show, in real Chromium, as axe-core sees it: by day and night, on a phone and a desk.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { plainPage } from "../../edge/answer/respond.ts";
import { createErrorPage, failurePage, forbiddenPage } from "../../edge/auth/error-page.ts";
import { login } from "../../edge/auth/login.ts";
import { logoutPage } from "../../edge/auth/logout.ts";
import { parseConfig } from "../../edge/config/document.ts";
import { TEXT_NAMES } from "../../edge/config/text-names.ts";
import { ANSWERS, type ErrorCode } from "../../edge/errors.ts";
import { type ResponseResult, readEvent } from "../../edge/request/cloudfront.ts";
import type { SignInParts } from "../../edge/sign-in.ts";
import type { VerifiedToken } from "../../edge/token/token.ts";
import { loopback } from "../../local/aws/iam/loopback.ts";
import { chromiumMissing, launchChromium } from "../../local/browser/chromium.ts";
import { configDocument } from "../unit/fixtures/config.ts";
import { type EventOptions, viewerEvent } from "../unit/fixtures/events.ts";
import { KEYS } from "../unit/fixtures/gate.ts";
import { token } from "../unit/fixtures/tokens.ts";
import { describeWith } from "./requirements.ts";

const PICTURE = `<svg xmlns="http://www.w3.org/2000/svg" width="90" height="30"><rect width="90" height="30" fill="teal"/></svg>`;
const CONFIG = parseConfig(
  configDocument({
    auth: {
      keys: KEYS,
      title: "Riverside School",
      logo: `data:image/svg+xml;base64,${Buffer.from(PICTURE).toString("base64")}`,
    },
    endpoints: { oauth: "https://login.example.com" },
  }),
);
const PARTS = { config: CONFIG, now: Date.now, log: () => undefined } as unknown as SignInParts;
const TAB = { "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document", "Upgrade-Insecure-Requests": "1" };
const LANGUAGES = ["en", "de"];
/** Those with words of their own, and one that has none. */
const CODES: readonly ErrorCode[] = [
  ...(Object.keys(ANSWERS) as ErrorCode[]).filter((code) => TEXT_NAMES.some((name) => name === code)),
  "method_not_allowed",
];

interface Shown {
  readonly html: string;
  readonly policy: string;
}

/** Where a browser finds each page. */
const PAGES: ReadonlyMap<string, Shown> = new Map([
  ...LANGUAGES.flatMap((lang) => pagesIn(lang).map(([name, shown]) => [`/${lang}/${name}`, shown] as const)),
  ["/en/without-sign-in", plainPage("token_missing", requestIn("en"))],
]);

function requestIn(lang: string, options: EventOptions = {}) {
  return readEvent(
    viewerEvent({ ...options, headers: { ...TAB, "Accept-Language": lang, ...options.headers } }),
  );
}

function pagesIn(lang: string): (readonly [name: string, shown: Shown])[] {
  const request = requestIn(lang);
  const signedIn = requestIn(lang, { headers: { Cookie: `__Host-gatehouse-id=${token()}` } });
  const detail = `access_denied: ${"User is not confirmed. ".repeat(9)}`;
  const failure = { returnTo: "/a.txt", cookies: [], detail };
  return [
    ...CODES.map((code) => [code, createErrorPage(CONFIG)(code, request)] as const),
    ["forbidden", shown(forbiddenPage(request, PARTS, { raw: token(), sub: "ada" } as VerifiedToken))],
    ["failed-with-detail", shown(failurePage("sign_in_failed", request, PARTS, failure))],
    ["on-the-way", staying(shown(login(request, PARTS)))],
    ["sign-out", shown(logoutPage(signedIn, PARTS))],
    ["signed-out", shown(logoutPage(request, PARTS))],
  ];
}

/** The page on the way to sign in would leave at once. */
function staying({ html, policy }: Shown): Shown {
  return { html: html.replace(/<script>location\.replace.*<\/script>/, ""), policy };
}

function shown({ body = "", headers }: ResponseResult): Shown {
  return { html: body, policy: headers["content-security-policy"]?.[0]?.value ?? "" };
}

describeWith("axe in Chromium", [chromiumMissing()], () => {
  const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
  let browser: Browser;
  let server: Awaited<ReturnType<typeof serve>>;

  beforeAll(async () => {
    server = await serve();
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  /** The rules that a page breaks, with what breaks them. */
  async function violations(page: Page, path: string): Promise<readonly string[]> {
    await page.goto(`${server.url}${path}`, { waitUntil: "domcontentloaded" });
    await page.evaluate(axe);
    return await page.evaluate(
      `axe.run().then(({ violations, passes }) => passes.length > 5
        ? violations.map(({ id, nodes }) => id + ": " + nodes.map(({ html }) => html).join(" "))
        : ["axe has seen no page"])`,
    );
  }

  describe.each(["light", "dark"] as const)("in the %s", (colorScheme) => {
    test.each([
      [390, 844],
      [1280, 800],
    ])("on a screen of %i by %i finds nothing on any page", { timeout: 300_000 }, async (width, height) => {
      const page = await browser.newPage({ colorScheme, viewport: { width, height } });
      const found: Record<string, readonly string[]> = {};
      for (const path of PAGES.keys()) {
        const broken = await violations(page, path);
        if (broken.length > 0) found[path] = broken;
      }
      await page.close();
      expect(found).toEqual({});
    });
  });

  test("finds what is wrong with a page", async () => {
    const page = await browser.newPage();
    const found = await violations(page, "/wrong");
    expect(found.map((broken) => broken.split(":")[0])).toEqual(
      expect.arrayContaining(["color-contrast", "document-title", "html-has-lang", "image-alt"]),
    );
    await page.close();
  });
});

const WRONG = `<!doctype html><meta name="viewport" content="width=device-width"><main><h1>A</h1>
<p style="color:#999;background:#fff">faint</p><img src="data:,"><a href="/">a</a></main>`;

/** Serves each page at its path, with its policy. */
async function serve() {
  const server = createServer((request, response) => {
    const { html, policy } = PAGES.get(request.url ?? "") ?? { html: WRONG, policy: "" };
    const headers = { "Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": policy };
    return response.writeHead(200, headers).end(html);
  });
  const { port, close } = await loopback(server);
  return { url: `http://localhost:${port}`, close };
}
