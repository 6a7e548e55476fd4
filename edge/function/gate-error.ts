// Stands for edge/errors.ts in the function, whose engine has no classes: a request that ends here, with its code.
import type { ErrorCode } from "../errors.ts";

/** What ends a request. */
export interface Refusal {
  readonly code: ErrorCode;
  readonly status: number;
  /** The scopes of which one would have done, for `insufficient_scope`. */
  readonly scopes?: readonly string[] | undefined;
}

/** What the path throws: the two codes that it has. */
export function GateError(this: { code: ErrorCode; status: number }, code: ErrorCode): void {
  this.code = code;
  this.status = code === "uri_too_long" ? 414 : 400;
}

/** What to throw. */
export function refuse(status: number, code: ErrorCode, scopes?: readonly string[]): Refusal {
  return { code: code, status: status, scopes: scopes };
}

/** What to throw where somebody may not read. */
export function denied(): Refusal {
  return refuse(403, "access_denied");
}
