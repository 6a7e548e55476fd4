// A site and its API behind one session: a page in Chromium, and a real HTTP server as the API.
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { chromiumMissing, launchChromium } from "../../local/browser/chromium.ts";
import { type Gate, startGate } from "../../local/gate/gate.ts";
import { describeWith } from "./requirements.ts";
import { ASSETS } from "./stage.ts";

const HTML = { "content-type": "text/html" };
const API = "api.example.test";

/** What the API was asked. */
interface Asked {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

describeWith("an API beside a site, with Chromium", [chromiumMissing()], () => {
  const asked: Asked[] = [];
  const api = createServer(async (request, response) => {
    const chunks: Buffer[] = await request.toArray();
    const { method, url, headers } = request;
    asked.push({ method, url, headers, body: Buffer.concat(chunks).toString() });
    const status = url?.includes("teapot") ? 418 : url?.includes("missing") ? 404 : 200;
    response.writeHead(status, {
      "content-type": "application/json",
      "set-cookie": ["seen=1; Path=/", "theme=dark; Path=/"],
      "cache-control": "max-age=3600",
    });
    response.end(JSON.stringify({ of: "the API", status }));
  });
  const other = createServer((_, response) => void response.writeHead(200, HTML).end("<title>Other</title>"));
  let gate: Gate;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    for (const server of [api, other])
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const target = { protocol: "http", host: "127.0.0.1", port: portOf(api) } as const;
    gate = await startGate({
      port: 0,
      assets: ASSETS,
      apis: { [API]: target },
      context: {
        auth: {},
        corsOrigins: [`http://localhost:${portOf(other)}`],
        areas: [
          { path: "/api/admin/*", api: `https://${API}/prod/`, groups: ["editors"] },
          { path: "/api/*", api: `https://${API}/prod` },
          { path: "/*", site: true, trusted: true },
        ],
      },
    });
    gate.userPool.users.add({ username: "edda", password: "edda", groups: ["editors"] });
    gate.userPool.users.add({ username: "paul", password: "paul", groups: [] });
    await gate.store.put("start.html", Buffer.from("<!doctype html><title>Start</title>"), HTML);
    await gate.store.put("api/x", Buffer.from("an object nobody reads"), HTML);
    browser = await launchChromium();
    page = await signedIn("paul");
  });
  afterAll(async () => {
    await browser?.close();
    for (const server of [api, other]) {
      server.closeAllConnections();
      server.close();
    }
    await gate?.close();
  });
  afterEach(() => void asked.splice(0));

  async function signedIn(name: string): Promise<Page> {
    const tab = await (await browser.newContext()).newPage();
    await tab.goto(`${gate.url}/start`);
    await tab.getByLabel("User name").fill(name);
    await tab.getByLabel("Password").fill(name);
    await tab.getByRole("button", { name: "Sign in" }).click();
    await tab.waitForURL(`${gate.url}/start`);
    return tab;
  }

  test("gets a page's body, its query and a token that it can verify, and no cookie of the gate's", async () => {
    const answer = await call(page, "/api/items/a%20b?x=1&y", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: '{"a":1}',
    });
    expect(answer).toEqual({ status: 200, body: { of: "the API", status: 200 } });
    expect(await page.evaluate("document.cookie")).toContain("theme=dark");
    await call(page, "/api/again");
    const [first, again] = asked;
    expect(first).toMatchObject({ method: "POST", url: "/prod/api/items/a%20b?x=1&y", body: '{"a":1}' });
    expect(first?.headers).toMatchObject({ host: API, "content-type": "application/json" });
    expect([first?.headers.cookie, again?.headers.cookie]).toEqual([undefined, "seen=1; theme=dark"]);
    const sent = first?.headers.authorization?.replace("Bearer ", "") ?? "";
    const claims = await gate.userPool.verify(sent, { audience: gate.stack.outputs["ClientId"] ?? "" });
    expect(claims).toMatchObject({ "cognito:username": "paul", token_use: "id" });
    expect(JSON.stringify(asked)).not.toMatch(/__Host-gatehouse|X-Amz-Signature|x-gatehouse/);
  });

  test.each(["PUT", "PATCH", "DELETE", "POST", "GET"])("%s passes, and is never cached", async (method) => {
    for (const _time of ["once", "twice"])
      expect(await call(page, "/api/x", { method, cache: "no-store" })).toMatchObject({ status: 200 });
    expect(asked.map((request) => request.method)).toEqual([method, method]);
  });

  test("its errors are its own", async () => {
    for (const [path, status] of [
      ["/api/teapot", 418],
      ["/api/missing", 404],
    ] as const)
      expect(await call(page, path)).toEqual({ status, body: { of: "the API", status } });
  });

  test("groups: a member is let through, another is not, however the path is written", async () => {
    const editor = await signedIn("edda");
    expect(await call(editor, "/api/admin/x", { method: "POST" })).toMatchObject({ status: 200 });
    expect(asked.length).toBe(1);
    for (const path of ["/api/admin/x", "/api/%61dmin/x", "/api/ADMIN/x", "/api/admin", "/api//admin/x"])
      expect([path, (await call(page, path)).body["code"]]).toEqual([
        path,
        path.includes("//") ? "invalid_path" : "access_denied",
      ]);
    expect(asked.length).toBe(1);
    await editor.context().close();
  });

  test("somebody without a session reaches nothing of it", async () => {
    for (const method of ["GET", "POST"]) {
      const headers = { Origin: gate.url };
      const answer = await fetch(`${gate.url}/api/x`, { method, headers });
      expect([answer.status, codeIn(await answer.json())]).toEqual([401, "token_missing"]);
    }
    expect(asked).toEqual([]);
  });

  test("a page of another site posts nothing, one of a configured origin does and reads the answer", async () => {
    const tab = await page.context().newPage();
    await tab.goto(`http://localhost:${portOf(other)}/`);
    const url = `${gate.url}/api/x`;
    const init = {
      method: "PUT",
      credentials: "include",
      headers: { "Content-Type": "application/json" },
      body: "{}",
    };
    expect(await call(tab, url, init)).toEqual({ status: 200, body: { of: "the API", status: 200 } });
    asked.splice(0);
    const token = await gate.userPool.issueIdToken("paul");
    for (const Origin of [`http://127.0.0.1:${portOf(other)}`, "null", "https://evil.example"]) {
      const headers = { Origin, Cookie: `__Host-gatehouse-id=${token}` };
      const answer = await fetch(url, { method: "POST", headers, body: "{}" });
      expect([answer.status, codeIn(await answer.json())]).toEqual([403, "origin_not_allowed"]);
    }
    expect(asked).toEqual([]);
    await tab.close();
  });

  test("an expired session is renewed on the way, and a POST arrives with its body", async () => {
    const seconds = Math.floor(Date.now() / 1000);
    const value = await gate.userPool.issueIdToken("paul", {
      claims: { iat: seconds - 7200, exp: seconds - 3600 },
    });
    const cookie = {
      name: "__Host-gatehouse-id",
      domain: "localhost",
      path: "/",
      secure: true,
      httpOnly: true,
    };
    await page.context().addCookies([{ ...cookie, value, sameSite: "Lax" }]);
    expect(await call(page, "/api/x", { method: "POST", body: "kept" })).toMatchObject({ status: 200 });
    expect(asked.map(({ method, url, body }) => [method, url, body])).toEqual([
      ["POST", "/prod/api/x", "kept"],
    ]);
    expect(asked[0]?.headers.authorization).not.toContain(value);
  });

  test("no path leads from its function to the bucket, nor from the files' to it", async () => {
    const token = await gate.userPool.issueIdToken("paul");
    const headers = { Authorization: `Bearer ${token}` };
    for (const path of [
      "/%61pi/x",
      "/api/%78",
      "//api/x",
      "/api%2Fx",
      "/x/..%2Fapi/x",
      "/api;/x",
      "/Api/x",
      "/api",
    ]) {
      const answer = await fetch(`${gate.url}${path}`, { headers });
      expect([path, await answer.text()]).not.toContain("an object nobody reads");
    }
    for (const { headers: given } of asked) {
      expect(given.host).toBe(API);
      expect(given["x-gatehouse-cache-scope"]).toBeUndefined();
    }
    expect(JSON.stringify(asked)).not.toContain("X-Amz");
  });
});

function codeIn(body: unknown): unknown {
  return typeof body === "object" && body !== null && "code" in body ? body.code : undefined;
}

function portOf(server: ReturnType<typeof createServer>): number {
  return (server.address() as AddressInfo).port;
}

/** What a page's script gets; this program knows no DOM. */
async function call(
  page: Page,
  url: string,
  init: object = {},
): Promise<{ status: number; body: Record<string, unknown> }> {
  return await page.evaluate(
    `(async (url, init) => {
      const response = await fetch(url, init);
      return { status: response.status, body: await response.json() };
    })(${JSON.stringify(url)}, ${JSON.stringify(init)})`,
  );
}
