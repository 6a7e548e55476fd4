// From props to the function's configuration, and everything that can be wrong with them.
import { Stack, Token } from "aws-cdk-lib";
import type { IRole } from "aws-cdk-lib/aws-iam";
import type { Construct } from "constructs";
import type { Config, ConfigDocument } from "../edge/config/config.ts";
import { ConfigError, parseConfig } from "../edge/config/document.ts";
import { unknownNames } from "../edge/config/names.ts";
import { accessProblems } from "./access/index.ts";
import { alarmProblems } from "./delivery/alarms.ts";
import { areaDocuments, originProblems } from "./delivery/api-origins.ts";
import { distributionProblems } from "./delivery/distribution.ts";
import { domainProblems } from "./delivery/domain-names.ts";
import type { SignedInAssetsProps } from "./props.ts";
import { claimProblems } from "./users/claims.ts";
import { furtherDocuments } from "./users/further-user-pools.ts";
import { groupProblems, isNames } from "./users/group-names.ts";
import { machineProblems, scopesIn } from "./users/machines.ts";
import { authDocument, signInProblems } from "./users/sign-in-settings.ts";

/** The names that the function needs of what was given or made. */
export interface Resources {
  readonly userPoolId: string;
  readonly userPoolClientIds: readonly string[];
  /** The host of its managed login, for sign-in. */
  readonly userPoolDomain?: string | undefined;
  readonly furtherUserPools?: ConfigDocument["userPools"];
  /** With an identity pool. */
  readonly identityPoolId?: string | undefined;
  /** With the exchange by STS: the role of every signed-in user. */
  readonly signedInRoleArn?: string;
  readonly groups: Config["groups"];
  readonly scopes?: Config["scopes"];
  readonly machineClientIds?: readonly string[] | undefined;
  readonly bucketName: string;
  readonly bucketRegion: string;
}

/** The settings among the props: what goes into the configuration as it was given. */
type Settings = Pick<
  SignedInAssetsProps,
  | "areas"
  | "listing"
  | "exchange"
  | "originPath"
  | "auth"
  | "signing"
  | "cookies"
  | "cors"
  | "frameAncestors"
  | "log"
  | "placement"
  | "revocation"
  | "endpoints"
>;

/** The same fields with values that nobody has looked at. */
type Unchecked<T> = { readonly [Field in keyof T]?: unknown };

/** A configuration, unless there are problems. */
interface Attempt {
  readonly config?: Config;
  readonly problems: readonly string[];
}

/** Which of the things that belong together were given. */
interface Given {
  readonly userPool?: unknown;
  readonly userPoolClients?: unknown;
  readonly userPoolDomain?: unknown;
  readonly auth?: unknown;
  readonly identityPool?: unknown;
  readonly authenticatedRole?: unknown;
  readonly groups?: unknown;
  readonly exchange?: unknown;
}

/** Stands for the name of something that is not made yet. */
const NOT_MADE = "(not made yet)";

/** The only region that Lambda@Edge functions can be made in. */
const EDGE_REGION = "us-east-1";

/** The configuration with its defaults, for the function; names may be known only at deploy time. */
export function configuration(
  scope: Construct,
  settings: Settings & Pick<SignedInAssetsProps, "furtherUserPools">,
  resources: Resources,
): Config {
  const furtherUserPools = furtherDocuments(settings.furtherUserPools);
  try {
    const document = configDocument(settings, { ...resources, furtherUserPools });
    return parseConfig(document, { isToken: Token.isUnresolved });
  } catch (error) {
    throw error instanceof ConfigError ? new ConfigError(error.problems, scope.node.path) : error;
  }
}

/**
 * Checks a gate's props before anything is made. Returns the configuration with stand-ins for what is not made yet.
 * @throws ConfigError with all problems, naming the gate.
 */
export function checkProps(scope: Construct, props: SignedInAssetsProps, names: readonly string[]): Config {
  const attempt = tryConfiguration(props, {
    userPoolId: props.userPool?.userPoolId,
    userPoolClientIds: props.userPoolClients?.map((client) => client.userPoolClientId),
    userPoolDomain: props.userPoolDomain,
    furtherUserPools: furtherDocuments(props.furtherUserPools),
    identityPoolId: props.identityPool?.identityPoolId,
    groups: isNames(props.groups) ? props.groups : groupDocument(props.groups ?? {}),
    machineClientIds: machineClientIds(props),
    bucketName: props.bucket?.bucketName,
    bucketRegion: props.bucket?.env.region,
  });
  const problems = [
    ...regionProblems(Stack.of(scope)),
    ...unknownNames(Object.keys(props), names),
    ...(names.includes("distribution") ? surroundingProblems(props) : []),
    ...wordProblems(props),
    ...originProblems(props.areas),
    ...contradictions(props),
    ...claimProblems(props.areas, props.userPoolClients),
    ...machineProblems(props.machineClients, props.userPool),
    ...attempt.problems.map(inProps),
    ...(attempt.config ? accessProblems(attempt.config, makesAllRoles(props)) : []),
  ];
  if (problems.length > 0 || !attempt.config) throw new ConfigError(problems, scope.node.path);
  return attempt.config;
}

/** The problem of a field that is a prop of another name. */
function inProps(problem: string): string {
  return problem
    .replace(/^userPool\.domain\b/, "userPoolDomain")
    .replace(/^userPools\b/, "furtherUserPools")
    .replace(/\buserPool\.machineClientIds\b/, "machineClients");
}

/** Whether no role is given that has other rights, and other policies, than what the gate gives it. */
export function makesAllRoles({ authenticatedRole, groups }: Given): boolean {
  return authenticatedRole === undefined && (groups === undefined || isNames(groups));
}

/** The ids of the app clients that read for themselves, as far as they are clients. */
export function machineClientIds({
  machineClients,
}: Pick<SignedInAssetsProps, "machineClients">): readonly string[] | undefined {
  return Array.isArray(machineClients) ? machineClients.map((client) => client.userPoolClientId) : undefined;
}

/** What the configuration says of roles by group, or by scope. */
export function groupDocument(roles: Readonly<Record<string, IRole>>): Config["groups"] {
  return Object.fromEntries(Object.entries(roles).map(([name, { roleArn }]) => [name, { roleArn }]));
}

/** The configuration as far as it is known, or every problem of it; values that are not given are not made yet. */
export function tryConfiguration(settings: Unchecked<Settings>, known: Unchecked<Resources>): Attempt {
  const isToken = (value: unknown) => value === NOT_MADE || Token.isUnresolved(value);
  try {
    const document = configDocument(settings, {
      userPoolId: known.userPoolId ?? NOT_MADE,
      userPoolClientIds: known.userPoolClientIds ?? [NOT_MADE],
      userPoolDomain: known.userPoolDomain ?? (known.userPoolId === undefined ? NOT_MADE : undefined),
      furtherUserPools: known.furtherUserPools,
      identityPoolId: known.identityPoolId ?? NOT_MADE,
      signedInRoleArn: NOT_MADE,
      groups: isNames(known.groups)
        ? Object.fromEntries(known.groups.map((name) => [name, { roleArn: NOT_MADE }]))
        : known.groups,
      scopes: Object.fromEntries(scopesIn(settings.areas).map((name) => [name, { roleArn: NOT_MADE }])),
      machineClientIds: known.machineClientIds,
      bucketName: known.bucketName ?? NOT_MADE,
      bucketRegion: known.bucketRegion ?? NOT_MADE,
    });
    return { config: parseConfig(document, { isToken }), problems: [] };
  } catch (error) {
    if (error instanceof ConfigError) return { problems: error.problems };
    throw error;
  }
}

/** Which things were given without those that they need, or that need them. */
export function contradictions(given: Given): readonly string[] {
  const { userPool, userPoolClients, identityPool, authenticatedRole, exchange } = given;
  const rules: readonly [broken: boolean, problem: string][] = [
    [!!userPool && !userPoolClients, "userPoolClients: an existing user pool comes with its app clients"],
    [!userPool && !!userPoolClients, "userPool: app clients come with the user pool that they belong to"],
    [!userPool && !!identityPool, "userPool: an existing identity pool comes with the user pool it trusts"],
    [
      !!identityPool && !authenticatedRole,
      "authenticatedRole: an existing identity pool comes with its role for signed-in users, which is given the right to read the assets",
    ],
    [
      !identityPool && !!authenticatedRole && exchange !== "sts",
      "identityPool: a role comes with the identity pool that gives it",
    ],
    [!!identityPool && exchange === "sts", "identityPool: the exchange by STS uses none"],
    [!!authenticatedRole && exchange === "sts", "authenticatedRole: the exchange by STS makes its own roles"],
  ];
  const problems = rules.filter(([broken]) => broken).map(([, problem]) => problem);
  return [...problems, ...groupProblems(given.groups, given), ...signInProblems(given)];
}

/** What is around the behaviours. */
function surroundingProblems({ distribution, alarms, auth }: SignedInAssetsProps): readonly string[] {
  return [
    ...distributionProblems(distribution),
    ...domainProblems(distribution, auth),
    ...alarmProblems(alarms),
  ];
}

/** A word that is spelt wrong would be no word at all. */
function wordProblems({ exchange, sdk, outputs }: Unchecked<SignedInAssetsProps>): readonly string[] {
  const rules: readonly [broken: boolean, problem: string][] = [
    [
      !["identityPool", "sts", undefined].some((word) => word === exchange),
      "exchange: expected identityPool or sts",
    ],
    [sdk !== undefined && typeof sdk !== "boolean", "sdk: expected true or false"],
    [outputs !== undefined && typeof outputs !== "boolean", "outputs: expected true or false"],
  ];
  return rules.filter(([broken]) => broken).map(([, problem]) => problem);
}

function regionProblems(stack: Stack): readonly string[] {
  if (stack.region === EDGE_REGION) return [];
  const place = Token.isUnresolved(stack.region) ? "has no region" : `is in ${stack.region}`;
  return [
    `region: Lambda@Edge functions are made in ${EDGE_REGION} only, and stack "${stack.stackName}" ${place}; ` +
      `give it { env: { region: "${EDGE_REGION}" } }, pool and bucket may stay elsewhere`,
  ];
}

function configDocument(
  settings: Unchecked<Settings>,
  resources: Unchecked<Resources>,
): Unchecked<ConfigDocument> {
  return {
    userPool: {
      id: resources.userPoolId,
      clientIds: resources.userPoolClientIds,
      machineClientIds: resources.machineClientIds,
      domain: resources.userPoolDomain,
    },
    userPools: resources.furtherUserPools,
    ...(settings.exchange === "sts"
      ? { exchange: { kind: "sts", roleArn: resources.signedInRoleArn } }
      : { identityPool: { id: resources.identityPoolId } }),
    origin: {
      bucket: resources.bucketName,
      region: resources.bucketRegion,
      path: settings.originPath,
    },
    areas: areaDocuments(settings.areas),
    groups: resources.groups,
    scopes: resources.scopes,
    listing: settings.listing,
    signing: settings.signing,
    cookies: settings.cookies,
    auth: authDocument(settings.auth),
    cors: settings.cors,
    frameAncestors: settings.frameAncestors,
    log: settings.log,
    placement: settings.placement,
    revocation: settings.revocation,
    endpoints: settings.endpoints,
  };
}
