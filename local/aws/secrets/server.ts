// Secrets Manager over HTTP, as far as a deployment asks it: DescribeSecret, GetSecretValue, PutSecretValue.
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_Operations.html

import { createServer } from "node:http";
import { loopback } from "../iam/loopback.ts";
import { type CallerDeps, permit, signerOf } from "../json-api/caller.ts";
import { type Action, ApiError, createJsonApi, type JsonApi, requiredText } from "../json-api/index.ts";
import { type Secret, type Secrets, stagesOf } from "./secrets.ts";

/** A running server. */
export interface SecretsServer extends Pick<JsonApi, "calls" | "failNext"> {
  /** `http://127.0.0.1:<port>`. */
  readonly endpoint: string;
  close(): Promise<void>;
}

const SECRETS = "arn:aws:secretsmanager:us-east-1:123456789012:secret:";
const SCOPE = { service: "secretsmanager", region: "us-east-1" };
const SECRET_ID = /^.{1,2048}$/;
const TOKEN = /^[\w-]{32,64}$/;
const SECRET_TEXT = /^.{1,65536}$/s;

/** Starts the server on 127.0.0.1, at a free port. */
export async function startSecretsServer(secrets: Secrets, callers: CallerDeps): Promise<SecretsServer> {
  const named = async (operation: string, ...[input, message]: Parameters<Action>): Promise<Secret> => {
    const session = await signerOf(message, SCOPE, callers);
    const secretId = requiredText(input, "SecretId", SECRET_ID);
    const secret = secrets.find(secretId);
    const resource = secret?.arn ?? (secretId.startsWith("arn:") ? secretId : `${SECRETS}${secretId}`);
    permit(session, { action: `secretsmanager:${operation}`, resource }, callers);
    if (!secret)
      throw new ApiError("ResourceNotFoundException", "Secrets Manager can't find the specified secret.");
    return secret;
  };
  const api = createJsonApi("secretsmanager.", {
    DescribeSecret: async (input, message) => {
      const secret = await named("DescribeSecret", input, message);
      return { ARN: secret.arn, Name: secret.name, VersionIdsToStages: stagesOf(secret) };
    },
    GetSecretValue: async (input, message) => {
      const { arn, name, versions } = await named("GetSecretValue", input, message);
      const current = versions.at(-1);
      return { ARN: arn, Name: name, VersionId: current?.versionId, SecretString: current?.text };
    },
    PutSecretValue: async (input, message) => {
      const { arn, name } = await named("PutSecretValue", input, message);
      const versionId = requiredText(input, "ClientRequestToken", TOKEN);
      secrets.put(arn, { versionId, text: requiredText(input, "SecretString", SECRET_TEXT) });
      return { ARN: arn, Name: name, VersionId: versionId, VersionStages: ["AWSCURRENT"] };
    },
  });
  const server = createServer((request, response) => void api.handle(request, response));
  const { port, close } = await loopback(server);
  return { endpoint: `http://127.0.0.1:${port}`, calls: api.calls, failNext: api.failNext, close };
}
