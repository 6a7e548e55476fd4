import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
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

test("the default bundle is at most 36 KB and holds none of the stock packages", () => {
  const text = bundleText("gatehouse");
  expect(text.length).toBeLessThanOrEqual(36 * 1024);
  expect(text).not.toMatch(/CognitoIdentityClient|SignatureV4|sha256-js|smithy/i);
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

  test("says how it is used", () => {
    expect(() =>
      execFileSync(process.execPath, ["infra/build/build-edge.ts"], { cwd: ROOT, stdio: "pipe" }),
    ).toThrow(/usage: npm run build:edge/);
  });
});
