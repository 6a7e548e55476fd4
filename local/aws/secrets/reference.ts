// Dynamic references to Secrets Manager: `secretsmanager:<secret id>:SecretString:<json key>:<stage>:<version id>`.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references-secretsmanager.html

import { objectOf } from "../cloudformation/json.ts";
import { type Secret, type Secrets, type SecretVersion, stagesOf } from "./secrets.ts";

const FORM =
  /^secretsmanager:(arn:[^:]+:secretsmanager:[^:]*:[^:]*:secret:[^:]+|[^:]+)(?::([^:]*)(?::([^:]*))?(?::([^:]*))?(?::([^:]*))?)?$/;

/**
 * The value of a reference, given what stands after `resolve:`.
 * @throws Error, with which the deployment fails, for an unknown secret, version or key.
 */
export function secretReference(secrets: Secrets, reference: string): string {
  const [all, secretId, kind = "", key = "", stage = "", versionId = ""] = FORM.exec(reference) ?? [];
  if (all === undefined || secretId === undefined || !["", "SecretString"].includes(kind))
    throw new Error(`{{resolve:${reference}}}: not a reference to a SecretString`);
  if (stage !== "" && versionId !== "")
    throw new Error(`{{resolve:${reference}}}: a version stage or a version id, not both`);
  const secret = secrets.find(secretId);
  if (!secret) throw new Error(`Secrets Manager can't find the specified secret. (${secretId})`);
  const version = versionOf(secret, stage, versionId);
  if (!version)
    throw new Error(
      `Secrets Manager can't find the specified secret value for ${versionId ? "VersionId" : "staging label"}: ${versionId || stage}`,
    );
  return key === "" ? version.text : valueAt(version.text, key);
}

function versionOf(secret: Secret, stage: string, versionId: string): SecretVersion | undefined {
  const stages = stagesOf(secret);
  return secret.versions.find((version) =>
    versionId === ""
      ? stages[version.versionId]?.includes(stage === "" ? "AWSCURRENT" : stage)
      : version.versionId === versionId,
  );
}

/** The message does not quote the secret. */
function valueAt(text: string, key: string): string {
  let value: unknown;
  try {
    value = objectOf(JSON.parse(text))?.[key];
  } catch {
    throw new Error("Could not parse SecretString JSON");
  }
  if (typeof value === "string") return value;
  throw new Error(`Could not find a value associated with JSONKey in SecretString (${key})`);
}
