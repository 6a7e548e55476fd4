// What is known only while deploying: the user pool's keys, the version of the sealing keys, and a name for it all.
import { CustomResource, Stack, Token } from "aws-cdk-lib";
import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import type { LogGroup } from "aws-cdk-lib/aws-logs";
import type { ISecret } from "aws-cdk-lib/aws-secretsmanager";
import { Construct } from "constructs";
import type { Auth, Config } from "../../edge/config/config.ts";
import { type ClientSecretProps, clientSecretReference } from "./client-secret.ts";
import { createHandler, SERVICE_TIMEOUT } from "./custom-resource.ts";
import { DEPLOYMENT_TYPE } from "./deployment-id.ts";
import { sealingKeys } from "./sealing-keys.ts";

/** Props of a `Deployment`. */
export interface DeploymentProps {
  /** The configuration, whose values may be known only at deploy time; never with the sealing keys in it. */
  readonly config: Config;
  /** What else the functions at the edge are made of, hashed. */
  readonly code: string;
  /** Differs when something is deployed; CloudFormation runs a custom resource only when a property changed. */
  readonly deploymentId: string;
  /**
   * What holds the sealing keys.
   * @default - none: a gate without sign-in
   */
  readonly secret?: ISecret | undefined;
  /**
   * What holds the app client's secret.
   * @default - a client without one
   */
  readonly clientSecret?: ClientSecretProps | undefined;
}

/** A custom resource that runs whenever something is deployed. Its function may write its log, and say which secret is current. */
export class Deployment extends Construct {
  /** The user pool's keys as JSON; a number token, since CDK puts quotes around strings and none around numbers. */
  readonly jwks: number;
  /** The sealing keys, which CloudFormation puts in when it makes the function. */
  readonly keys: Auth["keys"] | undefined;
  /** The app client's secret, which CloudFormation puts in as well. */
  readonly clientSecret: string | undefined;
  /**
   * Changes exactly when the configuration, the code, the keys or the version of the secret change, and when such a
   * change comes again after it was rolled back; 81 characters, see `content-id.ts`.
   */
  readonly contentId: string;
  /** The function behind the custom resource. */
  readonly handler: LambdaFunction;
  /** Where that function logs, for a month. */
  readonly logGroup: LogGroup;

  constructor(
    scope: Construct,
    id: string,
    { config, code, deploymentId, secret, clientSecret }: DeploymentProps,
  ) {
    super(scope, id);
    const secretArns = [secret?.secretArn, clientSecret?.secretArn].filter((arn) => arn !== undefined);
    const { handler, logGroup } = createHandler(this, {
      description: "Gatehouse: reads the user pool's public keys while deploying",
      file: "infra/deployment.js",
      ...(secret && { right: { action: "secretsmanager:DescribeSecret", resource: secretArns } }),
    });
    this.handler = handler;
    this.logGroup = logGroup;
    const resource = new CustomResource(this, "Inputs", {
      resourceType: DEPLOYMENT_TYPE,
      serviceToken: handler.functionArn,
      serviceTimeout: SERVICE_TIMEOUT,
      properties: {
        Config: Stack.of(this).toJsonString(config),
        Code: code,
        DeploymentId: deploymentId,
        ...(secret && { SecretArn: secret.secretArn }),
        ...(clientSecret && { ClientSecretArn: clientSecret.secretArn }),
      },
    });
    this.jwks = Token.asNumber(resource.getAtt("Jwks"));
    this.contentId = resource.getAttString("ContentId");
    this.clientSecret =
      clientSecret && clientSecretReference(clientSecret, resource.getAttString("ClientSecretVersionId"));
    this.keys = secret && sealingKeys(secret, resource.getAttString("SecretVersionId"));
  }
}
