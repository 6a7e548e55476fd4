// What the local CloudFront refuses to start with, instead of playing it wrong.

import { expect, test } from "vitest";
import { createCloudFront } from "../../../../local/aws/cloudfront/index.ts";
import { CACHE_ALL, cachePolicy, cloudFrontOptions, Stage, type StageOptions } from "./stage.ts";

const VERSION = "arn:aws:lambda:us-east-1:123456789012:function:f:1";
const association = (EventType: string, LambdaFunctionARN = VERSION) => ({
  LambdaFunctionAssociations: [{ EventType, LambdaFunctionARN }],
});

test.each<[string, StageOptions, string]>([
  [
    "viewer-response functions",
    { behavior: association("viewer-response") },
    "viewer-response functions are not emulated",
  ],
  [
    "a function without version",
    { behavior: association("viewer-request", VERSION.replace(/:1$/, "")) },
    "numbered version",
  ],
  [
    "two functions at one event",
    {
      behavior: {
        LambdaFunctionAssociations: [
          ...association("viewer-request").LambdaFunctionAssociations,
          ...association("viewer-request").LambdaFunctionAssociations,
        ],
      },
    },
    "two functions",
  ],
  [
    "a CloudFront Function that is not there",
    { behavior: { FunctionAssociations: [{ EventType: "viewer-request", FunctionARN: "x" }] } },
    "FunctionARN: no function x",
  ],
  [
    "CloudFront Functions at viewer-response",
    { behavior: { FunctionAssociations: [{ EventType: "viewer-response", FunctionARN: "x" }] } },
    "FunctionAssociations: viewer-response functions are not emulated by the local CloudFront",
  ],
  [
    "a CloudFront Function beside a Lambda on viewer events",
    { viewerFunction: "", behavior: association("viewer-request") },
    "FunctionAssociations: CloudFront Functions and Lambda@Edge do not mix on viewer events",
  ],
  [
    "legacy cache settings",
    { behavior: { ForwardedValues: { QueryString: true } } },
    "ForwardedValues: is not emulated",
  ],
  ["signed URLs", { behavior: { TrustedKeyGroups: ["x"] } }, "TrustedKeyGroups: is not emulated"],
  [
    "origin groups",
    { config: { OriginGroups: { Quantity: 1, Items: [{}] } } },
    "OriginGroups: is not emulated",
  ],
  [
    "a default root object",
    { config: { DefaultRootObject: "index.html" } },
    "DefaultRootObject: is not emulated",
  ],
  [
    "an unknown cache policy",
    { behavior: { CachePolicyId: "nope" } },
    "no CachePolicyConfig with the id nope",
  ],
  [
    "an unknown origin request policy",
    { behavior: { OriginRequestPolicyId: CACHE_ALL } },
    "no OriginRequestPolicyConfig",
  ],
  ["an unknown origin", { behavior: { TargetOriginId: "nope" } }, "no origin nope"],
  [
    "an unknown origin access control",
    { originConfig: { OriginAccessControlId: "nope" } },
    "no origin access control nope",
  ],
  ["a pattern with a percent sign", { behaviors: [{ PathPattern: "/a%20b" }] }, "PathPattern"],
  ["a pattern with a space", { behaviors: [{ PathPattern: "/a b" }] }, "PathPattern"],
  ["a pattern of 256 characters", { behaviors: [{ PathPattern: "/".padEnd(256, "a") }] }, "PathPattern"],
  ["an unknown protocol policy", { behavior: { ViewerProtocolPolicy: "any" } }, "ViewerProtocolPolicy"],
  [
    "a header behaviour that is not emulated",
    {
      policies: {
        [CACHE_ALL]: {
          CachePolicyConfig: {
            ParametersInCacheKeyAndForwardedToOrigin: { HeadersConfig: { HeaderBehavior: "odd" } },
          },
        },
      },
    },
    "HeaderBehavior odd",
  ],
  [
    "headers that CloudFront would add",
    {
      policies: {
        [CACHE_ALL]: cachePolicy([0, 1, 1], {
          HeadersConfig: { HeaderBehavior: "whitelist", Headers: ["CloudFront-Viewer-Country"] },
        }),
      },
    },
    "cloudfront-viewer-country is not emulated",
  ],
  [
    "no default behaviour",
    { config: { DefaultCacheBehavior: undefined } },
    "DefaultCacheBehavior: is missing",
  ],
])("%s", (_name, options, message) => {
  expect(() => createCloudFront(cloudFrontOptions(options, 1, new Stage()))).toThrow(message);
});
