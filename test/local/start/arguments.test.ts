import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { asksForHelp, HELP, readArguments, UsageError } from "../../../local/start/arguments.ts";

const ADMIN = { S3_ADMIN_ACCESS_KEY_ID: "a", S3_ADMIN_SECRET_ACCESS_KEY: "b" };
const CLOUDFRONT = { S3_CLOUDFRONT_ACCESS_KEY_ID: "c", S3_CLOUDFRONT_SECRET_ACCESS_KEY: "d" };
const folder = mkdtempSync(join(tmpdir(), "gatehouse-arguments-"));
const file = (name: string, text: string) => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

describe("npm start", () => {
  test("without options serves the sample set with an area of each kind", () => {
    const { context, ...others } = readArguments([], {});
    expect(others).toMatchObject({ port: 8080, isSample: true, s3: undefined });
    expect(context).toMatchObject({ groups: ["editors"], listing: true, auth: { title: "The Gatehouse" } });
  });

  test("takes a folder, a port and a context as it is", () => {
    const config = file("context.json", '{"originPath":"/site"}');
    expect(readArguments(["--assets", folder, "--port", "0", "--config", config], {})).toEqual({
      port: 0,
      assets: folder,
      isSample: false,
      context: { originPath: "/site" },
      s3: undefined,
    });
  });

  test("takes a folder as a site", () => {
    expect(readArguments(["--assets", folder, "--site"], {})).toMatchObject({
      assets: folder,
      isSample: false,
      context: { areas: [{ path: "/*", site: true, trusted: true }] },
    });
  });

  test("takes a placement, whatever the context", () => {
    const config = file("placed.json", '{"originPath":"/site"}');
    const { context } = readArguments(["--config", config, "--placement", "split"], {});
    expect(context).toEqual({ originPath: "/site", placement: "split" });
    expect(readArguments(["--placement", "split"], {}).context).toMatchObject({ placement: "split" });
  });

  const admin = { accessKeyId: "a", secretAccessKey: "b" };
  const cloudfront = { accessKeyId: "c", secretAccessKey: "d" };
  test.each([
    ["with both users' keys", { ...ADMIN, ...CLOUDFRONT }, { admin, cloudfront }],
    ["without CloudFront's", ADMIN, { admin }],
  ])("takes an S3 server %s", (_name, environment, keys) => {
    const { s3 } = readArguments(["--s3", "http://127.0.0.1:8000"], environment);
    expect(s3).toEqual({ endpoint: "http://127.0.0.1:8000", region: "us-east-1", ...keys });
  });

  test.each<[string, string[], object, RegExp]>([
    ["an unknown option", ["--nope"], {}, /Unknown option '--nope'[\s\S]*usage: npm start/],
    ["a port too high", ["--port", "65536"], {}, /^--port: 65536 is no port/],
    ["a port that is no number", ["--port", "x"], {}, /^--port: x is no port/],
    ["a folder that is not there", ["--assets", "/none"], {}, /^--assets: \/none is no folder/],
    ["a file that is not there", ["--config", "/none.json"], {}, /^--config: ENOENT/],
    ["a file that is no JSON", ["--config", file("a.json", "{")], {}, /^--config: /],
    ["a file with a list", ["--config", file("b.json", "[]")], {}, /b\.json holds no JSON object/],
    [
      "a site beside a file",
      ["--site", "--config", file("c.json", "{}")],
      {},
      /^--site: the areas of --config/,
    ],
    ["an endpoint that is none", ["--s3", "127.0.0.1:8000"], ADMIN, /^--s3: 127.0.0.1:8000 is no endpoint/],
    ["a server without keys", ["--s3", "http://127.0.0.1:1"], {}, /S3_ADMIN_ACCESS_KEY_ID/],
  ])("refuses %s", (_name, args, environment, message) => {
    expect(() => readArguments(args, { ...environment })).toThrow(UsageError);
    expect(() => readArguments(args, { ...environment })).toThrow(message);
  });

  test.each([
    [["--help"], true],
    [["-h"], true],
    [["--port", "x", "--help"], true],
    [["--port", "0"], false],
    [[], false],
  ])("%j asks for help: %s", (args, isAsked) => expect(asksForHelp(args)).toBe(isAsked));

  test("the help has a line for every option, and the options are there", () => {
    const options = [...HELP.matchAll(/^ {2}(--\w+)/gm)].map(([, option]) => option);
    expect(options).toEqual(["--port", "--config", "--assets", "--site", "--placement", "--s3", "--help"]);
    for (const option of options)
      try {
        readArguments([String(option), "."], {});
      } catch (error) {
        expect(String(error)).not.toContain("Unknown option");
      }
  });
});
