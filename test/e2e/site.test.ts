// The table of docs/sites.md, asked through the whole chain: each path is served, redirected or refused as it says.
import { mkdtempSync, readFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type AnyGate, type GateOptions, startGate, startGateOn } from "../../local/gate/gate.ts";
import { type Rgw, startRgw } from "../../local/rgw/cluster.ts";
import { rgwMissing } from "../../local/rgw/installed.ts";
import { describeWith } from "./requirements.ts";

const PAGE = readFileSync(join(import.meta.dirname, "../../docs/sites.md"), "utf8");
const [, CHAPTER = ""] = PAGE.split("\n## Every path\n");
const [, AREAS = "{}"] = /```json context\n(.*?)```/s.exec(CHAPTER) ?? [];
const [, HELD = ""] = /The bucket holds (.*?)\.\n/s.exec(CHAPTER) ?? [];
const KEYS = [...HELD.matchAll(/`([^`]+)`/g)].map(([, key = ""]) => key);
const ROWS = [...CHAPTER.matchAll(/^\| `(.+?)` \| ([a-z ]+) \| `(.+?)` \| (.+) \|$/gm)].map(
  ([, path = "", by = "", answer = "", why = ""]) => [path, by, answer, why] as const,
);

const NAVIGATION = { accept: "text/html", "sec-fetch-dest": "document", "sec-fetch-mode": "navigate" };
const HEADERS: Record<string, Record<string, string>> = {
  person: NAVIGATION,
  editor: NAVIGATION,
  stranger: NAVIGATION,
  program: { accept: "*/*", "sec-fetch-dest": "empty", "sec-fetch-mode": "cors" },
  image: { accept: "image/*", "sec-fetch-dest": "image", "sec-fetch-mode": "no-cors" },
  "old browser": { accept: "text/html,application/xhtml+xml" },
};

test("the table is one of paths", () => {
  expect(ROWS.length).toBeGreaterThan(120);
  expect(new Set(ROWS.map(([path, by]) => `${path} ${by}`)).size).toBe(ROWS.length);
  expect(ROWS.filter(([, by]) => !HEADERS[by])).toEqual([]);
});

describe.each(["identityPool", "sts"] as const)("on the embedded S3, by %s", (exchange) => {
  walk(exchange, startGate);
});

describeWith("on RADOS Gateway", [rgwMissing()], () => {
  let rgw: Rgw;
  beforeAll(async () => {
    rgw = await startRgw({ region: "us-east-1" });
  });
  afterAll(() => rgw?.close());

  walk("identityPool", (options) => startGateOn(rgw, options));
});

/** Every row, from a cold cache and a warm one, and by HEAD. */
function walk(exchange: "identityPool" | "sts", start: (options: GateOptions) => Promise<AnyGate>): void {
  let gate: AnyGate;
  const tokens: Record<string, string> = {};

  beforeAll(async () => {
    const context = { ...JSON.parse(AREAS), groups: ["editors"], exchange, auth: {} };
    gate = await start({ port: 0, assets: mkdtempSync(join(tmpdir(), "gatehouse-empty-")), context });
    gate.userPool.users.add({ username: "edda", password: "edda", groups: ["editors"] });
    gate.userPool.users.add({ username: "paul", password: "paul", groups: [] });
    for (const name of ["edda", "paul"]) tokens[name] = await gate.userPool.issueIdToken(name);
    for (const key of KEYS)
      await gate.store.put(key, Buffer.from(bodyOf(key)), { "content-type": "text/html" });
  });
  afterAll(() => gate?.close());

  const ask = async (path: string, by: string, method = "GET") => {
    const token = by === "stranger" ? undefined : tokens[by === "editor" ? "edda" : "paul"];
    const cookie = token && { cookie: `__Host-gatehouse-id=${token}` };
    return await send(gate.port, path, { ...HEADERS[by], ...cookie }, method);
  };

  test.each(ROWS)("%s by a(n) %s: %s", async (path, by, expected, _why) => {
    for (const _time of ["cold", "warm"]) expect(outcomeOf(await ask(path, by))).toBe(expected);
    const head = await ask(path, by, "HEAD");
    expect([head.status, head.body]).toEqual([Number(expected.slice(0, 3)), ""]);
  });
}

const bodyOf = (key: string) => `this is ${key};`;

interface Answer {
  readonly status: number;
  readonly location: string | undefined;
  readonly body: string;
}

/** In the words of the table; where the sign-in is and whom it comes back to is not of interest here. */
function outcomeOf({ status, location, body }: Answer): string {
  if (status === 308) return `${status} ${location}`;
  const [, key] = /^this is (.+);$/.exec(body) ?? [];
  return key ? `${status} ${key}` : String(status);
}

/** Sends a path as it is written, but for characters that no client can send. */
function send(port: number, path: string, headers: object, method: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = {
      port,
      method,
      path: path.replaceAll(" ", "%20"),
      headers: { host: `localhost:${port}`, ...headers },
    };
    const call = request(options, async (response) => {
      const chunks: Buffer[] = await response.toArray();
      const { location } = response.headers;
      resolve({ status: response.statusCode ?? 0, location, body: Buffer.concat(chunks).toString() });
    });
    call.on("error", reject).end();
  });
}
