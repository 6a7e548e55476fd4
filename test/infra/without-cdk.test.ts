// The page for those who deploy without CDK: its commands run, and its templates say what the app synthesizes.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App, Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { CfnInclude } from "aws-cdk-lib/cloudformation-include";
import { afterAll, describe, expect, test } from "vitest";
import { cycleIn } from "./cycle.ts";
import { keptOf, list, plain, resourcesOf, rightsIn, valuesIn } from "./plain.ts";
import { json, newOutdir, type TemplateJson, templateWith } from "./synth.ts";

const ROOT = join(import.meta.dirname, "../..");
const PAGE = readFileSync(join(ROOT, "docs/without-cdk.md"), "utf8");
const FOLDER = mkdtempSync(join(tmpdir(), "gatehouse-without-"));
afterAll(() => rmSync(FOLDER, { recursive: true }));

const [CONFIG = ""] = blocks("json");
const [USERS = "", GATE = ""] = blocks("yaml");
const [STACK = "", ...TERRAFORM] = blocks("hcl");
const BUCKET = "gatehouse-example-assets";

const synthesized = json(
  templateWith({
    areas: JSON.parse(CONFIG).areas,
    domainNames: "assets.example.com",
    certificateArn: "arn:aws:acm:us-east-1:123456789012:certificate/abc",
  }),
);
const users = parse("users", USERS);
const gate = parse("gate", GATE);

function blocks(language: string): readonly string[] {
  return [...PAGE.matchAll(RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, "gms"))].map(([, text = ""]) => text);
}

/** CDK reads the page's template, and refuses references that lead nowhere. */
function parse(name: string, text: string): TemplateJson {
  const templateFile = join(FOLDER, `${name}.yaml`);
  // A local folder in the place of code is for `sam deploy` to upload.
  writeFileSync(templateFile, text.replaceAll("Code: build/edge", "Code: { ZipFile: x }"));
  const stack = new Stack(new App({ outdir: newOutdir() }), name);
  new CfnInclude(stack, "Page", { templateFile });
  return json(Template.fromStack(stack));
}

test("the stack as one template goes to CloudFormation from a bucket, with the capability that it needs", () => {
  expect(STACK).toMatch(
    /resource "aws_cloudformation_stack" .*template_url .*capabilities = \["CAPABILITY_IAM"\]/s,
  );
});

test("there is one configuration, two templates, and as many Terraform files", () => {
  expect([blocks("json").length, blocks("yaml").length, TERRAFORM.length]).toEqual([1, 2, 2]);
});

describe("npm run build:edge, as on the page", () => {
  const files = {
    config: join(FOLDER, "c.json"),
    out: join(FOLDER, "index.js"),
    policies: join(FOLDER, "p.json"),
  };
  // As the page does it with jq.
  const keyed = { ...JSON.parse(CONFIG), auth: { keys: { current: "1f".repeat(32), previous: "none" } } };
  writeFileSync(files.config, JSON.stringify(keyed));
  const args = Object.entries(files).flatMap(([name, file]) => [`--${name}`, file]);
  execFileSync(process.execPath, ["infra/build/build-edge.ts", ...args], { cwd: ROOT });

  test("makes the file with both handlers", () => {
    const code = readFileSync(files.out, "utf8");
    const names = execFileSync(
      process.execPath,
      ["-e", `console.log(Object.keys(require(${JSON.stringify(files.out)})).sort().join())`],
      { encoding: "utf8" },
    );
    expect(names.trim().split(",")).toEqual(expect.arrayContaining(["handler", "originResponse"]));
    expect(code.startsWith("const GATEHOUSE_CONFIG={")).toBe(true);
  });

  test("makes the policies that the app gives to the same roles, and the public keys", () => {
    const { signedIn, groups, publicResources } = JSON.parse(readFileSync(files.policies, "utf8"));
    expect([signedIn, groups.editors].map(rightsIn)).toEqual(rightsMade());
    expect(Object.keys(groups)).toEqual(["editors"]);
    expect(publicResources).toEqual([`arn:aws:s3:::${BUCKET}/open/*`]);
  });

  test.each([
    ["a field that does not exist", { user: 1 }, "user: unknown setting"],
    [
      "a private area inside a public one",
      { areas: [{ path: "/open/team/*" }, { path: "/open/*", public: true }] },
      '"/open/team/*" inside it cannot be private',
    ],
    ["areas that no policy can express", { areas: [{ path: "/日本/*" }] }, "which IAM refuses in policies"],
    ["a group without a role", { groups: {} }, "editors"],
    ["the page's own sealing key", { auth: JSON.parse(CONFIG).auth }, "auth.keys.current: everybody knows"],
  ])("refuses %s", (_name, change, message) => {
    const wrong = join(FOLDER, "wrong.json");
    writeFileSync(wrong, JSON.stringify({ ...keyed, ...change }));
    const build = ["infra/build/build-edge.ts", "--config", wrong, "--out", join(FOLDER, "wrong.js")];
    expect(() => execFileSync(process.execPath, build, { cwd: ROOT, stdio: "pipe" })).toThrow(message);
  });
});

describe("the SAM templates", () => {
  test("have no cycle", () => {
    expect(cycleIn(users)).toBeUndefined();
    expect(cycleIn(gate)).toBeUndefined();
  });

  test.each([
    "AWS::S3::Bucket",
    "AWS::Cognito::UserPool",
    "AWS::Cognito::UserPoolClient",
    "AWS::Cognito::ManagedLoginBranding",
    "AWS::Cognito::IdentityPool",
    "AWS::Cognito::UserPoolGroup",
  ])("users.yaml makes the same %s", (type) => {
    expect(resourcesOf(users, type)).toEqual(resourcesOf(synthesized, type));
    expect(keptOf(users, type)).toEqual(keptOf(synthesized, type));
  });

  test("users.yaml maps tokens to roles as the app does, without a role for guests", () => {
    const mapping = (template: TemplateJson) => {
      const { RoleMappings, Roles } = Object(resourcesOf(template, ATTACHMENT)[0]);
      return { RoleMappings, names: Object.keys(Roles) };
    };
    expect(mapping(synthesized).names).toEqual(["authenticated", "unauthenticated"]);
    expect(mapping(users)).toEqual({ ...mapping(synthesized), names: ["authenticated"] });
  });

  test("users.yaml gives each role the app's rights and trust", () => {
    const roles = Object.values(users.Resources).filter(({ Type }) => Type === "AWS::IAM::Role");
    const rights = roles.map(({ Properties }) =>
      list(Properties["Policies"]).flatMap((policy) =>
        rightsIn(plain(users, Object(policy)["PolicyDocument"])),
      ),
    );
    expect(rights).toEqual(rightsMade());
    expect(trustIn(users)).toEqual(trustIn(synthesized));
  });

  test.each([
    "AWS::CloudFront::CachePolicy",
    "AWS::CloudFront::OriginRequestPolicy",
    "AWS::CloudFront::ResponseHeadersPolicy",
    "AWS::CloudFront::OriginAccessControl",
    "AWS::CloudFront::Distribution",
    "AWS::S3::BucketPolicy",
  ])("gate.yaml makes the same %s", (type) => {
    expect(resourcesOf(gate, type)).toEqual(resourcesOf(synthesized, type));
  });

  test("gate.yaml makes the two functions with the app's settings, and keeps them and their versions", () => {
    expect(functionsIn(gate)).toEqual(functionsIn(synthesized));
    expect(functionsIn(gate)).toHaveLength(2);
    expect(keptOf(gate, "AWS::Lambda::Version")).toEqual(keptOf(synthesized, "AWS::Lambda::Version"));
  });

  test("gate.yaml lets the functions write their logs, and nothing else", () => {
    const logs = (template: TemplateJson) =>
      Object.values(template.Resources)
        .filter(
          ({ Type, Properties }) =>
            Type === "AWS::IAM::Policy" && /us-east-1\./.test(JSON.stringify(Properties)),
        )
        .map(({ Properties }) => plain(template, Properties["PolicyDocument"]));
    expect(logs(gate)).toEqual(logs(synthesized));
    expect(
      JSON.stringify(gate.Resources)
        .match(/(sts|s3):(\w+|\*)/g)
        ?.sort(),
    ).toEqual(["s3:*", "s3:GetObject", "sts:AssumeRole", "sts:AssumeRole"]);
  });
});

describe("the Terraform files", () => {
  const types = /^AWS::(CloudFront::|Lambda::Function|Cognito::UserPoolClient|S3::BucketPolicy)/;

  test.each([
    ["users.tf", users, TERRAFORM[0]],
    ["gate.tf", gate, TERRAFORM[1]],
  ])("%s holds every value of its SAM template", (_name, template, file = "") => {
    const resources = Object.values(template.Resources).filter(({ Type }) => types.test(Type));
    const values = valuesIn(
      resources.map(({ Properties }) => plain(template, { ...Properties, Code: undefined })),
    );
    const literal = values.filter((value) => !/[<>]|gatehouse-example|assets\.example|:acm:/.test(value));
    expect(literal.length).toBeGreaterThan(10);
    const code = file.replace(/(^|\s)#.*$/gm, "");
    const isThere = (value: string) =>
      /^\d+$/.test(value) ? RegExp(`\\b${value}\\b`).test(code) : code.includes(`"${value}"`);
    expect(literal.filter((value) => !isThere(value))).toEqual([]);
  });

  test.each([
    ["users.tf", users, TERRAFORM[0]],
    ["gate.tf", gate, TERRAFORM[1]],
  ])("%s switches on and off what its SAM template does, as often", (_name, template, file = "") => {
    const resources = Object.values(template.Resources).filter(({ Type }) => types.test(Type));
    const switches = resources.flatMap(({ Properties }) => switchesIn(Properties)).sort();
    expect(switches.length).toBeGreaterThan(2);
    const names = new Set(switches.map((text) => text.split(" ")[0]));
    const found = [...file.matchAll(/^\s+(\w+)\s+= (true|false)$/gm)].map(
      ([, name, value]) => `${name} ${value}`,
    );
    expect(found.filter((text) => names.has(text.split(" ")[0])).sort()).toEqual(switches);
  });

  test("gate.tf has the behaviours in the same order, on the same functions and policies", () => {
    const { DistributionConfig } = Object(gate.Resources["Distribution"]?.Properties);
    const { CacheBehaviors, DefaultCacheBehavior } = DistributionConfig;
    const paths = [...(TERRAFORM[1] ?? "").matchAll(/path_pattern\s+= "(.*?)"/g)].map(([, path]) => path);
    expect(paths).toEqual(CacheBehaviors.map(({ PathPattern }: { PathPattern: string }) => PathPattern));
    const events = [...(TERRAFORM[1] ?? "").matchAll(/event_type\s+= "(.*?)"/g)].map(([, event]) => event);
    expect(events).toEqual(
      [...CacheBehaviors, DefaultCacheBehavior].flatMap(({ LambdaFunctionAssociations }) =>
        LambdaFunctionAssociations.map(({ EventType }: { EventType: string }) => EventType),
      ),
    );
  });
});

const ATTACHMENT = "AWS::Cognito::IdentityPoolRoleAttachment";

/** Every boolean with its name as Terraform spells it. */
function switchesIn(value: unknown): readonly string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) =>
    typeof item === "boolean" ? [`${inTerraform(key)} ${item}`] : switchesIn(item),
  );
}

function inTerraform(key: string): string {
  if (key === "IPV6Enabled") return "is_ipv6_enabled";
  return key
    .replace("OAuth", "Oauth")
    .replace(/\B[A-Z]/g, "_$&")
    .toLowerCase();
}

/** What the app lets each role do with assets: signed-in users, then editors. */
function rightsMade(): readonly (readonly string[])[] {
  return Object.values(synthesized.Resources)
    .filter(
      ({ Type, Properties }) => Type === "AWS::IAM::Policy" && /s3:Get/.test(JSON.stringify(Properties)),
    )
    .map(({ Properties }) => rightsIn(plain(synthesized, Properties["PolicyDocument"])));
}

/** Who may act as the users' roles; the app has one more, for guests, who get nothing. */
function trustIn(template: TemplateJson): readonly unknown[] {
  return Object.entries(template.Resources)
    .filter(([id, { Type }]) => Type === "AWS::IAM::Role" && !id.includes("Unauthenticated"))
    .map(([, { Properties }]) => plain(template, Properties["AssumeRolePolicyDocument"]))
    .filter((document) => JSON.stringify(document).includes("WebIdentity"));
}

/** The functions at the edge, without their code. */
function functionsIn(template: TemplateJson): readonly unknown[] {
  return Object.values(template.Resources)
    .filter(({ Type, Properties }) => Type === "AWS::Lambda::Function" && Properties["MemorySize"] === 128)
    .map(({ Properties, DeletionPolicy, UpdateReplacePolicy }) => ({
      ...Object(plain(template, { ...Properties, Code: undefined, Role: undefined })),
      DeletionPolicy,
      UpdateReplacePolicy,
    }));
}
