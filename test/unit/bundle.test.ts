import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { BUNDLES, bundleText } from "./fixtures/bundle.ts";
import { configDocument } from "./fixtures/config.ts";

const ROOT = join(import.meta.dirname, "../..");

describe.each(BUNDLES)("%s", (name) => {
  test("is ASCII, one CommonJS file, and fits Lambda@Edge", () => {
    const text = bundleText(name);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: every character but ASCII is what is looked for
    expect(text).not.toMatch(/[^\u0000-\u007f]/);
    expect(text).not.toMatch(/^(import|export) /m);
    expect(text.length).toBeLessThan(1_048_576);
  });
});

test("the default bundle holds none of the stock packages", () => {
  expect(bundleText("gatehouse")).not.toMatch(/CognitoIdentityClient|SignatureV4|sha256-js|smithy/i);
  expect(bundleText("gatehouse-sdk")).toMatch(/CognitoIdentityClient/);
});

describe("npm run build:edge", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "gatehouse-build-"));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const build = (config: unknown, ...flags: string[]) => {
    writeFileSync(join(folder, "config.json"), JSON.stringify(config));
    const args = [
      "infra/build/build-edge.ts",
      "--config",
      join(folder, "config.json"),
      "--out",
      join(folder, "out.cjs"),
    ];
    execFileSync(process.execPath, [...args, ...flags], { cwd: ROOT, stdio: "pipe" });
  };

  test.each([[[]], [["--sdk"]]])("writes one deployable file with its configuration %j", (flags) => {
    build(configDocument(), ...flags);
    const file = join(folder, "out.cjs");
    expect(readFileSync(file, "utf8")).toMatch(/^const GATEHOUSE_CONFIG=\{"userPool"/);
    delete createRequire(import.meta.url).cache[file];
    expect(createRequire(import.meta.url)(file)).toMatchObject({ handler: expect.any(Function) });
  });

  test("refuses a configuration with mistakes, naming the field", () => {
    expect(() => build({ ...configDocument(), origin: {} })).toThrow(
      /origin\.bucket: expected a bucket name/,
    );
  });

  describe("sealing keys", () => {
    const withKeys = (keys: { current: string; previous?: string }) =>
      configDocument({
        userPool: { ...configDocument().userPool, domain: "login.example.com" },
        auth: { keys },
      });
    const [zeros, good] = ["0".repeat(64), `0${"1f".repeat(31)}e`];

    test.each([
      ["current", { current: zeros }, "auth.keys.current: everybody knows this key"],
      ["previous", { current: good, previous: zeros }, "auth.keys.previous: everybody knows this key"],
    ])("the key of the pages is refused as the %s one, and nothing is written", (_, keys, problem) => {
      rmSync(join(folder, "out.cjs"), { force: true });
      expect(() => build(withKeys(keys))).toThrow(problem);
      expect(existsSync(join(folder, "out.cjs"))).toBe(false);
    });

    test("both are named, beside what else is wrong", () => {
      const areas = [{ path: "/日本/*" }];
      const message = RegExp(["auth.keys.current", "auth.keys.previous", "areas\\[0\\].path"].join("[^]*"));
      expect(() => build({ ...withKeys({ current: zeros, previous: zeros }), areas })).toThrow(message);
    });

    test.each([
      ["none before", { current: good, previous: "none" }],
      ["one before", { current: good, previous: `${"1f".repeat(31)}00` }],
    ])("%s: the file with them is for its owner alone, whatever it was", (_, keys) => {
      const file = join(folder, "out.cjs");
      writeFileSync(file, "// of before");
      chmodSync(file, 0o644);
      build(withKeys(keys));
      expect((statSync(file).mode & 0o777).toString(8)).toBe("600");
      rmSync(file);
      build(withKeys(keys));
      expect((statSync(file).mode & 0o777).toString(8)).toBe("600");
    });
  });

  test("says how it is used", () => {
    expect(() =>
      execFileSync(process.execPath, ["infra/build/build-edge.ts"], { cwd: ROOT, stdio: "pipe" }),
    ).toThrow(/usage: npm run build:edge/);
  });
});
