// Whatever is asked in whatever order: never a byte that does not belong to the version that the ETag names.

import fc from "fast-check";
import { expect, test } from "vitest";
import { type OriginHandler, stage } from "./stage.ts";

const SIZE = 40;
const bodyOf = (version: number) =>
  Buffer.from(Array.from({ length: SIZE }, (_, i) => (version * 41 + i * 7) % 256));

/** An S3-like origin: ETag by version, conditions, If-Range, single ranges. */
function versionedOrigin(state: { version: number }): OriginHandler {
  return (seen, response) => {
    const etag = `"${state.version}"`;
    const body = bodyOf(state.version);
    const fields = { ETag: etag, "Cache-Control": "max-age=10" };
    const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(seen.headers["range"] ?? "") ?? [];
    if (seen.headers["if-none-match"] === etag) response.writeHead(304, fields).end();
    else if (first === undefined || (seen.headers["if-range"] ?? etag) !== etag) {
      response.writeHead(200, { ...fields, "Content-Length": SIZE }).end(body);
    } else {
      const end = Math.min(last === "" ? SIZE - 1 : Number(last), SIZE - 1);
      const part = body.subarray(Number(first), end + 1);
      const range = `bytes ${first}-${end}/${SIZE}`;
      response.writeHead(206, { ...fields, "Content-Range": range, "Content-Length": part.length }).end(part);
    }
  };
}

const step = fc.record({
  kind: fc.constantFrom(
    "whole",
    "range",
    "open range",
    "head",
    "conditional",
    "if-range",
    "new version",
    "time passes",
  ),
  first: fc.constantFrom(0, 5, 20),
  length: fc.constantFrom(3, SIZE),
  etag: fc.nat(4),
});

test("500 generated request sequences", { timeout: 120_000 }, async () => {
  const state = { version: 0 };
  const edge = await stage({ origin: versionedOrigin(state) });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), async (steps) => {
      for (const { kind, first, length, etag } of steps) {
        if (kind === "new version") state.version = (state.version + 1) % 5;
        if (kind === "time passes") edge.wait(6);
        const last = Math.min(first + length, SIZE - 1);
        const headers: Record<string, string> = {
          ...(kind === "range" || kind === "if-range" ? { Range: `bytes=${first}-${last}` } : {}),
          ...(kind === "open range" ? { Range: `bytes=${first}-` } : {}),
          ...(kind === "if-range" ? { "If-Range": `"${etag}"` } : {}),
          ...(kind === "conditional" ? { "If-None-Match": `"${etag}"` } : {}),
        };
        const answer = await edge.send(kind === "head" ? "HEAD" : "GET", "/a", headers);
        check(answer, kind);
        if (answer.status === 304) expect(answer.headers["etag"]).toBe(`"${etag}"`);
        if (answer.status === 206 && kind === "if-range") expect(answer.headers["etag"]).toBe(`"${etag}"`);
      }
    }),
    { numRuns: 500 },
  );
});

function check(answer: Awaited<ReturnType<Awaited<ReturnType<typeof stage>>["get"]>>, kind: string): void {
  expect([200, 206, 304]).toContain(answer.status);
  const body = bodyOf(Number((answer.headers["etag"] ?? "").replaceAll('"', "")));
  const [, first, last] = /^bytes (\d+)-(\d+)\/40$/.exec(answer.headers["content-range"] ?? "") ?? [];
  const expected = answer.status === 206 ? body.subarray(Number(first), Number(last) + 1) : body;
  if (answer.status === 304) expect(answer.body.length).toBe(0);
  else if (kind === "head") expect(answer.headers["content-length"]).toBe("40");
  else expect(answer.body).toEqual(expected);
}
