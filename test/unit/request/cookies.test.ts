import { describe, expect, test } from "vitest";
import { parseConfig } from "../../../edge/config/document.ts";
import { readEvent } from "../../../edge/request/cloudfront.ts";
import { cookieName, cookieNames, cookieValues } from "../../../edge/request/cookies.ts";
import { configDocument } from "../fixtures/config.ts";
import { viewerEvent } from "../fixtures/events.ts";

const request = (header: string) => readEvent(viewerEvent({ headers: { Cookie: header } }));

test("no other host can have set our cookies, unless they are shared with a domain", () => {
  expect(cookieName("id", parseConfig(configDocument()))).toBe("__Host-gatehouse-id");
  const shared = configDocument({ cookies: { domain: "example.com" } });
  expect(cookieName("id", parseConfig(shared))).toBe("__Secure-gatehouse-id");
  expect(cookieName("login-x", parseConfig(shared))).toBe("__Host-gatehouse-login-x");
});

describe("cookieValues", () => {
  const cases: Record<string, [string, string[]]> = {
    "at the start": ["a=1; b=2", ["1"]],
    "at the end": ["b=2; a=1", ["1"]],
    "without a space": ["b=2;a=1", ["1"]],
    quoted: ['a="1"', ["1"]],
    "one quote": ['a="', ['"']],
    "a quote at the start": ['a="1', ['"1']],
    "a quote at the end": ['a=1"', ['1"']],
    "with an equals sign": ["a=1=2", ["1=2"]],
    empty: ["a=", [""]],
    "no pair": ["a", []],
    "inside another name": ["ba=1", []],
  };
  test.each(Object.entries(cases))("%s", (_, [header, expected]) =>
    expect([...cookieValues(request(header), "a")]).toEqual(expected),
  );
});

test("cookieNames are those with the prefix, each once", () => {
  expect(cookieNames(request("p-a=1; xp-c=2;p-b=3; p-a=4; p=5; nopair"), "p-")).toEqual(["p-a", "p-b"]);
});
