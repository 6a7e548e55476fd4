// Rules of a stack: which functions an event is given to, and as what.

import {
  type JsonObject,
  objectOf,
  requireArray,
  requireObject,
  requireString,
} from "../cloudformation/json.ts";
import type { DeployedResource } from "../cloudformation/stack.ts";
import { matchesPattern } from "./pattern.ts";

/** One function that is run because of an event. */
export interface Delivery {
  readonly functionArn: string;
  readonly event: JsonObject;
}

type Resources = ReadonlyMap<string, DeployedResource>;

/** What the stack's rules make of an event; a function that does not let EventBridge in is not run. */
export function deliveriesOf(resources: Resources, event: JsonObject): readonly Delivery[] {
  return ofType(resources, "AWS::Events::Rule").flatMap((rule) => {
    const pattern = requireObject(rule.properties["EventPattern"], "EventPattern");
    if (rule.properties["State"] === "DISABLED" || !matchesPattern(pattern, event)) return [];
    const targets = requireArray(rule.properties["Targets"] ?? [], "Targets");
    return targets.flatMap((item) => {
      const target = requireObject(item, "Target");
      const functionArn = requireString(target["Arn"], "Target.Arn");
      if (!isLetIn(resources, rule, functionArn)) return [];
      return [{ functionArn, event: inputOf(target["Input"]) ?? event }];
    });
  });
}

function inputOf(input: unknown): JsonObject | undefined {
  return input === undefined ? undefined : objectOf(JSON.parse(requireString(input, "Target.Input")));
}

/** "To make API calls against the resources that you own, EventBridge needs the appropriate permission." https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html */
function isLetIn(resources: Resources, rule: DeployedResource, functionArn: string): boolean {
  return ofType(resources, "AWS::Lambda::Permission").some(({ properties }) => {
    const { Action: action, Principal: principal, FunctionName: name, SourceArn: source } = properties;
    return (
      action === "lambda:InvokeFunction" &&
      principal === "events.amazonaws.com" &&
      (name === functionArn || name === functionArn.split(":")[6]) &&
      (source === undefined || source === rule.attributes["Arn"])
    );
  });
}

function ofType(resources: Resources, type: string): readonly DeployedResource[] {
  return [...resources.values()].filter((resource) => resource.type === type);
}
