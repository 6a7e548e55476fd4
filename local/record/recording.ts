// One recording: the gate with another site beside it, every scenario in its turn, each kept event scrubbed.

import { createServer } from "node:http";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { loopback } from "../aws/iam/loopback.ts";
import { launchChromium } from "../browser/chromium.ts";
import { type Gate, startGate } from "../gate/gate.ts";
import { DEMO_CONTEXT, LOCK_AREAS, putPrivatePages } from "../start/demo.ts";
import { BROWSER_SCENARIOS } from "./browser-scenarios.ts";
import { CURL_SCENARIOS } from "./curl-scenarios.ts";
import { viewOf } from "./event.ts";
import type { Keep, Scenario, Tools } from "./scenario.ts";
import { scrub } from "./scrub.ts";

const ASSETS = join(import.meta.dirname, "../assets");

/** The cookie of an app that signs people in by itself. */
const COOKIE_NAME = "demo-id-token";

/**
 * Drives Chromium and curl through the local CloudFront (about ten seconds).
 * @returns scrubbed events by folder and name, such as `viewer-request/image`
 * @throws when a scenario does not bring the events that it should
 */
export async function recordEvents(): Promise<ReadonlyMap<string, unknown>> {
  const events: unknown[] = [];
  const site = await startOtherSite();
  const gate = await startGate({
    port: 0,
    assets: ASSETS,
    context: {
      ...DEMO_CONTEXT,
      areas: LOCK_AREAS,
      auth: false,
      cookieNames: COOKIE_NAME,
      cookieAmplify: true,
      corsOrigins: site.origin,
    },
    onEvent: (event) => events.push(event),
  });
  const browser = await launchChromium();
  try {
    await putPrivatePages(gate);
    const { port: ipv6Port } = await gate.cloudFront.listen(0, "::1");
    const surroundings = { gateUrl: gate.url, ipv6Port, otherSite: site.origin };
    const recorded = new Map<string, unknown>();
    for (const scenario of [...BROWSER_SCENARIOS, ...CURL_SCENARIOS]) {
      const happened = await play(scenario, events, { gate, browser, ...surroundings });
      for (const keep of scenario.keeps)
        recorded.set(keep.as, scrub(find(happened, keep), keep.as, surroundings));
    }
    return recorded;
  } finally {
    await browser.close();
    await gate.close();
    await site.close();
  }
}

interface Place {
  readonly gate: Gate;
  readonly browser: Browser;
  readonly ipv6Port: number;
  readonly otherSite: string;
}

/** The events of one scenario, in a browser profile of its own. */
async function play(
  { run }: Scenario,
  events: unknown[],
  { gate, browser, ipv6Port, otherSite }: Place,
): Promise<readonly unknown[]> {
  const token = await gate.userPool.issueIdToken("ada");
  const context = await browser.newContext({ locale: "en-GB" });
  try {
    await context.addCookies([{ name: COOKIE_NAME, value: token, url: gate.url }]);
    const page = await context.newPage();
    const ipv6Url = `http://[::1]:${ipv6Port}`;
    const tools: Tools = { gate, token, cookieName: COOKIE_NAME, ipv6Url, otherSite, page, context };
    gate.cloudFront.invalidate();
    events.length = 0;
    await run(tools);
    return [...events];
  } finally {
    await context.close();
  }
}

function find(events: readonly unknown[], { as, uri, where = () => true }: Keep): unknown {
  const found = events.find((event) => {
    const view = viewOf(event);
    return (
      as.startsWith(`${view.type}/`) &&
      (typeof uri === "string" ? view.uri === uri : uri.test(view.uri)) &&
      where(view)
    );
  });
  if (found === undefined) throw new Error(`${as}: no such event for ${uri}`);
  return found;
}

/** An empty page on 127.0.0.1, which is another site than localhost. */
async function startOtherSite(): Promise<{ readonly origin: string; close(): Promise<void> }> {
  const server = createServer((_, response) =>
    response.writeHead(200, { "Content-Type": "text/html" }).end("<!doctype html><title>An app</title>"),
  );
  const { port, close } = await loopback(server);
  return { origin: `http://127.0.0.1:${port}`, close };
}
