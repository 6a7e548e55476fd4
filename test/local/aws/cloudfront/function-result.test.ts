// What CloudFront enforces on a function's answer: 502 for an invalid result, 503 for a function that fails.

import { describe, expect, test } from "vitest";
import { stage, type ViewerRequestEvent } from "./stage.ts";

type EventRequest = ViewerRequestEvent["Records"][number]["cf"]["request"];
type Change = (request: EventRequest) => unknown;

const headers =
  (added: Record<string, unknown>): Change =>
  (request) => ({ ...request, headers: { ...request.headers, ...added } });
const set =
  (fields: Record<string, unknown>): Change =>
  (request) => ({ ...request, ...fields });
const without =
  (name: string): Change =>
  (request) => {
    const { [name]: _removed, ...kept } = request.headers;
    return { ...request, headers: kept };
  };
const line = (key: string, value: unknown) => ({ [key.toLowerCase()]: [{ key, value }] });

async function answerTo(change: Change) {
  const edge = await stage({
    viewerRequest: (event) => {
      const request = event.Records[0]?.cf.request;
      return request === undefined ? null : change(request);
    },
  });
  const answer = await edge.get("/a?q=1", { Via: "1.1 proxy" });
  return { answer, edge };
}

describe("an invalid result is 502", () => {
  const DISALLOWED = [
    "Connection",
    "Expect",
    "Keep-Alive",
    "Proxy-Authenticate",
    "Proxy-Authorization",
    "Proxy-Connection",
    "Trailer",
    "Upgrade",
    "X-Accel-Buffering",
    "X-Accel-Charset",
    "X-Accel-Limit-Rate",
    "X-Accel-Redirect",
    "X-Amz-Cf-Anything",
    "X-Amzn-Auth",
    "X-Amzn-Cf-Billing",
    "X-Amzn-Cf-Id",
    "X-Amzn-Cf-Xff",
    "X-Amzn-ErrorType",
    "X-Amzn-Fle-Profile",
    "X-Amzn-Header-Count",
    "X-Amzn-Header-Order",
    "X-Amzn-Lambda-Integration-Tag",
    "X-Amzn-RequestId",
    "X-Cache",
    "X-Edge-Anything",
    "X-Forwarded-Proto",
    "X-Real-IP",
    "CloudFront-Viewer-Country",
  ];
  const CASES: [string, Change, string][] = [
    ...DISALLOWED.map((name): [string, Change, string] => [
      `adds ${name}`,
      headers(line(name, "x")),
      "disallowed header",
    ]),
    ...["Content-Length", "Transfer-Encoding"].map((name): [string, Change, string] => [
      `adds ${name}`,
      headers(line(name, "1")),
      "read-only header",
    ]),
    ["changes Host", headers(line("Host", "other")), "read-only header: host"],
    ["removes Host", without("host"), "read-only header: host"],
    ["changes Via", headers(line("Via", "other")), "read-only header: via"],
    ["removes Via", without("via"), "read-only header: via"],
    ["changes method", set({ method: "HEAD" }), "read-only field: method"],
    ["changes clientIp", set({ clientIp: "192.0.2.1" }), "read-only field: clientIp"],
    ["a space in querystring", set({ querystring: "a b" }), "querystring holds"],
    ["a control character in querystring", set({ querystring: "a\u0001" }), "querystring holds"],
    ["a fragment in querystring", set({ querystring: "a#b" }), "querystring holds"],
    ["a querystring that is no string", set({ querystring: 1 }), "querystring must be"],
    ["a uri without slash", set({ uri: "a" }), "uri must start"],
    ["a uri that is no string", set({ uri: null }), "uri must start"],
    ["a control character in uri", set({ uri: "/\n" }), "uri holds"],
    [
      "uri and querystring of 8,192 characters",
      set({ uri: "/", querystring: "q".repeat(8191) }),
      "less than 8192",
    ],
    ["headers that are no object", set({ headers: [] }), "headers must be"],
    ["a header in upper case", headers({ Upper: [{ key: "Upper", value: "x" }] }), "lower-case token"],
    ["a header name with a space", headers({ "a b": [{ value: "x" }] }), "lower-case token"],
    ["a header that is no list", headers({ x: { key: "X", value: "x" } }), "must be a list"],
    ["a header value that is no string", headers(line("x", 1)), "one line of text"],
    ["a header value of two lines", headers(line("x", "a\r\nb: c")), "one line of text"],
    ["a header whose key differs", headers({ x: [{ key: "y", value: "x" }] }), "key must be the same"],
    ["null", () => null, "must be an object"],
    ["a string", () => "request", "must be an object"],
    ["a list", () => [], "must be an object"],
    ["a status that is a number", () => ({ status: 200 }), "status must be a string"],
    ["status 199", () => ({ status: "199" }), "between 200 and 599"],
    ["status 600", () => ({ status: "600" }), "between 200 and 599"],
    ["a status of words", () => ({ status: "OK" }), "three digits"],
    ["a body that is no string", () => ({ status: "200", body: {} }), "body is not a string"],
    [
      "a body that is no base64",
      () => ({ status: "200", body: "%%%", bodyEncoding: "base64" }),
      "bodyEncoding",
    ],
    ["an unknown encoding", () => ({ status: "200", body: "x", bodyEncoding: "gzip" }), "bodyEncoding"],
    ["204 with a body", () => ({ status: "204", body: "x" }), "204 response has a body"],
    [
      "Content-Length on a generated response",
      () => ({ status: "200", headers: line("Content-Length", "1"), body: "x" }),
      "read-only header",
    ],
    [
      "a disallowed header on a generated response",
      () => ({ status: "200", headers: line("X-Cache", "x") }),
      "disallowed header",
    ],
    [
      "a response of 40 KB and one byte",
      () => ({ status: "200", headers: {}, body: "x".repeat(40_961) }),
      "more than 40960",
    ],
    [
      "headers count towards the 40 KB",
      () => ({ status: "200", headers: line("X", "x"), body: "x".repeat(40_955) }),
      "more than 40960",
    ],
    [
      "a replaced body over 40 KB",
      set({ body: { action: "replace", encoding: "text", data: "x".repeat(40_961) } }),
      "more than 40960",
    ],
  ];
  test.each(CASES)("%s", async (_name, change, reason) => {
    const { answer, edge } = await answerTo(change);
    expect(answer.status).toBe(502);
    expect(answer.headers).toMatchObject({
      "x-cache": "LambdaValidationError from cloudfront",
      "content-type": "text/html",
      server: "CloudFront",
    });
    expect(answer.text).toContain("The request could not be satisfied.");
    expect(answer.text).toContain(answer.headers["x-amz-cf-id"]);
    expect(edge.reasons()).toEqual([expect.stringContaining(reason)]);
    expect(edge.seen).toEqual([]);
  });
});

describe("a valid result passes", () => {
  test.each<[string, Change]>([
    ["the request as it is", (request) => request],
    ["a header without key", headers({ x: [{ value: "x" }] })],
    ["a header emptied", headers({ "user-agent": [] })],
    ["uri and querystring of 8,191 characters", set({ uri: "/", querystring: "q".repeat(8190) })],
    ["a CloudFront-* header that is allowed", headers(line("CloudFront-Is-Mobile-Viewer", "true"))],
  ])("%s", async (_name, change) => {
    const { answer } = await answerTo(change);
    expect(answer.status).toBe(200);
  });

  test("a response of exactly 40 KB", async () => {
    const { answer } = await answerTo(() => ({ status: "200", body: "x".repeat(40_960) }));
    expect(answer.body.length).toBe(40_960);
  });
});

describe("a function that fails is 503", () => {
  const lambdaError = (errorType: string) => Object.assign(new Error("reason"), { errorType });
  test.each([
    ["throws", () => Promise.reject(lambdaError("TypeError")), "LambdaExecutionError"],
    ["rejects with a string", () => Promise.reject("reason"), "LambdaExecutionError"],
    ["is throttled", () => Promise.reject(lambdaError("TooManyRequestsException")), "LambdaLimitExceeded"],
    [
      "takes longer than its own time-out",
      () => Promise.reject(lambdaError("Sandbox.Timedout")),
      "LambdaLimitExceeded",
    ],
    ["takes longer than the edge allows", () => new Promise(() => {}), "LambdaLimitExceeded"],
  ])("%s", async (_name, invoke, resultType) => {
    const edge = await stage({
      viewerRequest: () => null,
      cloudFront: { invoke, timeouts: { viewerFunctionMs: 50 } },
    });
    const answer = await edge.get("/a");
    expect([answer.status, answer.headers["x-cache"]]).toEqual([503, `${resultType} from cloudfront`]);
    expect(answer.text).not.toContain("reason");
    expect(edge.reasons()).toEqual([expect.stringMatching(/^function failed: /)]);
    expect(edge.seen).toEqual([]);
  });
});
