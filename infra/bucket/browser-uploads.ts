// Files that browsers store: they go to the bucket itself, which is another origin than the page's.
import { CfnOutput, Duration, Stack } from "aws-cdk-lib";
import { Bucket, type CorsRule, HttpMethods, type IBucket } from "aws-cdk-lib/aws-s3";
import type { Construct } from "constructs";
import type { Config } from "../../edge/config/config.ts";

/** What `POST upload` says that a browser has to send. */
const SENT_HEADERS = ["cache-control", "content-type"];

const RULE = {
  allowedMethods: [HttpMethods.PUT],
  allowedOrigins: ["*"],
  allowedHeaders: SENT_HEADERS,
  exposedHeaders: ["ETag"],
  maxAge: Duration.minutes(10).toSeconds(),
} satisfies CorsRule;

/** The same as `aws s3api put-bucket-cors` takes it. */
const CORS_CONFIGURATION = {
  CORSRules: [
    {
      AllowedMethods: RULE.allowedMethods,
      AllowedOrigins: RULE.allowedOrigins,
      AllowedHeaders: RULE.allowedHeaders,
      ExposeHeaders: RULE.exposedHeaders,
      MaxAgeSeconds: RULE.maxAge,
    },
  ],
};

/**
 * Lets pages send files to the bucket that is made here; prints the rule for the owner of one that is given. From any
 * origin: the bucket knows no cookies, and what lets a request in is its signature, which pages of the configured origins
 * alone are given. The distribution's own name would be a circle, for its origin is this bucket.
 */
export function openUploads(
  scope: Construct,
  bucket: IBucket,
  { areas }: Pick<Config, "areas">,
  isGiven: boolean,
): void {
  if (!areas.some(({ uploads }) => uploads)) return;
  if (!isGiven && bucket instanceof Bucket) bucket.addCorsRule(RULE);
  else
    new CfnOutput(scope, "BucketCorsConfiguration", {
      description: "Add this rule to the bucket's CORS configuration: it lets browsers store files",
      value: Stack.of(scope).toJsonString(CORS_CONFIGURATION),
    });
}
