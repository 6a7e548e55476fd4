// Containers that have never run before: with a session they serve at once, and far away they finish a sign-in.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RequestResult, ResponseResult } from "../../edge/request/cloudfront.ts";
import { functionDefinition } from "../../local/aws/cloudformation/index.ts";
import { distributionConfig } from "../../local/gate/front.ts";
import { edgeFunctionArns } from "../../local/gate/resources.ts";
import { Browser } from "../local/aws/cognito/browser.ts";
import { viewerEvent } from "../unit/fixtures/events.ts";
import { type Invocation, invoke, type Pace } from "./edge-process.ts";
import { type Stage, startStage } from "./stage.ts";

/** A round trip between continents, in milliseconds. */
const FAR_MS = 250;
/** What Lambda gives a 128 MB function at the edge. */
const LAMBDA: Pace = { cpuShare: 1 / 14, timeoutMs: 5_000 };
const SEARCHED = /^(NativeModule|Internal Binding) (tls|tls_wrap|http2|zlib|https)$/;

describe.each([
  ["nearby, at full speed", 0, {}],
  ["a far edge, with a fourteenth of a CPU", FAR_MS, LAMBDA],
] as const)("%s", (_, latencyMs, pace) => {
  let stage: Stage;
  let code: string;
  let jar: Map<string, string>;
  const hops: string[] = [];

  beforeAll(async () => {
    stage = await startStage(undefined, { latencyMs });
    const [arn = ""] = edgeFunctionArns(distributionConfig(stage.gate.stack));
    code = functionDefinition(stage.gate.stack.resources, arn).code;
    jar = new Map();
  });
  afterAll(async () => await stage?.close());

  async function visit(url: string): Promise<Invocation> {
    const { host, pathname: uri, search } = new URL(url, stage.gate.url);
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
    const headers = { Host: host, "Sec-Fetch-Mode": "navigate", ...(cookie && { Cookie: cookie }) };
    const event = viewerEvent({ uri, querystring: search.slice(1), headers });
    const invocation = await invoke(code, event, pace);
    for (const { value } of invocation.result.headers["set-cookie"] ?? []) keep(value);
    return invocation;
  }

  function keep(line: string): void {
    const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
    if (value === "") jar.delete(name);
    else jar.set(name, value);
  }

  test("completes a sign-in, each hop in a container of its own, and keeps the code", async () => {
    const start = await visit("/documents/opening-hours.txt");
    const login = await visit(locationOf(start.result));
    let next = await throughTheForm(locationOf(login.result), stage);
    for (let hop = 0; hop < 4 && !next.endsWith("/documents/opening-hours.txt"); hop += 1) {
      const { result } = await visit(next);
      next = locationOf(result);
      hops.push(new URL(next, stage.gate.url).pathname);
    }
    expect(hops).toEqual(["/.gatehouse/finish", "/documents/opening-hours.txt"]);
    expect([...jar.keys()].sort()).toEqual(
      expect.arrayContaining(["__Host-gatehouse-id", "__Host-gatehouse-refresh"]),
    );
  });

  test("then serves an asset from a process that opens no connection and loads no TLS", async () => {
    if (!jar.has("__Host-gatehouse-aws")) await visit("/.gatehouse/finish?return_to=/");
    expect(jar.has("__Host-gatehouse-aws")).toBe(true);
    const { result, modules, connections } = await visit("/documents/opening-hours.txt");
    expect("status" in result ? result : result.uri).toBe("/documents/opening-hours.txt");
    expect(connections).toBe(0);
    expect(modules.filter((name) => SEARCHED.test(name))).toEqual([]);
  });
});

function locationOf(result: RequestResult | ResponseResult): string {
  const [location] = result.headers["location"] ?? [];
  if (!location) throw new Error(`no redirect: ${JSON.stringify(result).slice(0, 500)}`);
  return location.value;
}

/** A person at the managed login; answers with the way back to the gate. */
async function throughTheForm(url: string, { gate }: Stage): Promise<string> {
  const browser = new Browser();
  const callback = `${gate.url}/.gatehouse/callback`;
  const form = await browser.follow(url, callback);
  const posted = await browser.post(form.url, { username: "ada", password: "ada" });
  const next = new URL(posted.headers.get("location") ?? "", form.url).href;
  return (await browser.follow(next, callback)).url;
}
