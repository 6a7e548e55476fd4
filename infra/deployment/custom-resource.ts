// The functions behind custom resources: they run while deploying, and may do nothing but their one task.
import { Duration, RemovalPolicy } from "aws-cdk-lib";
import { PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Code, Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import { LogGroup, RetentionDays } from "aws-cdk-lib/aws-logs";
import type { Construct } from "constructs";
import { type BuiltFile, readBuiltFile } from "../build/built-file.ts";
import { NODEJS_24 } from "../cdk/runtime.ts";

/** What a function may do. */
export interface Right {
  readonly actions: readonly string[];
  readonly resources: readonly string[];
}

/** What a function runs, and what for. */
export interface HandlerProps {
  readonly description: string;
  readonly file: BuiltFile;
  /**
   * The operations that it may call.
   * @default - none
   */
  readonly rights?: readonly Right[];
}

/**
 * How long CloudFormation waits for an answer: longer than the function can take, also when Lambda runs it again after
 * it crashed.
 */
export const SERVICE_TIMEOUT = Duration.minutes(6);

/** Room for all tries of the work and of the answer: see `attempt.ts`. */
const FUNCTION_TIMEOUT = Duration.minutes(2);

/** The function behind a custom resource, and where it logs, for a month. */
export interface Handler {
  readonly handler: LambdaFunction;
  readonly logGroup: LogGroup;
}

/**
 * Makes the function in `scope`. Its role names its log group itself: AWS's managed policy would let it write to every
 * log of the account.
 */
export function createHandler(scope: Construct, { description, file, rights = [] }: HandlerProps): Handler {
  const logGroup = new LogGroup(scope, "Logs", {
    retention: RetentionDays.ONE_MONTH,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  const assumedBy = new ServicePrincipal("lambda.amazonaws.com");
  const role = new Role(scope, "Role", { description, assumedBy });
  logGroup.grantWrite(role);
  for (const { actions, resources } of rights)
    role.addToPrincipalPolicy(new PolicyStatement({ actions: [...actions], resources: [...resources] }));
  const handler = new LambdaFunction(scope, "Handler", {
    description,
    runtime: NODEJS_24,
    handler: "index.handler",
    code: Code.fromInline(readBuiltFile(file)),
    timeout: FUNCTION_TIMEOUT,
    memorySize: 256,
    role,
    logGroup,
  });
  return { handler, logGroup };
}
