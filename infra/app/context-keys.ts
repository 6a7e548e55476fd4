// The keys of CDK's context that the shipped app reads. No other file names one that is not in this list.
import { unknownNames } from "../../edge/config/names.ts";

/** In the order of docs/configuration.md. */
export const CONTEXT_KEYS = [
  "areas",
  "groups",
  "listing",
  "auth",
  "assets",
  "domainNames",
  "certificateArn",
  "alarms",
  "alarmTopicArn",
  "userPoolId",
  "userPoolClientIds",
  "machineClientIds",
  "userPoolDomain",
  "furtherUserPools",
  "identityPoolId",
  "authenticatedRoleArn",
  "bucketName",
  "bucketRegion",
  "originPath",
  "exchange",
  "placement",
  "revocation",
  "logAllowed",
  "corsOrigins",
  "corsAllowHeaders",
  "corsExposeHeaders",
  "frameAncestors",
  "cookieNames",
  "cookieAmplify",
  "cookieSameSite",
  "cookiePartitioned",
  "cookieDomain",
  "signingCfId",
  "signingHead",
  "endpoints",
  "sdk",
  "deploymentId",
] as const;

/** A key that the app reads. */
export type ContextKey = (typeof CONTEXT_KEYS)[number];

/** Looks up a key; the compiler knows no others. */
export type Lookup = (key: ContextKey) => unknown;

/** What CDK's command line writes into `cdk.json`, `cdk.context.json` and `~/.cdk.json` by itself. */
const OF_THE_COMMAND_LINE = ["cli-telemetry", "acknowledged-issue-numbers"];

/** A problem for each key that the app does not read, but for CDK's own: flags, look-ups, what its command line says. */
export function unknownKeys(context: Readonly<Record<string, unknown>>): readonly string[] {
  const ours = Object.keys(context).filter((key) => !/[@:]/.test(key) && !OF_THE_COMMAND_LINE.includes(key));
  return unknownNames(ours, CONTEXT_KEYS);
}
