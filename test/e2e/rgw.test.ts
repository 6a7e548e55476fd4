// The whole chain in front of a real S3: odd keys come back byte for byte, and S3 takes what the bundles sign and nothing else.
import { createHash } from "node:crypto";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { hasNjs } from "../../local/aws/cloudfront/index.ts";
import { type AnyGate, startGateOn } from "../../local/gate/gate.ts";
import { type Rgw, startRgw } from "../../local/rgw/cluster.ts";
import { rgwMissing } from "../../local/rgw/installed.ts";
import { type Answer, send } from "../local/aws/s3/presign.ts";
import type { BundleName } from "../unit/fixtures/bundle.ts";
import { describeWith } from "./requirements.ts";
import { swapped, withExpiringCredentials } from "./rgw-credentials.ts";
import { anyKey, KEYS, spelled } from "./rgw-keys.ts";
import { type SignAs, type SignedRequest, sendTo, signer } from "./rgw-signed.ts";
import { TAMPERINGS } from "./rgw-tampering.ts";

const BUILDS = ["gatehouse", "gatehouse-sdk"] as const satisfies readonly BundleName[];

describeWith("in front of RADOS Gateway", [rgwMissing()], () => {
  let rgw: Rgw;
  const gates = new Map<BundleName, AnyGate>();
  const gateOf = (name: BundleName) => defined(gates.get(name));

  beforeAll(async () => {
    rgw = await startRgw({ region: "us-east-1" });
    const assets = mkdtempSync(join(tmpdir(), "gatehouse-empty-"));
    for (const name of BUILDS) {
      const context = { sdk: name === "gatehouse-sdk" };
      gates.set(name, await startGateOn(rgw, { port: 0, assets, context }));
    }
  });
  afterAll(async () => {
    for (const gate of gates.values()) await gate.close();
    await rgw?.close();
  });

  describe("in the split placement, with the function in njs where it is there", () => {
    let gate: AnyGate;
    let authorization: string;
    beforeAll(async () => {
      const assets = mkdtempSync(join(tmpdir(), "gatehouse-empty-"));
      const functionEngine = hasNjs ? "njs" : "context";
      gate = await startGateOn(rgw, { port: 0, assets, context: { placement: "split" }, functionEngine });
      authorization = `Bearer ${await gate.userPool.issueIdToken("ada")}`;
    });
    afterAll(async () => await gate?.close());

    test.each(KEYS)("serves %s, and then from the cache without a Lambda", async (_oddity, key) => {
      await gate.store.put(key, bytesOf(key));
      const port = Number(new URL(gate.url).port);
      const ask = () =>
        send(port, spelled(key, "loose"), { host: `localhost:${port}`, authorization }, "GET");
      const cold = await ask();
      expect([cold.status, Buffer.compare(cold.body, bytesOf(key))]).toEqual([200, 0]);
      gate.runs.reset();
      const warm = await ask();
      expect([warm.headers["x-cache"], gate.runs.lambda]).toEqual(["Hit from cloudfront", 0]);
    });
  });

  describe.each(BUILDS)("through the whole chain with %s", (name) => {
    let authorization: string;
    const ask = (path: string, method = "GET", headers: Record<string, string> = {}): Promise<Answer> => {
      const port = Number(new URL(gateOf(name).url).port);
      return send(port, path, { host: `localhost:${port}`, authorization, ...headers }, method);
    };
    const cold = async (path: string, method?: string, headers?: Record<string, string>) => {
      gateOf(name).cloudFront.invalidate();
      return await ask(path, method, headers);
    };

    beforeAll(async () => {
      authorization = `Bearer ${await gateOf(name).userPool.issueIdToken("ada")}`;
    });

    test.each(KEYS)("serves %s", async (_oddity, key) => {
      const bytes = bytesOf(key);
      await gateOf(name).store.put(key, bytes);
      const path = spelled(key, "loose");
      const head = await cold(path, "HEAD");
      expect([head.status, head.headers["content-length"]]).toEqual([200, String(bytes.length)]);
      const whole = await cold(spelled(key, "strict"));
      expect([whole.status, whole.body]).toEqual([200, bytes]);
      const { etag = "" } = whole.headers;
      expect(etag).toBe(`"${createHash("md5").update(bytes).digest("hex")}"`);
      for (const asked of [cold, ask]) {
        const range = await asked(path, "GET", { range: "bytes=7-106" });
        expect([range.status, range.body]).toEqual([206, bytes.subarray(7, 107)]);
        expect((await asked(path, "GET", { "if-none-match": etag })).status).toBe(304);
        expect(await asked(path)).toMatchObject({ status: 200, body: bytes });
      }
    });

    test("answers a missing key in its own words", async () => {
      const answer = await cold("/none.txt");
      expect([answer.status, answer.headers["content-type"]]).toEqual([404, "application/json"]);
      expect(JSON.parse(answer.body.toString())).toMatchObject({
        code: "not_found",
        message: "There is nothing here.",
      });
    });
  });

  test("takes 500 generated requests of both builds", async () => {
    const signers = await signersOf(gates);
    let run = 0;
    const property = fc.asyncProperty(
      anyKey,
      fc.constantFrom("GET", "HEAD"),
      fc.constantFrom("strict" as const, "loose" as const),
      fc.option(fc.string({ unit: fc.constantFrom(..."ab ü\"'%&+;=.-_") }), { nil: undefined }),
      async (key, method, way, download) => {
        run += 1;
        const { sign, token, gate } = defined(signers[run % signers.length]);
        await gate.store.put(key, bytesOf(key));
        const query = download === undefined ? "" : `download=${encodeURIComponent(download)}`;
        const request = await sign(token, method, spelled(key, way), query);
        const answer = await sendTo(rgw.port, request);
        expect([answer.status, answer.body]).toEqual([200, method === "HEAD" ? EMPTY : bytesOf(key)]);
        expect("content-disposition" in answer.headers).toBe(download !== undefined);
      },
    );
    await fc.assert(property, { numRuns: 500 });
  });

  describe.each(BUILDS)("refuses what is not what %s signed", (name) => {
    let requests: readonly SignedRequest[];

    beforeAll(async () => {
      const { sign, token, gate } = await signerOf(name, gateOf(name));
      await gate.store.put("a b/c.txt", bytesOf("c"));
      await gate.store.put("a b/d.txt", bytesOf("d"));
      requests = [
        await sign(token, "GET", "/a%20b/c.txt"),
        await sign(token, "HEAD", "/a%20b/c.txt"),
        await sign(token, "GET", "/a%20b/c.txt", "download=c.txt"),
      ];
      for (const request of requests) expect((await sendTo(rgw.port, request)).status).toBe(200);
    });

    test.each(TAMPERINGS)("%s", async (_what, tamper, status, code) => {
      for (const request of requests) {
        const answer = await sendTo(rgw.port, tamper(request));
        const seen = answer.body.length === 0 ? undefined : answer.code;
        expect([answer.status, seen], `${request.method} ${request.path}`).toEqual([status, seen && code]);
        expect(answer.body.includes(bytesOf("c")) || answer.body.includes(bytesOf("d"))).toBe(false);
      }
    });

    test("what was signed five minutes and a second ago", async () => {
      const request = await atAnotherTime(-301, await signerOf(name, gateOf(name)));
      expect(await sendTo(rgw.port, request)).toMatchObject({ status: 403, code: "AccessDenied" });
      const still = await atAnotherTime(-270, await signerOf(name, gateOf(name)));
      expect((await sendTo(rgw.port, still)).status).toBe(200);
    });

    test("what was signed with credentials that have ended", async () => {
      const gate = gateOf(name);
      await using pool = await withExpiringCredentials(gate);
      const sign = signer(name, gate, { endpoints: { cognitoIdentity: pool.endpoint } });
      const request = await sign(await gate.userPool.issueIdToken("ada"), "GET", "/a%20b/c.txt");
      await pool.ended();
      expect(await sendTo(rgw.port, request)).toMatchObject({ status: 403, code: "AccessDenied" });
    });

    test.each([
      [
        "another user's key and token under the same signature",
        ["X-Amz-Credential", "X-Amz-Security-Token"],
        "SignatureDoesNotMatch",
      ],
      ["another user's key", ["X-Amz-Credential"], "AccessDenied"],
      ["another user's token", ["X-Amz-Security-Token"], "AccessDenied"],
      ["another user's signature", ["X-Amz-Signature"], "SignatureDoesNotMatch"],
    ])("%s", async (_what, names, code) => {
      const gate = gateOf(name);
      const bob = await signer(name, gate)(await gate.userPool.issueIdToken("bob"), "GET", "/a%20b/c.txt");
      const [adas] = requests;
      const answer = await sendTo(rgw.port, swapped(defined(adas), bob, names));
      expect([answer.status, answer.code]).toEqual([403, code]);
      expect((await sendTo(rgw.port, bob)).status).toBe(200);
    });
  });
});

const EMPTY = Buffer.alloc(0);

/** Some hundred bytes that no other key has. */
function bytesOf(key: string): Buffer {
  return Buffer.concat([0, 1, 2, 3, 4].map((n) => createHash("sha256").update(`${n}${key}`).digest()));
}

interface Signer {
  readonly sign: SignAs;
  readonly token: string;
  readonly gate: AnyGate;
  readonly name: BundleName;
}

async function signerOf(name: BundleName, gate: AnyGate): Promise<Signer> {
  return { sign: signer(name, gate), token: await gate.userPool.issueIdToken("ada"), gate, name };
}

/** A request signed so many seconds from now, with credentials of now. */
async function atAnotherTime(seconds: number, { gate, token, name }: Signer): Promise<SignedRequest> {
  const path = "/a%20b/c.txt";
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() });
  try {
    const sign = signer(name, gate);
    await sign(token, "GET", path);
    vi.setSystemTime(Date.now() + seconds * 1000);
    return await sign(token, "GET", path);
  } finally {
    vi.useRealTimers();
  }
}

async function signersOf(gates: ReadonlyMap<BundleName, AnyGate>): Promise<readonly Signer[]> {
  return await Promise.all([...gates].map(([name, gate]) => signerOf(name, gate)));
}

function defined<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("not started");
  return value;
}
