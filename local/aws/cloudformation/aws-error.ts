// What a service refuses, as a stack's events show it.

/** `HandlerErrorCode` of CloudFormation's resource handlers. https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-test-contract-errors.html */
export type HandlerErrorCode =
  | "AlreadyExists"
  | "NotFound"
  | "InvalidRequest"
  | "NotStabilized"
  | "GeneralServiceException";

/** A refusal; its message is the service's. */
export class AwsError extends Error {
  override readonly name = "AwsError";
  readonly code: HandlerErrorCode;

  constructor(code: HandlerErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
