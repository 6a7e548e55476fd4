// One browser, two people, and settings that have changed since: whoever signs in last is who is signed in, and signing
// out ends all of it. The browser keeps cookies by name and domain, as RFC 6265bis says.
import { describe, expect, test } from "vitest";
import { Browser } from "../fixtures/browser.ts";
import { AUTH_BUNDLES } from "../fixtures/bundle.ts";
import { passTime, type TestGate, useGate } from "../fixtures/gate.ts";

const HOST = "assets.team.example.com";
const ORIGIN = `https://${HOST}`;

/** Keeps a cookie of each name for each domain, and sends all that are meant for the host, oldest first. */
class DomainBrowser extends Browser {
  readonly #kept = new Map<string, { readonly name: string; readonly value: string }>();

  override get cookie(): string {
    return [...this.#kept.values()].map(({ name, value }) => `${name}=${value}`).join("; ");
  }

  override keep(line: string): void {
    const [pair = "", ...attributes] = line.split("; ");
    const at = pair.indexOf("=");
    const name = pair.slice(0, at);
    const domain = attributes.find((attribute) => attribute.startsWith("Domain="))?.slice("Domain=".length);
    if (domain !== undefined && !`.${HOST}`.endsWith(`.${domain}`)) return;
    if (name.startsWith("__Host-") && domain !== undefined) return;
    const key = `${name} ${domain}`;
    if (attributes.includes("Max-Age=0")) this.#kept.delete(key);
    else this.#kept.set(key, { name, value: pair.slice(at + 1) });
  }

  /** As `cookie`, name and domain. */
  get kept(): readonly string[] {
    return [...this.#kept.keys()].sort();
  }
}

type Cookies = { readonly domain?: string };

async function signIn(gate: TestGate, browser: Browser, cookies: Cookies, sub: string): Promise<void> {
  browser.handler = gate.coldStart({ cookies });
  const visit = async (url: string) => await browser.ask(url, { headers: { Host: HOST } });
  const login = await visit("/.gatehouse/login?return_to=/a");
  const callback = await visit(`/.gatehouse/callback?${gate.pool.signIn(login.location, { sub })}`);
  expect(callback.status).toBe(303);
  expect((await visit(callback.location)).location).toBe("/a");
}

async function whoIs(browser: Browser): Promise<string> {
  const { body } = await browser.ask("/.gatehouse/me", { dest: "empty", headers: { Host: HOST } });
  return JSON.parse(body).sub ?? JSON.parse(body).code;
}

const CHANGES: Record<string, [before: Cookies, after: Cookies]> = {
  "nothing has changed": [{}, {}],
  "a domain is new": [{}, { domain: "example.com" }],
  "the domain is wider": [{ domain: "team.example.com" }, { domain: "example.com" }],
  "the domain is narrower": [{ domain: "example.com" }, { domain: "team.example.com" }],
  "the domain was the host": [{ domain: HOST }, { domain: "example.com" }],
};

describe.each(AUTH_BUNDLES)("%s", (bundle) => {
  const gate = useGate(bundle);

  test.each(Object.entries(CHANGES))("%s: who signs in last is signed in", async (_, [before, after]) => {
    const browser = new DomainBrowser(gate().coldStart());
    await signIn(gate(), browser, before, "ada");
    expect(await whoIs(browser)).toBe("ada");
    await signIn(gate(), browser, after, "bob");
    expect(await whoIs(browser)).toBe("bob");
    expect(browser.kept).toHaveLength(3);
    expect(browser.kept.every((kept) => kept.endsWith(` ${after.domain}`))).toBe(true);
    passTime(3_601_000);
    const renewed = await browser.ask("/a", { headers: { Host: HOST } });
    expect(renewed.status).toBe(307);
    expect(await whoIs(browser)).toBe("bob");
  });

  test.each(Object.entries(CHANGES))("%s: signing out ends all of it", async (_, [before, after]) => {
    const browser = new DomainBrowser(gate().coldStart());
    await signIn(gate(), browser, before, "ada");
    browser.handler = gate().coldStart({ cookies: after });
    const asking = { method: "POST", headers: { Host: HOST, Origin: ORIGIN } };
    expect(await browser.ask("/.gatehouse/logout", asking)).toMatchObject({ status: 303 });
    expect(browser.kept).toEqual([]);
    browser.handler = gate().coldStart({ cookies: before });
    expect(await whoIs(browser)).toBe("token_missing");
  });

  test("a domain is gone: a sign-in ends the session that was shared, so that a rollback brings nobody back", async () => {
    const browser = new DomainBrowser(gate().coldStart());
    await signIn(gate(), browser, { domain: "example.com" }, "ada");
    await signIn(gate(), browser, {}, "bob");
    expect(await whoIs(browser)).toBe("bob");
    expect(browser.kept.filter((kept) => kept.endsWith(" example.com"))).toEqual([]);
    browser.handler = gate().coldStart({ cookies: { domain: "example.com" } });
    expect(await whoIs(browser)).not.toBe("ada");
    browser.handler = gate().coldStart();
    await browser.ask("/.gatehouse/logout", { method: "POST", headers: { Host: HOST, Origin: ORIGIN } });
    expect(browser.kept).toEqual([]);
    expect(await whoIs(browser)).toBe("token_missing");
  });

  test("planted names do not make an answer long", async () => {
    const planted = Array.from(
      { length: 300 },
      (_, i) => `__Secure-gatehouse-aws-${String(i).padStart(8, "0")}=x`,
    );
    const browser = new Browser(gate().coldStart({ cookies: { domain: "example.com" } }));
    const Cookie = [...planted, "__Secure-gatehouse-id=x"].join("; ");
    const { location } = await browser.ask("/.gatehouse/login", { headers: { Host: HOST } });
    const callback = `/.gatehouse/callback?${gate().pool.signIn(location)}`;
    const { status, cookies } = await browser.ask(callback, {
      headers: { Host: HOST, Cookie: `${Cookie}; ${browser.cookie}` },
    });
    expect([status, cookies.filter((line) => line.includes("Max-Age=0")).length]).toEqual([303, 41]);
    const removals = cookies.filter((line) => line.startsWith("__Secure-gatehouse-id=;"));
    expect(removals.map((line) => line.replace(/.*Domain=/, ""))).toEqual([HOST, "team.example.com"]);
  });
});
