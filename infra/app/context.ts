// Reads the settings of the shipped app from CDK's context: `cdk.json`, or `-c key=value` on the command line.
import type { Config } from "../../edge/config/config.ts";
import { ConfigError } from "../../edge/config/document.ts";
import { contradictions, tryConfiguration } from "../configuration.ts";
import type { SignedInAssetsProps } from "../props.ts";
import { groupsIn, isNames } from "../users/group-names.ts";
import { signInProps } from "../users/sign-in-settings.ts";
import { apiProblems, apisIn, withoutApis } from "./api-urls.ts";
import { type ContextKey, type Lookup, unknownKeys } from "./context-keys.ts";
import { readSurroundings, type Surroundings } from "./surroundings.ts";
import { SWITCH } from "./switch.ts";

/** What the app was given to work with, checked; what is missing is made. */
export interface Context {
  readonly userPool?: {
    readonly id: string;
    readonly clientIds: readonly string[];
    readonly machineClientIds: readonly string[];
    readonly domain: string | undefined;
  };
  readonly furtherUserPools: Config["userPools"];
  readonly identityPool?: { readonly id: string; readonly authenticatedRoleArn: string };
  readonly bucket?: { readonly name: string; readonly region: string };
  /** Names only, or names with the ARNs of roles that are there. */
  readonly groups: readonly string[] | Config["groups"];
  /** Where APIs are, by the paths of their areas. */
  readonly apis: ReadonlyMap<string, URL>;
  /** What is around the gate. */
  readonly surroundings: Surroundings;
  readonly settings: Pick<
    SignedInAssetsProps,
    | "areas"
    | "listing"
    | "exchange"
    | "originPath"
    | "auth"
    | "cookies"
    | "cors"
    | "frameAncestors"
    | "log"
    | "placement"
    | "revocation"
    | "signing"
    | "endpoints"
    | "sdk"
    | "deploymentId"
  >;
}

/** Context keys, in the order of the README, by the field of the configuration that each one fills. */
const KEY_OF_FIELD: Readonly<Record<string, string>> = {
  "userPool.id": "userPoolId",
  "userPool.clientIds": "userPoolClientIds",
  "userPool.machineClientIds": "machineClientIds",
  "userPool.domain": "userPoolDomain",
  "identityPool.id": "identityPoolId",
  "origin.bucket": "bucketName",
  "origin.region": "bucketRegion",
  "origin.path": "originPath",
  "cookies.names": "cookieNames",
  "cookies.amplify": "cookieAmplify",
  "cookies.sameSite": "cookieSameSite",
  "cookies.partitioned": "cookiePartitioned",
  "cookies.domain": "cookieDomain",
  "cors.origins": "corsOrigins",
  "cors.allowHeaders": "corsAllowHeaders",
  "cors.exposeHeaders": "corsExposeHeaders",
  "signing.cfId": "signingCfId",
  "signing.head": "signingHead",
  "listing.enabled": "listing",
  "log.allowed": "logAllowed",
  userPool: "userPoolId",
  userPools: "furtherUserPools",
  userPoolClients: "userPoolClientIds",
  identityPool: "identityPoolId",
  authenticatedRole: "authenticatedRoleArn",
};

/** Where a bucket is unless said otherwise: where the stack is. */
const DEFAULT_REGION = "us-east-1";

const ROLE_ARN = /^arn:aws:iam::\d{12}:role\/[\w+=,.@/-]+$/;

/**
 * Checks the context.
 * @throws ConfigError with all problems, each naming its key.
 */
export function readContext(context: Readonly<Record<string, unknown>>): Context {
  const get: Lookup = (key) => context[key];
  const { config, problems } = tryConfiguration(
    {
      areas: withoutApis(json(get("areas"))),
      listing: { enabled: SWITCH.get(get("listing")) },
      exchange: get("exchange"),
      originPath: get("originPath"),
      auth: authFrom(get),
      signing: { cfId: get("signingCfId"), head: get("signingHead") },
      cookies: {
        names: list(get("cookieNames")),
        amplify: SWITCH.get(get("cookieAmplify")),
        sameSite: get("cookieSameSite"),
        partitioned: SWITCH.get(get("cookiePartitioned")),
        domain: get("cookieDomain"),
      },
      cors: {
        origins: list(get("corsOrigins")),
        allowHeaders: list(get("corsAllowHeaders")),
        exposeHeaders: list(get("corsExposeHeaders")),
      },
      frameAncestors: list(get("frameAncestors")),
      log: { allowed: json(get("logAllowed")) },
      placement: get("placement"),
      revocation: SWITCH.get(get("revocation")),
      endpoints: json(get("endpoints")),
    },
    {
      userPoolId: get("userPoolId"),
      userPoolClientIds: list(get("userPoolClientIds")),
      machineClientIds: list(get("machineClientIds")),
      userPoolDomain: get("userPoolDomain"),
      furtherUserPools: json(get("furtherUserPools")),
      identityPoolId: get("identityPoolId"),
      groups: groupsFrom(get),
      bucketName: get("bucketName"),
      bucketRegion: get("bucketRegion") ?? DEFAULT_REGION,
    },
  );
  const around = readSurroundings((key) => (LISTS.has(key) ? list(get(key)) : get(key)), authFrom(get));
  const all = [
    ...unknownKeys(context),
    ...problems.map(inContextKeys),
    ...apiProblems(json(get("areas"))),
    ...contextProblems(get),
    ...around.problems,
  ];
  if (!config || all.length > 0) throw new ConfigError(all);
  const apis = apisIn(json(get("areas")));
  return { ...contextOf(config, get), apis, surroundings: around.surroundings };
}

/** Only what was given: the configuration also holds stand-ins for what is not made yet. */
function contextOf(config: Config, get: Lookup): Omit<Context, "apis" | "surroundings"> {
  const { userPool, identityPool, origin, auth } = config;
  const { areas, listing, cookies, cors, frameAncestors, log, signing, endpoints } = config;
  const { placement, revocation } = config;
  const given = (key: ContextKey) => get(key) !== undefined;
  const authenticatedRoleArn = String(get("authenticatedRoleArn"));
  const groups = groupsFrom(get);
  return {
    ...(given("userPoolId") && { userPool }),
    ...(identityPool &&
      given("identityPoolId") && { identityPool: { id: identityPool.id, authenticatedRoleArn } }),
    ...(given("bucketName") && { bucket: { name: origin.bucket, region: origin.region } }),
    furtherUserPools: config.userPools,
    groups: isNames(groups) ? groups : config.groups,
    settings: {
      areas,
      listing,
      exchange: get("exchange") === "sts" ? "sts" : "identityPool",
      originPath: origin.path,
      ...(auth && { auth: signInProps(auth, authFrom(get)) }),
      cookies,
      cors,
      frameAncestors,
      log,
      placement,
      revocation,
      signing,
      endpoints,
      sdk: SWITCH.get(get("sdk")),
      ...(given("deploymentId") && { deploymentId: String(get("deploymentId")) }),
    },
  };
}

/** Lists among what `surroundings.ts` reads. */
const LISTS: ReadonlySet<ContextKey> = new Set<ContextKey>(["domainNames"]);

/** A list comes as such from `cdk.json`, and with commas from the command line. */
function list(value: unknown): unknown {
  return typeof value === "string" ? value.split(",").map((item) => item.trim()) : value;
}

/** People sign in at the pool that is made; at an existing one, if its managed login is named. */
function authFrom(get: Lookup): unknown {
  const auth = json(get("auth"));
  const isOn = get("userPoolId") === undefined || get("userPoolDomain") !== undefined;
  if (auth === undefined) return isOn ? {} : undefined;
  if (auth === true) return {};
  return auth === false ? undefined : auth;
}

/** Names with commas, or what `cdk.json` holds or would hold; else the groups of the areas. */
function groupsFrom(get: Lookup): unknown {
  const value = get("groups");
  const groups = typeof value === "string" && !/^[[{]/.test(value) ? list(value) : json(value);
  return groups ?? groupsIn(json(get("areas")));
}

/** A document comes as such from `cdk.json`, and as text from the command line; other text is not a document. */
function json(value: unknown): unknown {
  if (typeof value !== "string") return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

/** What the configuration's parser cannot see. */
function contextProblems(get: Lookup): readonly string[] {
  const problems = contradictions({
    userPool: get("userPoolId"),
    userPoolClients: get("userPoolClientIds"),
    userPoolDomain: get("userPoolDomain"),
    auth: authFrom(get),
    identityPool: get("identityPoolId"),
    authenticatedRole: get("authenticatedRoleArn"),
    groups: groupsFrom(get),
    exchange: get("exchange"),
  }).map(inContextKeys);
  const roleArn = get("authenticatedRoleArn");
  const rules: readonly [broken: boolean, problem: string][] = [
    [
      get("machineClientIds") !== undefined && get("userPoolId") === undefined,
      "userPoolId: machines' app clients come with the user pool that they belong to",
    ],
    [
      roleArn !== undefined && !(typeof roleArn === "string" && ROLE_ARN.test(roleArn)),
      "authenticatedRoleArn: expected a role's ARN such as arn:aws:iam::123456789012:role/name",
    ],
    [
      get("bucketRegion") !== undefined && get("bucketName") === undefined,
      "bucketName: a region comes with the bucket that is in it",
    ],
    [
      !["identityPool", "sts", undefined].some((word) => word === get("exchange")),
      "exchange: expected identityPool or sts",
    ],
    [!SWITCH.has(get("cookieAmplify")), "cookieAmplify: expected true or false"],
    [!SWITCH.has(get("cookiePartitioned")), "cookiePartitioned: expected true or false"],
    [!SWITCH.has(get("listing")), "listing: expected true or false"],
    [!SWITCH.has(get("revocation")), "revocation: expected true or false"],
    [!SWITCH.has(get("sdk")), "sdk: expected true or false"],
  ];
  return [...problems, ...rules.filter(([broken]) => broken).map(([, problem]) => problem)];
}

/** People wrote context keys, not the configuration's fields. */
function inContextKeys(problem: string): string {
  const [field = ""] = /^[\w.]+/.exec(problem) ?? [];
  return `${KEY_OF_FIELD[field] ?? field}${problem.slice(field.length)}`;
}
