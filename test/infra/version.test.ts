import { beforeEach, expect, test, vi } from "vitest";
import { deploy } from "../../infra/deployment/handler.ts";
import { serve } from "./loopback.ts";
import { gateIn, MODULUS, only, resolve, templateWith } from "./synth.ts";

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
  expect(String(resolve(ZipFile, (reference) => reference)).split(";\n")[1]).toBe(ORIGINAL);
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

test("the description fits: 16 hex digits for the code, 64 for the rest", async () => {
  expect((await versionDeployed({})).description).toMatch(/^[0-9a-f]{16}-[0-9a-f]{64}$/);
});

test("each synthesis runs the custom resource again", async () => {
  vi.useFakeTimers({ now: 0, toFake: ["Date"] });
  const first = only(gateIn("us-east-1", () => ({ deploymentId: undefined })).template(), CUSTOM);
  vi.setSystemTime(1);
  const second = only(gateIn("us-east-1", () => ({ deploymentId: undefined })).template(), CUSTOM);
  vi.useRealTimers();
  expect(first.Properties["DeploymentId"]).toBe("1970-01-01T00:00:00.000Z");
  expect(second.Properties["DeploymentId"]).toBe("1970-01-01T00:00:00.001Z");
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
    { timeoutMs: 1_000, pauseMs: 1 },
  );
  fetchKeys.mockRestore();
  const answer: { Status?: string; Data?: Record<string, unknown> } = JSON.parse(
    cloudFormation.received[0]?.body ?? "{}",
  );
  expect(answer.Status).toBe("SUCCESS");
  return answer.Data ?? {};
}
