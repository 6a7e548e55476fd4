// Deletes what a stack lets go of.

import { type OperationChoices, underFault } from "./fault.ts";
import { creationOrder } from "./order.ts";
import type { Removal } from "./steps.ts";
import type { Workshop } from "./workshop.ts";

/**
 * Deletes what is not kept, each before what it needs; gives the ids of what is left although it should not be, because
 * it could not be deleted, or something that is left needs it.
 */
export async function removeAll(
  shop: Workshop,
  removals: readonly Removal[],
  choices: OperationChoices,
): Promise<readonly string[]> {
  const failed = new Set<string>();
  const needs = new Map<string, ReadonlySet<string>>(removals.map(({ id }) => [id, new Set()]));
  for (const { id, resource } of removals)
    needs.set(id, new Set([...resource.needs].filter((other) => needs.has(other))));
  shop.leaving = removals;
  for (const id of creationOrder(needs).reverse()) {
    const isNeeded = [...failed].some((other) => needs.get(other)?.has(id));
    const all = removals.filter((removal) => removal.id === id);
    if (isNeeded || !(await removeEach(shop, all, choices))) failed.add(id);
  }
  shop.leaving = [];
  return [...failed];
}

async function removeEach(
  shop: Workshop,
  removals: readonly Removal[],
  choices: OperationChoices,
): Promise<boolean> {
  let isDone = true;
  for (const removal of removals) isDone = (await removeOne(shop, removal, choices)) && isDone;
  return isDone;
}

async function removeOne(
  shop: Workshop,
  { id, resource, isKept }: Removal,
  choices: OperationChoices,
): Promise<boolean> {
  try {
    if (!isKept)
      await underFault(choices, { logicalId: id, phase: "delete" }, () => shop.services.remove(id, resource));
    shop.tell(id, resource.type, isKept ? "DELETE_SKIPPED" : "DELETE_COMPLETE");
    return true;
  } catch (error) {
    shop.tell(id, resource.type, "DELETE_FAILED", error);
    return false;
  }
}
