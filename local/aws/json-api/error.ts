// The error of an AWS API that speaks JSON 1.1: `{"__type", "message"}`.

/** A refusal, in the service's own code. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly code: string;
  /** 400 for everything that is the caller's fault, throttling included. */
  readonly status: number;

  constructor(code: string, message: string, status = 400) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

/** A parameter that the service does not take. */
export function invalidParameter(message: string): ApiError {
  return new ApiError("InvalidParameterException", message);
}
