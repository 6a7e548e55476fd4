// The secret of the app client that people sign in with: where it is kept, and whether it is needed.
import { SecretValue } from "aws-cdk-lib";
import { CfnUserPoolClient, type IUserPoolClient } from "aws-cdk-lib/aws-cognito";

/** Where Secrets Manager keeps an app client's secret. */
export interface ClientSecretProps {
  /** The complete ARN of the secret: `secret.secretArn` of one that the app makes, or that it imports by this ARN. */
  readonly secretArn: string;

  /**
   * The field of the secret's JSON that holds it.
   * @default - the secret is no JSON, but the app client's secret itself
   */
  readonly field?: string;
}

const FIELD = /^[\w-]{1,64}$/;

/** Whether these are the settings of one. */
export function isClientSecret(value: unknown): value is ClientSecretProps {
  if (typeof value !== "object" || value === null) return false;
  const { secretArn, field, ...others } = { secretArn: undefined, field: undefined, ...value };
  const isField = field === undefined || (typeof field === "string" && FIELD.test(field));
  return typeof secretArn === "string" && isField && Object.keys(others).length === 0;
}

/** Whether it can be seen that a client has a secret: an imported one does not show it. */
export function hasSecret(client: IUserPoolClient): boolean {
  const { defaultChild } = client.node;
  return defaultChild instanceof CfnUserPoolClient && defaultChild.generateSecret === true;
}

/** The secret as a dynamic reference of one version, as the sealing keys are. */
export function clientSecretReference({ secretArn, field }: ClientSecretProps, versionId: string): string {
  const options = { versionId, ...(field !== undefined && { jsonField: field }) };
  return SecretValue.secretsManager(secretArn, options).unsafeUnwrap();
}
