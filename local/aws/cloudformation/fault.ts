// What an operation on a stack can be made to meet.

import { AwsError } from "./aws-error.ts";
import type { Preference } from "./order.ts";

/** A failure of one resource, played once. */
export interface Fault {
  readonly logicalId: string;
  /** `rollback`: while its old properties are put back. */
  readonly phase: "create" | "update" | "delete" | "rollback";
  /** Whether the service had done it when it failed, as when it does not settle or its answer is lost; `before` by default. */
  readonly when?: "before" | "after";
}

/** How one operation goes. */
export interface OperationChoices {
  readonly faults?: readonly Fault[];
  /**
   * The update is cancelled when it comes to this resource.
   * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-update-cancel.html
   */
  readonly cancelAt?: string;
  readonly order?: Preference;
}

/** Does what is asked for, unless a fault is to be played; @throws AwsError when one is. */
export async function underFault<Result>(
  { faults = [] }: OperationChoices,
  { logicalId, phase }: Pick<Fault, "logicalId" | "phase">,
  act: () => Promise<Result>,
): Promise<Result> {
  const fault = faults.find((one) => one.logicalId === logicalId && one.phase === phase);
  if (!fault) return await act();
  if (fault.when !== "after") throw new AwsError("GeneralServiceException", `${logicalId}: ${phase} refused`);
  await act();
  throw new AwsError("NotStabilized", `${logicalId}: did not stabilize`);
}
