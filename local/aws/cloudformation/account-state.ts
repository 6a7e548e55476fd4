// What an account has beside its stacks, and what outlives them.

import { Functions, type FunctionsOptions } from "../lambda/functions.ts";
import { Names } from "./names.ts";

/** The functions with their versions and replicas, and the names in use. */
export interface AccountState {
  readonly functions: Functions;
  readonly names: Names;
}

/** An account in which nothing is. */
export function emptyAccount(options: FunctionsOptions = {}): AccountState {
  return { functions: new Functions(options), names: new Names() };
}
