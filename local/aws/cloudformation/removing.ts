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
  const needs = needsOf(removals);
  shop.leaving = removals;
  for (const id of creationOrder(needs).reverse()) {
    const isNeeded = [...failed].some((other) => needs.get(other)?.has(id));
    if (isNeeded || !(await removeEach(shop, removals, id, choices))) failed.add(id);
  }
  shop.leaving = [];
  return [...failed];
}

/**
 * Deletes after an update or its rollback, which no failure can stop any more: what cannot be deleted is left behind,
 * and nobody's.
 * https://repost.aws/knowledge-center/cloudformation-stack-cleanup-stuck
 */
export async function cleanUp(
  shop: Workshop,
  removals: readonly Removal[],
  choices: OperationChoices,
): Promise<void> {
  shop.leaving = removals;
  for (const id of creationOrder(needsOf(removals)).reverse()) await removeEach(shop, removals, id, choices);
  shop.leaving = [];
}

function needsOf(removals: readonly Removal[]): ReadonlyMap<string, ReadonlySet<string>> {
  const ids = new Set(removals.map(({ id }) => id));
  const all = new Map<string, Set<string>>();
  for (const { id, resource } of removals) {
    const known = [...resource.needs].filter((other) => ids.has(other) && other !== id);
    all.set(id, new Set([...(all.get(id) ?? []), ...known]));
  }
  return all;
}

async function removeEach(
  shop: Workshop,
  removals: readonly Removal[],
  id: string,
  choices: OperationChoices,
): Promise<boolean> {
  let isDone = true;
  for (const removal of removals)
    if (removal.id === id) isDone = (await removeOne(shop, removal, choices)) && isDone;
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
