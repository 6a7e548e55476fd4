// The gate's own pages in real Chromium: nothing that their policy refuses, readable in both schemes, on any screen.
import { createServer } from "node:http";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Page as Content, renderPage } from "../../edge/auth/page.ts";
import { textOf } from "../../edge/auth/texts.ts";
import { translations } from "../../edge/auth/translations.ts";
import { loopback } from "../../local/aws/iam/loopback.ts";
import { chromiumMissing, launchChromium } from "../../local/browser/chromium.ts";
import { fitsWidth } from "./page-state.ts";
import { describeWith } from "./requirements.ts";

const PICTURE = `<svg xmlns="http://www.w3.org/2000/svg" width="240" height="80"><rect width="240" height="80" fill="teal"/></svg>`;
const LOOK = {
  title: "Riverside School: pictures and films",
  logo: `data:image/svg+xml;base64,${Buffer.from(PICTURE).toString("base64")}`,
};
const { en, de, ja } = translations();
const REFERENCE = `Status 403, request ${"kHx3_abc".repeat(7)}==`;

/** One page with each part that a page may have. */
const PAGES: Readonly<Record<string, Content>> = {
  forbidden: {
    ...textOf("access_denied"),
    note: "Signed in as somebody.with.a.long.name@department.example.com.",
    links: [
      { href: "/.gatehouse/login", label: en.sign_in_other },
      { href: "/.gatehouse/logout", label: en.sign_out },
      { href: "/", label: en.start_page },
    ],
    fragment: "keep",
    reference: REFERENCE,
  },
  "sign-in-failed": {
    ...textOf("sign_in_failed"),
    detail: `access_denied: ${"User is not confirmed. ".repeat(20)}<b onclick=alert(1)>`,
    links: [{ href: "/.gatehouse/login", label: en.sign_in }],
    reference: REFERENCE,
  },
  "cookies-blocked": {
    ...textOf("cookies_blocked"),
    links: [{ href: "/.gatehouse/login", label: en.sign_in }],
  },
  "sign-out": {
    heading: en.ask_sign_out,
    text: en.ask_sign_out_help,
    form: { action: "/posted", label: en.sign_out, formAction: ["'self'"] },
    links: [{ href: "/", label: en.stay_signed_in }],
  },
  framed: {
    ...textOf("token_missing"),
    links: [{ href: "/.gatehouse/login", label: en.sign_in_elsewhere, newWindow: true }],
  },
  german: {
    ...textOf("cookies_blocked", de),
    language: { lang: "de", dir: "ltr" },
    links: [{ href: "/", label: de.sign_in_elsewhere }],
  },
  japanese: {
    ...textOf("access_denied", ja),
    language: { lang: "ja", dir: "ltr" },
    links: [{ href: "/", label: ja.sign_in_other }],
  },
  "from-right-to-left": {
    heading: "لا شيء هنا.",
    text: "نُقل أو حُذف، أو كُتب العنوان خطأً.",
    language: { lang: "ar", dir: "rtl" },
    links: [
      { href: "/", label: "البداية" },
      { href: "/.gatehouse/logout", label: "الخروج" },
    ],
  },
};
const NAMES = Object.keys(PAGES);

describeWith("Chromium", [chromiumMissing()], () => {
  let browser: Browser;
  let page: Page;
  let server: Awaited<ReturnType<typeof serve>>;
  const complaints: string[] = [];

  beforeAll(async () => {
    server = await serve();
    browser = await launchChromium();
    page = await browser.newPage();
    page.on("console", (message) => complaints.push(message.text()));
    page.on("dialog", (dialog) => complaints.push(dialog.message()));
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  test.each(NAMES)("%s: its style applies, its logo shows, and its policy refuses nothing", async (name) => {
    complaints.length = 0;
    await page.goto(`${server.url}/${name}`);
    expect(await page.evaluate("document.images[0].naturalWidth")).toBe(240);
    expect(await page.evaluate("document.styleSheets[0].cssRules.length")).toBeGreaterThan(5);
    expect(complaints).toEqual([]);
  });

  test.each(NAMES)("%s: one heading, landmarks, a language, no script of anybody else's", async (name) => {
    await page.goto(`${server.url}/${name}`);
    for (const role of ["heading", "banner", "main"] as const)
      expect(await page.getByRole(role).count(), role).toBe(1);
    const { lang, dir } = PAGES[name]?.language ?? { lang: "en", dir: "ltr" };
    expect(await page.locator("html").getAttribute("lang")).toBe(lang);
    expect(await page.locator("html").getAttribute("dir")).toBe(dir);
    expect(await page.locator("script, [onclick]").count()).toBe(PAGES[name]?.fragment ? 1 : 0);
    expect(await page.title()).toContain(LOOK.title);
  });

  test.each(
    NAMES.flatMap((name) => (["light", "dark"] as const).map((colorScheme) => [name, colorScheme] as const)),
  )("%s is readable in the %s", async (name, colorScheme) => {
    await page.emulateMedia({ colorScheme });
    await page.goto(`${server.url}/${name}`);
    const contrasts = await page.evaluate<Record<string, number>>(CONTRASTS);
    expect(Object.entries(contrasts).filter(([, contrast]) => contrast < 4.5)).toEqual([]);
    expect(Object.keys(contrasts).length).toBeGreaterThan(3);
  });

  test.each(NAMES)("%s fits 320 pixels, which is 1,280 at 400 %", async (name) => {
    await page.setViewportSize({ width: 320, height: 256 });
    await page.goto(`${server.url}/${name}`);
    expect(await fitsWidth(page)).toBe(true);
  });

  test("the keyboard gets to the button, shows where it is, and posts", async () => {
    await page.goto(`${server.url}/sign-out`);
    await page.keyboard.press("Tab");
    expect(await page.evaluate("document.activeElement.textContent")).toBe(en.sign_out);
    expect(await page.evaluate("getComputedStyle(document.activeElement).outlineStyle")).toBe("solid");
    await page.keyboard.press("Enter");
    await page.waitForURL(`${server.url}/posted`);
  });

  test("a form that was planted in a page leads nowhere", async () => {
    complaints.length = 0;
    await page.goto(`${server.url}/forbidden`);
    await page.evaluate(
      `document.body.insertAdjacentHTML("beforeend", '<form method="post" action="/posted"><button id="planted">')`,
    );
    await page.evaluate("planted.click()");
    await expect.poll(() => complaints.join()).toContain("form-action");
    expect(page.url()).toBe(`${server.url}/forbidden`);
  });
});

/** Serves each page at its name, with its policy. */
async function serve() {
  const server = createServer((request, response) => {
    const content = PAGES[request.url?.slice(1) ?? ""];
    if (!content) return response.end("posted");
    const { html, policy } = renderPage(content, LOOK);
    const headers = { "Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": policy };
    return response.writeHead(200, headers).end(html);
  });
  const { port, close } = await loopback(server);
  return { url: `http://localhost:${port}`, close };
}

/** The contrast of each text with what is behind it (WCAG 2.2, relative luminance), computed in the page. */
const CONTRASTS = `(() => {
  const channels = (color) => color.match(/[\\d.]+/g).slice(0, 3).map((value) => value / 255);
  const linear = (value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
  const luminance = (color) => {
    const [red, green, blue] = channels(color).map(linear);
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const backgroundOf = (element) => {
    const { backgroundColor } = getComputedStyle(element);
    return backgroundColor === "rgba(0, 0, 0, 0)" ? backgroundOf(element.parentElement) : backgroundColor;
  };
  const contrast = (element) => {
    const [a, b] = [getComputedStyle(element).color, backgroundOf(element)].map(luminance);
    return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  };
  const texts = [...document.querySelectorAll("header b, h1, p, blockquote, a, button, small")];
  return Object.fromEntries(texts.map((element) => [element.textContent.slice(0, 40), contrast(element)]));
})()`;
