// A stack over its life: updates, replacements, what is taken back, what is cleaned up, and what is left.
import { expect, test } from "vitest";
import {
  emptyAccount,
  ManagedStack,
  type OperationChoices,
  type Readings,
  type StackEvent,
} from "../../../../local/aws/cloudformation/index.ts";
import { creationOrder } from "../../../../local/aws/cloudformation/order.ts";

type Resources = Readonly<Record<string, object>>;

/** A stack whose resources of type `T` are made without a service, and what happens to all of them. */
function stage(readings: Partial<Readings> = {}) {
  const events: string[] = [];
  const told: unknown[] = [];
  let made = 0;
  const stack = new ManagedStack({
    readings,
    onEvent: ({ logicalId, status }: StackEvent) => events.push(`${logicalId} ${status}`),
    providers: {
      T: {
        create: () => ({ ref: `t${++made}`, attributes: {} }),
        update: (_, __, { ref }) => ({ ref, attributes: {} }),
      },
    },
    run: async (definition, event) => {
      told.push([
        event["RequestType"],
        event["PhysicalResourceId"],
        Object(event["ResourceProperties"]).X,
        Object(event["OldResourceProperties"]).X,
      ]);
      await answerAs(definition.code, event);
    },
  });
  const deploy = async (Resources: Resources, choices?: OperationChoices) => {
    events.length = 0;
    await stack.deploy({ Resources }, choices);
  };
  return { stack, events, told, deploy };
}

/** The function's "code" is the id that it gives; `fails` is none. `X` is a placeholder for the property. */
async function answerAs(code: string, event: Readonly<Record<string, unknown>>): Promise<void> {
  const { X } = Object(event["ResourceProperties"]);
  const PhysicalResourceId =
    event["RequestType"] === "Delete" ? event["PhysicalResourceId"] : code.replace("X", X);
  const failed = X === "bad" && event["RequestType"] !== "Delete";
  const body = failed
    ? { Status: "FAILED", Reason: "bad", PhysicalResourceId }
    : { Status: "SUCCESS", PhysicalResourceId, Data: { Told: X } };
  await fetch(String(event["ResponseURL"]), { method: "PUT", body: JSON.stringify(body) });
}

const t = (X: string, more: object = {}) => ({ Type: "T", Properties: { X }, ...more });
const on = (id: string, X = "1", more: object = {}) => ({ ...t(X, more), DependsOn: id });
/** A custom resource whose function gives `id`, with `X` in it replaced by the property. */
const custom = (X: string, id = "same") => ({
  F: { Type: "AWS::Lambda::Function", Properties: { FunctionName: "f", Code: { ZipFile: id } } },
  C: { Type: "Custom::C", Properties: { ServiceToken: { "Fn::GetAtt": ["F", "Arn"] }, X } },
});
const fails = (
  logicalId: string,
  phase: "create" | "update" | "delete" | "rollback",
  when?: "before" | "after",
) => ({
  faults: [{ logicalId, phase, ...(when && { when }) }],
});

const replaceable = (name: string, more: object = {}) => ({
  Type: "AWS::Logs::LogGroup",
  Properties: { LogGroupName: name },
  ...more,
});

test("what did not change is not touched; what changed is updated in its place", async () => {
  const { events, deploy, stack } = stage();
  await deploy({ A: t("1"), B: t("1") });
  await deploy({ A: t("1"), B: t("2") });
  expect(events).toEqual(["B UPDATE_COMPLETE"]);
  expect(stack.stack.resources.get("B")).toMatchObject({ ref: "t2", properties: { X: "2" } });
  expect(stack.status).toBe("UPDATE_COMPLETE");
});

test("the same template does nothing", async () => {
  const { events, deploy, stack } = stage();
  await deploy({ A: t("1") });
  await deploy({ A: t("1") });
  expect([events, stack.status]).toEqual([[], "CREATE_COMPLETE"]);
});

test("what is new is made, what is gone is deleted at the end, others first", async () => {
  const { events, deploy } = stage();
  await deploy({ A: t("1"), B: on("A") });
  await deploy({ C: t("1") });
  expect(events).toEqual(["C CREATE_COMPLETE", "B DELETE_COMPLETE", "A DELETE_COMPLETE"]);
});

test("what cannot be deleted after an update is left behind, and stops nothing", async () => {
  const { events, deploy, stack } = stage();
  await deploy({ A: t("1"), B: on("A"), C: t("1") });
  await deploy({ C: t("1") }, fails("B", "delete"));
  expect(events).toEqual(["B DELETE_FAILED", "A DELETE_COMPLETE"]);
  expect([stack.status, [...stack.stack.resources.keys()]]).toEqual(["UPDATE_COMPLETE", ["C"]]);
});

test("a create-only property makes another resource before the old one goes", async () => {
  const { events, deploy, stack } = stage();
  await deploy({ A: replaceable("a") });
  await deploy({ A: replaceable("b") });
  expect(events).toEqual(["A UPDATE_COMPLETE", "A DELETE_COMPLETE"]);
  expect(stack.stack.resources.get("A")?.ref).toBe("b");
});

test("another type under the same id is refused", async () => {
  const { deploy } = stage();
  await deploy({ A: t("1") });
  await expect(deploy({ A: replaceable("a") })).rejects.toThrow(
    "A: Update of resource type is not permitted.",
  );
});

test("a dynamic reference is read again only when the resource changes", async () => {
  let value = "first";
  const stack = new ManagedStack({ dynamicReference: () => value });
  const template = (more: object) => ({
    Resources: {
      A: { Type: "T", Properties: { Secret: "{{resolve:secretsmanager:s}}", ...more } },
      B: t(JSON.stringify(more)),
    },
  });
  const read = () => stack.stack.resources.get("A")?.properties["Secret"];
  await stack.deploy(template({}));
  value = "second";
  await stack.deploy({ Resources: { ...template({}).Resources, B: t("other") } });
  expect(read()).toBe("first");
  await stack.deploy(template({ Y: 1 }));
  expect(read()).toBe("second");
});

test.each([
  ["Delete", "A DELETE_COMPLETE"],
  ["Retain", "A DELETE_SKIPPED"],
  ["RetainExceptOnCreate", "A DELETE_SKIPPED"],
])(
  "DeletionPolicy %s, when the resource is taken out and when the stack is deleted",
  async (DeletionPolicy, event) => {
    const { events, deploy, stack } = stage();
    await deploy({ A: t("1", { DeletionPolicy }), B: t("1") });
    await deploy({ B: t("1") });
    expect(events).toEqual([event]);
    await deploy({ A: t("1", { DeletionPolicy }) });
    events.length = 0;
    await stack.delete();
    expect([events, stack.status]).toEqual([[event], "DELETE_COMPLETE"]);
  },
);

test("UpdateReplacePolicy keeps what was replaced", async () => {
  const { events, deploy } = stage();
  await deploy({ A: replaceable("a", { UpdateReplacePolicy: "Retain" }) });
  await deploy({ A: replaceable("b", { UpdateReplacePolicy: "Retain" }) });
  expect(events).toEqual(["A UPDATE_COMPLETE", "A DELETE_SKIPPED"]);
  await expect(deploy({ A: replaceable("a", { UpdateReplacePolicy: "Retain" }) })).rejects.toThrow(
    "already exists",
  );
});

test.each([
  [undefined, "A DELETE_COMPLETE"],
  ["Retain", "A DELETE_SKIPPED"],
  ["RetainExceptOnCreate", "A DELETE_COMPLETE"],
])(
  "a first deployment that fails takes back what it made, with DeletionPolicy %s",
  async (DeletionPolicy, event) => {
    const { events, deploy, stack } = stage();
    const resources = { A: t("1", DeletionPolicy ? { DeletionPolicy } : {}), B: on("A") };
    await expect(deploy(resources, fails("B", "create"))).rejects.toThrow("B: create refused");
    expect(events).toEqual(["A CREATE_COMPLETE", "B CREATE_FAILED", event]);
    expect(stack.status).toBe("ROLLBACK_COMPLETE");
  },
);

test("after a first deployment that failed only deleting helps", async () => {
  const { deploy, stack } = stage();
  await expect(deploy({ A: t("1") }, fails("A", "create"))).rejects.toThrow("refused");
  await expect(deploy({ A: t("1") })).rejects.toThrow(
    "is in ROLLBACK_COMPLETE state and can not be updated.",
  );
  const first = stack.stackId;
  await stack.delete();
  await deploy({ A: t("1") });
  expect([stack.status, stack.stackId === first]).toEqual(["CREATE_COMPLETE", false]);
});

test("what was made but did not settle is deleted as well", async () => {
  const { events, deploy } = stage();
  await expect(deploy({ A: t("1") }, fails("A", "create", "after"))).rejects.toThrow("A: did not stabilize");
  expect(events).toEqual(["A CREATE_FAILED", "A DELETE_COMPLETE"]);
});

test("what cannot be deleted keeps what it needs, and the stack says so until it is retained", async () => {
  const { deploy, stack } = stage();
  const resources = { A: t("1"), B: on("A"), C: on("B"), D: t("1") };
  const faults = [...fails("C", "create").faults, ...fails("B", "delete").faults];
  await expect(deploy(resources, { faults })).rejects.toThrow("C: create refused");
  expect([stack.status, [...stack.stack.resources.keys()]]).toEqual(["ROLLBACK_FAILED", ["A", "B"]]);
  await expect(stack.delete({ retain: ["B"] })).rejects.toThrow("after the stack has failed to delete");
  await expect(stack.delete(fails("B", "delete"))).rejects.toThrow("failed to delete: [B, A].");
  expect(stack.status).toBe("DELETE_FAILED");
  await stack.delete({ retain: ["B"] });
  expect(stack.status).toBe("DELETE_COMPLETE");
});

test("an update that fails is taken back: updated back, handed back, and what is new deleted", async () => {
  const { events, deploy, stack } = stage();
  await deploy({ A: t("1"), B: replaceable("b"), D: t("1"), E: t("1") });
  const before = [...stack.stack.resources].map(([id, { ref, properties }]) => [id, ref, properties]);
  const next = { A: t("2"), B: replaceable("c"), C: t("1"), D: on("C", "2") };
  await expect(deploy(next, fails("D", "update"))).rejects.toThrow("D: update refused");
  expect(events).toEqual([
    "A UPDATE_COMPLETE",
    "B UPDATE_COMPLETE",
    "C CREATE_COMPLETE",
    "D UPDATE_FAILED",
    "A UPDATE_COMPLETE",
    "D UPDATE_COMPLETE",
    "C DELETE_COMPLETE",
    "B DELETE_COMPLETE",
  ]);
  expect([...stack.stack.resources].map(([id, { ref, properties }]) => [id, ref, properties])).toEqual(
    before,
  );
  expect(stack.status).toBe("UPDATE_ROLLBACK_COMPLETE");
  await deploy(next);
  expect(stack.status).toBe("UPDATE_COMPLETE");
});

test("a cancelled update is taken back too", async () => {
  const { events, deploy, stack } = stage();
  await deploy({ A: t("1"), B: t("1") });
  await expect(deploy({ A: t("2"), B: t("2") }, { cancelAt: "B" })).rejects.toThrow(
    "Resource update cancelled",
  );
  expect([events, stack.status]).toEqual([
    ["A UPDATE_COMPLETE", "A UPDATE_COMPLETE"],
    "UPDATE_ROLLBACK_COMPLETE",
  ]);
});

test("what cannot be taken back waits to be continued, and takes no template until then", async () => {
  const { deploy, stack } = stage();
  await deploy({ A: t("1"), B: t("1") });
  const faults = [...fails("B", "update").faults, ...fails("A", "rollback").faults];
  await expect(deploy({ A: t("2"), B: t("2") }, { faults })).rejects.toThrow("B: update refused");
  expect(stack.status).toBe("UPDATE_ROLLBACK_FAILED");
  await expect(deploy({ A: t("3") })).rejects.toThrow(
    "is in UPDATE_ROLLBACK_FAILED state and can not be updated.",
  );
  await stack.continueRollback();
  expect(stack.status).toBe("UPDATE_ROLLBACK_COMPLETE");
  expect(stack.stack.resources.get("A")?.properties).toEqual({ X: "1" });
  await expect(stack.continueRollback()).rejects.toThrow("is in UPDATE_ROLLBACK_COMPLETE state.");
});

test.each([
  ["kept", "A DELETE_SKIPPED"],
  ["deleted", "A DELETE_COMPLETE"],
] as const)("a replacement with RetainExceptOnCreate that is taken back: %s", async (replacements, event) => {
  const { events, deploy, stack } = stage({ replacements });
  const policy = { DeletionPolicy: "RetainExceptOnCreate", UpdateReplacePolicy: "Retain" };
  await deploy({ A: replaceable("a", policy), B: t("1") });
  await expect(deploy({ A: replaceable("b", policy), B: t("2") }, { cancelAt: "B" })).rejects.toThrow(
    "cancelled",
  );
  expect(events).toEqual(["A UPDATE_COMPLETE", event]);
  expect(stack.stack.resources.get("A")?.ref).toBe("a");
});

test("a custom resource is told create, update with what was before, and delete", async () => {
  const { told, deploy, stack } = stage();
  await deploy(custom("1"));
  await deploy(custom("2"));
  await stack.delete();
  expect(told).toEqual([
    ["Create", undefined, "1", undefined],
    ["Update", "same", "2", "1"],
    ["Delete", "same", "2", undefined],
  ]);
});

test("a custom resource that gives another id is asked to delete the old one, at the end", async () => {
  const { told, deploy } = stage();
  await deploy(custom("1", "id-X"));
  await deploy({ ...custom("2", "id-X"), T: t("1") });
  expect(told).toEqual([
    ["Create", undefined, "1", undefined],
    ["Update", "id-1", "2", "1"],
    ["Delete", "id-1", "1", undefined],
  ]);
});

test("a custom resource whose update fails is updated back; one that fails to be made is deleted", async () => {
  const { told, deploy } = stage();
  await expect(deploy(custom("bad"))).rejects.toThrow("C: bad");
  expect(told.splice(0)).toEqual([
    ["Create", undefined, "bad", undefined],
    ["Delete", "same", "bad", undefined],
  ]);
  const other = stage();
  await other.deploy(custom("1"));
  await expect(other.deploy(custom("bad"))).rejects.toThrow("C: bad");
  expect(other.told.slice(1)).toEqual([
    ["Update", "same", "bad", "1"],
    ["Update", "same", "1", "bad"],
  ]);
});

test("a custom resource that was never heard of is deleted by an id that is made up", async () => {
  const { told, deploy } = stage();
  await expect(deploy(custom("1"), fails("C", "create", "after"))).rejects.toThrow("did not stabilize");
  expect(told.at(-1)).toEqual(["Delete", "local-C-UNKNOWN", "1", undefined]);
});

test.each([
  [
    "updated",
    [
      ["Update", "id-2", "1", "2"],
      ["Delete", "id-2", "2", undefined],
    ],
  ],
  ["handed back", [["Delete", "id-2", "2", undefined]]],
] as const)("a custom resource whose new id is taken back: %s", async (customResources, expected) => {
  const { told, deploy, stack } = stage({ customResources });
  await deploy({ ...custom("1", "id-X"), T: t("1") });
  await expect(deploy({ ...custom("2", "id-X"), T: t("2") }, fails("T", "update"))).rejects.toThrow(
    "refused",
  );
  expect(told.slice(2)).toEqual(expected);
  expect(stack.stack.resources.get("C")?.ref).toBe("id-1");
});

test("a name is given once in an account, also to what a stack has left behind", async () => {
  const state = emptyAccount();
  const [one, two] = [new ManagedStack({ state }), new ManagedStack({ state, stackName: "other" })];
  const template = { Resources: { A: replaceable("taken", { DeletionPolicy: "Retain" }) } };
  await one.deploy(template);
  await one.delete();
  await expect(two.deploy(template)).rejects.toThrow(
    "Resource of type 'AWS::Logs::LogGroup' with identifier 'taken' already exists.",
  );
});

test.each([
  [{ first: "C" }, ["B", "C", "A", "D"]],
  [{ last: "B" }, ["A", "D", "B", "C"]],
  [undefined, ["A", "B", "C", "D"]],
])("CloudFormation may take any order that fits: %j", (preference, expected) => {
  const needs = new Map([
    ["A", new Set<string>()],
    ["B", new Set<string>()],
    ["C", new Set(["B"])],
    ["D", new Set<string>()],
  ]);
  expect(creationOrder(needs, preference)).toEqual(expected);
});
