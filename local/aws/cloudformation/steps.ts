// The steps of a deployment: what was done to each resource, so that it can be taken back.

import { isCustomResource } from "./custom-resource.ts";
import type { StackResource } from "./stack.ts";
import type { Policy } from "./template.ts";

/** What was done, or tried, to one resource. */
export type Step =
  | { readonly kind: "create"; readonly id: string; readonly after?: StackResource }
  | {
      readonly kind: "update" | "replace";
      readonly id: string;
      readonly before: StackResource;
      /** Undefined when it failed, and nothing is known of what it left. */
      readonly after?: StackResource;
      /** The properties that it was to have. */
      readonly wanted: StackResource["properties"];
    };

/** A physical resource that the stack lets go of, and whether it stays in the account. */
export interface Removal {
  readonly id: string;
  readonly resource: StackResource;
  readonly isKept: boolean;
}

/**
 * What AWS does not say of failed updates; each is settled the harsher way by default.
 */
export interface Readings {
  /**
   * A resource that an update made in the place of another, with `RetainExceptOnCreate`, when that update is taken back.
   * The policy's page speaks of "the stack operation that initially created the resource", and that a deletion policy
   * does not count for replaced physical resources.
   */
  readonly replacements: "kept" | "deleted";
  /**
   * A custom resource whose id changed in an update that is taken back: it is updated once more, with old and new
   * properties swapped, or its old id alone comes back. Either way its new id is deleted.
   */
  readonly customResources: "updated" | "handed back";
}

export const HARSH: Readings = { replacements: "kept", customResources: "updated" };

/** After a first deployment that failed: everything goes that it made. */
export function removalsOfCreate(resources: ReadonlyMap<string, StackResource>): readonly Removal[] {
  return [...resources].map(([id, resource]) => ({
    id,
    resource,
    isKept: resource.deletionPolicy === "Retain",
  }));
}

/** When a stack is deleted. */
export function removalsOfDelete(
  resources: ReadonlyMap<string, StackResource>,
  retained: readonly string[],
): readonly Removal[] {
  return [...resources].map(([id, resource]) => ({
    id,
    resource,
    isKept: isRetained(resource.deletionPolicy) || retained.includes(id),
  }));
}

/** After an update: what it replaced, and what is in the template no more. */
export function removalsOfUpdate(
  steps: readonly Step[],
  gone: ReadonlyMap<string, StackResource>,
): readonly Removal[] {
  const replaced = steps.flatMap((step): Removal[] => {
    if (step.kind === "create" || !step.after || step.after.ref === step.before.ref) return [];
    const isKept = step.kind === "replace" && isRetained(step.after.updateReplacePolicy);
    return [{ id: step.id, resource: step.before, isKept }];
  });
  return [...replaced, ...removalsOfDelete(gone, [])];
}

/** What a step that was taken back leaves to delete. */
export function removalOfRollback(step: Step, readings: Readings): readonly Removal[] {
  const { id, after } = step;
  if (!after) return [];
  const { deletionPolicy: policy } = after;
  const isKept =
    policy === "Retain" ||
    (policy === "RetainExceptOnCreate" && step.kind === "replace" && readings.replacements === "kept");
  return [{ id, resource: after, isKept: isKept && !isCustomResource(after.type) }];
}

function isRetained(policy: Policy): boolean {
  return policy !== "Delete";
}
