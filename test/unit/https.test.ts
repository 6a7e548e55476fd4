import { createServer, type RequestListener, type Server } from "node:http";
import { afterEach, describe, expect, test, vi } from "vitest";
import { createHttp } from "../../edge/https.ts";

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

async function serve(listener: RequestListener): Promise<string> {
  const started = createServer(listener);
  server = started;
  await new Promise<void>((resolve) => started.listen(0, "127.0.0.1", resolve));
  const address = started.address();
  return typeof address === "object" && address ? `http://127.0.0.1:${address.port}` : "";
}

test("sends method, headers and body, and returns status and body", async () => {
  const url = await serve((request, response) => {
    request.pipe(response.writeHead(418, { "x-method": request.method }));
  });
  const http = createHttp();
  expect(await http({ method: "POST", url, body: "hällo", timeoutMs: 2_000 })).toEqual({
    status: 418,
    body: "hällo",
  });
});

test("keeps its connection, but opens a new one when asked", async () => {
  const ports = new Set<number | undefined>();
  const url = await serve((request, response) => {
    ports.add(request.socket.remotePort);
    response.end("ok");
  });
  const http = createHttp();
  for (const fresh of [false, false, false]) await http({ method: "GET", url, timeoutMs: 2_000, fresh });
  expect(ports.size).toBe(1);
  for (const count of [2, 3]) {
    await http({ method: "GET", url, timeoutMs: 2_000, fresh: true });
    expect(ports.size).toBe(count);
  }
});

test("does not follow redirects", async () => {
  const url = await serve((_, response) => response.writeHead(302, { location: "/other" }).end());
  expect(await createHttp()({ method: "GET", url, timeoutMs: 2_000 })).toEqual({ status: 302, body: "" });
});

test.each<[string, RequestListener, boolean]>([
  ["answered", (_, response) => response.end("ok"), false],
  ["left", () => {}, true],
])(
  "a call that is %s leaves no timer behind, and no connection where nobody answers",
  async (_, listener, closes) => {
    let closed: Promise<void> | undefined;
    const url = await serve((request, response) => {
      closed = new Promise((resolve) => request.socket.on("close", () => resolve()));
      listener(request, response);
    });
    const [set, cleared] = [vi.spyOn(globalThis, "setTimeout"), vi.spyOn(globalThis, "clearTimeout")];
    const call = createHttp()({ method: "GET", url, timeoutMs: 201 });
    const own = set.mock.calls.findIndex(([, ms]) => ms === 201);
    await call.catch(() => {});
    expect(cleared).toHaveBeenCalledWith(set.mock.results[own]?.value);
    vi.restoreAllMocks();
    if (closes) await closed;
  },
);

describe("fails with its kind", () => {
  const cases: Record<string, [RequestListener, string]> = {
    "a hang": [() => {}, "timeout"],
    "a body that never ends": [(_, response) => response.write("x"), "timeout"],
    "a broken connection": [(_, response) => response.destroy(), "network"],
    "a body cut short": [
      (_, response) => {
        response.writeHead(200, { "content-length": 10 });
        response.write("x", () => response.destroy());
      },
      "network",
    ],
    "a huge body": [(_, response) => response.end(Buffer.alloc(70_000)), "too_large"],
  };
  test.each(Object.entries(cases))("%s", async (_, [listener, kind]) => {
    const url = await serve(listener);
    await expect(createHttp()({ method: "GET", url, timeoutMs: 200 })).rejects.toMatchObject({
      name: "HttpError",
      kind,
    });
  });
  test("https is never spoken in the clear", async () => {
    let requests = 0;
    const url = await serve((_, response) => {
      requests += 1;
      response.end("ok");
    });
    const secure = url.replace("http:", "https:");
    await expect(createHttp()({ method: "GET", url: secure, timeoutMs: 2_000 })).rejects.toMatchObject({
      kind: "network",
      cause: { code: expect.stringMatching(/^(ERR_SSL|EPROTO|ECONNRESET)/) },
    });
    expect(requests).toBe(0);
  });
  test("nobody listens", async () => {
    await expect(
      createHttp()({ method: "GET", url: "http://127.0.0.1:1", timeoutMs: 200 }),
    ).rejects.toMatchObject({
      kind: "network",
    });
  });
  test("no time left", async () => {
    await expect(
      createHttp()({ method: "GET", url: "http://127.0.0.1:1", timeoutMs: -5 }),
    ).rejects.toMatchObject({
      name: "HttpError",
    });
  });
});
