import fc from "fast-check";
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
const LONG = "l".repeat(20);
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
    "of every copy": [`a=${LONG}1; b=2; a=${LONG}3`, [`${LONG}1`, `${LONG}3`]],
    "of every header": [
      [`a=${LONG}1; b=2`, `a=${LONG}3`],
      [`${LONG}1`, `${LONG}3`],
    ],
    "of copies too short for a token, the first": ["a=1; b=2; a=3", ["1"]],
    "too short for a token, beside one that is not": [`a=1; a=${LONG}`, [LONG]],
    quoted: ['a="1"', ["1"]],
    "one quote": ['a="', ['"']],
    "a quote at the start": ['a="1', ['"1']],
    "a quote at the end": ['a=1"', ['1"']],
    "with an equals sign": ["a=1=2", ["1=2"]],
    "none that is empty": [`a=; a=${LONG}; a=`, [LONG]],
    "no pair": ["a", []],
    "no pair before one": [`a; b; a=1`, ["1"]],
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

  test("of hundreds of roles the first are read, and a session behind them is whole", () => {
    const roles = Array.from({ length: 700 }, (_, index) => String(index).padStart(8, "0"));
    const planted = roles.map((role) => `__Secure-gatehouse-aws-${role}=x`).join("; ");
    const asked = request(
      `${planted}; __Secure-gatehouse-aws-00000003=y; __Secure-gatehouse-id=1; __Secure-gatehouse-aws=2`,
    );
    const ours = ownNames(asked, SHARED);
    expect(ours).toEqual([...roles.slice(0, 64).map((role) => `aws-${role}`), "id", "aws"]);
    expect(ownValues(asked, "id", SHARED)).toEqual(["1"]);
    expect(ownValues(asked, "aws", SHARED)).toEqual(["2"]);
    expect(ownValues(asked, "aws-00000003", SHARED)).toEqual(["x", "y"]);
  });

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

  test("empty ones have no values", () => {
    const asked = request("__Host-gatehouse-id=; __Host-gatehouse-refresh=; __Host-gatehouse-aws=x");
    expect(ownNames(asked, CONFIG)).toEqual(["refresh", "aws"]);
    expect(ownValues(asked, "id", CONFIG)).toEqual([]);
    expect(ownValues(asked, "refresh", CONFIG)).toEqual([]);
  });

  // A browser keeps other hosts from `__Host-`, and not from a cookie without a name that has it behind white space.
  test.each(["\t", "\u00a0", "\ufeff", "\u2003", "\u000b", "\u0085", "=", "x "])(
    "behind %j it is none",
    (space) => {
      const asked = request(
        `${space}__Host-gatehouse-id=1; a=b;${space}__Host-gatehouse-id=2; ${space}__Host-gatehouse-id=3`,
      );
      expect(ownValues(asked, "id", CONFIG)).toEqual([]);
    },
  );

  test("any number of short pairs is leapt over, and what is between them is read", () => {
    const pairs = fc.array(
      fc.oneof(
        {
          weight: 8,
          arbitrary: fc.constantFrom("", "a=1", "t=x", " ", "  b = c", "=", "x".repeat(19), "y".repeat(60)),
        },
        { weight: 2, arbitrary: fc.nat({ max: 99 }).map((number) => `__Host-gatehouse-id=${number}`) },
      ),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(pairs, fc.constantFrom(";", "; ", ";   "), (list, separator) => {
        const expected = list.flatMap((pair) => /^__Host-gatehouse-id=(.*)$/.exec(pair)?.slice(1) ?? []);
        expect(ownValues(request(list.join(separator)), "id", CONFIG)).toEqual(expected);
      }),
    );
  });

  const before: Record<string, string> = {
    "as many others as people have": "other=1; ".repeat(63),
    "one more": "other=1; ".repeat(64),
    hundreds: "other=1; ".repeat(900),
    "two spaces": "  ",
  };
  test.each(Object.entries(before))("behind %s the same pairs are found", (_, start) => {
    const piece = fc.constantFrom(
      "__Host-gatehouse-id",
      "__Host-gatehouse-",
      "=",
      "a",
      " ",
      "  ",
      ";",
      "; ",
      "a=",
      "\t",
      '"',
      LONG,
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const header = pieces.join("");
        const found = (text: string) => [
          ownValues(request(text), "id", CONFIG),
          configuredValues(request(text), "a", CONFIG),
          ownNames(request(text), CONFIG),
        ];
        expect(found(start + header)).toEqual(found(header));
      }),
    );
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
