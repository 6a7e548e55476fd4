// Runs while deploying: reads what the template cannot hold, and names all that the edge functions will be made of.
import type { FurtherUserPool } from "../../edge/config/config.ts";
import { parseConfig } from "../../edge/config/document.ts";
import { gateIdOf } from "../../edge/config/gate-id.ts";
import { type Limits, PATIENCE } from "./attempt.ts";
import type { Environment } from "./aws.ts";
import type { CloudFormationRequest, Result } from "./cloudformation.ts";
import { contentIds } from "./content-id.ts";
import { versionWithFunctionKeys } from "./function-secret.ts";
import { isRecord, parseJson } from "./json.ts";
import { fetchKeySet, keySetUrl, keySetUrlOf } from "./key-set.ts";
import { run } from "./run.ts";
import { currentVersionOf } from "./secret.ts";

/**
 * The custom resource: properties `Config` (JSON text) and `Code` (what else the functions are made of, hashed) in,
 * attributes `Jwks` (JSON text), `ContentId` and, in the split placement, `GateId` out; `FurtherKeys`, the content of
 * what was read for further user pools, is part of the id. With the property `UserPool` (one of those as JSON text) the
 * attributes are that pool's keys and their `ContentId`: all pools' would not fit into one answer of 4,096 bytes. Further, with the property `SecretArn` also the attribute `SecretVersionId`, and
 * with `ClientSecretArn` also `ClientSecretVersionId`.
 */
export async function handler(event: unknown): Promise<void> {
  await deploy(event, PATIENCE, process.env);
}

/** The handler with its time limits and its environment as arguments. */
export async function deploy(event: unknown, limits: Limits, environment: Environment = {}): Promise<void> {
  await run(event, limits, (request) =>
    request.properties["UserPool"] === undefined
      ? inputs(request, environment, limits)
      : furtherKeys(request, limits),
  );
}

/**
 * The configuration is parsed again, now that every value is known: what was a token at synth goes into code too.
 * The content is the same exactly while the functions' code is, whatever part of it changed.
 */
async function inputs(
  { properties, oldProperties, physicalResourceId: given, requestId }: CloudFormationRequest,
  environment: Environment,
  limits: Limits,
): Promise<Result> {
  const { Config: configText, Code: code, SecretArn: secretArn, ClientSecretArn: clientArn } = properties;
  const versionOf = async (arn: unknown) =>
    arn === undefined ? undefined : await currentVersionOf(String(arn), environment, limits);
  if (typeof configText !== "string") throw new Error("The property Config is missing.");
  if (typeof code !== "string") throw new Error("The property Code is missing.");
  const config = parseConfig(parseJson(configText, "The property Config is not JSON."));
  const isSplit = config.placement === "split";
  const sealingVersion = async () =>
    isSplit && secretArn !== undefined
      ? await versionWithFunctionKeys(String(secretArn), environment, limits)
      : await versionOf(secretArn);
  const [keySet, versionId, clientVersionId] = await Promise.all([
    fetchKeySet(keySetUrl(config), limits),
    sealingVersion(),
    versionOf(clientArn),
  ]);
  const jwks = JSON.stringify(keySet);
  const versionIds = [versionId, clientVersionId].filter((id) => id !== undefined);
  const further = properties["FurtherKeys"];
  const furtherIds = Array.isArray(further) ? further.map(String) : [];
  const parts = [configText, code, jwks, ...furtherIds, ...versionIds];
  const { contentId, physicalId } = contentIds(parts, {
    given,
    requestId,
    deployment: properties["DeploymentId"],
    before: oldProperties["DeploymentId"],
  });
  return {
    physicalResourceId: physicalId,
    data: {
      Jwks: jwks,
      ContentId: contentId,
      ...(isSplit && { GateId: gateIdOf(config) }),
      ...(versionId !== undefined && { SecretVersionId: versionId }),
      ...(clientVersionId !== undefined && { ClientSecretVersionId: clientVersionId }),
    },
  };
}

/** The keys of a further user pool, with a name that is new exactly when they are. */
async function furtherKeys(
  { properties, oldProperties, physicalResourceId: given, requestId }: CloudFormationRequest,
  limits: Limits,
): Promise<Result> {
  const pool = poolIn(parseJson(String(properties["UserPool"]), "The property UserPool is not JSON."));
  const jwks = JSON.stringify(await fetchKeySet(keySetUrlOf(pool), limits));
  const { contentId, physicalId } = contentIds([pool.id, jwks], {
    given,
    requestId,
    deployment: properties["DeploymentId"],
    before: oldProperties["DeploymentId"],
  });
  return { physicalResourceId: physicalId, data: { Jwks: jwks, ContentId: contentId } };
}

/** What the template says of the pool; the whole configuration is looked at beside it, where it goes into code. */
function poolIn(value: unknown): Pick<FurtherUserPool, "id" | "jwksUri"> {
  const { id, jwksUri } = isRecord(value) ? value : {};
  if (typeof id !== "string") throw new Error("The property UserPool has no id.");
  return { id, jwksUri: typeof jwksUri === "string" ? jwksUri : undefined };
}
