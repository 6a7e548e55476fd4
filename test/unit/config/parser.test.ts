import { describe, expect, test } from "vitest";
import * as parser from "../../../edge/config/parser.ts";

const A = { test: (value: string) => value === "a" };
const letter = parser.string(A, "an a");
const IS_TOKEN = (value: unknown) => value === "token";

/** What a parser makes of a value, and the problems that it sees. */
function read<T>(parse: parser.Parser<T>, value: unknown): [result: T, ...problems: string[]] {
  const problems: string[] = [];
  return [parse(value, "at", { problems, isToken: IS_TOKEN }), ...problems];
}

describe.each<[string, parser.Parser<unknown>, [value: unknown, result: unknown, ...problems: string[]][]]>([
  [
    "string",
    letter,
    [
      ["a", "a"],
      ["token", "token"],
      ["b", "", "at: expected an a"],
      [["a"], "", "at: expected an a"],
      [undefined, "", "at: expected an a"],
    ],
  ],
  [
    "list",
    parser.list(letter),
    [
      [[], []],
      [["a", "b"], ["a", ""], "at[1]: expected an a"],
      ["a", [], "at: expected a list"],
      [{ length: 1 }, [], "at: expected a list"],
    ],
  ],
  [
    "list of at least 2",
    parser.list(letter, 2),
    [
      [
        ["a", "a"],
        ["a", "a"],
      ],
      [["a"], [], "at: expected a list of at least 2"],
    ],
  ],
  [
    "oneOf",
    parser.oneOf("x", "y"),
    [
      [undefined, "x"],
      ["x", "x"],
      ["y", "y"],
      ["z", "x", "at: expected x or y"],
      [null, "x", "at: expected x or y"],
    ],
  ],
  [
    "record",
    parser.record(letter),
    [
      [{}, {}],
      [{ one: "a", two: "b" }, { one: "a", two: "" }, "at.two: expected an a"],
      [["a"], {}, "at: expected an object"],
      ["a", {}, "at: expected an object"],
      [null, {}, "at: expected an object"],
    ],
  ],
  [
    "flag",
    parser.flag,
    [
      [undefined, false],
      [false, false],
      [true, true],
      ["true", false, "at: expected true or false"],
      [null, false, "at: expected true or false"],
    ],
  ],
  [
    "word",
    parser.word("sts"),
    [
      ["sts", "sts"],
      ["saml", "sts", "at: expected sts"],
      [undefined, "sts", "at: expected sts"],
    ],
  ],
  [
    "seconds",
    parser.seconds,
    [
      [0, 0],
      [31_536_000, 31_536_000],
      [31_536_001, 0, "at: expected seconds, at most a year"],
      [-1, 0, "at: expected seconds, at most a year"],
      [1.5, 0, "at: expected seconds, at most a year"],
      ["1", 0, "at: expected seconds, at most a year"],
    ],
  ],
  [
    "epochSeconds",
    parser.epochSeconds,
    [
      [0, 0],
      [9_999_999_999, 9_999_999_999],
      // Milliseconds, by mistake: every token would have been issued before.
      [10_000_000_000, 0, "at: expected whole seconds since the epoch"],
      [-1, 0, "at: expected whole seconds since the epoch"],
      [1.5, 0, "at: expected whole seconds since the epoch"],
      ["1", 0, "at: expected whole seconds since the epoch"],
    ],
  ],
  [
    "share",
    parser.share,
    [
      [0, 0],
      [0.5, 0.5],
      [1, 1],
      [1.01, 0, "at: expected a share from 0 to 1"],
      [-0.01, 0, "at: expected a share from 0 to 1"],
      [Number.NaN, 0, "at: expected a share from 0 to 1"],
      ["1", 0, "at: expected a share from 0 to 1"],
    ],
  ],
  [
    "optional",
    parser.optional(letter, "none"),
    [
      [undefined, "none"],
      ["a", "a"],
      [null, "", "at: expected an a"],
    ],
  ],
  [
    "defaulted",
    parser.defaulted(parser.record(letter)),
    [
      [undefined, {}],
      [null, {}],
      ["a", {}, "at: expected an object"],
    ],
  ],
  [
    "object",
    parser.object({ one: letter, two: parser.flag }),
    [
      [{ one: "a" }, { one: "a", two: false }],
      [{ one: "b", three: 1 }, { one: "", two: false }, "at.three: unknown setting", "at.one: expected an a"],
      [{ one: "a", toString: 1 }, { one: "a", two: false }, "at.toString: unknown setting"],
      // What its fields lack is no news then.
      [7, { one: "", two: false }, "at: expected an object"],
    ],
  ],
  [
    "parsed",
    parser.parsed<unknown>((value) => JSON.parse(String(value)), "none"),
    [
      ["[1]", [1]],
      ["token", "none"],
      ["{", "none", expect.stringMatching(/^at: Expected property name/)],
    ],
  ],
])("%s", (_, parse, cases) => {
  test.each(cases)("%j is %j %s", (value, ...expected) => {
    expect(read(parse, value)).toEqual(expected);
  });
});

test("parsed: what is thrown may be no error", () => {
  const parse = parser.parsed<string>(() => {
    throw "a text";
  }, "none");
  expect(read(parse, 1)).toEqual(["none", "at: a text"]);
});

test("a document is not a field", () => {
  const problems: string[] = [];
  parser.object({ one: letter })([], "", { problems, isToken: IS_TOKEN });
  parser.object({ one: letter })({}, "", { problems, isToken: IS_TOKEN });
  expect(problems).toEqual(["(document): expected an object", "one: expected an a"]);
});
