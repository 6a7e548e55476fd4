// What Lambda publishes and deletes: the same code once, nothing that is at the edge.
import { expect, test } from "vitest";
import { deploy, functionDefinition, ManagedStack } from "../../../../local/aws/cloudformation/index.ts";
import { Functions } from "../../../../local/aws/lambda/functions.ts";

const F = "arn:aws:lambda:us-east-1:123456789012:function:f";
const HOUR = 60 * 60 * 1000;
const REPLICATED = `Lambda was unable to delete ${F}:1 because it is a replicated function.`;
const exists = (number: number) =>
  `A version for this Lambda function exists ( ${number} ). Modify the function to create a new version.`;

function withVersion(now = () => 0): Functions {
  const functions = new Functions({ now });
  functions.put(F, { Code: { ZipFile: "1" }, Timeout: 5, FunctionName: "f" });
  functions.publish(F);
  return functions;
}

test("versions count from 1, and hold what was published", () => {
  const functions = withVersion();
  functions.put(F, { Code: { ZipFile: "2" } });
  expect(functions.publish(F)).toBe(2);
  expect(functions.published(`${F}:1`)).toMatchObject({ Code: { ZipFile: "1" } });
  expect(functions.published(`${F}:2`)).toEqual({ Code: { ZipFile: "2" } });
  expect(functions.unpublished(F)).toEqual({ Code: { ZipFile: "2" } });
  expect([functions.published(`${F}:3`), functions.count(F)]).toEqual([undefined, 2]);
});

test.each([
  ["nothing", {}],
  ["its tags", { Tags: [{ Key: "a", Value: "b" }] }],
  ["the order of its properties", { Timeout: 5, Code: { ZipFile: "1" } }],
])("when %s changed, no version is published", (_name, properties) => {
  const functions = withVersion();
  functions.put(F, { Code: { ZipFile: "1" }, Timeout: 5, FunctionName: "f", ...properties });
  expect(() => functions.publish(F)).toThrow(exists(1));
});

test("code that was published, and came back after something else, is what the last version is not", () => {
  const functions = withVersion();
  functions.put(F, { Code: { ZipFile: "2" } });
  functions.publish(F);
  functions.put(F, { Code: { ZipFile: "1" } });
  expect(functions.publish(F)).toBe(3);
});

test("a version that a rollback has left behind meets the next try", () => {
  const functions = withVersion();
  functions.put(F, { Code: { ZipFile: "2" } });
  functions.publish(F);
  functions.put(F, { Code: { ZipFile: "1" } });
  functions.put(F, { Code: { ZipFile: "2" } });
  expect(() => functions.publish(F)).toThrow(exists(2));
  functions.removeVersion(`${F}:2`);
  expect(functions.publish(F)).toBe(3);
});

test("a version that a distribution names cannot be deleted, nor for hours after it let go of it", () => {
  let now = 0;
  const functions = withVersion(() => now);
  functions.associate("E1", [`${F}:1`]);
  expect(() => functions.removeVersion(`${F}:1`)).toThrow(REPLICATED);
  expect(() => functions.remove(F)).toThrow(REPLICATED);
  functions.associate("E1", []);
  now = 4 * HOUR - 1;
  expect(() => functions.removeVersion(`${F}:1`)).toThrow(REPLICATED);
  now = 4 * HOUR;
  functions.remove(F);
  expect(functions.count(F)).toBe(0);
});

test("a version is held as long as one of several distributions names it", () => {
  const functions = new Functions({ now: () => 0, replicaLifeMs: 0 });
  functions.put(F, {});
  functions.publish(F);
  functions.associate("E1", [`${F}:1`]);
  functions.associate("E2", [`${F}:1`]);
  functions.associate("E1", []);
  expect(() => functions.removeVersion(`${F}:1`)).toThrow(REPLICATED);
  functions.associate("E2", []);
  functions.removeVersion(`${F}:1`);
  expect(functions.published(`${F}:1`)).toBeUndefined();
});

test("a distribution cannot name what is not published", () => {
  expect(() => withVersion().associate("E1", [`${F}:2`])).toThrow(`Function not found: ${F}:2`);
  expect(() => withVersion().unpublished(`${F}x`)).toThrow(`Function not found: ${F}x`);
});

const gate = (code: string, Description: string) => ({
  Resources: {
    F: { Type: "AWS::Lambda::Function", Properties: { FunctionName: "f", Code: { ZipFile: code } } },
    V: {
      Type: "AWS::Lambda::Version",
      DeletionPolicy: "RetainExceptOnCreate",
      UpdateReplacePolicy: "Retain",
      Properties: { FunctionName: { Ref: "F" }, Description },
    },
    D: {
      Type: "AWS::CloudFront::Distribution",
      Properties: {
        DistributionConfig: {
          DefaultCacheBehavior: {
            LambdaFunctionAssociations: [{ EventType: "viewer-request", LambdaFunctionARN: { Ref: "V" } }],
          },
        },
      },
    },
  },
});

test("in a stack a version keeps its code when the function gets other code", async () => {
  const stack = new ManagedStack();
  await stack.deploy(gate("one", "1"));
  await stack.deploy(gate("two", "1"));
  const codeOf = (arn: string) => functionDefinition(stack.stack.resources, arn).code;
  expect([codeOf(F), codeOf(`${F}:1`)]).toEqual(["two", "one"]);
  await stack.deploy(gate("two", "2"));
  expect(codeOf(`${F}:2`)).toBe("two");
});

test("another description without other code cannot be deployed", async () => {
  const stack = new ManagedStack();
  await stack.deploy(gate("one", "1"));
  await expect(stack.deploy(gate("one", "2"))).rejects.toThrow(exists(1));
});

test("a distribution that fails to be made leaves replicas, and a stack that only lets go of them", async () => {
  const stack = new ManagedStack();
  const faults = [{ logicalId: "D", phase: "create", when: "after" } as const];
  await expect(stack.deploy(gate("one", "1"), { faults })).rejects.toThrow("D: did not stabilize");
  expect([stack.status, [...stack.stack.resources.keys()]]).toEqual(["ROLLBACK_FAILED", ["F", "V"]]);
  await expect(stack.delete()).rejects.toThrow("failed to delete: [F]");
  await stack.delete({ retain: ["F"] });
  expect(stack.status).toBe("DELETE_COMPLETE");
});

test("one that is refused leaves none", async () => {
  const stack = new ManagedStack();
  const faults = [{ logicalId: "D", phase: "create" } as const];
  await expect(stack.deploy(gate("one", "1"), { faults })).rejects.toThrow("D: create refused");
  expect(stack.status).toBe("ROLLBACK_COMPLETE");
  expect((await deploy(gate("one", "1"))).resources.size).toBe(3);
});
