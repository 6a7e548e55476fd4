import { CfnOutput, Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { PriceClass } from "aws-cdk-lib/aws-cloudfront";
import { CfnUserPoolClient } from "aws-cdk-lib/aws-cognito";
import { Bucket } from "aws-cdk-lib/aws-s3";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { createApp } from "../../infra/app/app.ts";
import { deploy } from "../../infra/deployment/handler.ts";
import type { SignedInAssetsProps } from "../../infra/props.ts";
import { SignedInAssets } from "../../infra/signed-in-assets.ts";
import { serve } from "./loopback.ts";
import { gateIn, MODULUS, newOutdir, only, resolve, stackOf, templateWith } from "./synth.ts";

const bundles = vi.hoisted(() => ({ edge: "" }));
vi.mock("../../infra/build/built-file.ts", () => ({
  readBuiltFile: (file: string) => (file.startsWith("edge/") ? bundles.edge : "exports.handler=0"),
}));

const ORIGINAL = `exports.handler = () => \`\${AWS::Region} \${!x} \${y.z}\` + "\\n\\\\" + '#{y}';`;
const KEY_1 = { kty: "RSA", kid: "k1", n: MODULUS, e: "AQAB" };
const KEY_2 = { kty: "RSA", kid: "k2", n: MODULUS, e: "AQAB" };

beforeEach(() => {
  bundles.edge = ORIGINAL;
});

test("a bundle goes through unharmed, whatever looks like a placeholder in it", () => {
  const { ZipFile } = Object(
    only(templateWith(), "AWS::Lambda::Function", "ViewerRequest").Properties["Code"],
  );
  const code = String(resolve(ZipFile, (reference) => reference));
  const [, bundle = "", id] = /^const GATEHOUSE_CONFIG=.*?;\n(.*)\n\/\/(.*)$/s.exec(code) ?? [];
  expect([bundle, id]).toEqual([ORIGINAL, expect.stringMatching(/^\w+\.ContentId$/)]);
});

test("nothing changed: the same version, however often it is deployed", async () => {
  expect(await versionDeployed({}, "1")).toEqual(await versionDeployed({}, "2"));
});

test("a changed configuration, bundle or key set gives a new version in the same place", async () => {
  const versions = [
    await versionDeployed({}),
    await versionDeployed({ cookieNames: "token" }),
    await versionDeployed({ originPath: "/site" }),
    await versionDeployed({}, "1", [KEY_1]),
    await versionDeployed({}, "1", [KEY_2]),
  ];
  bundles.edge = `${ORIGINAL}\n`;
  versions.push(await versionDeployed({}));
  expect(new Set(versions.map(({ description }) => description)).size).toBe(versions.length);
  expect(new Set(versions.map(({ id }) => id)).size).toBe(1);
});

test("a pool that was replaced behind its reference gives a new version", async () => {
  const before = await versionDeployed({}, "1", [KEY_1, KEY_2], "us-east-1_Before");
  const after = await versionDeployed({}, "1", [KEY_1, KEY_2], "us-east-1_After");
  expect(before.description).not.toBe(after.description);
});

test("another version of the sealing keys gives a new version, the same one does not", async () => {
  const deployed = (version: string) =>
    versionDeployed({ auth: {} }, "1", [KEY_1], POOL, "ViewerRequest", version);
  const [first, again, second] = [await deployed("1"), await deployed("1"), await deployed("2")];
  expect(first).toEqual(again);
  expect(second.id).toBe(first.id);
  expect(second.description).not.toBe(first.description);
});

test("the two functions differ in their versions, for one bundle may hold both", async () => {
  const viewerRequest = await versionDeployed({}, "1", [KEY_1], POOL, "ViewerRequest");
  const originResponse = await versionDeployed({}, "1", [KEY_1], POOL, "OriginResponse");
  expect(viewerRequest.description).not.toBe(originResponse.description);
});

test("the description fits: 16 hex digits for the code, 64 for all content, 16 for the time that it came", async () => {
  expect((await versionDeployed({})).description).toMatch(/^[0-9a-f]{16}-[0-9a-f]{64}-[0-9a-f]{16}$/);
});

describe("the default of deploymentId", () => {
  const OPEN = { deploymentId: undefined };

  function synthesized(change: (stack: Stack) => void = () => {}, props: SignedInAssetsProps = {}) {
    const { gate, template } = gateIn("us-east-1", () => ({ auth: {}, ...OPEN, ...props }));
    change(Stack.of(gate));
    return template();
  }

  function idsIn(template: Template): readonly unknown[] {
    return [CUSTOM, "Custom::GatehouseClientUrls"].map(
      (type) => only(template, type).Properties["DeploymentId"],
    );
  }

  test("without a change the templates are the same, at whatever time they are made", () => {
    vi.useFakeTimers({ now: 0, toFake: ["Date"] });
    const first = synthesized().toJSON();
    vi.setSystemTime(1);
    const second = synthesized().toJSON();
    vi.useRealTimers();
    expect(second).toEqual(first);
  });

  test("the same holds for the shipped app", () => {
    const template = () => Template.fromStack(stackOf(createApp({ outdir: newOutdir() }))).toJSON();
    expect(template()).toEqual(template());
  });

  const changes: readonly [name: string, change?: (stack: Stack) => void, props?: SignedInAssetsProps][] = [
    ["another resource beside the gate", (stack) => new Bucket(stack, "More")],
    ["an alarm", undefined, { alarms: true }],
    [
      "the distribution's price class",
      undefined,
      { distribution: { priceClass: PriceClass.PRICE_CLASS_100 } },
    ],
    [
      "a raw override of the app client, which its typed properties do not show",
      (stack) => {
        const [client] = stack.node.findAll().filter((it) => it instanceof CfnUserPoolClient);
        client?.addPropertyOverride("AuthSessionValidity", 15);
      },
    ],
    ["an output", (stack) => new CfnOutput(stack, "Out", { value: "1" })],
    ["an area", undefined, { areas: [{ path: "/a/*" }] }],
  ];
  test.each(changes)("both custom resources run with %s", (_name, change, props) => {
    const [before, after] = [idsIn(synthesized()), idsIn(synthesized(change, props))];
    expect(after).toEqual([expect.stringMatching(/^[0-9a-f]{32}$/), after[0]]);
    expect(after).not.toEqual(before);
  });

  test("two gates in one stack do not chase each other", () => {
    const twice = () => synthesized((stack) => new SignedInAssets(stack, "Second", { auth: {}, ...OPEN }));
    expect(twice().toJSON()).toEqual(twice().toJSON());
  });

  test("a given one stays as it is, in the app by its context too", () => {
    expect(idsIn(synthesized(undefined, { deploymentId: "run-7" }))).toEqual(["run-7", "run-7"]);
    const app = createApp({ context: { deploymentId: "run-8" }, outdir: newOutdir() });
    expect(idsIn(Template.fromStack(stackOf(app)))).toEqual(["run-8", "run-8"]);
  });
});

const SECRET_ARN = "arn:aws:secretsmanager:us-east-1:123456789012:secret:SealingKeys-AbCdEf";
const POOL = "us-east-1_AbCdEfGhI";
const CUSTOM = "Custom::GatehouseDeployment";

/** Deploys as CloudFormation would: the custom resource runs on resolved properties, its answer completes the version. */
async function versionDeployed(
  context: Record<string, unknown>,
  deploymentId = "1",
  keys: readonly object[] = [KEY_1, KEY_2],
  userPoolId = POOL,
  name = "ViewerRequest",
  secretVersion = "1",
): Promise<{ id: string; description: unknown }> {
  const template = templateWith(
    { auth: false, ...context, endpoints: { jwksUri: "http://127.0.0.1/keys" } },
    deploymentId,
  );
  const referred = (reference: string) => {
    if (reference.includes("SealingKeys")) return SECRET_ARN;
    if (reference.includes("UserPoolDomain")) return "gatehouse-1";
    if (reference.includes("UserPoolClient")) return "client";
    if (reference.includes("IdentityPool")) return "us-east-1:00000000-0000-4000-8000-000000000000";
    return reference.includes("UserPool") ? userPoolId : "assets";
  };
  const properties = resolve(only(template, CUSTOM).Properties, referred);
  const data = await runCustomResource(properties, keys, secretVersion.padStart(32, "0"));
  const version = only(template, "AWS::Lambda::Version", name);
  const description = resolve(version.Properties["Description"], (reference) =>
    String(data[reference.split(".")[1] ?? ""]),
  );
  return { id: version.id, description };
}

async function runCustomResource(
  properties: unknown,
  keys: readonly object[],
  secretVersion: string,
): Promise<Record<string, unknown>> {
  const original = fetch;
  const fetchKeys = vi.spyOn(globalThis, "fetch").mockImplementation(async (url, init) => {
    if (String(url) === "https://secretsmanager.us-east-1.amazonaws.com/")
      return new Response(JSON.stringify({ VersionIdsToStages: { [secretVersion]: ["AWSCURRENT"] } }));
    if (String(url) !== "http://127.0.0.1/keys") return original(url, init);
    return new Response(JSON.stringify({ keys }));
  });
  const cloudFormation = await serve({});
  const ids = { StackId: "stack", RequestId: "request", LogicalResourceId: "Inputs" };
  await deploy(
    { RequestType: "Update", ResponseURL: cloudFormation.url, ...ids, ResourceProperties: properties },
    { timeoutMs: 1_000, pausesMs: [1] },
  );
  fetchKeys.mockRestore();
  const answer: { Status?: string; Data?: Record<string, unknown> } = JSON.parse(
    cloudFormation.received[0]?.body ?? "{}",
  );
  expect(answer.Status).toBe("SUCCESS");
  return answer.Data ?? {};
}
