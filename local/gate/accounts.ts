// What exists before the template is deployed: the user pool with its people, and ids that functions are built with.

import { createHash } from "node:crypto";
import type { Created, Provider } from "../aws/cloudformation/index.ts";
import { type JsonObject, objectOf, requireString } from "../aws/cloudformation/json.ts";
import { parseClientSettings } from "../aws/cognito/client-settings.ts";
import { checkBranding, checkDomain } from "../aws/cognito/domain.ts";
import type { UserPool, UserPoolOptions } from "../aws/cognito/user-pool.ts";
import { type Group, uuidOf } from "../aws/cognito/users.ts";
import { secretText } from "../aws/secrets/generate.ts";
import type { Secrets } from "../aws/secrets/secrets.ts";

const USER_POOL_ID = "us-east-1_LocalPool";
const CLIENT_ID = "localclient";
/** Of every app client that reads for itself. */
export const MACHINE_SECRET = "local-machine-secret";
const IDENTITY_POOL_ID = "us-east-1:00000000-0000-4000-8000-00000000a11a";
const BUCKET = "local-assets";

/** One user of each kind to try: `ada` is in a group when there is one, `bob` in none. */
export const DEMO_USERS = [
  { username: "ada", password: "ada" },
  { username: "bob", password: "bob" },
] as const;

/** The line under the sign-in form. */
export const SIGN_IN_HINT = `Users here: ${DEMO_USERS.map(
  ({ username, password }) => `${username} with the password ${password}`,
).join(", ")}.`;

/** The pool that context names, or one made up. */
export function poolOptions(context: Readonly<Record<string, unknown>>): UserPoolOptions {
  const { userPoolId = USER_POOL_ID, userPoolClientIds = CLIENT_ID, machineClientIds, areas } = context;
  const machine = {
    clientSecret: MACHINE_SECRET,
    oauthFlows: ["client_credentials"],
    oauthScopes: scopesIn(areas),
  };
  return {
    id: String(userPoolId),
    clients: [
      ...idsIn(userPoolClientIds).map((clientId) => ({ clientId })),
      ...idsIn(machineClientIds).map((clientId) => ({ clientId, ...machine })),
    ],
    users: DEMO_USERS,
  };
}

function idsIn(value: unknown): readonly string[] {
  return value === undefined ? [] : String(value).split(",");
}

/** The scopes that a resource server of the pool would have: those that areas ask for. */
function scopesIn(areas: unknown): readonly string[] {
  const list: readonly unknown[] = Array.isArray(areas) ? areas : [];
  return [...new Set(list.flatMap((area) => texts(objectOf(area)?.["scopes"])))];
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}

/** Gives the pool the template's groups, and `ada` her place: among the editors, or else in every group. */
export function joinGroups(userPool: UserPool, groups: readonly Group[]): void {
  userPool.setGroups(groups);
  const names = groups.map(({ name }) => name);
  userPool.users.setGroups("ada", names.includes("editors") ? ["editors"] : names);
}

/** Resources whose ids must be known before the template is deployed, and those that servers have to hear of. */
export function providers(userPool: UserPool, secrets: Secrets): Record<string, Provider> {
  return {
    "AWS::Cognito::UserPool": () => ({
      ref: userPool.id,
      attributes: {
        Arn: `arn:aws:cognito-idp:${userPool.region}:123456789012:userpool/${userPool.id}`,
        ProviderName: userPool.providerName,
      },
    }),
    "AWS::Cognito::UserPoolClient": clientProvider(userPool),
    "AWS::Cognito::UserPoolDomain": (_, properties) => {
      checkDomain(properties);
      return undefined;
    },
    "AWS::Cognito::ManagedLoginBranding": (logicalId, properties) => {
      checkBranding(properties);
      const id = uuidOf(`branding/${logicalId}`);
      return { ref: `${userPool.id}|${id}`, attributes: { ManagedLoginBrandingId: id } };
    },
    "AWS::Cognito::IdentityPool": () => ({ ref: IDENTITY_POOL_ID, attributes: { Name: "local" } }),
    "AWS::SecretsManager::Secret": (logicalId, properties) => createSecret(secrets, logicalId, properties),
    "AWS::S3::Bucket": () => ({
      ref: BUCKET,
      attributes: {
        Arn: `arn:aws:s3:::${BUCKET}`,
        RegionalDomainName: `${BUCKET}.s3.us-east-1.amazonaws.com`,
      },
    }),
  };
}

/** As CloudFormation does, settings are written when they differ from those of the last deployment. */
function clientProvider(userPool: UserPool): Provider {
  let written = "";
  return (_, properties) => {
    const clientId = userPool.clients[0]?.clientId ?? "";
    const settings = JSON.stringify(properties);
    if (settings !== written) userPool.updateClient(parseClientSettings(clientId, properties));
    written = settings;
    return { ref: clientId, attributes: { ClientId: clientId } };
  };
}

/** A secret keeps its value from one deployment to the next. */
function createSecret(secrets: Secrets, logicalId: string, properties: JsonObject): Created {
  const name = requireString(properties["Name"] ?? `local-${logicalId}`, "Name");
  const suffix = createHash("sha256").update(name).digest("hex").slice(0, 6);
  const arn = `arn:aws:secretsmanager:us-east-1:123456789012:secret:${name}-${suffix}`;
  secrets.create(arn, name, secretText(properties));
  return { ref: arn, attributes: { Id: arn } };
}
