// Deploys a synthesized template on this machine: resolves it, creates its resources in order, runs its custom resources.

import { ManagedStack } from "./managed-stack.ts";
import type { Stack } from "./stack.ts";
import type { StackOptions } from "./workshop.ts";

export { type AccountState, emptyAccount } from "./account-state.ts";
export { AwsError } from "./aws-error.ts";
export type { Created } from "./defaults.ts";
export type { Fault, OperationChoices } from "./fault.ts";
export { functionDefinition } from "./functions.ts";
export { ManagedStack } from "./managed-stack.ts";
export type { FunctionEnvironment, Provider, ResourceProvider } from "./services.ts";
export {
  type DeployedResource,
  type Stack,
  type StackEvent,
  StackFailure,
  type StackStatus,
} from "./stack.ts";
export type { Readings } from "./steps.ts";
export type { StackOptions as DeployOptions, StackOptions } from "./workshop.ts";

/** Deploys the template for the first time; throws naming the place of the first thing that does not resolve or create. */
export async function deploy(template: unknown, options: StackOptions = {}): Promise<Stack> {
  return await new ManagedStack(options).deploy(template);
}
