// The one error of an invocation, in the shape Lambda reports it.

/** What Lambda answers for a failed invocation ("Lambda function errors", runtime-specific `trace` included). */
export interface LambdaErrorShape {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace?: readonly string[];
}

/** A failed invocation: `errorType` and `errorMessage` as Lambda would answer them. */
export class LambdaError extends Error {
  override readonly name = "LambdaError";
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace: readonly string[];

  constructor(shape: LambdaErrorShape) {
    super(`${shape.errorType}: ${shape.errorMessage}`);
    this.errorType = shape.errorType;
    this.errorMessage = shape.errorMessage;
    this.trace = shape.trace ?? [];
  }

  toJSON(): LambdaErrorShape {
    return { errorType: this.errorType, errorMessage: this.errorMessage, trace: this.trace };
  }
}
