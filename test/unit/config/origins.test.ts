import { describe, expect, test } from "vitest";
import { parseConfig } from "../../../edge/config/document.ts";
import { configDocument } from "../fixtures/config.ts";

const problemOf = (changes: object): string => {
  try {
    parseConfig({ ...configDocument(), ...changes });
    return "";
  } catch (error) {
    return String(error);
  }
};

describe.each([
  ["cors.origins", (origin: string) => ({ cors: { origins: [origin] } })],
  ["frameAncestors", (origin: string) => ({ frameAncestors: [origin] })],
] as const)("%s", (field, with_) => {
  const origins: Record<string, boolean> = {
    "https://app.example.com": true,
    "https://app.example.com:8443": true,
    "http://localhost": true,
    "http://localhost:5173": true,
    "http://127.0.0.1:3000": true,
    "https://localhost": true,
    "http://tauri.localhost": true,
    "capacitor://localhost": true,
    "ionic://localhost": true,
    "tauri://localhost": true,
    "app://obsidian.md": true,
    "https://*.preview.example.net": true,
    "https://*.example.net": true,
    "https://*.example.net:8443": true,
    "https://*.net": false,
    "https://*": false,
    "*": false,
    "http://*.example.net": false,
    "https://a*.example.net": false,
    "https://a.*.example.net": false,
    "https://*.*.example.net": false,
    "https://*.example.net/": false,
    "https://*example.net": false,
    "https://app.example.com/": false,
    "https://app.example.com/path": false,
    "https://APP.example.com": false,
    "https://app.example.com:443": false,
    "https://user@app.example.com": false,
    "https://app.example.com; script-src *": false,
    "https://app.example.com 'unsafe-inline'": false,
    "app.example.com": false,
    "capacitor://localhost/": false,
    "capacitor://": false,
    "file://": false,
    "file://localhost": false,
    "data://a": false,
    "javascript://a": false,
    "ws://a.b": false,
    null: false,
    "": false,
  };
  test.each(Object.entries(origins))("%j: %s", (origin, isTaken) => {
    const problem = problemOf(with_(origin));
    if (isTaken) expect(problem).toBe("");
    else
      expect(problem).toContain(
        `${field}[0]: expected an origin such as https://app.example.com, in lower case`,
      );
  });
});

describe.each(["allowHeaders", "exposeHeaders"] as const)("cors.%s", (field) => {
  test("come to those that are there anyway, once each and in lower case", () => {
    const without = parseConfig(configDocument()).cors[field];
    const given = configDocument({ cors: { [field]: ["X-App-Version", "ETag", "Range", "x-app-version"] } });
    const parsed = parseConfig(given);
    expect(parsed.cors[field].slice(0, without.length)).toEqual(without);
    expect(parsed.cors[field]).toContain("x-app-version");
    expect(new Set(parsed.cors[field]).size).toBe(parsed.cors[field].length);
    // The deployment reads what it has written.
    expect(parseConfig(JSON.parse(JSON.stringify(parsed))).cors).toEqual(parsed.cors);
  });

  test.each([["*"], ["a b"], [""], ["a,b"], ["a:b"], ["ä"]])("%j is none", (name) => {
    expect(problemOf({ cors: { [field]: [name] } })).toContain(
      `cors.${field}[0]: expected the name of a header`,
    );
  });
});
