// The errors of Cognito identity pools, in the shape of AWS JSON 1.1.
// https://docs.aws.amazon.com/cognitoidentity/latest/APIReference/API_GetCredentialsForIdentity.html#API_GetCredentialsForIdentity_Errors

/** The codes this service uses. */
export type IdentityErrorCode =
  | "ExternalServiceException"
  | "InternalErrorException"
  | "InvalidIdentityPoolConfigurationException"
  | "InvalidParameterException"
  | "NotAuthorizedException"
  | "ResourceNotFoundException"
  | "SerializationException"
  | "TooManyRequestsException"
  | "UnknownOperationException";

/** A refusal, as the service words it. */
export class IdentityError extends Error {
  override readonly name = "IdentityError";
  readonly code: IdentityErrorCode;

  constructor(code: IdentityErrorCode, message: string) {
    super(message);
    this.code = code;
  }

  /** The service answers every error of the caller with 400, throttling included. */
  get status(): number {
    return this.code === "InternalErrorException" ? 500 : 400;
  }
}

/** NotAuthorizedException, by far the most frequent. */
export function notAuthorized(message: string): IdentityError {
  return new IdentityError("NotAuthorizedException", message);
}
