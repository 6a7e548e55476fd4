import { describe, expect, test } from "vitest";
import { parseConfig } from "../../../edge/config/document.ts";
import { readEvent } from "../../../edge/request/cloudfront.ts";
import {
  amplifyCookies,
  configuredValues,
  cookieName,
  formerNames,
  formerValues,
  ownNames,
  ownValues,
} from "../../../edge/request/cookies.ts";
import { configDocument } from "../fixtures/config.ts";
import { viewerEvent } from "../fixtures/events.ts";

const CONFIG = parseConfig(configDocument({ cookies: { names: ["a"] } }));
const SHARED = parseConfig(configDocument({ cookies: { domain: "example.com" } }));
const STATE = "0mjx5bq5k-AAAAAAAAAAAAAAAAAAAAAA";

const request = (Cookie: string | string[]) => readEvent(viewerEvent({ headers: { Cookie } }));

test("no other host can have set our cookies, unless they are shared with a domain", () => {
  expect(cookieName("id", CONFIG)).toBe("__Host-gatehouse-id");
  expect(cookieName("id", SHARED)).toBe("__Secure-gatehouse-id");
  expect(cookieName("login-x", SHARED)).toBe("__Host-gatehouse-login-x");
});

describe("the values of a cookie", () => {
  const cases: Record<string, [string | string[], string[]]> = {
    "at the start": ["a=1; b=2", ["1"]],
    "at the end": ["b=2; a=1", ["1"]],
    "without a space": ["b=2;a=1", ["1"]],
    "with spaces": ["b=2;   a=1  ", ["1"]],
    "of every copy": ["a=1; b=2; a=3", ["1", "3"]],
    "of every header": [
      ["a=1; b=2", "a=3"],
      ["1", "3"],
    ],
    quoted: ['a="1"', ["1"]],
    "one quote": ['a="', ['"']],
    "a quote at the start": ['a="1', ['"1']],
    "a quote at the end": ['a=1"', ['1"']],
    "with an equals sign": ["a=1=2", ["1=2"]],
    "none that is empty": ["a=; a=1; a=", ["1"]],
    "no pair": ["a", []],
    "no pair before one": ["a; b; a=1", ["1"]],
    "no pair behind one": ["a=1; a; b", ["1"]],
    "inside another name": ["ba=1", []],
    "inside another value": ["b=x a=1; b=a=1; b==a=1", []],
    "with a space in the name": ["a =1", []],
    "behind separators": [";;; ;=;a=1", ["1"]],
    "of nothing": ["", []],
    "of spaces": ["    ", []],
  };
  test.each(Object.entries(cases))("%s", (_, [header, expected]) =>
    expect(configuredValues(request(header), "a", CONFIG)).toEqual(expected),
  );

  test("are read once for each request and configuration", () => {
    const asked = request("__Host-gatehouse-id=1; __Secure-gatehouse-id=2; a=3");
    const values = ownValues(asked, "id", CONFIG);
    expect(ownValues(asked, "id", CONFIG)).toBe(values);
    expect([values, ownValues(asked, "id", SHARED)]).toEqual([["1"], ["2"]]);
    expect(configuredValues(asked, "a", SHARED)).toEqual([]);
  });
});

describe("the gate's own cookies are those with the prefix of its setting", () => {
  const all = ["id", "refresh", "aws", "aws-01234567", `login-${STATE}`];
  const header = ["Host", "Secure"]
    .flatMap((prefix) => all.map((name) => `__${prefix}-gatehouse-${name}=${prefix}`))
    .join("; ");

  test.each([
    ["of the host alone", CONFIG, "Host", "Secure", all],
    ["shared with a domain", SHARED, "Secure", "Host", all],
  ] as const)("%s", (_, config, own, former, names) => {
    const asked = request(header);
    expect([...ownNames(asked, config)].sort()).toEqual([...names].sort());
    expect(ownValues(asked, "id", config)).toEqual([own]);
    expect(ownValues(asked, `login-${STATE}`, config)).toEqual(["Host"]);
    expect(formerValues(asked, "id", config)).toEqual([former]);
    expect(formerNames(asked, config)).toEqual(["id", "refresh", "aws", "aws-01234567"]);
  });

  test("and of a shape that it gives", () => {
    const strange = ["evil", "ID", "id2", "aws-", "aws-xyz", "login-", "login-x", `login-${STATE}x`, ""];
    const asked = request(strange.map((name) => `__Host-gatehouse-${name}=1`).join("; "));
    expect(ownNames(asked, CONFIG)).toEqual([]);
    expect(formerNames(asked, SHARED)).toEqual([]);
  });

  test("empty ones count as names, and have no values", () => {
    const asked = request("__Host-gatehouse-id=; __Host-gatehouse-refresh=");
    expect(ownNames(asked, CONFIG)).toEqual(["id", "refresh"]);
    expect(ownValues(asked, "id", CONFIG)).toEqual([]);
  });
});

test("Amplify's cookies are read where that is configured", () => {
  const asked = request("CognitoIdentityServiceProvider.c.a.b.idToken=1; CognitoIdentityServiceProvider.c=2");
  expect(amplifyCookies(asked, CONFIG)).toEqual([]);
  expect(amplifyCookies(asked, parseConfig(configDocument({ cookies: { amplify: true } })))).toEqual([
    { clientId: "c", rest: "a.b.idToken", values: ["1"] },
    { clientId: "c", rest: "", values: ["2"] },
  ]);
});
