// What cookies are sealed with: made by Secrets Manager, so that nobody has to make or see them.
import { RemovalPolicy, SecretValue } from "aws-cdk-lib";
import { type ISecret, Secret } from "aws-cdk-lib/aws-secretsmanager";
import type { Construct } from "constructs";
import type { Auth } from "../../edge/config/config.ts";
import type { FunctionSecret } from "../build/function-secret.ts";
import { acknowledge } from "../cdk/acknowledge.ts";

/**
 * Stands for the keys wherever a configuration is shown, checked or handed to a custom resource: CloudFormation would
 * put the secret's value in the place of a reference there, too.
 */
export const NO_KEYS: Auth["keys"] = { current: "0".repeat(64), previous: "none" };

/**
 * A secret of 32 random bytes in hex, with room for the key before it. It goes with the stack: without the gate there is
 * no cookie that it could open. Put a new version `{"current": "<64 hex digits>", "previous": "<the last current>"}` and
 * deploy with another `deploymentId` to change keys without ending sessions.
 */
export function createSealingSecret(scope: Construct): Secret {
  const secret = new Secret(scope, "SealingKeys", {
    description: "Gatehouse: seals the cookies of sign-in",
    generateSecretString: {
      secretStringTemplate: JSON.stringify({ previous: NO_KEYS.previous }),
      generateStringKey: "current",
      passwordLength: 64,
      excludeUppercase: true,
      excludePunctuation: true,
      excludeCharacters: "ghijklmnopqrstuvwxyz",
      requireEachIncludedType: false,
    },
    removalPolicy: RemovalPolicy.DESTROY,
  });
  acknowledge(secret, {
    id: "AwsSolutions-SMG4",
    reason:
      "A new key takes effect with the deployment that puts it into the code; a rotation alone would not.",
  });
  return secret;
}

/**
 * The keys as dynamic references, of one version each: CloudFormation reads a secret again only when the text of the
 * reference changes.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references-secretsmanager.html
 */
export function sealingKeys(secret: ISecret, versionId: string): Auth["keys"] {
  const field = referenceTo(secret, versionId);
  return { current: field("current"), previous: field("previous") };
}

/** The keys of the CloudFront Function, which the deployment has put beside the sealing keys, in the same way. */
export function functionSecretReferences(secret: ISecret, versionId: string): FunctionSecret {
  const field = referenceTo(secret, versionId);
  return { pass: field("pass"), before: field("before"), scope: field("scope") };
}

function referenceTo({ secretArn }: ISecret, versionId: string): (jsonField: string) => string {
  // Unsafe is what it is called where the value shows up in a property: whoever may read the function's code may.
  return (jsonField) => SecretValue.secretsManager(secretArn, { jsonField, versionId }).unsafeUnwrap();
}
