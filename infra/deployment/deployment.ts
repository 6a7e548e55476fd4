// What is known only while deploying: the user pool's keys, the version of the sealing keys, and a name for it all.
import { CustomResource, Stack, Token } from "aws-cdk-lib";
import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import type { LogGroup } from "aws-cdk-lib/aws-logs";
import type { ISecret } from "aws-cdk-lib/aws-secretsmanager";
import { Construct } from "constructs";
import type { Auth, Config } from "../../edge/config/config.ts";
import type { FunctionSecret } from "../build/function-secret.ts";
import { type ClientSecretProps, clientSecretReference } from "./client-secret.ts";
import { createHandler, type Right, SERVICE_TIMEOUT } from "./custom-resource.ts";
import { DEPLOYMENT_TYPE } from "./deployment-id.ts";
import { functionSecretReferences, sealingKeys } from "./sealing-keys.ts";

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
  /** Those of each further user pool, in their order. */
  readonly furtherJwks: readonly number[];
  /** The sealing keys, which CloudFormation puts in when it makes the function. */
  readonly keys: Auth["keys"] | undefined;
  /** In the split placement: the keys of the CloudFront Function, which CloudFormation puts in as well. */
  readonly functionSecret: FunctionSecret | undefined;
  /** In the split placement: the gate's name in passes and scopes. */
  readonly gateId: string | undefined;
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
    const { handler, logGroup } = createHandler(this, {
      description: "Gatehouse: reads the user pool's public keys while deploying",
      file: "infra/deployment.js",
      rights: rightsOn(config, secret?.secretArn, clientSecret?.secretArn),
    });
    this.handler = handler;
    this.logGroup = logGroup;
    const common = {
      resourceType: DEPLOYMENT_TYPE,
      serviceToken: handler.functionArn,
      serviceTimeout: SERVICE_TIMEOUT,
    };
    const further = config.userPools.map(({ id: poolId, jwksUri }, index) => {
      const UserPool = Stack.of(this).toJsonString({ id: poolId, jwksUri });
      const properties = { UserPool, DeploymentId: deploymentId };
      return new CustomResource(this, `FurtherKeys${index}`, { ...common, properties });
    });
    this.furtherJwks = further.map((keys) => Token.asNumber(keys.getAtt("Jwks")));
    const resource = new CustomResource(this, "Inputs", {
      ...common,
      properties: {
        Config: Stack.of(this).toJsonString(config),
        Code: code,
        DeploymentId: deploymentId,
        ...(further.length > 0 && { FurtherKeys: further.map((keys) => keys.getAttString("ContentId")) }),
        ...(secret && { SecretArn: secret.secretArn }),
        ...(clientSecret && { ClientSecretArn: clientSecret.secretArn }),
      },
    });
    this.jwks = Token.asNumber(resource.getAtt("Jwks"));
    this.contentId = resource.getAttString("ContentId");
    this.clientSecret =
      clientSecret && clientSecretReference(clientSecret, resource.getAttString("ClientSecretVersionId"));
    const versionId = resource.getAttString("SecretVersionId");
    const isSplit = config.placement === "split";
    this.keys = secret && sealingKeys(secret, versionId);
    this.functionSecret = isSplit && secret ? functionSecretReferences(secret, versionId) : undefined;
    this.gateId = isSplit ? resource.getAttString("GateId") : undefined;
  }
}

/** To say which version of a secret is current; in the split placement also to put the function's keys beside ours. */
function rightsOn(
  { placement }: Config,
  secretArn: string | undefined,
  clientSecretArn: string | undefined,
): readonly Right[] {
  if (secretArn === undefined) return [];
  const reads = [secretArn, clientSecretArn].filter((arn) => arn !== undefined);
  const writes = ["secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue"];
  return [
    { actions: ["secretsmanager:DescribeSecret"], resources: reads },
    ...(placement === "split" ? [{ actions: writes, resources: [secretArn] }] : []),
  ];
}
