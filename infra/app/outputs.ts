// What the shipped stack prints: what apps need, and the commands that come next.
import { CfnOutput, type Stack } from "aws-cdk-lib";
import { basePathOf } from "../../edge/config/aws-names.ts";
import { groupDocument } from "../configuration.ts";
import type { SignedInAssets } from "../signed-in-assets.ts";
import type { Context } from "./context.ts";

type Output = readonly [name: string, value: string | false | undefined, description: string];

/** Prints what there is a value for. */
export function printOutputs(stack: Stack, assets: SignedInAssets, context: Context): void {
  const outputs = [...names(stack, assets, context), ...commands(stack, assets, context)];
  for (const [name, value, description] of outputs)
    if (value) new CfnOutput(stack, name, { value, description });
}

/** Where people read the assets: at a name of their own that is no pattern, else at CloudFront's. */
function urlOf({ distribution }: SignedInAssets, { surroundings }: Context): string {
  const own = surroundings.domain?.names.find((name) => !name.startsWith("*"));
  return `https://${own ?? distribution.distributionDomainName}`;
}

function names(stack: Stack, assets: SignedInAssets, context: Context): readonly Output[] {
  const { distribution, config, userPool, userPoolClients, identityPool, bucket, groupRoles } = assets;
  const roles = Object.keys(groupRoles).length > 0 && stack.toJsonString(groupDocument(groupRoles));
  const clientIds = userPoolClients.map((client) => client.userPoolClientId).join(",");
  const isNamed = context.surroundings.domain !== undefined;
  return [
    ["Url", urlOf(assets, context), "Where signed-in users read the assets"],
    ["DomainTarget", isNamed && distribution.distributionDomainName, "Where DNS points the domain names to"],
    ["SignInUrl", assets.signInUrls?.loginUrl, "Where people sign in"],
    ["ManagedLoginDomain", config.auth && config.userPool.domain, "Whose pages they see there"],
    ["DistributionId", distribution.distributionId, "For invalidations after an upload"],
    ["BucketName", bucket.bucketName, "Where the assets are uploaded to"],
    ["UserPoolId", userPool.userPoolId, "Whose users may sign in"],
    ["ClientId", clientIds, "What apps sign in with"],
    ["IdentityPoolId", identityPool?.identityPoolId, "What turns a token into AWS credentials"],
    ["GroupRoles", roles, "What members of each group may act as"],
    ["Region", stack.region, "Where this stack is"],
  ];
}

function commands(stack: Stack, assets: SignedInAssets, context: Context): readonly Output[] {
  const { bucket, config, userPool, viewerRequest, originResponse } = assets;
  const functions = [viewerRequest, originResponse].map(({ function: { functionName } }) => functionName);
  const deletion = (name: string) =>
    `aws lambda delete-function --region ${stack.region} --function-name ${name}`;
  const createUser =
    `aws cognito-idp admin-create-user --region ${stack.region} --user-pool-id ${userPool.userPoolId} ` +
    "--username you@example.com --user-attributes Name=email,Value=you@example.com Name=email_verified,Value=true " +
    // Cognito would send the password by SMS.
    "--desired-delivery-mediums EMAIL";
  const upload = `aws s3 cp ./assets s3://${bucket.bucketName}${config.origin.path}/ --recursive`;
  return [
    ["NextUpload", !context.surroundings.assets && upload, "Uploads a folder"],
    [
      "NextCreateUser",
      !context.userPool && createUser,
      "Makes the first user, who gets a temporary password by mail and chooses another at the first sign-in",
    ],
    [
      "NextVerify",
      verification(assets, context),
      "Checks the deployment; token.txt holds a user's ID token, such as the value of the cookie that sign-in set",
    ],
    [
      "AfterDestroy",
      functions.map(deletion).join(" && "),
      "For later: cdk destroy leaves the functions, because CloudFront removes their replicas only hours afterwards; " +
        "then these commands delete them. Users and files stay, too",
    ],
  ];
}

function verification(assets: SignedInAssets, context: Context): string {
  const { config } = assets;
  const { bucket, region, path } = config.origin;
  const basePath = basePathOf(config);
  return [
    `npm run verify -- --url ${urlOf(assets, context)} --token-file token.txt`,
    `--bucket ${bucket} --region ${region}`,
    ...(path ? [`--origin-path ${path}`] : []),
    ...(basePath === basePathOf({ auth: undefined }) ? [] : [`--base-path ${basePath}`]),
  ].join(" ");
}
