import { CfnParameter, CfnResource, Stack } from "aws-cdk-lib";
import { Annotations, Match } from "aws-cdk-lib/assertions";
import { describe, expect, test } from "vitest";
import type { SignedInAssetsProps } from "../../infra/props.ts";
import { SignedInAssets } from "../../infra/signed-in-assets.ts";
import { gateIn } from "./synth.ts";

function warningsOf(props: SignedInAssetsProps, gates = 1): readonly string[] {
  const { gate, template } = gateIn("us-east-1", () => props);
  for (let index = 1; index < gates; index += 1)
    new SignedInAssets(Stack.of(gate), `More${index}`, { deploymentId: "fixed", ...props });
  if (gates === 1) template();
  return Annotations.fromStack(Stack.of(gate))
    .findWarning("*", Match.stringLikeRegexp("quota"))
    .map(({ entry }) => String(entry.data).replace(/ \[ack: .*/s, ""));
}

const kept = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ path: `/kept-${index}/*`, browserMaxAge: index + 1 }));
const open = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ path: `/open-${index}/*`, public: true }));

describe("default quotas of CloudFront", () => {
  const raise = "Have it raised in Service Quotas, or the deployment fails.";
  const cases: readonly [name: string, props: SignedInAssetsProps, ...warnings: string[]][] = [
    ["20 response headers policies", { areas: kept(19) }],
    [
      "21 response headers policies",
      { areas: kept(20) },
      `There would be 21 response headers policies in the account, and CloudFront's default quota is 20. ${raise}`,
    ],
    ["75 behaviours", { areas: open(74) }],
    [
      "76 behaviours",
      { areas: open(75) },
      `There would be 76 behaviors of the distribution, and CloudFront's default quota is 75. ${raise}`,
    ],
  ];
  test.each(cases)("%s", (_name, props, ...warnings) => {
    expect(warningsOf(props)).toEqual(warnings);
  });

  test("21 gates in an app, each with its policies", () => {
    expect(warningsOf({}, 21)).toEqual(
      ["cache policies", "origin request policies", "response headers policies"].map(
        (name) => `There would be 21 ${name} in the account, and CloudFront's default quota is 20. ${raise}`,
      ),
    );
  });
});

describe("a template that CloudFormation would not take", () => {
  test("is refused by the gate, with what can be done", () => {
    const { gate, template } = gateIn("us-east-1", () => ({}));
    const parameter = (id: string, length: number) =>
      new CfnParameter(Stack.of(gate), id, { default: "x".repeat(length) });
    parameter("Long", 900_000);
    expect(template).toThrow(
      /the template of stack "Site" would have \d+ bytes, and CloudFormation takes 1000000: use fewer areas and groups, give the stack \{ suppressTemplateIndentation: true \}/,
    );
  });

  test("is refused for its resources, before CDK counts them", () => {
    const { gate, template } = gateIn("us-east-1", () => ({}));
    for (let index = 0; index < 500; index += 1)
      new CfnResource(Stack.of(gate), `R${index}`, { type: "AWS::SNS::Topic" });
    expect(template).toThrow(
      /stack "Site" would have \d+ resources, and CloudFormation takes 500: use fewer groups, or put other things into another stack/,
    );
  });
});
