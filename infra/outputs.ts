// What a gate prints: what apps need, and the commands that come next.
import { CfnOutput, Lazy, Stack } from "aws-cdk-lib";
import type { IDistribution } from "aws-cdk-lib/aws-cloudfront";
import { Construct } from "constructs";
import { basePathOf } from "../edge/config/aws-names.ts";
import { groupDocument } from "./configuration.ts";
import type { SignedInBehaviors } from "./signed-in-behaviors.ts";

type Output = readonly [name: string, value: string | false | undefined, description: string];

/** A gate with its distribution. */
type Gate = SignedInBehaviors & { readonly distribution: IDistribution };

/** What the constructs do not tell. */
export interface Given {
  /** The distribution's names that are no patterns: the first is where people read the gate. */
  readonly hosts: readonly string[];
  /** Whether it has names of its own at all. */
  readonly isNamed: boolean;
  /** Whether the user pool was there already, with its users. */
  readonly hasUsers: boolean;
}

/** The folder of the outputs below the gate. */
export const OUTPUTS = "Outputs";

/** Prints what there is a value for. */
export function printOutputs(gate: Gate, given: Given): void {
  const scope = new Construct(gate, OUTPUTS);
  for (const [name, value, description] of [...names(gate, given), ...commands(gate, given)])
    if (value) new GateOutput(scope, name, { value, description }, gate);
}

/**
 * An output that is called by its name alone, as the pages call it, in a stack with one gate. With several gates each
 * is called after its gate as well, whatever their order, so that no name ever changes over to another gate; so it is
 * where the stack has something of that name itself.
 */
class GateOutput extends CfnOutput {
  /** What it may be called. Another gate's output asks for that, since asking for its name would ask back. */
  readonly names: readonly string[];

  constructor(
    scope: Construct,
    name: string,
    props: { readonly value: string; readonly description: string },
    gate: Construct,
  ) {
    super(scope, name, props);
    const path = gate.node.scopes.slice(Stack.of(gate).node.scopes.length).map(({ node }) => node.id);
    this.names = [name, `${path.join("").replace(/[^A-Za-z0-9]/g, "")}${name}`];
    this.overrideLogicalId(Lazy.uncachedString({ produce: () => this.#freeName() }));
  }

  #freeName(): string {
    const outputs = this.stack.node.findAll().filter((other) => other instanceof CfnOutput);
    const others = outputs.filter((other) => other !== this && other.stack === this.stack);
    const taken = new Set(others.flatMap((other) => namesOf(other)));
    return this.names.find((name) => !taken.has(name)) ?? this.stack.getLogicalId(this);
  }
}

function namesOf(output: CfnOutput): readonly string[] {
  return output instanceof GateOutput ? output.names : [String(output.stack.resolve(output.logicalId))];
}

function urlOf({ distribution }: Gate, { hosts: [own] }: Given): string {
  return `https://${own ?? distribution.distributionDomainName}`;
}

function names(gate: Gate, given: Given): readonly Output[] {
  const { distribution, config, userPool, userPoolClients, identityPool, bucket, groupRoles } = gate;
  const stack = Stack.of(gate);
  const roles = Object.keys(groupRoles).length > 0 && stack.toJsonString(groupDocument(groupRoles));
  const clientIds = userPoolClients.map((client) => client.userPoolClientId).join(",");
  return [
    ["Url", urlOf(gate, given), "Where signed-in users read the assets"],
    [
      "DomainTarget",
      given.isNamed && distribution.distributionDomainName,
      "Where DNS points the domain names to",
    ],
    ["SignInUrl", gate.signInUrls?.loginUrl, "Where people sign in"],
    ["ManagedLoginDomain", config.auth && config.userPool.domain, "Whose pages they see there"],
    ["DistributionId", distribution.distributionId, "For invalidations after an upload"],
    ["BucketName", bucket.bucketName, "Where the assets are uploaded to"],
    ["UserPoolId", userPool.userPoolId, "Whose users may sign in"],
    ["ClientId", clientIds, "What apps sign in with"],
    ["IdentityPoolId", identityPool?.identityPoolId, "What turns a token into AWS credentials"],
    ["GroupRoles", roles, "What members of each group may act as"],
    [
      "RevocationStoreArn",
      gate.viewerFunction?.store?.keyValueStoreArn,
      "Where access is ended within seconds",
    ],
    ["Region", stack.region, "Where this stack is"],
  ];
}

function commands(gate: Gate, given: Given): readonly Output[] {
  const { bucket, config, userPool, viewerRequest, apiRequest, originResponse } = gate;
  const { region } = Stack.of(gate);
  const functions = [viewerRequest, apiRequest, originResponse]
    .flatMap((edge) => edge ?? [])
    .map(({ function: { functionName } }) => functionName);
  const deletion = (name: string) => `aws lambda delete-function --region ${region} --function-name ${name}`;
  const createUser =
    `aws cognito-idp admin-create-user --region ${region} --user-pool-id ${userPool.userPoolId} ` +
    "--username you@example.com --user-attributes Name=email,Value=you@example.com Name=email_verified,Value=true " +
    // Cognito would send the password by SMS.
    "--desired-delivery-mediums EMAIL";
  const upload = `aws s3 cp ./assets s3://${bucket.bucketName}${config.origin.path}/ --recursive`;
  return [
    ["NextUpload", upload, "Uploads a folder"],
    [
      "NextCreateUser",
      !given.hasUsers && createUser,
      "Makes the first user, who gets a temporary password by mail and chooses another at the first sign-in",
    ],
    [
      "EndAccess",
      revocation(gate),
      "For later: ends the access of one person, whose sub replaces SUB, or of everybody with * in its place",
    ],
    [
      "NextVerify",
      verification(gate, given),
      "Checks the deployment, in a clone of Gatehouse's repository; token.txt holds a user's ID token, such as the value " +
        "of the cookie that sign-in set",
    ],
    [
      "AfterDestroy",
      functions.map(deletion).join(" && "),
      "For later: cdk destroy leaves the functions, because CloudFront removes their replicas only hours afterwards; " +
        "then these commands delete them. Users and files stay, too",
    ],
  ];
}

/** Signature Version 4A, which the store wants, is in the AWS CLI; each write names the state that it follows. */
function revocation({ viewerFunction }: Gate): string | undefined {
  if (!viewerFunction?.store) return undefined;
  const store = `--kvs-arn ${viewerFunction.store.keyValueStoreArn}`;
  const describe = `aws cloudfront-keyvaluestore describe-key-value-store ${store} --query ETag --output text`;
  return (
    `aws cloudfront-keyvaluestore put-key ${store} --key 'revoked/SUB' --value "$(date +%s)" ` +
    `--if-match "$(${describe})"`
  );
}

function verification(gate: Gate, given: Given): string {
  const { config } = gate;
  const { bucket, region, path } = config.origin;
  const basePath = basePathOf(config);
  return [
    `npm run verify -- --url ${urlOf(gate, given)} --token-file token.txt`,
    `--bucket ${bucket} --region ${region}`,
    ...(path ? [`--origin-path ${path}`] : []),
    ...(basePath === basePathOf({ auth: undefined }) ? [] : [`--base-path ${basePath}`]),
  ].join(" ");
}
