// The page for a distribution that is there: what it leaves of the templates holds together, and what it adds to a
// distribution is what the templates' own distribution has.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App, Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { CfnInclude } from "aws-cdk-lib/cloudformation-include";
import { afterAll, describe, expect, test } from "vitest";
import { list } from "./plain.ts";
import { json, newOutdir, type TemplateJson } from "./synth.ts";

const ROOT = join(import.meta.dirname, "../..");
const PAGE = readFileSync(join(ROOT, "docs/tasks/existing-distribution.md"), "utf8");
const WITHOUT_CDK = readFileSync(join(ROOT, "docs/without-cdk.md"), "utf8");
const FOLDER = mkdtempSync(join(tmpdir(), "gatehouse-existing-"));
afterAll(() => rmSync(FOLDER, { recursive: true }));

const [, GATE = ""] = blocks(WITHOUT_CDK, "yaml");
const [, , GATE_TF = ""] = blocks(WITHOUT_CDK, "hcl");
const [OUTPUTS = ""] = blocks(PAGE, "yaml");
const [ADDED_TF = ""] = blocks(PAGE, "hcl");
const [SCRIPT = ""] = blocks(PAGE, "js mount.mjs");

function blocks(page: string, language: string): readonly string[] {
  return [...page.matchAll(RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, "gms"))].map(([, text = ""]) => text);
}

/** The names in code that a sentence of the page has, between two words of it. */
function namedBetween(start: string, end: string): readonly string[] {
  const text = PAGE.replaceAll("\n", " ");
  const from = text.indexOf(start);
  const sentence = text.slice(from, text.indexOf(end, from));
  expect(sentence.length).toBeGreaterThan(start.length);
  return [...sentence.slice(start.length).matchAll(/`([\w.]+)`/g)].map(([, name = ""]) => name);
}

/** YAML without some entries of a section, which start two spaces in. */
function without(yaml: string, names: readonly string[]): string {
  return names.reduce((text, name) => {
    const entry = RegExp(`^  ${name}:.*\n(?:(?: {3,}.*|)\n)*`, "m");
    expect(text).toMatch(entry);
    return text.replace(entry, "");
  }, yaml);
}

const leftOut = namedBetween("(../without-cdk.md#sam) without", ", without the parameters");
const parameters = namedBetween("without the parameters", ", and with these outputs");

function parse(): TemplateJson {
  const [kept = ""] = without(GATE, [...leftOut, ...parameters]).split(/^Outputs:/m);
  const templateFile = join(FOLDER, "gate.yaml");
  writeFileSync(templateFile, `${kept}${OUTPUTS}`.replaceAll("Code: build/edge", "Code: { ZipFile: x }"));
  const stack = new Stack(new App({ outdir: newOutdir() }), "gate");
  new CfnInclude(stack, "Page", { templateFile });
  return json(Template.fromStack(stack));
}

test("gate.yaml without what the page leaves out refers to nothing that is gone", () => {
  expect(leftOut).toEqual(["PublicResponseHeadersPolicy", "PublicAccess", "BucketPolicy", "Distribution"]);
  const { Resources, Outputs } = parse();
  const types = Object.values(Resources).map(({ Type }) => Type);
  expect(types.filter((type) => /Distribution|BucketPolicy|AccessControl/.test(type))).toEqual([]);
  expect(types.filter((type) => type === "AWS::Lambda::Version")).toHaveLength(2);
  expect(Object.keys(Outputs ?? {})).toEqual([...OUTPUTS.matchAll(/^ {2}(\w+):/gm)].map(([, name]) => name));
});

describe("mount.mjs", () => {
  const made = Object.keys(parse().Outputs ?? {}).map((OutputKey) => ({
    OutputKey,
    OutputValue: `<${OutputKey}>`,
  }));
  const own = {
    CallerReference: "x",
    Enabled: true,
    DefaultRootObject: "index.html",
    Origins: { Quantity: 1, Items: [{ Id: "site", DomainName: "www.example.com" }] },
    CacheBehaviors: { Quantity: 1, Items: [{ PathPattern: "/img/*", TargetOriginId: "site" }] },
    DefaultCacheBehavior: { TargetOriginId: "site" },
  };

  function mounted(config: object): Record<string, { Quantity: number; Items: readonly object[] }> {
    writeFileSync(join(FOLDER, "mount.mjs"), SCRIPT);
    writeFileSync(join(FOLDER, "config.json"), JSON.stringify(config));
    writeFileSync(join(FOLDER, "outputs.json"), JSON.stringify(made));
    execFileSync(process.execPath, ["mount.mjs"], { cwd: FOLDER, stdio: "pipe" });
    return JSON.parse(readFileSync(join(FOLDER, "distribution.json"), "utf8"));
  }

  const config = mounted(own);
  const [endpoints, files, others] = config["CacheBehaviors"]?.Items ?? [];

  test("keeps what is there, and comes before it", () => {
    expect(config).toMatchObject({ CallerReference: "x", Enabled: true, DefaultRootObject: "index.html" });
    expect(config["DefaultCacheBehavior"]).toEqual(own.DefaultCacheBehavior);
    expect(others).toEqual(own.CacheBehaviors.Items[0]);
    expect(config["Origins"]?.Items.map((origin) => Object(origin).Id)).toEqual(["site", "gatehouse"]);
    for (const name of ["Origins", "CacheBehaviors", "CustomErrorResponses"])
      expect(config[name]?.Quantity).toBe(config[name]?.Items.length);
  });

  test("makes the behaviours of gate.yaml", () => {
    const [ofEndpoints] = list(distribution()["CacheBehaviors"]);
    expect(inCommon(endpoints)).toEqual(inCommon(ofEndpoints));
    expect(inCommon(files)).toEqual({
      ...inCommon(distribution()["DefaultCacheBehavior"]),
      path: "/private/*",
    });
    const answers = list(distribution()["CustomErrorResponses"]).map((it) => Object(it).ErrorCode);
    expect(config["CustomErrorResponses"]?.Items.map((it) => Object(it).ErrorCode)).toEqual(answers);
    for (const answer of config["CustomErrorResponses"]?.Items ?? [])
      expect(answer).toMatchObject({ ErrorCachingMinTTL: 0, ResponsePagePath: "" });
  });

  test("once more changes nothing", () => {
    expect(mounted(config)).toEqual(config);
  });

  test("refuses error pages, which would replace the gate's answers", () => {
    const pages = { Quantity: 1, Items: [{ ErrorCode: 404, ResponsePagePath: "/404.html" }] };
    expect(() => mounted({ ...own, CustomErrorResponses: pages })).toThrow("answers: 404");
  });

  /** The distribution of the whole gate.yaml. */
  function distribution(): Record<string, unknown> {
    const templateFile = join(FOLDER, "whole.yaml");
    writeFileSync(templateFile, GATE.replaceAll("Code: build/edge", "Code: { ZipFile: x }"));
    const stack = new Stack(new App({ outdir: newOutdir() }), "whole");
    new CfnInclude(stack, "Page", { templateFile });
    return Object(
      json(Template.fromStack(stack)).Resources["Distribution"]?.Properties["DistributionConfig"],
    );
  }
});

/** What a behaviour says both in a template and in CloudFront's API. */
function inCommon(behavior: unknown): object {
  const of = Object(behavior);
  const reference = (value: unknown) =>
    typeof value === "object" && value !== null ? `<${Object(value).Ref.replace("Version", "")}>` : value;
  return {
    path: of.PathPattern,
    protocol: of.ViewerProtocolPolicy,
    methods: of.AllowedMethods.Items ?? of.AllowedMethods,
    compress: of.Compress,
    policies: [of.CachePolicyId, of.OriginRequestPolicyId, of.ResponseHeadersPolicyId].map(reference),
    functions: list(of.LambdaFunctionAssociations.Items ?? of.LambdaFunctionAssociations).map((it) => {
      const { EventType, IncludeBody = false, LambdaFunctionARN } = Object(it);
      return [EventType, IncludeBody, reference(LambdaFunctionARN)];
    }),
  };
}

describe("the Terraform lines", () => {
  const block = (text: string, start: RegExp) => {
    const lines = text.split("\n");
    const from = lines.findIndex((line) => start.test(line));
    const indent = /^ */.exec(lines[from] ?? "")?.[0] ?? "";
    const to = lines.findIndex((line, index) => index > from && line === `${indent}}`);
    return lines.slice(from + 1, to).map((line) => line.trim());
  };

  test.each([
    ["the endpoints' behaviour", /^\s*ordered_cache_behavior \{/],
    ["the error responses", /^\s*dynamic "custom_error_response"/],
  ])("%s is that of gate.tf", (_name, start) => {
    const own = block(GATE_TF, start).map((line) => line.replace('= "signed"', '= "gatehouse"'));
    expect(block(ADDED_TF, start)).toEqual(own);
    expect(own.length).toBeGreaterThan(4);
  });

  test("the files' behaviour is the default one of gate.tf, with a path", () => {
    const own = block(GATE_TF, /^\s*default_cache_behavior \{/);
    const [, files = ""] = ADDED_TF.split(/(?=^ordered_cache_behavior \{\n {2}path_pattern +=\s"\/private)/m);
    const [path, ...others] = block(files, /^ordered_cache_behavior/);
    expect(path).toMatch(/^path_pattern += "\/private\/\*"$/);
    expect(others).toEqual(own.map((line) => line.replace('= "signed"', '= "gatehouse"')));
  });

  test("the resources that the page leaves out of gate.tf are there, and nothing that stays asks for them", () => {
    const names = namedBetween("its three resources for public areas (", "), its distribution");
    expect(names).toHaveLength(3);
    const gone = [...names, "aws_cloudfront_distribution.gatehouse"];
    const resources = GATE_TF.split(/^(?=resource |data |locals |output |variable |provider )/m);
    const nameOf = (text: string) => /^resource "(\w+)" "(\w+)"/.exec(text)?.slice(1).join(".") ?? "";
    expect(gone.filter((name) => !resources.map(nameOf).includes(name))).toEqual([]);
    const staying = resources.filter((text) => !gone.includes(nameOf(text)) && !text.startsWith("output "));
    expect(staying.filter((text) => gone.some((name) => text.includes(name)))).toEqual([]);
    expect(staying.filter((text) => /var\.(host|certificate_arn)/.test(text))).toEqual([]);
  });
});
