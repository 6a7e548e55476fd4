// Stands for edge/errors.ts in the function, whose engine has no classes: a request that ends here, with its code.
import type { REFUSALS } from "../refusals.ts";

/** The codes that the function knows. */
export type RefusalCode = keyof typeof REFUSALS;

export function GateError(this: { code: RefusalCode }, code: RefusalCode): void {
  this.code = code;
}

/** What to throw. */
export function refuse(code: RefusalCode): { readonly code: RefusalCode } {
  return { code: code };
}
