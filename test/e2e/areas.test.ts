// Who sees what: at the edge, at S3 past the edge, and out of the cache; by both exchanges, on both S3s.
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Rgw, startRgw } from "../../local/rgw/cluster.ts";
import { rgwMissing } from "../../local/rgw/installed.ts";
import type { Answer } from "../local/aws/s3/presign.ts";
import { type Layout, NAMES, type Name, NESTED, type Row, SIDE_BY_SIDE } from "./areas-layouts.ts";
import { BESIDE_ROWS, INSIDE_ROWS, PUBLIC, PUBLIC_INSIDE, walkPublic } from "./areas-public.ts";
import { type Stage, startStage } from "./areas-stage.ts";
import { askForVersions } from "./areas-versions.ts";
import { describeWith } from "./requirements.ts";

const EXCHANGES = ["identityPool", "sts"] as const;

describe("on the embedded S3", () => {
  walkAll(() => undefined);
});

describeWith("on RADOS Gateway", [rgwMissing()], () => {
  let rgw: Rgw;
  beforeAll(async () => {
    rgw = await startRgw({ region: "us-east-1" });
  });
  afterAll(() => rgw?.close());

  walkAll(() => rgw);
});

function walkAll(rgw: () => Rgw | undefined): void {
  describe.each([SIDE_BY_SIDE, NESTED])("$name", (layout) => {
    describe.each(EXCHANGES)("by %s", (exchange) => {
      walk(layout, () => startStage(layout, exchange, rgw()));
    });
  });
  describe.each(EXCHANGES)("a public area, by %s", (exchange) => {
    walkPublic(BESIDE_ROWS, () => startStage(PUBLIC, exchange, rgw()));
  });
  describe.each(EXCHANGES)("public areas inside private ones, by %s", (exchange) => {
    walkPublic(INSIDE_ROWS, () => startStage(PUBLIC_INSIDE, exchange, rgw()));
  });
}

/** Every user on every row, both ways, and then out of the cache. */
function walk(layout: Layout, start: () => Promise<Stage>): void {
  let stage: Stage;
  beforeAll(async () => {
    stage = await start();
  });
  afterAll(() => stage?.gate.close());

  describe.each(layout.rows)("$kind, $path", (row) => {
    test.each(NAMES)("%s at the edge and past it", async (name) => {
      const answer = await stage.ask(name, row);
      const forced = await stage.force(name, row);
      expectRight(answer, name, row, stage);
      if ((row.atS3 ?? row.readers).includes(name))
        expect(forced.filter(({ status }) => status === 200)).not.toEqual([]);
      else for (const { status, code } of forced) expect([status, code]).toEqual([403, "AccessDenied"]);
    });

    test("nobody without a token, also while it is in the cache", async () => {
      for (const name of row.readers) await stage.ask(name, row);
      expect(codeOf(await stage.ask(undefined, row))).toBe("token_missing");
    });
  });

  test.each(orders(NAMES))("the cache serves %s, %s and %s, each twice, each their own", async (...order) => {
    for (const row of layout.rows) {
      stage.gate.cloudFront.invalidate();
      const answers: Answer[] = [];
      for (const name of [...order, ...order]) {
        const answer = await stage.ask(name, row);
        if (row.readers.includes(name)) answers.push(answer);
        expectRight(answer, name, row, stage);
      }
      const misses = answers.filter((answer) => answer.headers["x-cache"] === "Miss from cloudfront").length;
      if (row.lists) expect(misses, row.kind).toBeGreaterThanOrEqual(row.readers.length);
      else expect(misses, row.kind).toBe(fetchesOf(row));
    }
  });

  test("the cache serves everybody their own in any order, by any method", async () => {
    const step = fc.record({
      name: fc.constantFrom(...NAMES),
      row: fc.constantFrom(...layout.rows),
      way: fc.constantFrom("GET", "HEAD", "range", "another's ETag", "invalidation" as const),
    });
    const property = fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 40 }), async (steps) => {
      stage.gate.cloudFront.invalidate();
      for (const { name, row, way } of steps) await take(way, name, row, stage);
    });
    await fc.assert(property, { numRuns: 10 });
  });

  test("1,000 requests, 50 at a time, while the cache is emptied: everybody gets their own", async () => {
    const step = fc.record({
      name: fc.constantFrom(undefined, ...NAMES),
      row: fc.constantFrom(...layout.rows),
    });
    const steps = fc.sample(step, 1_000);
    const seen = { own: 0, refused: 0, nobody: 0 };
    const viewer = async (_: unknown, at: number) => {
      for (let index = at; index < steps.length; index += 50) {
        const { name, row } = steps[index] ?? expect.fail("no such step");
        if (index % 100 === 0) stage.gate.cloudFront.invalidate();
        const answer = await stage.ask(name, row);
        if (name) expectRight(answer, name, row, stage);
        else expect([answer.status, codeOf(answer)], row.kind).toEqual([401, "token_missing"]);
        seen[name ? (answer.status === 200 ? "own" : "refused") : "nobody"] += 1;
      }
    };
    await Promise.all(Array.from({ length: 50 }, viewer));
    expect(seen.own + seen.refused + seen.nobody).toBe(steps.length);
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(100);
  });

  if (layout === SIDE_BY_SIDE)
    test("an older version and the current one are not mixed up", () => askForVersions(stage));

  test("a member who leaves the group loses it at the next token, and the cache does not remember", async () => {
    const row = layout.rows.find(({ path }) => path === "/team/plan.txt");
    if (!row) throw new Error("no such row");
    const { users } = stage.gate.userPool;
    expect((await stage.ask("cy", row)).status).toBe(200);
    users.setGroups("cy", []);
    const token = await stage.gate.userPool.issueIdToken("cy");
    users.setGroups("cy", ["editors"]);
    const answer = await stage.ask(undefined, row, { headers: { authorization: `Bearer ${token}` } });
    expect([answer.status, codeOf(answer)]).toEqual([403, "access_denied"]);
  });
}

/** One step of a walk; whatever the cache holds by now, the answer has to be this user's. */
async function take(way: string, name: Name, row: Row, stage: Stage): Promise<void> {
  if (way === "invalidation") stage.gate.cloudFront.invalidate();
  else if (way === "HEAD" && !row.lists) {
    const answer = await stage.ask(name, row, { method: "HEAD" });
    expect(answer.status).toBe(row.readers.includes(name) ? 200 : 403);
    expect(answer.body).toHaveLength(0);
  } else if (way === "range" && !row.lists) {
    const answer = await stage.ask(name, row, { headers: { range: "bytes=3-20" } });
    if (!row.readers.includes(name)) expect(answer.status).toBe(403);
    else expect([answer.status, answer.body]).toEqual([206, ownBytes(name, row, stage).subarray(3, 21)]);
  } else if (way === "another's ETag" && row.key.includes("{me}")) {
    const [other = "ann"] = NAMES.filter((candidate) => candidate !== name);
    const { etag = "" } = (await stage.ask(other, row)).headers;
    expectRight(await stage.ask(name, row, { headers: { "if-none-match": etag } }), name, row, stage);
  } else expectRight(await stage.ask(name, row), name, row, stage);
}

function expectRight(answer: Answer, name: Name, row: Row, stage: Stage): void {
  if (row.readers.includes(name)) expectOwn(answer, name, row, stage);
  else expect([answer.status, codeOf(answer)], row.kind).toEqual([403, "access_denied"]);
}

function expectOwn(answer: Answer, name: Name, row: Row, stage: Stage): void {
  expect(answer.status, `${name}: ${row.kind}`).toBe(200);
  if (row.lists) {
    const keys = [...answer.body.toString().matchAll(/<Key>([^<]+)<\/Key>/g)].map(([, key]) => key);
    expect(keys.sort()).toEqual(row.lists.map((key) => stage.named(key, name)).sort());
  } else expect(answer.body.toString(), `${name}: ${row.kind}`).toBe(ownBytes(name, row, stage).toString());
  expect(answer.headers["content-disposition"]).toBe(row.disposition);
}

function ownBytes(name: Name, row: Row, stage: Stage): Buffer {
  return stage.bytesOf(stage.named(row.key, name));
}

/** One fetch for all readers; one for each of them where it is theirs alone, as every list is for a second at most. */
function fetchesOf(row: Row): number {
  return row.key.includes("{me}") ? row.readers.length : Math.min(1, row.readers.length);
}

function codeOf({ body }: Answer): unknown {
  const { code }: { code?: unknown } = Object(JSON.parse(body.toString()));
  return code;
}

function orders<T>(items: readonly T[]): T[][] {
  if (items.length < 2) return [[...items]];
  return items.flatMap((first) =>
    orders(items.filter((item) => item !== first)).map((rest) => [first, ...rest]),
  );
}
