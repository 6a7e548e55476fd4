// What the project is made of besides its own code: pinned, counted, licensed, listed, and without secrets in it.
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { type BundleName, packagesIn } from "../../infra/build/bundle.ts";
import { EDGE_BUNDLES } from "../../infra/build/edge-bundles.ts";
import manifest from "../../package.json" with { type: "json" };
import lock from "../../package-lock.json" with { type: "json" };
import { findSecrets } from "./secrets.ts";
import { json, templateWith } from "./synth.ts";

const ROOT = join(import.meta.dirname, "../..");

interface Package {
  readonly version?: string;
  readonly integrity?: string;
  readonly resolved?: string;
  readonly inBundle?: boolean;
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly devOptional?: boolean;
  readonly link?: boolean;
  readonly hasInstallScript?: boolean;
}
const { "": _root, ...rest } = lock.packages;
const PACKAGES: ReadonlyMap<string, Package> = new Map(Object.entries(rest));
const PRODUCTION = [...PACKAGES]
  .filter(([, it]) => !it.dev && !it.optional && !it.devOptional)
  .map(([path]) => path);
const nameOf = (path: string) => path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);

describe("package-lock.json", () => {
  test("has a SHA-512 for every package that is downloaded", () => {
    const without = [...PACKAGES].filter(
      ([, it]) => !it.inBundle && !/^sha512-[\w+/]{86}==$/.test(it.integrity ?? ""),
    );
    expect(without.map(([path]) => path)).toEqual([]);
    expect(PACKAGES.size).toBeGreaterThan(200);
  });

  test("a package without one comes inside another that has one", () => {
    const inside = [...PACKAGES].filter(([, it]) => it.inBundle).map(([path]) => path);
    const holders = inside.map((path) => path.slice(0, path.indexOf("/node_modules/")));
    expect(holders.filter((path) => !PACKAGES.get(path)?.integrity)).toEqual([]);
  });

  test("names no source of its own for any package, and no link", () => {
    const elsewhere = [...PACKAGES].filter(([, { resolved, link }]) => link || resolved !== undefined);
    expect(elsewhere.map(([path]) => path)).toEqual([]);
  });

  test("no package runs a script when it is installed but esbuild, a tool for developers", () => {
    const scripts = [...PACKAGES].filter(([, it]) => it.hasInstallScript).map(([path]) => path);
    expect(scripts).toEqual(["node_modules/esbuild"]);
    expect(PACKAGES.get("node_modules/esbuild")?.dev).toBe(true);
  });
});

describe("package.json", () => {
  test("has exactly these direct dependencies", () => {
    expect(Object.keys(manifest.dependencies)).toEqual([
      "@aws-crypto/sha256-js",
      "@aws-sdk/client-cognito-identity",
      "@aws-sdk/signature-v4",
      "aws-cdk-lib",
      "aws-jwt-verify",
      "constructs",
    ]);
  });

  test("pins every version", () => {
    const { dependencies, devDependencies, optionalDependencies } = manifest;
    const versions = Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies });
    expect(versions.filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
    for (const [name, version] of versions)
      expect([name, PACKAGES.get(`node_modules/${name}`)?.version]).toEqual([name, version]);
  });

  test("brings 71 packages for production, 21 of them inside CDK's own", () => {
    expect(PRODUCTION).toHaveLength(71);
    expect(PRODUCTION.filter((path) => PACKAGES.get(path)?.inBundle)).toHaveLength(21);
  });
});

describe("licences", () => {
  const ALLOWED = ["0BSD", "Apache-2.0", "BlueOak-1.0.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT"];
  /** Offered under either; we take the first. */
  const EITHER: Readonly<Record<string, string>> = { "(MIT OR GPL-3.0-or-later)": "MIT" };

  test.each(PRODUCTION)("%s", (path) => {
    const { license }: { license: string } = JSON.parse(
      readFileSync(join(ROOT, path, "package.json"), "utf8"),
    );
    expect(ALLOWED).toContain(EITHER[license] ?? license);
  });
});

/** What esbuild says it put into a bundle. */
async function packagesOf(name: BundleName): Promise<readonly string[]> {
  return [...new Set((await packagesIn(name)).map(packageOf))].sort();
}

function packageOf(path: string): string {
  const [first = "", second = ""] = nameOf(path).split("/");
  return first.startsWith("@") ? `${first}/${second}` : first;
}

describe("what is inside each function", () => {
  const SMALL = ["aws-jwt-verify"];
  const SIGNER = [
    "@aws-crypto/crc32",
    "@aws-crypto/sha256-js",
    "@aws-crypto/util",
    "@aws-sdk/util-utf8-browser",
    "@smithy/eventstream-codec",
    "@smithy/is-array-buffer",
    "@smithy/signature-v4",
    "@smithy/util-buffer-from",
    "@smithy/util-hex-encoding",
    "@smithy/util-middleware",
    "@smithy/util-uri-escape",
    "@smithy/util-utf8",
    "tslib",
  ];
  /** The client brings every way to find credentials, though its two calls need none. */
  const CLIENT = [
    "@aws-sdk/client-cognito-identity",
    "@aws-sdk/core",
    "@aws-sdk/credential-provider-env",
    "@aws-sdk/credential-provider-http",
    "@aws-sdk/credential-provider-ini",
    "@aws-sdk/credential-provider-login",
    "@aws-sdk/credential-provider-node",
    "@aws-sdk/credential-provider-process",
    "@aws-sdk/credential-provider-sso",
    "@aws-sdk/credential-provider-web-identity",
    "@aws-sdk/nested-clients",
    "@aws-sdk/signature-v4-multi-region",
    "@aws-sdk/token-providers",
    "@aws-sdk/xml-builder",
    "@aws/lambda-invoke-store",
    "@smithy/core",
    "@smithy/credential-provider-imds",
    "@smithy/node-http-handler",
    "@smithy/types",
  ];
  const contents = (name: string): readonly string[] => {
    if (!name.includes("-sdk")) return SMALL;
    return name.includes("-sts") ? [...SMALL, ...SIGNER] : [...SMALL, ...SIGNER, ...CLIENT];
  };
  test.each(EDGE_BUNDLES)("%s", async (name) => {
    expect(await packagesOf(name)).toEqual([...contents(name)].sort());
  });
  test.each(["deployment", "client-urls"] as const)("%s", async (name) => {
    expect(await packagesOf(name)).toEqual([...SIGNER].sort());
  });
});

describe("the bill of materials", () => {
  interface Bom {
    readonly bomFormat: string;
    readonly components: readonly {
      readonly purl: string;
      readonly hashes?: readonly { readonly alg: string }[];
      readonly properties?: readonly { readonly name: string }[];
    }[];
  }
  /** `npm run sbom`. `--omit dev` would leave out what a tool for developers asks for as well, such as CDK. */
  const SBOM = ["sbom", "--sbom-format", "cyclonedx", "--package-lock-only"];
  const versionOf = (path: string) => `${nameOf(path)}@${PACKAGES.get(path)?.version}`;

  test("lists every package with its hash, and which are for developers only, without a network", () => {
    const text = execFileSync("npm", [...SBOM, "--offline"], {
      cwd: ROOT,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
      maxBuffer: 64_000_000,
    });
    const { bomFormat, components }: Bom = JSON.parse(text);
    expect(bomFormat).toBe("CycloneDX");
    const named = components.map((component) => ({
      ...component,
      name: decodeURIComponent(component.purl).replace(/^pkg:npm\//, ""),
    }));
    const names = (list: readonly { readonly name: string }[]) =>
      [...new Set(list.map(({ name }) => name))].sort();
    const versions = (paths: Iterable<string>) => [...new Set([...paths].map(versionOf))].sort();
    expect(names(named)).toEqual(versions(PACKAGES.keys()));
    const isForDevelopers = ({ properties = [] }: Bom["components"][number]) =>
      properties.some(({ name }) => name === "cdx:npm:package:development");
    expect(names(named.filter((it) => !isForDevelopers(it)))).toEqual(
      expect.arrayContaining(
        versions(Object.keys(manifest.dependencies).map((name) => `node_modules/${name}`)),
      ),
    );
    const hashed = named.filter(({ hashes = [] }) => hashes.some(({ alg }) => alg === "SHA-512"));
    const downloaded = [...PACKAGES].filter(([, it]) => !it.inBundle).map(([path]) => path);
    expect(names(hashed)).toEqual(expect.arrayContaining(versions(downloaded)));
  });
});

describe("secrets", () => {
  const tracked = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
    cwd: ROOT,
    encoding: "utf8",
  })
    .split("\0")
    .filter((file) => file !== "");
  const built = ["edge", "infra"].flatMap((folder) =>
    readdirSync(join(ROOT, "dist", folder)).map((file) => `dist/${folder}/${file}`),
  );
  let templates: readonly string[];
  beforeAll(() => {
    const apps = [{}, { auth: false }, { exchange: "sts" }, { sdk: true }];
    templates = apps.map((context) => JSON.stringify(json(templateWith(context))));
  });

  test.each([
    ["every file of the repository", () => tracked],
    ["every bundle", () => built],
  ])("none in %s", (_, files) => {
    expect(files().length).toBeGreaterThan(9);
    expect(files().flatMap((file) => findSecrets(file, contentOf(file)))).toEqual([]);
  });

  test("none in a template", () => {
    expect(templates.flatMap((text, index) => findSecrets(`template ${index}`, text))).toEqual([]);
  });

  test("the sealing keys are in a template by reference only, and zeros stand for them where they are not needed", () => {
    expect(templates[0]).toMatch(/\{\{resolve:secretsmanager:/);
    for (const text of templates)
      expect(text).not.toMatch(/"(current|previous)\\*":\\*"(?!0{64})[0-9a-f]{64}/);
    const functions = Object.values(json(templateWith()).Resources).filter(
      ({ Type }) => Type === "AWS::Lambda::Function",
    );
    expect(functions.length).toBeGreaterThan(2);
    for (const { Properties } of functions) expect(JSON.stringify(Properties["Code"])).not.toMatch(/0{64}/);
  });

  // Each put together here, so that this file holds none.
  const PLANTED: Readonly<Record<string, string>> = {
    "an access key": `AKIA${"Q7".repeat(8)}`,
    "a session's access key": `ASIA${"Q7".repeat(8)}`,
    "a secret access key": `aws_secret_access_key = ${"aB3+/".repeat(8)}`,
    "a private key": `-----BEGIN RSA ${"PRIVATE KEY"}-----`,
    "a key in JSON": `"d":"${"aB3_-".repeat(60)}"`,
    "a token": `eyJ${"aB3_".repeat(9)}.eyJ${"aB3_".repeat(9)}.${"aB3_-".repeat(9)}`,
    "a sealing key": `${"0f1e2d3c4b5a6978".repeat(4)}`,
    "a token of npm": `npm_${"aB3".repeat(12)}`,
    "a token of GitHub": `ghp_${"aB3".repeat(12)}`,
    "a password in a URL": `https://user:${"hunter2"}@example.com/`,
  };
  test.each(Object.entries(PLANTED))("the scan finds %s", (_, text) => {
    expect(findSecrets("planted", `before ${text} after`)).toHaveLength(1);
  });
});

function contentOf(file: string): string {
  try {
    return readFileSync(join(ROOT, file), "utf8");
  } catch {
    // Deleted, and not yet committed.
    return "";
  }
}
