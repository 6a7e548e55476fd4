import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { readBuiltFile } from "../../infra/build/built-file.ts";
import { EDGE_BUNDLES } from "../../infra/build/edge-bundles.ts";

/** A word of the protocol that only sign-in speaks (RFC 7636). */
const OF_SIGN_IN = "code_challenge";

test("there are eight builds", () => {
  expect(EDGE_BUNDLES).toEqual([
    "gatehouse",
    "gatehouse-sdk",
    "gatehouse-sts",
    "gatehouse-sts-sdk",
    "gatehouse-auth",
    "gatehouse-sdk-auth",
    "gatehouse-sts-auth",
    "gatehouse-sts-sdk-auth",
  ]);
});

test.each(EDGE_BUNDLES)("%s holds sign-in exactly if its name says so", (name) => {
  const text = readBuiltFile(`edge/${name}.js`);
  expect(text.includes(OF_SIGN_IN)).toBe(name.endsWith("-auth"));
  expect(text).not.toContain("GATEHOUSE_AUTH");
});

test.each([
  ["gatehouse-auth", { identityPool: { id: "us-east-1:00000000-0000-4000-8000-000000000000" } }, []],
  [
    "gatehouse-sts-sdk-auth",
    { exchange: { kind: "sts", roleArn: "arn:aws:iam::123456789012:role/r" } },
    ["--sdk"],
  ],
] as const)("npm run build:edge takes %s for a configuration with auth", (name, exchange, flags) => {
  const folder = mkdtempSync(join(tmpdir(), "gatehouse-build-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const [config, out] = [join(folder, "config.json"), join(folder, "out.js")];
  const document = {
    userPool: { id: "us-east-1_AbCdEfGhI", clientIds: ["client"], domain: "login.example.com" },
    ...exchange,
    origin: { bucket: "assets", region: "us-east-1" },
    auth: { keys: { current: "a".repeat(64) } },
  };
  writeFileSync(config, JSON.stringify(document));
  execFileSync(process.execPath, ["infra/build/build-edge.ts", "--config", config, "--out", out, ...flags], {
    cwd: join(import.meta.dirname, "../.."),
  });
  const [, bundle] = readFileSync(out, "utf8").split(/;\n(.*)/s);
  expect(bundle).toBe(readBuiltFile(`edge/${name}.js`));
});
