// Which properties replace a resource is what AWS's resource schemas say.
import { loadAwsServiceSpecSync } from "@aws-cdk/aws-service-spec";
import { expect, test } from "vitest";
import { CREATE_ONLY, changeOf } from "../../../../local/aws/cloudformation/replacement.ts";

const SPEC = loadAwsServiceSpecSync();

test.each(Object.entries(CREATE_ONLY))("%s is replaced by %j", (type, properties) => {
  const [schema] = SPEC.lookup("resource", "cloudFormationType", "equals", type);
  const createOnly = Object.entries(schema?.properties ?? {})
    .filter(([, { causesReplacement }]) => causesReplacement === "yes")
    .map(([name]) => name);
  expect(schema).toBeDefined();
  expect(properties).toEqual(createOnly.toSorted());
});

test.each([
  ["AWS::Lambda::Version", { Description: "1" }, { Description: "2" }, "replace"],
  ["AWS::Lambda::Function", { Timeout: 1 }, { Timeout: 2 }, "update"],
  ["AWS::Cognito::UserPoolClient", { ClientName: "a" }, { ClientName: "b" }, "update"],
  ["AWS::Cognito::UserPoolDomain", { Domain: "a" }, { Domain: "b" }, "replace"],
  ["AWS::CloudFront::Distribution", { A: { b: 1, c: 2 } }, { A: { c: 2, b: 1 } }, "none"],
  ["AWS::IAM::Policy", { A: [1, 2] }, { A: [2, 1] }, "update"],
  ["Custom::C", { X: "1" }, {}, "update"],
] as const)("%s from %j to %j: %s", (type, before, after, change) => {
  expect(changeOf(type, before, after)).toBe(change);
});
