// One step back: what an update did to a resource is undone.

import { isCustomResource } from "./custom-resource.ts";
import { type OperationChoices, underFault } from "./fault.ts";
import { removalOfRollback, type Step } from "./steps.ts";
import type { Workshop } from "./workshop.ts";

/**
 * What was updated, or failed to be, is updated to its old properties; what was replaced comes back, for it is still
 * there; what is new leaves.
 * https://github.com/aws/aws-cdk/blob/main/docs/CLOUDFORMATION.md#rollbacks
 */
export async function takeBack(shop: Workshop, step: Step, choices: OperationChoices): Promise<void> {
  if (step.kind === "update" && !isHandedBack(shop, step)) return await updateBack(shop, step, choices);
  if (step.kind === "create") shop.keepOnly([...shop.resources.keys()].filter((id) => id !== step.id));
  else shop.set(step.id, step.before);
  shop.leave(removalOfRollback(step, shop.readings));
}

type Updated = Step & { readonly kind: "update" | "replace" };

function isHandedBack({ readings }: Workshop, { before, after }: Updated): boolean {
  const hasNewId = after !== undefined && after.ref !== before.ref;
  return readings.customResources === "handed back" && isCustomResource(before.type) && hasNewId;
}

/** A custom resource is told its old properties as the new ones; an id that it does not give again is deleted. */
async function updateBack(
  shop: Workshop,
  { id, before, after, wanted }: Updated,
  choices: OperationChoices,
): Promise<void> {
  const current = after ?? before;
  const properties = await shop.resolved(before.declared);
  const target = { logicalId: id, type: before.type, properties };
  const restored = await underFault(choices, { logicalId: id, phase: "rollback" }, () =>
    shop.services.update(target, current, wanted),
  );
  shop.set(id, { ...before, properties, ...restored });
  if (restored.ref !== current.ref) shop.leave([{ id, resource: current, isKept: false }]);
  shop.tell(id, before.type, "UPDATE_COMPLETE");
}
