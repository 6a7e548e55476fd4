// A setting that does not fit what CloudFront does: files do not come, and nothing else does either.
import { expect, test } from "vitest";
import type { S3LogEntry } from "../../local/aws/s3/options.ts";
import { type Gate, type GateOptions, startGate } from "../../local/gate/gate.ts";
import { shown } from "./answers.ts";
import { ASSETS } from "./stage.ts";

const FILE = "documents/opening-hours.txt";

/** Each with the method that fails, and what S3 says to it. */
const MISFITS: readonly [string, Partial<GateOptions>, string, string][] = [
  ["CloudFront asks HEAD as GET", { readings: { headOnMiss: "GET" } }, "HEAD", "SignatureDoesNotMatch"],
  ["… and as HEAD, signed as GET", { context: { signingHead: "GET" } }, "HEAD", "SignatureDoesNotMatch"],
  ["S3 wants x-amz-cf-id signed", { cfIdMayBeUnsigned: false }, "GET", "AccessDenied"],
  [
    "x-amz-cf-id is signed and withheld",
    { context: { signingCfId: "signed" }, readings: { cfIdHeader: "withheld" } },
    "GET",
    "SignatureDoesNotMatch",
  ],
];

test.each(MISFITS)("%s", async (_, options, method, code) => {
  const atS3: S3LogEntry[] = [];
  const gate = await startGate({
    port: 0,
    assets: ASSETS,
    s3Log: (entry) => atS3.push(entry),
    ...options,
  });
  try {
    const page = method === "HEAD" ? "" : "ours";
    expect(await shown(await ask(gate, method))).toEqual({ status: 404, page });
    expect(await shown(await ask(gate, method))).toEqual({ status: 404, page });
    expect(atS3.map((entry) => entry.code)).toEqual([code, code]);
    if (method === "HEAD") expect((await ask(gate, "GET")).status).toBe(200);
  } finally {
    await gate.close();
  }
});

async function ask(gate: Gate, method: string): Promise<Response> {
  const authorization = `Bearer ${await gate.userPool.issueIdToken("ada")}`;
  return await fetch(`${gate.url}/${FILE}`, { method, headers: { authorization, accept: "text/html" } });
}
