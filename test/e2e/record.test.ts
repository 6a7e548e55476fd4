// The events in test/events: that a recording makes them again, and that nothing in them is anybody's.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { requireObject } from "../../local/aws/cloudformation/json.ts";
import { chromiumMissing } from "../../local/browser/chromium.ts";
import { curlMissing } from "../../local/record/curl.ts";
import { viewOf } from "../../local/record/event.ts";
import { recordEvents } from "../../local/record/recording.ts";
import { scrub } from "../../local/record/scrub.ts";
import { describeWith } from "./requirements.ts";

const EVENTS = join(import.meta.dirname, "../events");
const COMMITTED = new Map(
  ["viewer-request", "origin-response"].flatMap((folder) =>
    readdirSync(join(EVENTS, folder)).map((file): [string, string] => [
      `${folder}/${file.replace(/\.json$/, "")}`,
      readFileSync(join(EVENTS, folder, file), "utf8"),
    ]),
  ),
);

/** What browsers add from release to release, and no function reads. */
const DECORATION = /^(sec-ch-|sec-gpc|priority|upgrade-insecure-requests|cache-control|pragma)/;

/** What must not change: kind, method, path, status, and which headers there are, not what is in them. */
function shapeOf(event: unknown) {
  const { type, method, uri, status, headerNames } = viewOf(event);
  const headers = headerNames.filter((name) => !DECORATION.test(name)).sort();
  return { type, method, uri, status, headers };
}

describeWith("a recording", [chromiumMissing(), curlMissing()], () => {
  test("brings the same events", async () => {
    const recorded = await recordEvents();
    expect([...recorded.keys()].sort()).toEqual([...COMMITTED.keys()].sort());
    for (const [name, event] of recorded)
      expect(shapeOf(event), name).toEqual(shapeOf(JSON.parse(COMMITTED.get(name) ?? "")));
  }, 120_000);
});

describe.each([...COMMITTED])("%s", (_, text) => {
  test("holds no token, signature or key", () => {
    expect(text).not.toMatch(/eyJ|LocalSessionToken|LOCALASIA|X-Amz-Signature=(?!SIGNATURE_PLACEHOLDER)/);
    expect(text).not.toMatch(
      /(?<![\w-])[0-9a-f]{64}(?![\w-])|X-Amz-Security-Token=(?!SESSION_TOKEN_PLACEHOLDER)/,
    );
  });

  test("holds no address and no host of a machine", () => {
    const ipv4 = text.match(/(?<!Chrome\/)(?<![\d.])\d{1,3}(\.\d{1,3}){3}(?![\d.])/g) ?? [];
    expect(ipv4.filter((address) => !/^(192\.0\.2|198\.51\.100|203\.0\.113)\./.test(address))).toEqual([]);
    const ipv6 = text.match(/(?<![\w:-])[0-9a-f]{0,4}:(:?[0-9a-f]{1,4}:?){1,7}(?![\w:-])/gi) ?? [];
    expect(ipv6.filter((address) => address.includes("::") && !address.startsWith("2001:db8:"))).toEqual([]);
    expect(text).not.toMatch(/localhost|:\d{4,5}[/"]/);
  });

  test("is written as the recorder writes", () => {
    expect(text).toBe(`${JSON.stringify(JSON.parse(text), null, 2)}\n`);
  });
});

describe("scrubbing", () => {
  const surroundings = {
    gateUrl: "http://localhost:8080",
    ipv6Port: 8081,
    otherSite: "http://127.0.0.1:8082",
  };
  const jwt = "eyJraWQi.eyJzdWIi.c2ln-_";

  test.each([
    ["a token", `theme=dark; id=${jwt}; b=c`, "theme=dark; id=JWT_PLACEHOLDER; b=c"],
    ["a signature", "a=b&X-Amz-Signature=0123abc&c=d", "a=b&X-Amz-Signature=SIGNATURE_PLACEHOLDER&c=d"],
    [
      "a credential",
      "X-Amz-Credential=LOCALASIA01%2F20261122%2Feu-west-1%2Fs3%2Faws4_request",
      "X-Amz-Credential=ASIAEXAMPLE%2F20260101%2Feu-west-1%2Fs3%2Faws4_request",
    ],
    [
      "the gate's URL",
      "http://localhost:8080/index.html",
      "https://d111111abcdef8.cloudfront.net/index.html",
    ],
    ["its host", "localhost:8080", "d111111abcdef8.cloudfront.net"],
    ["its host on IPv6", "[::1]:8081", "d111111abcdef8.cloudfront.net"],
    ["another site", "http://127.0.0.1:8082/", "https://app.example.com/"],
    ["an address", "127.0.0.1", "203.0.113.178"],
    ["an IPv6 address", "::1", "2001:db8::178"],
    ["a browser", "HeadlessChrome/156.0.0.0 Safari/537.36", "Chrome/150.0.0.0 Safari/537.36"],
    ["anything else", "bytes=131072-", "bytes=131072-"],
  ])("%s", (_, from, to) => {
    expect(scrub({ value: from }, "name", surroundings)).toEqual({ value: to });
  });

  test("request ids are as long as CloudFront's, stable, and differ by name", () => {
    const [one, again, other] = ["a", "a", "b"].map((name) => scrub({ requestId: "x" }, name, surroundings));
    expect(one).toEqual({ requestId: expect.stringMatching(/^[\w-]{54}==$/) });
    expect([one, other]).toEqual([again, expect.not.objectContaining(requireObject(one, "event"))]);
  });
});
