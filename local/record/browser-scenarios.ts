// Visits by Chromium: the demo page and its parts, and what other sites may do with them.

import type { EventView } from "./event.ts";
import type { Scenario, Tools } from "./scenario.ts";

const PICTURE = "/pictures/morning.jpg";
const VIDEO = "/media/one-day.webm";
const TEXT = "/documents/opening-hours.txt";

const isRangeFrom = (pattern: RegExp) => (event: EventView) => pattern.test(event.header("range") ?? "");

async function openPage({ page, gate }: Tools): Promise<void> {
  await page.goto(`${gate.url}/index.html`, { waitUntil: "networkidle" });
}

export const BROWSER_SCENARIOS: readonly Scenario[] = [
  {
    run: openPage,
    keeps: [
      { as: "viewer-request/navigation", uri: "/index.html" },
      { as: "viewer-request/stylesheet", uri: "/style.css" },
      { as: "viewer-request/image", uri: PICTURE },
      { as: "viewer-request/video-range", uri: VIDEO, where: isRangeFrom(/^bytes=0-/) },
      { as: "viewer-request/audio-range", uri: "/media/bells.mp3" },
      { as: "viewer-request/odd-name-spaces", uri: "/odd%20names/a%20b%20c.svg" },
      { as: "viewer-request/odd-name-plus", uri: "/odd%20names/one%2Btwo.svg" },
      { as: "viewer-request/odd-name-percent", uri: "/odd%20names/%2541%20is%20not%20A.svg" },
      { as: "viewer-request/odd-name-emoji", uri: "/odd%20names/%F0%9F%8F%B0%20castle.svg" },
      { as: "origin-response/html", uri: "/index.html" },
      { as: "origin-response/image", uri: PICTURE },
      { as: "origin-response/svg", uri: "/pictures/gatehouse.svg" },
      { as: "origin-response/video-range", uri: VIDEO },
    ],
  },
  {
    run: async (tools) => {
      await openPage(tools);
      await tools.page.evaluate(`new Promise((resolve) => {
        const video = document.querySelector("video");
        video.onseeked = resolve;
        video.currentTime = 10;
      })`);
    },
    keeps: [{ as: "viewer-request/video-seek", uri: VIDEO, where: isRangeFrom(/^bytes=[1-9]/) }],
  },
  {
    run: async (tools) => {
      await openPage(tools);
      tools.gate.cloudFront.invalidate();
      await tools.page.reload({ waitUntil: "networkidle" });
    },
    keeps: [
      {
        as: "viewer-request/conditional",
        uri: PICTURE,
        where: (event) => event.header("if-none-match") !== undefined,
      },
      { as: "origin-response/not-modified", uri: PICTURE, where: (event) => event.status === "304" },
    ],
  },
  {
    run: async (tools) => {
      await openPage(tools);
      const download = tools.page.waitForEvent("download");
      await tools.page.getByRole("link", { name: "Visitor numbers" }).click();
      await (await download).path();
    },
    keeps: [{ as: "viewer-request/download", uri: "/documents/visitors.csv" }],
  },
  {
    run: async (tools) => {
      await openPage(tools);
      await tools.page.getByRole("link", { name: "Visitor guide" }).click();
      await tools.page.waitForURL("**/visitor-guide.pdf");
    },
    keeps: [{ as: "viewer-request/pdf", uri: "/documents/visitor-guide.pdf" }],
  },
  {
    run: async ({ page, gate }) => {
      await page.goto(`${gate.url}/me/`);
    },
    keeps: [
      { as: "viewer-request/own-folder", uri: "/me/" },
      { as: "origin-response/own-folder", uri: /^\/users\/[^/]+\/index\.html$/ },
    ],
  },
  {
    run: async (tools) => {
      await openPage(tools);
      await tools.page.evaluate(`fetch("${TEXT}").then((response) => response.text())`);
    },
    keeps: [{ as: "viewer-request/fetch", uri: TEXT }],
  },
  {
    run: async ({ page, gate, otherSite, token }) => {
      await page.goto(otherSite);
      const options = { headers: { authorization: `Bearer ${token}` } };
      await page.evaluate(
        `fetch("${gate.url}${TEXT}", ${JSON.stringify(options)}).then((response) => response.text())`,
      );
    },
    keeps: [
      { as: "viewer-request/preflight", uri: TEXT, where: (event) => event.method === "OPTIONS" },
      { as: "viewer-request/fetch-cross-origin", uri: TEXT, where: (event) => event.method === "GET" },
    ],
  },
  {
    run: async ({ page, gate, otherSite }) => {
      await page.goto(otherSite);
      await page.evaluate(`new Promise((resolve) => {
        const image = new Image();
        image.onload = image.onerror = resolve;
        image.src = "${gate.url}${PICTURE}";
      })`);
    },
    keeps: [{ as: "viewer-request/image-cross-site", uri: PICTURE }],
  },
  {
    run: async ({ page, gate, otherSite }) => {
      await page.goto(otherSite);
      await Promise.all([
        page.waitForURL(`${gate.url}/**`),
        page.evaluate(`location.href = "${gate.url}/index.html"`),
      ]);
    },
    keeps: [{ as: "viewer-request/navigation-cross-site", uri: "/index.html" }],
  },
  {
    run: async ({ page, context, gate }) => {
      await context.clearCookies();
      await page.goto(`${gate.url}/index.html`);
    },
    keeps: [{ as: "viewer-request/navigation-signed-out", uri: "/index.html" }],
  },
  {
    run: async ({ page, context, gate, token }) => {
      await context.clearCookies();
      const prefix = `CognitoIdentityServiceProvider.${gate.userPool.clients[0]?.clientId}`;
      const cookies = { LastAuthUser: "ada", "ada.idToken": token, "ada.clockDrift": "0", "ada.other": "x" };
      await context.addCookies(
        Object.entries(cookies).map(([name, value]) => ({ name: `${prefix}.${name}`, value, url: gate.url })),
      );
      await page.goto(`${gate.url}/index.html`);
    },
    keeps: [{ as: "viewer-request/amplify-cookies", uri: "/index.html" }],
  },
];
