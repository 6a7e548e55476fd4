// What CloudFront refuses of a function when it is made or changed.
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html#limits-functions

import { AwsError } from "./aws-error.ts";
import { type JsonObject, requireObject, requireString } from "./json.ts";

const MAX_CODE_BYTES = 10_240;
const NAME = /^[a-zA-Z0-9-_]{1,64}$/;
const MAX_STORES = 1;

/** @throws AwsError for a name, code, runtime or number of stores that CloudFront does not take; other types pass. */
export function checkCloudFrontFunction(type: string, properties: JsonObject): void {
  if (type !== "AWS::CloudFront::Function") return;
  const code = requireString(properties["FunctionCode"], "FunctionCode");
  const config = requireObject(properties["FunctionConfig"], "FunctionConfig");
  const stores = config["KeyValueStoreAssociations"] ?? [];
  if (!NAME.test(requireString(properties["Name"], "Name")))
    throw new AwsError("InvalidRequest", "The function name is invalid.");
  if (Buffer.byteLength(code) > MAX_CODE_BYTES)
    throw new AwsError("InvalidRequest", "The function exceeds the maximum size.");
  if (config["Runtime"] !== "cloudfront-js-2.0")
    throw new AwsError("InvalidRequest", `Runtime ${config["Runtime"]} is not emulated.`);
  if (!Array.isArray(stores) || stores.length > MAX_STORES)
    throw new AwsError("InvalidRequest", "A function can be associated with one key value store.");
  if (properties["AutoPublish"] !== true)
    throw new AwsError("InvalidRequest", "A function that is not published is not emulated.");
}
