// Tells the app client where the gate is, after the distribution has its name.
import { CustomResource, Duration, Lazy, Stack } from "aws-cdk-lib";
import { CfnUserPoolClient, type IUserPool, type IUserPoolClient } from "aws-cdk-lib/aws-cognito";
import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import type { LogGroup } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import { createHandler } from "../deployment/custom-resource.ts";
import type { SignInUrls } from "./sign-in-urls.ts";

/** Props of `ClientUrls`. */
export interface ClientUrlsProps {
  readonly userPool: IUserPool;
  /** A client that this app makes, without URLs. */
  readonly client: IUserPoolClient;
  readonly scopes: readonly string[];
  readonly urls: SignInUrls;
  /** Differs from deployment to deployment. */
  readonly deploymentId: string;
}

/**
 * Turns on sign-in at the app client with URLs that are in the distribution's name. They cannot be the client's own
 * properties: the distribution runs the function, whose code holds the client's id.
 *
 * It runs in every deployment, because CloudFormation resets the URLs whenever it changes the client or takes such a
 * change back.
 */
export class ClientUrls extends Construct {
  /** The function behind the custom resource: may update the clients of this user pool, and write its log. */
  readonly handler: LambdaFunction;
  /** Where that function logs, for a month. */
  readonly logGroup: LogGroup;

  constructor(scope: Construct, id: string, props: ClientUrlsProps) {
    super(scope, id);
    const { handler, logGroup } = createHandler(this, {
      description: "Gatehouse: tells the app client the gate's URLs while deploying",
      file: "infra/client-urls.js",
      right: { action: "cognito-idp:UpdateUserPoolClient", resource: props.userPool.userPoolArn },
    });
    this.handler = handler;
    this.logGroup = logGroup;
    const { defaultChild } = props.client.node;
    if (!(defaultChild instanceof CfnUserPoolClient)) throw new Error("the client is not made by this app");
    new CustomResource(this, "Urls", {
      resourceType: "Custom::GatehouseClientUrls",
      serviceToken: handler.functionArn,
      serviceTimeout: Duration.minutes(2),
      properties: {
        // Late, so that whatever is changed about the client after it was made counts too.
        Client: Stack.of(this).toJsonString(Lazy.any({ produce: () => updateInput(defaultChild, props) })),
        DeploymentId: props.deploymentId,
      },
    });
  }
}

/**
 * The input of UpdateUserPoolClient, which resets everything that it is not told: all the client's properties, and
 * sign-in besides.
 * https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UpdateUserPoolClient.html
 */
function updateInput(client: CfnUserPoolClient, { userPool, scopes, urls }: ClientUrlsProps): object {
  return {
    UserPoolId: userPool.userPoolId,
    ClientId: client.ref,
    ClientName: client.clientName,
    ExplicitAuthFlows: client.explicitAuthFlows,
    SupportedIdentityProviders: client.supportedIdentityProviders,
    ReadAttributes: client.readAttributes,
    WriteAttributes: client.writeAttributes,
    PreventUserExistenceErrors: client.preventUserExistenceErrors,
    EnableTokenRevocation: client.enableTokenRevocation,
    EnablePropagateAdditionalUserContextData: client.enablePropagateAdditionalUserContextData,
    AuthSessionValidity: client.authSessionValidity,
    IdTokenValidity: client.idTokenValidity,
    AccessTokenValidity: client.accessTokenValidity,
    RefreshTokenValidity: client.refreshTokenValidity,
    TokenValidityUnits: inApiCase(client.tokenValidityUnits),
    RefreshTokenRotation: inApiCase(client.refreshTokenRotation),
    AnalyticsConfiguration: inApiCase(client.analyticsConfiguration),
    AllowedOAuthFlowsUserPoolClient: true,
    AllowedOAuthFlows: ["code"],
    AllowedOAuthScopes: scopes,
    CallbackURLs: urls.callbackUrls,
    LogoutURLs: urls.logoutUrls,
  };
}

/** CDK writes nested properties in lower case, AWS in upper case. */
function inApiCase(value: object | undefined): object | undefined {
  if (value === undefined) return undefined;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [`${name.charAt(0).toUpperCase()}${name.slice(1)}`, item]),
  );
}
