// The keys of CDK's context that the shipped app reads, and where each is described.
import type { ContextKey } from "../../infra/app/context-keys.ts";

/** A key, with its text, or the prop or field that has it. */
export interface DescribedKey {
  readonly key: ContextKey;
  readonly text?: string;
  readonly of?: readonly ["props" | "cookies" | "signing", string];
}

const prop = (key: ContextKey, name: string = key): DescribedKey => ({ key, of: ["props", name] });

/** In the order of the page. */
export const DESCRIBED_KEYS: readonly DescribedKey[] = [
  prop("areas"),
  prop("groups"),
  prop("listing"),
  {
    key: "auth",
    text:
      "Sign-in for browsers: `true`, `false`, or the [fields of auth](#fields-of-auth). On unless a user pool is given " +
      "without `userPoolDomain`.",
  },
  { key: "assets", text: "A folder that the deployment uploads. Nothing is ever deleted in the bucket." },
  {
    key: "domainNames",
    text: "Names of your own, such as `assets.example.com`; with sign-in not patterns alone.",
  },
  { key: "certificateArn", text: "The certificate for them, in us-east-1." },
  { key: "alarms", text: "`true` for [alarms](#alarms) on server errors, failures and refusals." },
  { key: "alarmTopicArn", text: "The SNS topic, in us-east-1, that alarms are sent to; turns them on." },
  {
    key: "userPoolId",
    text: "An existing user pool, in any region. Switch its self-sign-up off: whoever can sign in can read.",
  },
  {
    key: "userPoolClientIds",
    text: "The app clients of that pool whose ID tokens are accepted. They are not changed.",
  },
  {
    key: "machineClientIds",
    text: "App clients of that pool that read for themselves, by the `scopes` of areas; with `exchange=sts`.",
  },
  prop("userPoolDomain"),
  {
    key: "furtherUserPools",
    text:
      'User pools besides, whose users bring their tokens: `[{"id": "eu-west-1_SubPool1", "clientIds": ["3subclient3"]}]`. ' +
      "See [one pool a subsidiary](recipes.md#one-pool-a-subsidiary).",
  },
  { key: "identityPoolId", text: "An existing identity pool, in any region. It is not changed." },
  {
    key: "authenticatedRoleArn",
    text: "The role that it gives to signed-in users; it is given the right to read the assets.",
  },
  { key: "bucketName", text: "An existing bucket, which is not changed." },
  { key: "bucketRegion", text: "Where that bucket is; us-east-1 unless said otherwise." },
  prop("originPath"),
  { key: "exchange", text: "`identityPool`, or `sts` for a function that assumes the user's role itself." },
  {
    key: "placement",
    text: "`lambda`, or `split` for a CloudFront Function before the cache and a Lambda on misses only; needs `auth`.",
  },
  {
    key: "revocation",
    text: "`true` for a store in which access is [ended within seconds](operations.md#end-someones-access-within-seconds); needs `placement=split`.",
  },
  {
    key: "logAllowed",
    text: "The share of allowed requests that get a log line, from 0 to 1; 0.01 unless said otherwise.",
  },
  { key: "corsOrigins", text: "Web origins whose pages may read the assets with credentials." },
  { key: "corsAllowHeaders", text: "Request headers that those pages may send, besides the usual ones." },
  { key: "corsExposeHeaders", text: "Response headers that those pages may read, besides the usual ones." },
  prop("frameAncestors"),
  { key: "cookieNames", of: ["cookies", "names"] },
  { key: "cookieAmplify", of: ["cookies", "amplify"] },
  { key: "cookieSameSite", text: "`None` where pages of other sites embed the assets; `Lax` otherwise." },
  { key: "cookiePartitioned", of: ["cookies", "partitioned"] },
  { key: "cookieDomain", of: ["cookies", "domain"] },
  { key: "signingCfId", of: ["signing", "cfId"] },
  { key: "signingHead", of: ["signing", "head"] },
  prop("endpoints"),
  prop("sdk"),
  prop("deploymentId"),
];
