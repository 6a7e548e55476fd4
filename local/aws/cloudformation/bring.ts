// One step forward: a resource is brought to what the template says of it.

import { CustomResourceFailure, isCustomResource } from "./custom-resource.ts";
import type { Created } from "./defaults.ts";
import { type OperationChoices, Unsettled, underFault } from "./fault.ts";
import type { JsonObject } from "./json.ts";
import { type Change, changeOf } from "./replacement.ts";
import type { StackResource } from "./stack.ts";
import type { Step } from "./steps.ts";
import type { TemplateResource } from "./template.ts";
import type { Workshop } from "./workshop.ts";

/** What a resource is to be. */
export interface Wanted {
  readonly id: string;
  readonly resource: TemplateResource;
  readonly declared: JsonObject;
  readonly needs: ReadonlySet<string>;
}

type Kind = Step["kind"];

/**
 * Creates, updates or replaces the resource, or leaves it as it is when nothing of it changed. What was tried goes into
 * `steps`, also when it fails.
 */
export async function bring(
  shop: Workshop,
  wanted: Wanted,
  choices: OperationChoices,
  steps: Step[],
): Promise<void> {
  const { id, resource, declared } = wanted;
  const before = shop.resources.get(id);
  const change = changeTo(wanted, before);
  if (before && change === "none") return shop.set(id, { ...before, ...rulesOf(wanted) });
  const properties = await shop.resolved(declared);
  const complete = (created: Created): StackResource => ({
    type: resource.type,
    properties,
    declared,
    ...rulesOf(wanted),
    ...created,
  });
  const step = (after: StackResource | undefined): Step => {
    const made = after && { after };
    if (!before || change === "none" || change === "create") return { kind: "create", id, ...made };
    return { kind: change, id, before, wanted: properties, ...made };
  };
  const verb = before ? "UPDATE" : "CREATE";
  try {
    const target = { logicalId: id, type: resource.type, properties };
    const after = complete(
      await underFault(choices, { logicalId: id, phase: before ? "update" : "create" }, () =>
        before && change === "update" ? shop.services.update(target, before) : shop.services.create(target),
      ),
    );
    steps.push(step(after));
    shop.set(id, after);
    shop.tell(id, resource.type, `${verb}_COMPLETE`);
  } catch (error) {
    const left = leftBy(error, resource.type, change === "update", `${shop.account.stackName}-${id}-UNKNOWN`);
    steps.push(step(left && complete(left)));
    shop.tell(id, resource.type, `${verb}_FAILED`, error);
    throw error;
  }
}

function changeTo({ id, resource, declared }: Wanted, before: StackResource | undefined): Change | Kind {
  if (!before) return "create";
  if (before.type !== resource.type) throw new Error(`${id}: Update of resource type is not permitted.`);
  return changeOf(resource.type, before.declared, declared);
}

function rulesOf({ resource, needs }: Wanted) {
  const { deletionPolicy, updateReplacePolicy } = resource;
  return { needs, deletionPolicy, updateReplacePolicy };
}

/**
 * What a failure left in the account, as far as CloudFormation knows of it. A function that failed to make a custom
 * resource is asked to delete it, by an id that is made up when it told none.
 * https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.custom_resources-readme.html#error-handling
 */
function leftBy(error: unknown, type: string, isUpdate: boolean, madeUpId: string): Created | undefined {
  if (!isCustomResource(type)) return error instanceof Unsettled ? error.made : undefined;
  if (isUpdate) return undefined;
  const told = error instanceof CustomResourceFailure ? error.physicalId : undefined;
  return { ref: told ?? madeUpId, attributes: {} };
}
