// The environment variables of an instance: what Lambda sets, and nothing of the developer's shell.

import type { FunctionDefinition } from "./definition.ts";

/**
 * "Defined runtime environment variables", docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html.
 * The role's credentials are placeholders: an emulated role has none.
 */
export function lambdaEnvironment(definition: FunctionDefinition, taskRoot: string): Record<string, string> {
  const region = definition.functionArn.split(":")[3] || "us-east-1";
  return {
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_EXECUTION_ENV: `AWS_Lambda_${definition.runtime}`,
    AWS_LAMBDA_FUNCTION_NAME: definition.functionName,
    AWS_LAMBDA_FUNCTION_VERSION: definition.functionVersion,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(definition.memoryMb),
    AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${definition.functionName}`,
    AWS_LAMBDA_LOG_STREAM_NAME: `local/[${definition.functionVersion}]`,
    AWS_ACCESS_KEY_ID: "LOCALEXECUTIONROLE",
    AWS_SECRET_ACCESS_KEY: "not-a-secret",
    AWS_SESSION_TOKEN: "not-a-token",
    LAMBDA_TASK_ROOT: taskRoot,
    LAMBDA_RUNTIME_DIR: "/var/runtime",
    LANG: "en_US.UTF-8",
    PATH: "/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:/opt/bin",
    TZ: ":UTC",
    _HANDLER: definition.handler,
    ...definition.environment,
  };
}
