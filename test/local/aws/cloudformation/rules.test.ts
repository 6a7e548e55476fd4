// Rules of EventBridge hear how a stack fares, and run the functions that let them in.
import { expect, test } from "vitest";
import { ManagedStack } from "../../../../local/aws/cloudformation/index.ts";
import { matchesPattern } from "../../../../local/aws/events/pattern.ts";

const EVENT = { source: "aws.cloudformation", detail: { id: "s", status: { status: "UPDATE_COMPLETE" } } };

test.each([
  [{}, true],
  [{ source: ["aws.s3", "aws.cloudformation"] }, true],
  [{ source: ["aws.s3"] }, false],
  [{ detail: { status: { status: ["UPDATE_COMPLETE"] } } }, true],
  [{ detail: { status: { status: ["UPDATE_FAILED"] } } }, false],
  [{ detail: { other: ["s"] } }, false],
  [{ other: { id: ["s"] } }, false],
  [{ source: ["aws.cloudformation"], detail: { id: ["t"] } }, false],
])("pattern %j: %s", (pattern, expected) => {
  expect(matchesPattern(pattern, EVENT)).toBe(expected);
});

test("what is more than a value is not understood", () => {
  expect(() => matchesPattern({ source: [{ prefix: "aws." }] }, EVENT)).toThrow(
    '{"prefix":"aws."} is not emulated',
  );
});

const LET_IN = {
  Type: "AWS::Lambda::Permission",
  Properties: {
    Action: "lambda:InvokeFunction",
    Principal: "events.amazonaws.com",
    FunctionName: { "Fn::GetAtt": ["F", "Arn"] },
    SourceArn: { "Fn::GetAtt": ["R", "Arn"] },
  },
};

/** Deploys, fails to update, and gives what the function was run with. */
async function heard(permission: object, rule: object = {}): Promise<unknown[]> {
  const events: unknown[] = [];
  const stack = new ManagedStack({ run: async (_, event) => void events.push(event) });
  const template = (X: string) => ({
    Resources: {
      F: { Type: "AWS::Lambda::Function", Properties: { Code: { ZipFile: "x" } } },
      R: {
        Type: "AWS::Events::Rule",
        Properties: {
          EventPattern: {
            source: ["aws.cloudformation"],
            detail: {
              "stack-id": [{ Ref: "AWS::StackId" }],
              "status-details": { status: ["UPDATE_ROLLBACK_COMPLETE"] },
            },
          },
          Targets: [{ Id: "F", Arn: { "Fn::GetAtt": ["F", "Arn"] }, Input: '{"mend":true}' }],
          ...rule,
        },
      },
      P: permission,
      T: { Type: "T", Properties: { X } },
    },
  });
  await stack.deploy(template("1"));
  await stack.deploy(template("2"));
  await expect(
    stack.deploy(template("3"), { faults: [{ logicalId: "T", phase: "update" }] }),
  ).rejects.toThrow();
  return events;
}

test("a rule hears of a rollback, and hands over its input", async () => {
  expect(await heard(LET_IN)).toEqual([{ mend: true }]);
});

test.each<[string, object, object]>([
  ["is switched off", LET_IN, { State: "DISABLED" }],
  ["is not let in", { Type: "T" }, {}],
  [
    "is not the one that is let in",
    { ...LET_IN, Properties: { ...LET_IN.Properties, SourceArn: "arn:other" } },
    {},
  ],
  [
    "may call something else",
    { ...LET_IN, Properties: { ...LET_IN.Properties, Action: "lambda:GetFunction" } },
    {},
  ],
])("a rule that %s runs nothing", async (_name, permission, rule) => {
  expect(await heard(permission, rule)).toEqual([]);
});
