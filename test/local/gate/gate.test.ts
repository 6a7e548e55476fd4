// A gate with sign-in: what the deployment tells the local services, and how the gate can be run.

import { createHash } from "node:crypto";
import { get } from "node:http";
import { get as getOverTls } from "node:https";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { functionDefinition } from "../../../local/aws/cloudformation/index.ts";
import { type Gate, type GateOptions, startGate } from "../../../local/gate/gate.ts";
import { edgeFunctionArns, only } from "../../../local/gate/resources.ts";
import { throwAwayCertificate } from "../aws/cloudfront/certificate.ts";

const ASSETS = join(import.meta.dirname, "../../../local/assets");
const FILE = "/documents/opening-hours.txt";
const open: Gate[] = [];

/** Where a navigation is sent; `fetch` would say that it is none. */
function locationOf(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    get(url, (response) => {
      response.resume();
      resolve(response.headers.location ?? "");
    }).on("error", reject);
  });
}

async function gateWith(options: Partial<GateOptions>): Promise<Gate> {
  const gate = await startGate({ port: 0, assets: ASSETS, ...options });
  open.push(gate);
  return gate;
}

afterAll(async () => {
  await Promise.all(open.map((gate) => gate.close()));
});

describe("with sign-in", () => {
  let gate: Gate;
  const lines: string[] = [];
  beforeAll(async () => {
    gate = await gateWith({
      context: { auth: true },
      origins: ["https://assets.example.test/"],
      functionLog: (line) => lines.push(line),
    });
  });

  const clientId = () => gate.userPool.clients[0]?.clientId ?? "";
  const domain = () => only(gate.stack.resources, "AWS::CloudFront::Distribution").attributes["DomainName"];
  const arns = () =>
    edgeFunctionArns(
      only(gate.stack.resources, "AWS::CloudFront::Distribution").properties["DistributionConfig"],
    );
  const codes = () => arns().map((arn) => functionDefinition(gate.stack.resources, arn).code);
  const keysOf = (secretText: string): unknown => JSON.parse(secretText).current;

  test("the deployment's functions have made their signed calls", () => {
    expect([
      gate.userPoolServer.calls("UpdateUserPoolClient"),
      gate.secretsServer.calls("DescribeSecret"),
    ]).toEqual([1, 1]);
  });

  test("the client signs in at the distribution's own domain, and at every local address", () => {
    const origins = [`https://${domain()}`, gate.url, "https://assets.example.test"];
    expect(gate.userPool.client(clientId())).toMatchObject({
      oauthFlows: ["code"],
      callbackUrls: origins.map((origin) => `${origin}/.gatehouse/callback`),
      logoutUrls: origins.map((origin) => `${origin}/.gatehouse/logout`),
    });
  });

  test("the managed login is where the function sends people, and has a form for them", async () => {
    const location = await locationOf(`${gate.url}/.gatehouse/login?return_to=/`);
    expect(location).toContain(`${gate.managedLogin.endpoint}/oauth2/authorize?`);
    const form = await fetch(location, { redirect: "manual" });
    expect(form.headers.get("location")).toMatch(/^\/login\//);
  });

  test("the secret's value is in the function's code, and in no log line", () => {
    const text = gate.secrets.all[0]?.versions[0]?.text ?? "";
    expect(keysOf(text)).toMatch(/^[0-9a-f]{64}$/);
    expect(codes().every((code) => code.includes(String(keysOf(text))))).toBe(true);
    expect(lines.join("\n")).not.toContain(String(keysOf(text)));
  });

  test("another deployment takes the secret's new version and the URLs stay", async () => {
    const [secret] = gate.secrets.all;
    const [before, urls] = [gate.url, gate.userPool.client(clientId())?.callbackUrls];
    const current = createHash("sha256").update("another").digest("hex");
    const previous = keysOf(secret?.versions[0]?.text ?? "");
    gate.secrets.rotate(secret?.arn ?? "", JSON.stringify({ current, previous }));
    const versions = arns();
    await gate.redeploy();
    // An update: the same functions, with a second version.
    expect(arns()).toEqual(versions.map((arn) => arn.replace(/:1$/, ":2")));
    expect(codes().every((code) => code.includes(current) && code.includes(String(previous)))).toBe(true);
    expect(gate.userPool.client(clientId())?.callbackUrls).toEqual(urls);
    const token = await gate.userPool.issueIdToken("ada");
    const response = await fetch(`${before}${FILE}`, { headers: { authorization: token } });
    expect(response.status).toBe(200);
  });

  test("a secret that does not fit fails the deployment, and the gate goes on", async () => {
    const [secret] = gate.secrets.all;
    gate.secrets.rotate(secret?.arn ?? "", '{"previous":"none"}');
    await expect(gate.redeploy()).rejects.toThrow("Could not find a value associated with JSONKey");
    expect((await fetch(`${gate.url}${FILE}`)).status).toBe(401);
  });
});

describe("ways to run it", () => {
  test("over TLS, under a public name", async () => {
    const gate = await gateWith({ tls: throwAwayCertificate(), publicUrl: "https://assets.example.test" });
    expect(gate.url).toBe("https://assets.example.test");
    const status = await new Promise((resolve, reject) => {
      const options = { host: "127.0.0.1", port: gate.port, path: FILE, rejectUnauthorized: false };
      const headers = { host: "assets.example.test" };
      getOverTls({ ...options, headers }, (response) => {
        response.resume();
        resolve(response.statusCode);
      }).on("error", reject);
    });
    expect(status).toBe(401);
  });

  test("with latency to Cognito, and a function that remembers nothing", async () => {
    const latencyMs = 40;
    const gate = await gateWith({ latencyMs, coldStarts: "always", timeouts: { viewerFunctionMs: 20_000 } });
    const authorization = await gate.userPool.issueIdToken("ada");
    const read = async () => {
      const start = performance.now();
      const { status } = await fetch(`${gate.url}${FILE}`, { headers: { authorization } });
      return { status, ms: performance.now() - start };
    };
    for (const { status, ms } of [await read(), await read()]) {
      expect(status).toBe(200);
      // A new connection and two calls on it, each time.
      expect(ms).toBeGreaterThan(4 * latencyMs - 5);
    }
    expect(gate.identityPoolServer.calls("GetId")).toBe(2);
  });

  test("without sign-in no URL is registered, and the client may not use managed login", async () => {
    const gate = await gateWith({ context: { auth: false } });
    expect(gate.userPool.clients[0]).toMatchObject({ oauthFlows: [], callbackUrls: [], logoutUrls: [] });
  });

  test("with the managed login on localhost", async () => {
    const gate = await gateWith({ loginHost: "localhost" });
    expect(gate.managedLogin.endpoint).toMatch(/^http:\/\/localhost:\d+$/);
  });
});
