import { describe, expect, test } from "vitest";
import { parseConfig } from "../../../edge/config/document.ts";
import { readEvent } from "../../../edge/request/cloudfront.ts";
import { type Route, routeOf } from "../../../edge/request/route.ts";
import { configDocument } from "../fixtures/config.ts";
import { type EventOptions, viewerEvent } from "../fixtures/events.ts";

const LOCK = parseConfig(configDocument());
const LISTING = parseConfig(configDocument({ listing: { enabled: true } }));
const SIGN_IN = parseConfig(
  configDocument({
    auth: { keys: { current: "1f".repeat(32) } },
    endpoints: { oauth: "https://login.example.com" },
  }),
);

describe.each([
  ["a lock", LOCK],
  ["a lock that lists", LISTING],
  ["a gate with sign-in", SIGN_IN],
] as const)("%s", (name, config) => {
  const isListing = config === LISTING;
  const hasSignIn = config === SIGN_IN;
  const own = (method: string, endpoint: string): Route | string =>
    hasSignIn
      ? { kind: "endpoint", method, name: endpoint }
      : method === "POST"
        ? "method_not_allowed"
        : "not_found";
  const cases: Record<string, [EventOptions, Route | string]> = {
    "GET of a path": [{ uri: "/a b" }, { kind: "asset", method: "GET", path: "/a%20b" }],
    "HEAD of a path": [
      { method: "HEAD", uri: "/a/" },
      { kind: "asset", method: "HEAD", path: "/a/index.html" },
    ],
    "POST of a path": [{ method: "POST" }, "method_not_allowed"],
    DELETE: [{ method: "DELETE", uri: "/.gatehouse/me" }, "method_not_allowed"],
    "a preflight": [
      { method: "OPTIONS", headers: { Origin: "https://app.example.com" } },
      { kind: "preflight" },
    ],
    "OPTIONS of no origin": [{ method: "OPTIONS" }, "method_not_allowed"],
    "GET of an endpoint": [{ uri: "/.gatehouse/me" }, own("GET", "me")],
    "HEAD of an endpoint": [{ method: "HEAD", uri: "/.gatehouse/me" }, own("HEAD", "me")],
    "POST of an endpoint": [{ method: "POST", uri: "/.gatehouse/logout" }, own("POST", "logout")],
    "an endpoint in escapes": [{ uri: "/%2Egatehouse/me" }, own("GET", "me")],
    "GET of a list": [
      { uri: "/.gatehouse/list/a/" },
      isListing ? { kind: "list", method: "GET", path: "/a/" } : own("GET", "list/a/index.html"),
    ],
    "HEAD of a list": [{ method: "HEAD", uri: "/.gatehouse/list/a/" }, own("HEAD", "list/a/index.html")],
    "GET of a list without its slash": [{ uri: "/.gatehouse/list/a" }, own("GET", "list/a")],
    "GET of a page in a list": [{ uri: "/.gatehouse/list/a/index.html" }, own("GET", "list/a/index.html")],
    "a folder that only looks alike": [
      { uri: "/.gatehouse" },
      { kind: "asset", method: "GET", path: "/.gatehouse" },
    ],
  };
  test.each(Object.entries(cases))(`${name}: %s`, (_, [options, expected]) => {
    const route = () => routeOf(readEvent(viewerEvent(options)), config);
    if (typeof expected === "string") expect(route).toThrow(expect.objectContaining({ code: expected }));
    else expect(route()).toEqual(expected);
  });
});
