// Reads the settings of the shipped app from CDK's context: `cdk.json`, or `-c key=value` on the command line.
import { type Config, ConfigError } from "../edge/config.ts";
import { contradictions, tryConfiguration } from "./configuration.ts";
import type { SignedInAssetsProps } from "./props.ts";

/** What the app was given to work with, checked; what is missing is made. */
export interface Context {
  readonly userPool?: { readonly id: string; readonly clientIds: readonly string[] };
  readonly identityPool?: { readonly id: string; readonly authenticatedRoleArn: string };
  readonly bucket?: { readonly name: string; readonly region: string };
  readonly settings: Pick<
    SignedInAssetsProps,
    "originPath" | "cookies" | "cors" | "signing" | "endpoints" | "sdk"
  >;
}

/** Context keys, in the order of the README, by the field of the configuration that each one fills. */
const KEY_OF_FIELD: Readonly<Record<string, string>> = {
  "userPool.id": "userPoolId",
  "userPool.clientIds": "userPoolClientIds",
  "identityPool.id": "identityPoolId",
  "origin.bucket": "bucketName",
  "origin.region": "bucketRegion",
  "origin.path": "originPath",
  "cookies.names": "cookieNames",
  "cors.origins": "corsOrigins",
  "signing.cfId": "signingCfId",
  "signing.head": "signingHead",
  userPool: "userPoolId",
  userPoolClients: "userPoolClientIds",
  identityPool: "identityPoolId",
  authenticatedRole: "authenticatedRoleArn",
};

/** Where a bucket is unless said otherwise: where the stack is. */
const DEFAULT_REGION = "us-east-1";

const ROLE_ARN = /^arn:aws:iam::\d{12}:role\/[\w+=,.@/-]+$/;

/** Looks up a context key. */
type Lookup = (key: string) => unknown;

/**
 * Checks the context.
 * @throws ConfigError with all problems, each naming its key.
 */
export function readContext(get: Lookup): Context {
  const { config, problems } = tryConfiguration(
    {
      originPath: get("originPath"),
      signing: { cfId: get("signingCfId"), head: get("signingHead") },
      cookies: { names: list(get("cookieNames")) },
      cors: { origins: list(get("corsOrigins")) },
      endpoints: get("endpoints"),
    },
    {
      userPoolId: get("userPoolId"),
      userPoolClientIds: list(get("userPoolClientIds")),
      identityPoolId: get("identityPoolId"),
      bucketName: get("bucketName"),
      bucketRegion: get("bucketRegion") ?? DEFAULT_REGION,
    },
  );
  const all = [...problems.map(inContextKeys), ...contextProblems(get)];
  if (!config || all.length > 0) throw new ConfigError(all);
  return contextOf(config, get);
}

/** Only what was given: the configuration also holds stand-ins for what is not made yet. */
function contextOf(config: Config, get: Lookup): Context {
  const { userPool, identityPool, origin, cookies, cors, signing, endpoints } = config;
  const given = (key: string) => get(key) !== undefined;
  const authenticatedRoleArn = String(get("authenticatedRoleArn"));
  return {
    ...(given("userPoolId") && { userPool }),
    ...(identityPool &&
      given("identityPoolId") && { identityPool: { id: identityPool.id, authenticatedRoleArn } }),
    ...(given("bucketName") && { bucket: { name: origin.bucket, region: origin.region } }),
    settings: { originPath: origin.path, cookies, cors, signing, endpoints, sdk: SWITCH.get(get("sdk")) },
  };
}

/** A switch comes as a boolean from `cdk.json` and as a word from the command line. */
const SWITCH = new Map<unknown, boolean>([
  [undefined, false],
  [false, false],
  ["false", false],
  [true, true],
  ["true", true],
]);

/** A list comes as such from `cdk.json`, and with commas from the command line. */
function list(value: unknown): unknown {
  return typeof value === "string" ? value.split(",").map((item) => item.trim()) : value;
}

/** What the configuration's parser cannot see. */
function contextProblems(get: Lookup): readonly string[] {
  const problems = contradictions({
    userPool: get("userPoolId"),
    userPoolClients: get("userPoolClientIds"),
    identityPool: get("identityPoolId"),
    authenticatedRole: get("authenticatedRoleArn"),
  }).map(inContextKeys);
  const roleArn = get("authenticatedRoleArn");
  const rules: readonly [broken: boolean, problem: string][] = [
    [
      roleArn !== undefined && !(typeof roleArn === "string" && ROLE_ARN.test(roleArn)),
      "authenticatedRoleArn: expected a role's ARN such as arn:aws:iam::123456789012:role/name",
    ],
    [
      get("bucketRegion") !== undefined && get("bucketName") === undefined,
      "bucketName: a region comes with the bucket that is in it",
    ],
    [!SWITCH.has(get("sdk")), "sdk: expected true or false"],
  ];
  return [...problems, ...rules.filter(([broken]) => broken).map(([, problem]) => problem)];
}

/** People wrote context keys, not the configuration's fields. */
function inContextKeys(problem: string): string {
  const [field = ""] = /^[\w.]+/.exec(problem) ?? [];
  return `${KEY_OF_FIELD[field] ?? field}${problem.slice(field.length)}`;
}
