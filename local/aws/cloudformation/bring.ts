// One step forward: a resource is brought to what the template says of it.

import { CustomResourceFailure, isCustomResource } from "./custom-resource.ts";
import type { Created } from "./defaults.ts";
import { type OperationChoices, underFault } from "./fault.ts";
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

/** What is done to a resource that is not as it is to be. */
interface Task {
  readonly wanted: Wanted;
  readonly kind: Step["kind"];
  readonly before: StackResource | undefined;
  readonly properties: JsonObject;
}

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
  const before = shop.resources.get(wanted.id);
  const kind = changeTo(wanted, before);
  if (before && kind === "none") shop.set(wanted.id, { ...before, ...rulesOf(wanted) });
  if (kind === "none") return;
  const task = { wanted, kind, before, properties: await shop.resolved(wanted.declared) };
  const verb = before ? "UPDATE" : "CREATE";
  const { id, resource } = wanted;
  let made: Created | undefined;
  try {
    const after = await underFault(
      choices,
      { logicalId: id, phase: before ? "update" : "create" },
      async () => {
        made = await carryOut(shop, task);
        return completed(task, made);
      },
    );
    steps.push(stepOf(task, after));
    shop.set(id, after);
    shop.tell(id, resource.type, `${verb}_COMPLETE`);
  } catch (error) {
    const left = isCustomResource(resource.type) ? leftUnder(idTold(error), shop, task) : made;
    steps.push(stepOf(task, left && completed(task, left)));
    shop.tell(id, resource.type, `${verb}_FAILED`, error);
    throw error;
  }
}

async function carryOut(
  { services }: Workshop,
  { wanted, kind, before, properties }: Task,
): Promise<Created> {
  const target = { logicalId: wanted.id, type: wanted.resource.type, properties };
  return before && kind === "update" ? await services.update(target, before) : await services.create(target);
}

function completed({ wanted, properties }: Task, created: Created): StackResource {
  const { resource, declared } = wanted;
  return { type: resource.type, properties, declared, ...rulesOf(wanted), ...created };
}

function stepOf({ wanted: { id }, kind, before, properties }: Task, after: StackResource | undefined): Step {
  const made = after && { after };
  if (!before || kind === "create") return { kind: "create", id, ...made };
  return { kind, id, before, wanted: properties, ...made };
}

function changeTo(
  { id, resource, declared }: Wanted,
  before: StackResource | undefined,
): Change | Step["kind"] {
  if (!before) return "create";
  if (before.type !== resource.type) throw new Error(`${id}: Update of resource type is not permitted.`);
  return changeOf(resource.type, before.declared, declared);
}

function rulesOf({ resource, needs }: Wanted) {
  const { deletionPolicy, updateReplacePolicy } = resource;
  return { needs, deletionPolicy, updateReplacePolicy };
}

/**
 * What CloudFormation knows of a custom resource that failed. A function that failed to make it is asked to delete it, by
 * an id that is made up when it told none; after an update there is nothing but what was before.
 * https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.custom_resources-readme.html#error-handling
 */
function leftUnder(
  ref: string | undefined,
  { account }: Workshop,
  { wanted, kind }: Task,
): Created | undefined {
  if (kind === "update") return undefined;
  return { ref: ref ?? `${account.stackName}-${wanted.id}-UNKNOWN`, attributes: {} };
}

function idTold(error: unknown): string | undefined {
  return error instanceof CustomResourceFailure ? error.physicalId : undefined;
}
