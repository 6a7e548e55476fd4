// Which version of a secret is current. The value is not read: CloudFormation itself puts it into the code.

import type { Limits } from "./attempt.ts";
import { callAws, type Environment } from "./aws.ts";
import { isRecord } from "./json.ts";

const ARN = /^arn:[\w-]+:secretsmanager:([\w-]+):\d{12}:secret:[\w/+=.@-]+$/;

/** The version becomes part of a dynamic reference, which a brace or a colon would end. */
const VERSION_ID = /^[\w-]{32,64}$/;

/** @throws Error saying why the version is not known. */
export async function currentVersionOf(
  secretArn: string,
  environment: Environment,
  limits: Limits,
): Promise<string> {
  const input = { SecretId: secretArn };
  const region = regionOfSecret(secretArn);
  const call = { service: "secretsmanager", region, operation: "DescribeSecret", input } as const;
  return processDescription(await callAws(call, environment, limits));
}

/** @throws Error for what is no secret's ARN. */
export function regionOfSecret(secretArn: string): string {
  const [, region] = ARN.exec(secretArn) ?? [];
  if (!region) throw new Error("The property SecretArn is not a secret's ARN.");
  return region;
}

/** The `VersionId` of an answer. */
export function versionIdIn(answer: unknown): string {
  const versionId = isRecord(answer) ? answer["VersionId"] : undefined;
  if (typeof versionId !== "string" || !VERSION_ID.test(versionId))
    throw new Error("The secret has no current version.");
  return versionId;
}

/** The version that carries the stage AWSCURRENT. https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DescribeSecret.html */
export function processDescription(description: unknown): string {
  const stages = isRecord(description) ? description["VersionIdsToStages"] : undefined;
  const [current] = Object.entries(isRecord(stages) ? stages : {}).find(
    ([, labels]) => Array.isArray(labels) && labels.includes("AWSCURRENT"),
  ) ?? [""];
  if (!VERSION_ID.test(current)) throw new Error("The secret has no current version.");
  return current;
}
