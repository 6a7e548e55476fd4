// What a container may cost: bytes, modules, round trips and memory. Nothing here is a time; `npm run bench` has those.
import { fork } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ConfigDocument } from "../../edge/config/config.ts";
import { parseConfig } from "../../edge/config/document.ts";
import { createHmacSha256 } from "../../edge/s3/hmac.ts";
import { sealSession } from "../../edge/session/sealed-session.ts";
import type { VerifiedToken } from "../../edge/token/token.ts";
import { type Invocation, invoke } from "../e2e/edge-process.ts";
import { bundleText } from "./fixtures/bundle.ts";
import { CLIENT_ID, configDocument, IDENTITY_ID } from "./fixtures/config.ts";
import { viewerEvent } from "./fixtures/events.ts";
import { ID_CLAIMS, JWKS, token } from "./fixtures/tokens.ts";

const KIB = 1024;
const KEY = "5e".repeat(32);
const SECONDS = Math.floor(Date.now() / 1000);
const TLS_MODULES = /^(NativeModule|Internal Binding) (tls|tls_wrap|http2|zlib|https)$/;

test.each([
  ["gatehouse", 50 * KIB],
  ["gatehouse-auth", 92.75 * KIB],
] as const)("%s has at most %i bytes", (name, limit) => {
  expect(Buffer.byteLength(bundleText(name))).toBeLessThanOrEqual(limit);
});

describe("a cold container", () => {
  let server: Server;
  let connections = 0;
  let requests = 0;

  beforeAll(async () => {
    server = createServer((request, response) => {
      requests += 1;
      request.resume();
      response.end(JSON.stringify({ IdentityId: IDENTITY_ID, Credentials: credentials(SECONDS + 3600) }));
    }).on("connection", () => {
      connections += 1;
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  const idToken = () => token({ iat: SECONDS, exp: SECONDS + 3600 });
  const credentials = (Expiration: number) => ({
    AccessKeyId: "test-access-key",
    SecretKey: "test-secret-key",
    SessionToken: "test+session/token==",
    Expiration,
  });
  const code = () => {
    const config = parseConfig(signInDocument((server.address() as AddressInfo).port));
    return `const GATEHOUSE_CONFIG=${JSON.stringify(config)};\n${bundleText("gatehouse-auth")}`;
  };

  /** The cookie of a session that ends at a time. */
  function sealed(expiresAt: number): string {
    const credentialsOf = { accessKeyId: "a", secretAccessKey: "s", sessionToken: "t", expiresAt };
    const owned = { clientId: CLIENT_ID, sub: ID_CLAIMS.sub, expiresAt } as VerifiedToken;
    const owner = { config: parseConfig(configDocument()), token: owned, roleArn: undefined };
    const session = { identityId: IDENTITY_ID, credentials: credentialsOf };
    return `; __Host-gatehouse-aws=${sealSession(session, owner, [createHmacSha256(Buffer.from(KEY, "hex"))])}`;
  }

  /** A connection costs a round trip for TCP and one for TLS 1.3, a request one. */
  async function serve(cookie: string): Promise<Invocation & { roundTrips: number }> {
    connections = 0;
    requests = 0;
    const Cookie = `__Host-gatehouse-id=${idToken()}${cookie}`;
    const invocation = await invoke(code(), viewerEvent({ headers: { Cookie } }));
    expect("status" in invocation.result ? invocation.result.body : invocation.result.uri).toBe("/a.txt");
    return { ...invocation, roundTrips: 2 * connections + requests };
  }

  test("with a sealed session makes no round trip, opens nothing, and loads no TLS", async () => {
    const { roundTrips, modules, connections: opened } = await serve(sealed(SECONDS + 3600));
    expect([roundTrips, opened]).toEqual([0, 0]);
    expect(modules.filter((name) => TLS_MODULES.test(name))).toEqual([]);
  });

  test("with an expired one, which still names the identity, makes three", async () => {
    expect((await serve(sealed(SECONDS - 60))).roundTrips).toBe(3);
  });

  test("with nothing known makes four", async () => {
    expect((await serve("")).roundTrips).toBe(4);
  });

  test("keeps no more memory for its later users than for its first thousand and a half", async () => {
    const [early = 0, late = 0] = await memoryOfUsers(code(), [1_500, 3_000], SECONDS);
    expect(late - early).toBeLessThan(1.5 * KIB * KIB);
  });

  test("keeps nothing of the headers that its tokens came in", { timeout: 120_000 }, async () => {
    const padding = `; padding=${"x".repeat(17_000)}`;
    const [early = 0, late = 0] = await memoryOfUsers(code(), [100, 500], SECONDS, padding);
    // Four hundred such headers are 6.8 MB; of so few users nothing is forgotten, and what is kept are 2 MB.
    expect(late - early).toBeLessThan(4 * KIB * KIB);
  });
});

function signInDocument(port: number): ConfigDocument {
  return configDocument({
    userPool: { ...configDocument().userPool, domain: "login.example.com", jwks: JWKS },
    auth: { keys: { current: KEY } },
    endpoints: { cognitoIdentity: `http://127.0.0.1:${port}` },
  });
}

/** Heap and buffers in use, in bytes, after so many users of one container each. */
async function memoryOfUsers(
  code: string,
  counts: readonly number[],
  seconds: number,
  padding = "",
): Promise<number[]> {
  const folder = mkdtempSync(join(tmpdir(), "memory-"));
  writeFileSync(join(folder, "index.js"), code);
  writeFileSync(join(folder, "package.json"), "{}");
  writeFileSync(join(folder, "runtime.js"), MEMORY_RUNTIME);
  const child = fork(join(folder, "runtime.js"), { execArgv: ["--expose-gc"] });
  const measured: number[] = [];
  try {
    for (let user = 1; user <= (counts.at(-1) ?? 0); user += 1) {
      const sub = `user-${user}`;
      const idToken = token({ sub, iat: seconds, exp: seconds + 3600 });
      const event = viewerEvent({ headers: { Cookie: `__Host-gatehouse-id=${idToken}${padding}` } });
      const answered = new Promise<number>((resolve) =>
        child.once("message", (bytes) => resolve(Number(bytes))),
      );
      child.send(event);
      const bytes = await answered;
      if (counts.includes(user)) measured.push(bytes);
    }
    return measured;
  } finally {
    child.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

const MEMORY_RUNTIME = `
const { handler } = require("./index.js");
let users = 0;
process.on("message", async (event) => {
  const result = await handler(event);
  if (result.status) throw new Error(result.body);
  users += 1;
  if (users % 100 === 0) gc();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  process.send(heapUsed + arrayBuffers);
});
`;
