// Tells the app client where the gate is, after the distribution has its name.
import { CustomResource, type IResolvable, Lazy, Stack } from "aws-cdk-lib";
import { CfnUserPoolClient, type IUserPool, type IUserPoolClient } from "aws-cdk-lib/aws-cognito";
import { CfnRule } from "aws-cdk-lib/aws-events";
import { ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import type { LogGroup } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import { createHandler, SERVICE_TIMEOUT } from "../deployment/custom-resource.ts";
import { CLIENT_URLS_TYPE } from "../deployment/deployment-id.ts";
import type { SignInUrls } from "./sign-in-urls.ts";

/** Props of `ClientUrls`. */
export interface ClientUrlsProps {
  readonly userPool: IUserPool;
  /** A client that this app makes, without URLs. */
  readonly client: IUserPoolClient;
  readonly scopes: readonly string[];
  readonly urls: SignInUrls;
  /** Differs when something is deployed. */
  readonly deploymentId: string;
}

/**
 * How an update ends that was not carried through.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html
 */
const ENDS_OF_FAILED_UPDATES = ["UPDATE_ROLLBACK_COMPLETE", "UPDATE_ROLLBACK_FAILED", "UPDATE_FAILED"];

/**
 * Turns on sign-in at the app client with URLs that are in the distribution's name. They cannot be the client's own
 * properties: the distribution runs the function, whose code holds the client's id.
 *
 * CloudFormation resets the URLs whenever it changes the client, or takes such a change back. So it runs whenever
 * something is deployed; and since a roll-back runs only those custom resources that the update had come to, which may
 * have ended between client and distribution, the client is told again after each one.
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
      rights: [{ actions: ["cognito-idp:UpdateUserPoolClient"], resources: [props.userPool.userPoolArn] }],
    });
    this.handler = handler;
    this.logGroup = logGroup;
    const { defaultChild } = props.client.node;
    if (!(defaultChild instanceof CfnUserPoolClient)) throw new Error("the client is not made by this app");
    // Late, so that whatever is changed about the client after it was made counts too.
    const input = Lazy.any({ produce: () => updateInput(defaultChild, props) });
    new CustomResource(this, "Urls", {
      resourceType: CLIENT_URLS_TYPE,
      serviceToken: handler.functionArn,
      serviceTimeout: SERVICE_TIMEOUT,
      properties: { Client: Stack.of(this).toJsonString(input), DeploymentId: props.deploymentId },
    });
    this.#tellAfterRollbacks(input);
  }

  /** These events are delivered durably. https://docs.aws.amazon.com/eventbridge/latest/ref/events-ref-cloudformation.html */
  #tellAfterRollbacks(input: IResolvable): void {
    const stack = Stack.of(this);
    const rule = new CfnRule(this, "AfterRollback", {
      description: "Gatehouse: tells the app client the gate's URLs after a deployment was rolled back",
      eventPattern: {
        source: ["aws.cloudformation"],
        "detail-type": ["CloudFormation Stack Status Change"],
        detail: { "stack-id": [stack.stackId], "status-details": { status: ENDS_OF_FAILED_UPDATES } },
      },
      targets: [
        { id: "ClientUrls", arn: this.handler.functionArn, input: stack.toJsonString({ Client: input }) },
      ],
    });
    this.handler.addPermission("AfterRollback", {
      principal: new ServicePrincipal("events.amazonaws.com"),
      sourceArn: rule.attrArn,
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
