// What CloudFront refuses of a function while a stack is deployed.
import { expect, test } from "vitest";
import { checkCloudFrontFunction } from "../../../../local/aws/cloudformation/cloudfront-function.ts";

const FINE = {
  Name: "gate",
  AutoPublish: true,
  FunctionCode: "x".repeat(10_240),
  FunctionConfig: {
    Comment: "",
    Runtime: "cloudfront-js-2.0",
    KeyValueStoreAssociations: [{ KeyValueStoreARN: "arn" }],
  },
};

test("10 KB with one store are taken, and other types are none of its business", () => {
  expect(() => checkCloudFrontFunction("AWS::CloudFront::Function", FINE)).not.toThrow();
  expect(() => checkCloudFrontFunction("AWS::Lambda::Function", {})).not.toThrow();
});

test.each([
  ["a byte more", { FunctionCode: "x".repeat(10_241) }, "The function exceeds the maximum size."],
  [
    "a letter of two bytes",
    { FunctionCode: `${"x".repeat(10_239)}ä` },
    "The function exceeds the maximum size.",
  ],
  ["a name with a dot", { Name: "a.b" }, "The function name is invalid."],
  ["a name of 65 letters", { Name: "a".repeat(65) }, "The function name is invalid."],
  [
    "the older runtime",
    { FunctionConfig: { Runtime: "cloudfront-js-1.0" } },
    "Runtime cloudfront-js-1.0 is not emulated.",
  ],
  [
    "two stores",
    { FunctionConfig: { ...FINE.FunctionConfig, KeyValueStoreAssociations: [{}, {}] } },
    "A function can be associated with one key value store.",
  ],
  ["one that is not published", { AutoPublish: false }, "A function that is not published is not emulated."],
])("%s is refused", (_, changes, message) => {
  expect(() => checkCloudFrontFunction("AWS::CloudFront::Function", { ...FINE, ...changes })).toThrow(
    message,
  );
});
