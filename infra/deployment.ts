// What is known only while deploying: the user pool's keys, and a hash of everything the function is given.
import { CustomResource, Duration, RemovalPolicy, Stack, Token } from "aws-cdk-lib";
import { Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Code, Function as LambdaFunction, Runtime } from "aws-cdk-lib/aws-lambda";
import { LogGroup, RetentionDays } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import type { Config } from "../edge/config.ts";
import { readBuiltFile } from "./built-file.ts";

/** Props of a `Deployment`. */
export interface DeploymentProps {
  /** The configuration, whose values may be known only at deploy time. */
  readonly config: Config;
  /** Differs from deployment to deployment; CloudFormation runs a custom resource only when a property changed. */
  readonly deploymentId: string;
}

/** A custom resource that runs in every deployment. Its function may write its log, and nothing else. */
export class Deployment extends Construct {
  /** The user pool's keys as JSON; a number token, since CDK puts quotes around strings and none around numbers. */
  readonly jwks: number;
  /** Changes exactly when the configuration or the keys change (64 hex digits). */
  readonly hash: string;
  /** The function behind the custom resource. */
  readonly handler: LambdaFunction;
  /** Where that function logs, for a month. */
  readonly logGroup: LogGroup;

  constructor(scope: Construct, id: string, props: DeploymentProps) {
    super(scope, id);
    this.logGroup = new LogGroup(this, "Logs", {
      retention: RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.handler = this.#createHandler(this.logGroup);
    const resource = new CustomResource(this, "Inputs", {
      resourceType: "Custom::GatehouseDeployment",
      serviceToken: this.handler.functionArn,
      serviceTimeout: Duration.minutes(2),
      properties: {
        Config: Stack.of(this).toJsonString(props.config),
        DeploymentId: props.deploymentId,
      },
    });
    this.jwks = Token.asNumber(resource.getAtt("Jwks"));
    this.hash = resource.getAttString("Hash");
  }

  /** The role names its log group itself: AWS's managed policy would let it write to every log of the account. */
  #createHandler(logGroup: LogGroup): LambdaFunction {
    const role = new Role(this, "Role", {
      description: "Gatehouse: reads the user pool's public keys while deploying",
      assumedBy: new ServicePrincipal("lambda.amazonaws.com"),
    });
    logGroup.grantWrite(role);
    return new LambdaFunction(this, "Handler", {
      description: "Gatehouse: reads the user pool's public keys while deploying",
      runtime: Runtime.NODEJS_24_X,
      handler: "index.handler",
      code: Code.fromInline(readBuiltFile("infra/deployment.js")),
      timeout: Duration.seconds(30),
      memorySize: 256,
      role,
      logGroup,
    });
  }
}
