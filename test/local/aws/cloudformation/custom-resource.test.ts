// Custom resources run their function and wait for its answer at the ResponseURL.

import { expect, test } from "vitest";
import { type DeployOptions, deploy } from "../../../../local/aws/cloudformation/index.ts";

const RESPOND = `
const respond = async (event, fields) => {
  await fetch(event.ResponseURL, { method: "PUT", body: JSON.stringify({ Status: "SUCCESS", PhysicalResourceId: "physical", StackId: event.StackId, RequestId: event.RequestId, LogicalResourceId: event.LogicalResourceId, ...fields }) });
};`;

function template(
  handler: string,
  properties: Record<string, unknown> = {},
  type = "Custom::Thing",
): unknown {
  return {
    Resources: {
      Handler: {
        Type: "AWS::Lambda::Function",
        Properties: { Code: { ZipFile: `${RESPOND}\nexports.handler = ${handler}` }, Timeout: 10 },
      },
      Thing: {
        Type: type,
        Properties: { ServiceToken: { "Fn::GetAtt": ["Handler", "Arn"] }, ...properties },
      },
    },
    Outputs: { Data: { Value: { "Fn::GetAtt": ["Thing", "Answer"] } }, Ref: { Value: { Ref: "Thing" } } },
  };
}

async function outputs(
  handler: string,
  properties: Record<string, unknown> = {},
  options: DeployOptions = {},
): Promise<unknown> {
  return (await deploy(template(handler, properties), options)).outputs;
}

test("Data and PhysicalResourceId come back", async () => {
  const handler =
    "async (event) => respond(event, { Data: { Answer: event.RequestType + event.LogicalResourceId + event.ResourceType } })";
  expect(await outputs(handler)).toEqual({ Data: "CreateThingCustom::Thing", Ref: "physical" });
});

test("properties arrive resolved, scalars as text", async () => {
  const handler =
    "async (event) => respond(event, { Data: { Answer: JSON.stringify(event.ResourceProperties.X) } })";
  expect(await outputs(handler, { X: { a: 1, b: [true, { Ref: "AWS::Region" }] } })).toMatchObject({
    Data: '{"a":"1","b":["true","us-east-1"]}',
  });
});

test("the environment that the caller adds reaches the function", async () => {
  const handler = "async (event) => respond(event, { Data: { Answer: process.env.AWS_ENDPOINT_URL } })";
  const options = { functionEnvironment: { AWS_ENDPOINT_URL: "http://127.0.0.1:1" } };
  expect(await outputs(handler, {}, options)).toMatchObject({ Data: "http://127.0.0.1:1" });
});

test("variables that depend on the function are asked for with what exists by then", async () => {
  const handler = "async (event) => respond(event, { Data: { Answer: process.env.WHO } })";
  const options: DeployOptions = {
    functionEnvironment: async (arn, resources) => ({
      WHO: `${arn.split(":")[6]} of ${[...resources.keys()]}`,
    }),
  };
  expect(await outputs(handler, {}, options)).toMatchObject({
    Data: expect.stringMatching(/^local-Handler-\w+ of Handler$/),
  });
});

test("what the function logs is handed on", async () => {
  const lines: string[] = [];
  const handler = "async (event) => { console.log('seen'); await respond(event, { Data: { Answer: 'x' } }) }";
  await outputs(handler, {}, { log: (id, line) => lines.push(`${id} ${line.message}`) });
  expect(lines).toEqual(["Thing seen"]);
});

test.each([
  [
    "FAILED",
    "async (event) => respond(event, { Status: 'FAILED', Reason: 'no such pool' })",
    "Thing: no such pool",
  ],
  ["no answer", "async () => {}", "Thing: the function ended without answering"],
  ["a thrown error", "async () => { throw new Error('broken') }", "broken"],
  [
    "an answer over 4,096 bytes",
    "async (event) => respond(event, { Data: { Answer: 'x'.repeat(4096) } })",
    "Response object is too long",
  ],
  [
    "no PhysicalResourceId",
    "async (event) => respond(event, { PhysicalResourceId: undefined })",
    "PhysicalResourceId",
  ],
])("%s fails the deployment", async (_name, handler, message) => {
  await expect(outputs(handler)).rejects.toThrow(message);
});

test("AWS::CloudFormation::CustomResource is one too; a ServiceToken must lead to a function", async () => {
  const handler = "async (event) => respond(event, { Data: { Answer: 'x' } })";
  const ours = await deploy(template(handler, {}, "AWS::CloudFormation::CustomResource"));
  expect(ours.outputs["Data"]).toBe("x");
  await expect(
    outputs(handler, { ServiceToken: "arn:aws:lambda:us-east-1:1:function:elsewhere" }),
  ).rejects.toThrow("elsewhere");
});

test("a provider takes the place of the function", async () => {
  const providers = { "Custom::Thing": () => ({ ref: "given", attributes: { Answer: "provided" } }) };
  expect(await outputs("async () => { throw new Error('not run') }", {}, { providers })).toEqual({
    Data: "provided",
    Ref: "given",
  });
});
