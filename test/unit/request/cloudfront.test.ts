import { describe, expect, test } from "vitest";
import {
  bodyText,
  header,
  headerEntries,
  headerValues,
  readEvent,
} from "../../../edge/request/cloudfront.ts";
import { viewerEvent } from "../fixtures/events.ts";

const requestWith = (entries: unknown) => ({ ...readEvent(viewerEvent()), headers: { x: entries } });

describe("a header", () => {
  const entry = { key: "X", value: "a" };
  const cases: Record<string, [entries: unknown, values: readonly string[], passes: boolean]> = {
    "with a value": [[entry], ["a"], true],
    "without the viewer's spelling": [[{ value: "a" }], ["a"], true],
    "with several values": [[entry, { key: "x", value: "b" }], ["a", "b"], true],
    "with an empty value": [[{ key: "X", value: "" }], [""], true],
    "without a value": [[], [], false],
    "that is not there": [undefined, [], false],
    "that is null": [null, [], false],
    "that is a text": ["a", [], false],
    "that is one entry": [entry, [], false],
    "with an entry that is null": [[null, entry], ["a"], false],
    "with an entry that is a text": [[entry, "b"], ["a"], false],
    "with a value that is a number": [[entry, { key: "X", value: 7 }], ["a"], false],
    "with a value that is a list": [[{ key: "X", value: ["b"] }], [], false],
    "with an entry without one": [[{ key: "X" }], [], false],
  };
  test.each(Object.entries(cases))("%s", (_, [entries, values, passes]) => {
    const request = requestWith(entries);
    expect(headerValues(request, "x")).toEqual(values);
    expect(header(request, "x")).toBe(values[0] ?? "");
    expect(headerEntries(request, "x")).toBe(passes ? entries : undefined);
  });
});

describe("a body", () => {
  const cases: Record<string, [body: unknown, text: string]> = {
    "in base64": [{ data: "YQ==", encoding: "base64" }, "a"],
    "as text": [{ data: "YQ==", encoding: "text" }, "YQ=="],
    "without an encoding": [{ data: "YQ==" }, "YQ=="],
    "without data": [{ encoding: "base64" }, ""],
    "that is not there": [undefined, ""],
    "that is a text": ["YQ==", ""],
  };
  test.each(Object.entries(cases))("%s", (_, [body, text]) => {
    expect(bodyText({ ...readEvent(viewerEvent()), body })).toBe(text);
  });

  test.each([
    ["cut", { data: "YQ==", encoding: "base64", inputTruncated: true }, "body_too_large"],
    ["a number", { data: 7 }, "internal_error"],
  ])("that is %s is refused", (_, body, code) => {
    expect(() => bodyText({ ...readEvent(viewerEvent()), body })).toThrow(expect.objectContaining({ code }));
  });
});

test("fields of the wrong kind that nobody needs are empty", () => {
  const { Records } = viewerEvent();
  const [{ cf } = expect.fail("no record")] = Records;
  const request = { ...cf.request, querystring: 7, clientIp: null };
  expect(readEvent({ Records: [{ cf: { config: { requestId: 7 }, request } }] })).toMatchObject({
    querystring: "",
    clientIp: "",
    requestId: "",
  });
  expect(readEvent({ Records: [{ cf: { request } }] }).requestId).toBe("");
});
