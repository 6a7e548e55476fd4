// A function at the edge as CloudFormation makes it: configuration and bundle as one inline file.
import { createHash } from "node:crypto";
import { ArnFormat, Duration, Fn, RemovalPolicy, Stack } from "aws-cdk-lib";
import { CompositePrincipal, Policy, PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Architecture, Code, Function as LambdaFunction, Version } from "aws-cdk-lib/aws-lambda";
import { Construct } from "constructs";
import type { Config } from "../../edge/config/config.ts";
import { acknowledgeWildcard } from "../bucket/wildcard.ts";
import { acknowledge } from "../cdk/acknowledge.ts";
import { NODEJS_24 } from "../cdk/runtime.ts";
import type { Deployment } from "../deployment/deployment.ts";

/** What a function runs. */
export interface EdgeCode {
  /** CommonJS code that reads the free variable `GATEHOUSE_CONFIG`. */
  readonly bundle: string;
  /** The name of the function that the bundle exports for the event. */
  readonly exportName: "handler" | "apiRequest" | "originResponse" | "request";
}

/** Props of an `EdgeFunction`. */
export interface EdgeFunctionProps extends EdgeCode {
  /** What it is for, in the console. */
  readonly description: string;
  /** The configuration without the pool's keys and the sealing keys, which come from the deployment. */
  readonly config: Config;
  /** What is known only while deploying. */
  readonly deployment: Deployment;
  /**
   * What the function acts in.
   * @default - a role without further rights
   */
  readonly role?: Role;
}

/** The smallest memory and the five seconds that viewer events allow, whatever newer pages say. */
const SETTINGS = {
  memorySize: 128,
  timeoutSeconds: 5,
  runtime: NODEJS_24,
};

/** A hash of what the function is apart from its configuration (16 hex digits). */
export function codeHash({ bundle, exportName }: EdgeCode): string {
  const settings = { ...SETTINGS, runtime: SETTINGS.runtime.name, exportName };
  return createHash("sha256").update(JSON.stringify(settings)).update(bundle).digest("hex").slice(0, 16);
}

/**
 * Lambda@Edge wants a numbered version and replicates it, so that neither it nor its function can be deleted for hours
 * after the distribution let go of it: both stay behind, except when their own creation is rolled back. Without that
 * exception a deployment that failed once would find its version published already, which Lambda refuses.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/lambda-edge-delete-replicas.html
 */
const REMOVAL_POLICY = RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE;

/** A role for a function at the edge; one that other roles trust is made before the function that names them. */
export function createEdgeRole(scope: Construct, id: string, description: string): Role {
  return new Role(scope, id, {
    description,
    assumedBy: new CompositePrincipal(
      new ServicePrincipal("lambda.amazonaws.com"),
      new ServicePrincipal("edgelambda.amazonaws.com"),
    ),
  });
}

/**
 * The function at the edge. It has no environment variables, so its configuration is the first line of its code. The
 * last one is the id that makes another code of content which comes again.
 */
export class EdgeFunction extends Construct {
  /** May write its own log in every region: the users' credentials do the reading. */
  readonly role: Role;
  readonly function: LambdaFunction;
  /** What CloudFront runs. */
  readonly version: Version;

  constructor(scope: Construct, id: string, props: EdgeFunctionProps) {
    super(scope, id);
    // The log group that CDK would make is in us-east-1 and stays empty: see `#allowLogs`.
    this.node.setContext("@aws-cdk/aws-lambda:useCdkManagedLogGroup", false);
    this.role = props.role ?? createEdgeRole(this, "Role", props.description);
    this.function = this.#createFunction(props);
    this.version = this.#createVersion(props);
    this.#allowLogs();
  }

  /** `Fn::Join` hands every part through as it is; `Fn::Sub` would read `${...}` in the bundle. */
  #createFunction({
    description,
    bundle,
    exportName,
    config,
    deployment,
  }: EdgeFunctionProps): LambdaFunction {
    const literal = Stack.of(this).toJsonString({
      ...config,
      userPool: { ...config.userPool, jwks: deployment.jwks },
      userPools: config.userPools.map((pool, index) => ({ ...pool, jwks: deployment.furtherJwks[index] })),
      ...(config.auth && {
        auth: { ...config.auth, keys: deployment.keys, clientSecret: deployment.clientSecret },
      }),
    });
    const edgeFunction = new LambdaFunction(this, "Function", {
      description,
      code: Code.fromInline(
        Fn.join("", ["const GATEHOUSE_CONFIG=", literal, ";\n", bundle, "\n//", deployment.contentId]),
      ),
      handler: `index.${exportName}`,
      runtime: SETTINGS.runtime,
      architecture: Architecture.X86_64,
      memorySize: SETTINGS.memorySize,
      timeout: Duration.seconds(SETTINGS.timeoutSeconds),
      role: this.role,
    });
    edgeFunction.applyRemovalPolicy(REMOVAL_POLICY);
    acknowledge(edgeFunction, {
      id: "CloudFormation-Validate::E1029",
      reason: "The code is JavaScript: what looks like a parameter of Fn::Sub is a template literal.",
    });
    return edgeFunction;
  }

  /**
   * A version whose description says what is in it; CloudFormation replaces it when the description changes.
   *
   * Not `function.currentVersion`: that hashes the template, where a pool's new keys are still the same token, so that
   * the edge would go on running the old code. It also hashes names that never reach the code, and Lambda refuses to
   * publish the same code twice ("A version for this Lambda function exists"). That is why the id is in the code, too.
   * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-version.html
   */
  #createVersion(props: EdgeFunctionProps): Version {
    return new Version(this, "Version", {
      lambda: this.function,
      description: Fn.join("-", [codeHash(props), props.deployment.contentId]),
      removalPolicy: REMOVAL_POLICY,
    });
  }

  /**
   * Logs land in the region that served, always under the name of us-east-1. The group is made by its own ARN, streams
   * in it by the one that ends in `:*`. The policy is not part of the role's own, on which the function depends, because
   * it names the function.
   * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/edge-functions-logs.html
   * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatchlogs.html
   */
  #allowLogs(): void {
    const logGroup = Stack.of(this).formatArn({
      service: "logs",
      region: "*",
      resource: "log-group",
      resourceName: `/aws/lambda/us-east-1.${this.function.functionName}`,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    const resources = [logGroup, `${logGroup}:*`];
    const actions = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"];
    const policy = new Policy(this, "WriteLogs", {
      roles: [this.role],
      statements: [new PolicyStatement({ actions, resources })],
    });
    for (const resource of resources)
      acknowledgeWildcard(
        policy,
        resource,
        "The function runs, and makes its log group, in whichever region is near the viewer.",
      );
  }
}
