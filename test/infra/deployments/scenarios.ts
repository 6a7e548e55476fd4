// Every scenario: each resource of each gate fails in each way, in each kind of deployment that touches it.
import {
  type Fault,
  type OperationChoices,
  type Readings,
  StackFailure,
} from "../../../local/aws/cloudformation/index.ts";
import { Player, type Scenario, type Story } from "./play.ts";
import { type Change, changesOf, type Shape } from "./shapes.ts";
import { World } from "./world.ts";

export type { Scenario } from "./play.ts";

const NOTHING: Change = { name: "nothing" };
const WHEN = ["before", "after"] as const;
const ORDER = ["first", "last"] as const;

/** How long a role or policy that is new does not count: longer than most people see, shorter than some report. */
const IAM_DELAY_MS = 20_000;

/** AWS leaves both open; what is not said is the harsher one. */
const OTHER_READINGS: readonly Partial<Readings>[] = [
  { replacements: "deleted" },
  { customResources: "handed back" },
];

/** What a deployment does to resources. */
interface Touched {
  readonly created: readonly string[];
  readonly updated: readonly string[];
  /** Those of `updated` that stay what they are: another in their place needs no taking back. */
  readonly changedInPlace: readonly string[];
}

/** Every scenario of these gates and changes. */
export async function scenariosOf(
  shapes: readonly Shape[],
  changes: readonly Change[],
): Promise<readonly Scenario[]> {
  const all: Scenario[] = [];
  for (const shape of shapes) {
    all.push(...createScenarios(shape, await touched(shape, NOTHING, false)));
    for (const change of changesOf(shape, changes))
      all.push(...updateScenarios(shape, change, await touched(shape, change, true)));
  }
  return all;
}

/** First deployments that fail, and stacks that are deleted. */
function createScenarios(shape: Shape, { created }: Touched): readonly Scenario[] {
  const fails = created.flatMap((logicalId) => faultsOf(logicalId, "create"));
  const deletes = created.map(
    (logicalId): OperationChoices => ({ faults: [{ logicalId, phase: "delete" }] }),
  );
  return [
    ...fails.map((choices) => scenario(shape, NOTHING, { kind: "create", choices })),
    ...[{}, ...deletes].map((choices) => scenario(shape, NOTHING, { kind: "delete", choices })),
  ];
}

/** Updates that fail, that are cancelled, and that cannot even be taken back. */
function updateScenarios(shape: Shape, change: Change, touched: Touched): readonly Scenario[] {
  const { created, updated, changedInPlace } = touched;
  const failures = [
    ...created.flatMap((logicalId) => faultsOf(logicalId, "create")),
    ...updated.flatMap((logicalId) => faultsOf(logicalId, "update")),
  ];
  const cancelled = [...created, ...updated].map((cancelAt): OperationChoices => ({ cancelAt }));
  const farthest = [...failures.filter(isFarthest), ...cancelled];
  const last = [...created, ...updated].at(-1) ?? "";
  const stuck = changedInPlace
    .filter((logicalId) => logicalId !== last)
    .map((logicalId): OperationChoices => ({ cancelAt: last, faults: [{ logicalId, phase: "rollback" }] }));
  const once = (choices: OperationChoices) =>
    ({ kind: "update", choices, times: 1, isBackFirst: false }) as const;
  return [
    scenario(shape, change, { kind: "plain", choices: {} }),
    ...[...failures, ...cancelled].map((choices) => scenario(shape, change, once(choices))),
    ...farthest.map((choices) => scenario(shape, change, { ...once(choices), isBackFirst: true })),
    ...farthest.map((choices) => scenario(shape, change, { ...once(choices), times: 2 })),
    ...stuck.map((choices) => scenario(shape, change, { kind: "rollback", choices })),
    ...OTHER_READINGS.flatMap((readings) =>
      farthest.map((choices) => scenario(shape, change, once(choices), readings)),
    ),
  ];
}

/** Everything else has been done by then. */
function isFarthest({ faults: [fault] = [], order }: OperationChoices): boolean {
  return fault?.when === "after" && order !== undefined && "last" in order;
}

function faultsOf(logicalId: string, phase: Fault["phase"]): readonly OperationChoices[] {
  return WHEN.flatMap((when) =>
    ORDER.map((order) => ({
      faults: [{ logicalId, phase, when }],
      order: order === "first" ? { first: logicalId } : { last: logicalId },
    })),
  );
}

/** What a deployment touches when nothing fails, or as far as it comes. */
async function touched(shape: Shape, change: Change, isChanged: boolean): Promise<Touched> {
  const world = await World.open({ iamDelayMs: 0 });
  try {
    const player = new Player(world, shape, change);
    await player.deploy(false);
    const before = world.stack.stack.resources;
    if (isChanged) {
      await player.changeKeys();
      await player.deploy(true).catch(ignoreFailure);
    }
    const until = world.events.findIndex(({ status }) => status.endsWith("_FAILED"));
    const forward = until === -1 ? world.events : world.events.slice(0, until + 1);
    const of = (verb: string) =>
      forward.filter(({ status }) => status.startsWith(verb)).map(({ logicalId }) => logicalId);
    const updated = of("UPDATE_");
    const refOf = (id: string) => world.stack.stack.resources.get(id)?.ref;
    const changedInPlace = updated.filter((id) => refOf(id) === before.get(id)?.ref);
    return { created: of("CREATE_"), updated, changedInPlace };
  } finally {
    await world.close();
  }
}

/** It is a scenario of its own that the change alone can be deployed. */
function ignoreFailure(error: unknown): void {
  if (!(error instanceof StackFailure)) throw error;
}

function scenario(shape: Shape, change: Change, story: Story, readings: Partial<Readings> = {}): Scenario {
  const name = [shape.name, change.name, ...Object.values(readings), ...wordsOf(story)].join(" / ");
  return { name, shape, change, readings, iamDelayMs: IAM_DELAY_MS, story };
}

function wordsOf(story: Story): readonly string[] {
  const { faults = [], cancelAt, order } = story.choices;
  const how = [
    ...faults.map(({ logicalId, phase, when }) =>
      [phase, "of", logicalId, "fails", when ?? ""].join(" ").trim(),
    ),
    ...(cancelAt === undefined ? [] : [`cancelled at ${cancelAt}`]),
    ...(order === undefined ? [] : Object.keys(order)),
  ];
  if (story.kind !== "update") return [story.kind, ...how];
  return [
    story.kind,
    ...how,
    ...(story.times === 2 ? ["twice"] : []),
    ...(story.isBackFirst ? ["then back"] : []),
  ];
}
