// A stack in its account: created, updated, taken back and deleted as CloudFormation does.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stack-failure-options.html

import { deliveriesOf } from "../events/rules.ts";
import { bring } from "./bring.ts";
import type { OperationChoices } from "./fault.ts";
import { creationOrder } from "./order.ts";
import { cleanUp, removeAll } from "./removing.ts";
import { Resolution } from "./resolution.ts";
import { type Stack, StackFailure, type StackStatus } from "./stack.ts";
import { removalsOfCreate, removalsOfDelete, removalsOfUpdate, type Step } from "./steps.ts";
import { takeBack } from "./take-back.ts";
import { parseTemplate, type Template } from "./template.ts";
import { type StackOptions, Workshop } from "./workshop.ts";

/** Statuses in which a stack takes another template. */
const UPDATABLE: readonly StackStatus[] = ["CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"];

/** Its state is the status, the resources with their physical ids and properties, and the template that they are of. */
export class ManagedStack {
  readonly #options: StackOptions;
  readonly #shop: Workshop;
  #status: StackStatus = "DELETE_COMPLETE";
  /** What is still to take back when taking back failed. */
  #pending: readonly Step[] = [];
  #outputs: Readonly<Record<string, string>> = {};
  #template = "";
  #creations = 0;

  constructor(options: StackOptions = {}) {
    this.#options = options;
    this.#shop = new Workshop(options, () => this.stackId);
  }

  get status(): StackStatus {
    return this.#status;
  }

  /** Another one each time that the stack is created. */
  get stackId(): string {
    const { region, accountId, stackName } = this.#shop.account;
    const number = String(Math.max(0, this.#creations - 1)).padStart(12, "0");
    return `arn:aws:cloudformation:${region}:${accountId}:stack/${stackName}/00000000-0000-4000-8000-${number}`;
  }

  /** What it has now. */
  get stack(): Stack {
    return { resources: this.#shop.resources, outputs: this.#outputs };
  }

  /**
   * Creates the stack, or updates it; a failure is taken back. A template that is the same as the last one does nothing.
   * @throws StackFailure naming the first thing that failed, when what can be taken back has been; Error for a template
   * that is none.
   */
  async deploy(template: unknown, choices: OperationChoices = {}): Promise<Stack> {
    const parsed = parseTemplate(template);
    const isNew = this.#status === "DELETE_COMPLETE";
    if (!isNew && !UPDATABLE.includes(this.#status))
      throw this.#failure(`Stack:${this.stackId} is in ${this.#status} state and can not be updated.`);
    const text = JSON.stringify(template);
    if (!isNew && text === this.#template) return this.stack;
    if (isNew) this.#creations += 1;
    const steps: Step[] = [];
    const before = this.#shop.resources;
    try {
      this.#outputs = await this.#forward(parsed, choices, steps);
    } catch (error) {
      if (isNew) await this.#rollBackCreate(steps, choices);
      else await this.#rollBackUpdate(steps, choices);
      await this.#announce();
      throw this.#failure(error instanceof Error ? error.message : String(error), error);
    }
    this.#template = text;
    this.#status = isNew ? "CREATE_COMPLETE" : "UPDATE_COMPLETE";
    const gone = new Map([...before].filter(([id]) => !this.#shop.resources.has(id)));
    await cleanUp(this.#shop, removalsOfUpdate(steps, gone), choices);
    await this.#announce();
    return this.stack;
  }

  /**
   * Deletes the stack; `retain` leaves resources behind that could not be deleted before.
   * @throws StackFailure when something could not be deleted.
   */
  async delete(choices: OperationChoices & { readonly retain?: readonly string[] } = {}): Promise<void> {
    const { retain = [] } = choices;
    if (retain.length > 0 && this.#status !== "DELETE_FAILED")
      throw this.#failure("Resources can be retained after the stack has failed to delete, not before.");
    const failed = await removeAll(this.#shop, removalsOfDelete(this.#shop.resources, retain), choices);
    this.#shop.keepOnly(failed);
    this.#status = failed.length > 0 ? "DELETE_FAILED" : "DELETE_COMPLETE";
    if (failed.length > 0)
      throw this.#failure(`The following resource(s) failed to delete: [${failed.join(", ")}].`);
  }

  /**
   * Goes on taking an update back where that failed.
   * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-continueupdaterollback.html
   */
  async continueRollback(choices: OperationChoices = {}): Promise<void> {
    if (this.#status !== "UPDATE_ROLLBACK_FAILED")
      throw this.#failure(`Stack:${this.stackId} is in ${this.#status} state.`);
    await this.#rollBackUpdate(this.#pending, choices);
    await this.#announce();
  }

  /** Works through the template; gives its outputs. */
  async #forward(
    template: Template,
    choices: OperationChoices,
    steps: Step[],
  ): Promise<Record<string, string>> {
    const shop = this.#shop;
    const resolution = new Resolution(template, {
      account: shop.account,
      stackId: this.stackId,
      parameters: this.#options.parameters ?? {},
      resources: () => shop.resources,
    });
    const dependencies = resolution.dependencies();
    for (const id of creationOrder(dependencies, choices.order)) {
      const resource = template.resources.get(id);
      if (!resource) continue;
      if (choices.cancelAt === id) throw new Error("Resource update cancelled");
      const wanted = { id, resource, needs: dependencies.get(id) ?? new Set<string>() };
      await bring(shop, { ...wanted, declared: resolution.declared(id, resource) }, choices, steps);
    }
    const outputs = resolution.outputs();
    shop.keepOnly([...dependencies.keys()]);
    return outputs;
  }

  async #rollBackCreate(steps: readonly Step[], choices: OperationChoices): Promise<void> {
    const shop = this.#shop;
    shop.resources = new Map(steps.flatMap(({ id, after }) => (after ? [[id, after] as const] : [])));
    const failed = await removeAll(shop, removalsOfCreate(shop.resources), choices);
    shop.keepOnly(failed);
    this.#status = failed.length > 0 ? "ROLLBACK_FAILED" : "ROLLBACK_COMPLETE";
  }

  /** In the order in which it went forward, for it is an update to the template before; deletes come at the end. */
  async #rollBackUpdate(steps: readonly Step[], choices: OperationChoices): Promise<void> {
    for (const [index, step] of steps.entries()) {
      try {
        await takeBack(this.#shop, step, choices);
      } catch (error) {
        this.#shop.tell(step.id, "before" in step ? step.before.type : "", "UPDATE_FAILED", error);
        this.#pending = steps.slice(index);
        this.#status = "UPDATE_ROLLBACK_FAILED";
        return;
      }
    }
    this.#pending = [];
    await cleanUp(this.#shop, this.#shop.leaving, choices);
    this.#status = "UPDATE_ROLLBACK_COMPLETE";
  }

  /** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/event-detail-stack-status-change.html */
  async #announce(): Promise<void> {
    const { resources, services } = this.#shop;
    const event = {
      source: "aws.cloudformation",
      "detail-type": "CloudFormation Stack Status Change",
      detail: { "stack-id": this.stackId, "status-details": { status: this.#status } },
    };
    for (const { functionArn, event: input } of deliveriesOf(resources, event))
      await services.invoke("EventBridge", functionArn, input);
  }

  #failure(message: string, cause?: unknown): StackFailure {
    return new StackFailure(message, this.#status, cause);
  }
}
