// Plays one scenario: a deployment fails, is taken back, and is tried again once its reason is mended.
import { deepStrictEqual, ok } from "node:assert";
import { randomBytes } from "node:crypto";
import {
  type OperationChoices,
  type Readings,
  StackFailure,
} from "../../../local/aws/cloudformation/index.ts";
import { edgeVersions } from "./edge.ts";
import { answersSignedIn, opensSealed, sealingKey, serves, signsIn } from "./serving.ts";
import { type Change, type Shape, templateOf } from "./shapes.ts";
import { World } from "./world.ts";

/** What happens. */
export type Story =
  /** An update with nothing in its way. */
  | { readonly kind: "plain"; readonly choices: OperationChoices }
  /** The first deployment fails. */
  | { readonly kind: "create"; readonly choices: OperationChoices }
  /** An update fails or is cancelled; then what was there before is deployed again, or not. */
  | {
      readonly kind: "update";
      readonly choices: OperationChoices;
      readonly times: 1 | 2;
      readonly isBackFirst: boolean;
    }
  /** An update fails, and so does taking it back. */
  | { readonly kind: "rollback"; readonly choices: OperationChoices }
  /** The stack is deleted, with a failure on the way or without, and deployed anew. */
  | { readonly kind: "delete"; readonly choices: OperationChoices };

/** One scenario. */
export interface Scenario {
  readonly name: string;
  readonly shape: Shape;
  readonly change: Change;
  readonly readings: Partial<Readings>;
  readonly iamDelayMs: number;
  readonly story: Story;
}

/** Plays it to its end; throws where the gate does not serve, or a retry fails. */
export async function play({ shape, change, story, ...account }: Scenario): Promise<void> {
  const world = await World.open(account);
  try {
    await new Player(world, shape, change).play(story);
  } finally {
    await world.close();
  }
}

/** An operator at work; the state is how often something has been deployed. */
export class Player {
  readonly #world: World;
  readonly #shape: Shape;
  readonly #change: Change;
  #attempt = 0;

  constructor(world: World, shape: Shape, change: Change) {
    this.#world = world;
    this.#shape = shape;
    this.#change = change;
  }

  async play(story: Story): Promise<void> {
    if (story.kind === "create") return await this.#create(story.choices);
    await this.#succeed(false);
    if (story.kind === "delete") return await this.#deleteAndCreate(story.choices);
    if (story.kind === "plain") {
      await this.changeKeys();
      return await this.#succeed(true);
    }
    const key = this.#change.from?.["auth"] === false ? undefined : sealingKey(this.#world);
    const before = edgeVersions(this.#world);
    await this.changeKeys();
    const times = story.kind === "update" ? story.times : 1;
    for (let i = 0; i < times; i += 1) {
      await this.#fail(true, story.choices);
      if (story.kind === "rollback") {
        deepStrictEqual(this.#world.stack.status, "UPDATE_ROLLBACK_FAILED");
        await this.#world.stack.continueRollback();
      }
      deepStrictEqual(this.#world.stack.status, "UPDATE_ROLLBACK_COMPLETE");
      deepStrictEqual(codes(edgeVersions(this.#world)), codes(before), "the code that ran before runs again");
      await answersSignedIn(this.#world);
      signsIn(this.#world, { shape: this.#shape, change: this.#change, isChanged: false });
    }
    if (story.kind === "update" && story.isBackFirst) await this.#succeed(false);
    await this.#succeed(true);
    if (key !== undefined) opensSealed(this.#world, key);
  }

  /** What is deployed, without a fault. */
  async deploy(isChanged: boolean, choices: OperationChoices = {}): Promise<void> {
    this.#attempt += 1;
    const template = templateOf({
      shape: this.#shape,
      change: this.#change,
      isChanged,
      attempt: this.#attempt,
    });
    await this.#world.deploy(template, choices);
  }

  /** What happens in the account before the changed deployment. */
  async changeKeys(): Promise<void> {
    const { userPool, secrets } = this.#world;
    const { keys } = this.#change;
    if (keys === "pool") userPool.keys.remove(userPool.keys.current("access").kid);
    const [secret] = secrets.all;
    const old = secret?.versions.at(-1)?.text ?? "";
    if (keys === "sealing, same value") secrets.rotate(secret?.arn ?? "", old);
    if (keys !== "sealing") return;
    const current = randomBytes(32).toString("hex");
    secrets.rotate(secret?.arn ?? "", JSON.stringify({ current, previous: sealingKey(this.#world) }));
  }

  async #succeed(isChanged: boolean): Promise<void> {
    await this.deploy(isChanged);
    await serves(this.#world, { shape: this.#shape, change: this.#change, isChanged });
  }

  async #fail(isChanged: boolean, choices: OperationChoices): Promise<void> {
    const failure = await failureOf(this.deploy(isChanged, choices));
    ok(isPlayed(failure), `it failed before its fault: ${failure.message}`);
  }

  async #create(choices: OperationChoices): Promise<void> {
    await this.#fail(false, choices);
    await this.#delete({});
    await this.#succeed(false);
  }

  async #deleteAndCreate(choices: OperationChoices): Promise<void> {
    await this.#delete(choices);
    await this.#succeed(false);
  }

  /** As the pages say: what cannot be deleted is tried once more, and then left behind. */
  async #delete(choices: OperationChoices): Promise<void> {
    const { stack } = this.#world;
    for (const again of [choices, {}]) {
      if (stack.status === "DELETE_COMPLETE") return;
      await stack.delete(again).catch(() => undefined);
    }
    if (stack.status === "DELETE_COMPLETE") return;
    await stack.delete({ retain: [...stack.stack.resources.keys()] });
  }
}

function isPlayed({ message }: Error): boolean {
  return /refused$|did not stabilize$|^Resource update cancelled$/.test(message);
}

async function failureOf(deployment: Promise<unknown>): Promise<StackFailure> {
  try {
    await deployment;
  } catch (error) {
    if (error instanceof StackFailure) return error;
    throw error;
  }
  throw new Error("the deployment succeeded in spite of its fault");
}

function codes(versions: readonly { readonly code: string }[]): readonly string[] {
  return versions.map(({ code }) => code);
}
