// The keys that the code of the CloudFront Function is made with.
import type { Auth } from "../../edge/config/config.ts";
import { functionKeys } from "../../edge/config/function-keys.ts";

/** What the code of the function is made with. */
export type FunctionSecret = Readonly<Record<"pass" | "before" | "scope", string>>;

/** Without a key before there is no second one: an empty one would be everybody's. */
export function functionSecret(keys: Auth["keys"]): FunctionSecret {
  const { pass, before, scope } = functionKeys(keys);
  if (pass === "") throw new Error("The secret's field current is no key of 64 hex digits.");
  return { pass, before: before || pass, scope };
}
