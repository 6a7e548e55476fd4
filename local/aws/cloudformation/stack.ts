// What a deployment leaves behind.
import type { Created } from "./defaults.ts";
import type { JsonObject } from "./json.ts";
import type { Policy } from "./template.ts";

/** One created resource. */
export interface DeployedResource extends Created {
  readonly type: string;
  readonly properties: JsonObject;
}

/** The result of a deployment. */
export interface Stack {
  readonly resources: ReadonlyMap<string, DeployedResource>;
  readonly outputs: Readonly<Record<string, string>>;
}

/** A resource as the stack keeps it from one deployment to the next. */
export interface StackResource extends DeployedResource {
  /** Its properties with dynamic references as text: what the next deployment is compared with. */
  readonly declared: JsonObject;
  readonly needs: ReadonlySet<string>;
  readonly deletionPolicy: Policy;
  readonly updateReplacePolicy: Policy;
}

/**
 * Where a stack is, between two operations; `DELETE_COMPLETE` is also how it begins.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html
 */
export type StackStatus =
  | "CREATE_COMPLETE"
  | "ROLLBACK_COMPLETE"
  | "ROLLBACK_FAILED"
  | "UPDATE_COMPLETE"
  | "UPDATE_ROLLBACK_COMPLETE"
  | "UPDATE_ROLLBACK_FAILED"
  | "DELETE_COMPLETE"
  | "DELETE_FAILED";

/** One line of what happened to a resource. */
export interface StackEvent {
  readonly logicalId: string;
  readonly type: string;
  readonly status: `${"CREATE" | "UPDATE" | "DELETE"}_${"COMPLETE" | "FAILED"}` | "DELETE_SKIPPED";
  readonly reason?: string;
}

/** An operation that did not do what it was told. */
export class StackFailure extends Error {
  override readonly name = "StackFailure";
  /** Where the stack is now. */
  readonly status: StackStatus;

  constructor(message: string, status: StackStatus, cause: unknown) {
    super(message, { cause });
    this.status = status;
  }
}
