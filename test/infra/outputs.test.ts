// What a gate in somebody's own stack prints: the names of the shipped stack's, and never one name twice.
import { App, CfnOutput, CfnParameter, NestedStack, Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { UserPool, UserPoolClient } from "aws-cdk-lib/aws-cognito";
import { Construct } from "constructs";
import { expect, test } from "vitest";
import type { SignedInAssetsProps } from "../../infra/props.ts";
import { SignedInAssets } from "../../infra/signed-in-assets.ts";
import { json, newOutdir, resolve, templateWith } from "./synth.ts";

const NAMES = ["Url", "DistributionId", "BucketName", "UserPoolId", "ClientId", "IdentityPoolId", "Region"];
const COMMANDS = ["NextUpload", "NextCreateUser", "NextVerify", "AfterDestroy"];
const ALL = [...NAMES, ...COMMANDS];

function outputsWith(make: (stack: Stack) => void): Readonly<Record<string, string>> {
  const app = new App({ outdir: newOutdir(), analyticsReporting: false });
  const stack = new Stack(app, "Site", { env: { region: "us-east-1" } });
  make(stack);
  return outputsOf(Template.fromStack(stack));
}

function outputsOf(template: Template): Readonly<Record<string, string>> {
  const { Outputs = {} } = json(template);
  return Object.fromEntries(
    Object.entries(Outputs).map(([name, { Value }]) => [name, String(resolve(Value, (id) => `<${id}>`))]),
  );
}

function gate(scope: Construct, id: string, props: SignedInAssetsProps = {}): SignedInAssets {
  return new SignedInAssets(scope, id, { deploymentId: "fixed", ...props });
}

/** The names of one gate, called after it. */
const after = (prefix: string) => ALL.map((name) => `${prefix}${name}`);

test("one gate: the names and values of the shipped stack", { timeout: 60_000 }, () => {
  const shipped = outputsOf(templateWith());
  expect(outputsWith((stack) => void gate(stack, "Assets", { auth: {} }))).toEqual(shipped);
  expect(Object.keys(shipped)).toEqual([
    "Url",
    "SignInUrl",
    "ManagedLoginDomain",
    ...NAMES.slice(1),
    ...COMMANDS,
  ]);
});

test("outputs: false prints nothing", () => {
  expect(outputsWith((stack) => void gate(stack, "Assets", { outputs: false }))).toEqual({});
});

test("what was given is not to be made: no first user", () => {
  const outputs = outputsWith((stack) => {
    gate(stack, "Assets", {
      userPool: UserPool.fromUserPoolId(stack, "Pool", "us-east-1_AbCdEfGhI"),
      userPoolClients: [UserPoolClient.fromUserPoolClientId(stack, "Client", "abc")],
    });
  });
  expect(Object.keys(outputs)).toEqual(ALL.filter((name) => name !== "NextCreateUser"));
  expect(outputs).toMatchObject({ UserPoolId: "us-east-1_AbCdEfGhI", ClientId: "abc" });
});

test.each<[string, (stack: Stack) => void, readonly string[]]>([
  [
    "two gates, each called after itself",
    (stack) => {
      gate(stack, "Assets");
      gate(stack, "Films-2");
    },
    [...after("Assets"), ...after("Films2")],
  ],
  [
    "a second gate without outputs",
    (stack) => {
      gate(stack, "Assets");
      gate(stack, "Films", { outputs: false });
    },
    ALL,
  ],
  ["a gate inside another construct", (stack) => void gate(new Construct(stack, "Inner"), "Assets"), ALL],
  [
    "two gates whose ids make one word",
    (stack) => {
      gate(new Construct(stack, "A"), "BC");
      gate(new Construct(stack, "AB"), "C");
    },
    ALL.flatMap((name) => [`ABCOutputs${name}#`, `ABCOutputs${name}#`]),
  ],
  [
    "an output of one's own that comes later",
    (stack) => {
      gate(stack, "Assets");
      new CfnOutput(stack, "Url", { value: "mine" });
    },
    ["AssetsUrl", ...ALL.slice(1), "Url"],
  ],
  [
    "a parameter of that name, which may be",
    (stack) => {
      new CfnParameter(stack, "Url");
      gate(stack, "Assets");
    },
    ALL,
  ],
  [
    "outputs of both names",
    (stack) => {
      new CfnOutput(stack, "Url", { value: "mine" });
      new CfnOutput(stack, "AssetsUrl", { value: "mine" });
      gate(stack, "Assets");
    },
    ["Url", "AssetsUrl", "AssetsOutputsUrl#", ...ALL.slice(1)],
  ],
  [
    "a gate in a nested stack beside one",
    (stack) => {
      gate(stack, "Assets");
      gate(new NestedStack(stack, "Nested"), "Films");
    },
    ALL,
  ],
])("%s", (_name, make, names) => {
  const ids = Object.keys(outputsWith(make)).map((id) =>
    id.replace(/(?<=Outputs[A-Za-z]+)[0-9A-F]{8}$/, "#"),
  );
  expect(ids.sort()).toEqual([...names].sort());
});
