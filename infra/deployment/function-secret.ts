// The keys of the CloudFront Function: derived from the sealing keys, and kept beside them in the same secret. From there
// CloudFormation itself puts them into the function's code; no attribute and no log ever holds them.
import { createHash } from "node:crypto";
import type { Auth } from "../../edge/config/config.ts";
import { functionSecret } from "../build/function-secret.ts";
import type { Limits } from "./attempt.ts";
import { callAws, type Environment } from "./aws.ts";
import { isRecord, parseJson } from "./json.ts";
import { regionOfSecret, versionIdIn } from "./secret.ts";

/** A version of the secret that has been read. */
interface Read {
  readonly versionId: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/**
 * The current version of the secret, once it holds the function's keys as well: a version without them, such as one that
 * an operator has just put, is followed by one with them.
 * @throws Error saying why, which quotes nothing of the secret
 */
export async function versionWithFunctionKeys(
  secretArn: string,
  environment: Environment,
  limits: Limits,
): Promise<string> {
  const region = regionOfSecret(secretArn);
  const call = { service: "secretsmanager", region } as const;
  const input = { SecretId: secretArn, VersionStage: "AWSCURRENT" };
  const read = processValue(
    await callAws({ ...call, operation: "GetSecretValue", input }, environment, limits),
  );
  const keys = functionSecret(keysIn(read));
  if (Object.entries(keys).every(([name, key]) => read.fields[name] === key)) return read.versionId;
  const put = {
    SecretId: secretArn,
    // The same for the same content, so that a call that is repeated makes no second version.
    ClientRequestToken: createHash("sha256").update(`with keys ${read.versionId}`).digest("hex").slice(0, 32),
    SecretString: JSON.stringify({ ...read.fields, ...keys }),
  };
  return versionIdIn(
    await callAws({ ...call, operation: "PutSecretValue", input: put }, environment, limits),
  );
}

/** https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html */
export function processValue(answer: unknown): Read {
  const text = isRecord(answer) ? answer["SecretString"] : undefined;
  const fields = typeof text === "string" ? parseJson(text, "The secret is not JSON.") : undefined;
  if (!isRecord(fields)) throw new Error("The secret is not JSON.");
  return { versionId: versionIdIn(answer), fields };
}

function keysIn({ fields }: Read): Auth["keys"] {
  return { current: String(fields["current"]), previous: String(fields["previous"] ?? "none") };
}
