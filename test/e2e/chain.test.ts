// S3's errors on their way out: whatever fails, a viewer gets our answer (or CloudFront's own), and nobody keeps it.
import { afterAll, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { parsePolicy } from "../../local/aws/iam/parse.ts";
import type { Session } from "../../local/aws/iam/sessions.ts";
import type { S3LogEntry } from "../../local/aws/s3/options.ts";
import type { S3Fault } from "../../local/aws/s3/server.ts";
import { type Gate, startGate } from "../../local/gate/gate.ts";
import { type PageOf, shown } from "./answers.ts";
import { READINGS } from "./readings.ts";
import { ASSETS } from "./stage.ts";

const FILE = "documents/opening-hours.txt";
const METHODS: readonly string[] = ["GET", "HEAD", "GET"];

/** What S3 answers to a request with a session that is not what it was. */
const SESSIONS: readonly [string, (session: Session) => Session | undefined, string, number][] = [
  ["expired credentials", (session) => withCredentials(session, { expiresAt: 1 }), "ExpiredToken", 502],
  [
    "a bad signature",
    (session) => withCredentials(session, { secretAccessKey: "another" }),
    "SignatureDoesNotMatch",
    404,
  ],
  [
    "another session token",
    (session) => withCredentials(session, { sessionToken: "another" }),
    "InvalidToken",
    502,
  ],
  ["an access key nobody knows", () => undefined, "InvalidAccessKeyId", 404],
  ["a denied key", (session) => ({ ...session, sessionPolicies: [DENY] }), "AccessDenied", 404],
];
const DENY = parsePolicy(
  { Version: "2012-10-17", Statement: [{ Effect: "Deny", Action: "*", Resource: "*" }] },
  "identity",
);

/**
 * What S3 fails with. Where it does not answer to the end, no origin-response function runs, and CloudFront, which has
 * tried three times, shows a page of its own; the headers that answer HEAD are not cut.
 */
const FAULTS: readonly [S3Fault, readonly string[], number, PageOf][] = [
  ["InternalError", METHODS, 502, "ours"],
  ["SlowDown", METHODS, 502, "ours"],
  ["cut", ["GET", "GET"], 502, "CloudFront's"],
];

function withCredentials(session: Session, changes: Partial<Session["credentials"]>): Session {
  return { ...session, credentials: { ...session.credentials, ...changes } };
}

describe.each(READINGS)("%s", (_, options) => {
  const atS3: S3LogEntry[] = [];
  const originEvents: unknown[] = [];
  let gate: Gate;
  let headers: Record<string, string>;

  beforeEach(async () => {
    gate ??= await startGate({
      port: 0,
      assets: ASSETS,
      s3Log: (entry) => atS3.push(entry),
      onEvent: (event) => {
        if (JSON.stringify(event).includes('"eventType":"origin-response"')) originEvents.push(event);
      },
      ...options,
    });
    headers ??= { authorization: `Bearer ${await gate.userPool.issueIdToken("ada")}`, accept: "text/html" };
    gate.cloudFront.invalidate();
    atS3.length = 0;
    originEvents.length = 0;
  });
  afterAll(() => gate?.close());

  const get = (path: string, method = "GET") => fetch(`${gate.url}/${path}`, { headers, method });

  /** Asks again and again: the same answer each time. */
  async function fails(path: string, status: number, page: PageOf, methods = METHODS): Promise<void> {
    for (const method of methods)
      expect(await shown(await get(path, method)), method).toEqual({
        status,
        page: method === "HEAD" ? "" : page,
      });
  }

  /** What has failed is whole again at once: nothing of the failure was kept. */
  async function recovers(path: string): Promise<void> {
    const response = await get(path);
    expect([response.status, response.headers.get("x-cache")]).toEqual([200, "Miss from cloudfront"]);
    await response.arrayBuffer();
    expect((await get(path, "HEAD")).headers.get("x-cache")).toBe("Hit from cloudfront");
  }

  test("a missing key", async () => {
    await fails("documents/none.txt", 404, "ours");
    expect(atS3.map(({ code }) => code)).toEqual(["AccessDenied", "AccessDenied", "AccessDenied"]);
  });

  test.each(SESSIONS)("%s", async (_name, change, code, status) => {
    await primed();
    const find = gate.sessions.find.bind(gate.sessions);
    const spy = vi.spyOn(gate.sessions, "find").mockImplementation((id) => {
      const session = find(id);
      return session && change(session);
    });
    onTestFinished(() => spy.mockRestore());
    await fails(FILE, status, "ours");
    expect(atS3.map((entry) => entry.code)).toEqual([code, code, code]);
    spy.mockRestore();
    await recovers(FILE);
  });

  /** Lets the function have its credentials before they are changed at S3. */
  async function primed(): Promise<void> {
    expect((await get("index.html")).status).toBe(200);
    gate.cloudFront.invalidate();
    atS3.length = 0;
  }

  test.each(FAULTS)("%s of S3", async (fault, methods, status, page) => {
    gate.s3.setFault(fault);
    onTestFinished(() => gate.s3.setFault());
    await fails(FILE, status, page, methods);
    expect(originEvents).toHaveLength(page === "ours" ? methods.length : 0);
    expect(atS3).toHaveLength(page === "ours" ? methods.length : 3 * methods.length);
    gate.s3.setFault();
    await recovers(FILE);
  });

  test("many viewers of one failure", async () => {
    gate.s3.setFault("SlowDown");
    onTestFinished(() => gate.s3.setFault());
    const answers = await Promise.all(Array.from({ length: 10 }, () => get(FILE)));
    for (const answer of answers) expect(await shown(answer)).toEqual({ status: 502, page: "ours" });
  });

  test.each([
    ["a range beyond the end", { range: "bytes=999999-" }, 416],
    ["a condition that does not hold", { "if-match": '"another"' }, 412],
  ])("%s", async (_name, more, status) => {
    for (let time = 0; time < 2; time += 1) {
      const response = await fetch(`${gate.url}/${FILE}`, { headers: { ...headers, ...more } });
      expect(await shown(response)).toEqual({ status, page: "ours" });
    }
    expect(atS3).toHaveLength(2);
    await recovers(FILE);
  });
});
