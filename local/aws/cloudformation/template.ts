// The template: its sections, read once, every problem named by its place.

import { type JsonObject, objectOf, requireArray, requireObject, requireString } from "./json.ts";

/** One resource as written. */
export interface TemplateResource {
  readonly type: string;
  readonly properties: JsonObject;
  readonly dependsOn: readonly string[];
  readonly condition: string | undefined;
  readonly deletionPolicy: Policy;
  readonly updateReplacePolicy: Policy;
}

/** What is done with a resource that the stack lets go of. */
export type Policy = (typeof POLICIES)[number];

const POLICIES = ["Delete", "Retain", "RetainExceptOnCreate"] as const;

/** The sections that a deployment reads. */
export interface Template {
  readonly parameters: ReadonlyMap<string, unknown>;
  readonly mappings: JsonObject;
  readonly conditions: JsonObject;
  readonly resources: ReadonlyMap<string, TemplateResource>;
  readonly outputs: ReadonlyMap<string, { readonly value: unknown; readonly condition: string | undefined }>;
}

/** Reads template JSON; throws naming the section that does not fit. */
export function parseTemplate(json: unknown): Template {
  const template = requireObject(json, "template");
  if (template["Transform"] !== undefined) throw new Error("Transform: macros are not run locally");
  const section = (name: string) => Object.entries(requireObject(template[name] ?? {}, name));
  return {
    parameters: new Map(
      section("Parameters").map(([id, value]) => [id, requireObject(value, `Parameters.${id}`)["Default"]]),
    ),
    mappings: requireObject(template["Mappings"] ?? {}, "Mappings"),
    conditions: requireObject(template["Conditions"] ?? {}, "Conditions"),
    resources: new Map(section("Resources").map(([id, value]) => [id, parseResource(id, value)])),
    outputs: new Map(section("Outputs").map(([id, value]) => [id, parseOutput(id, value)])),
  };
}

function parseResource(id: string, json: unknown): TemplateResource {
  const resource = requireObject(json, `Resources.${id}`);
  const dependsOn = resource["DependsOn"] ?? [];
  const list =
    typeof dependsOn === "string" ? [dependsOn] : requireArray(dependsOn, `Resources.${id}.DependsOn`);
  return {
    type: requireString(resource["Type"], `Resources.${id}.Type`),
    properties: requireObject(resource["Properties"] ?? {}, `Resources.${id}.Properties`),
    dependsOn: list.map((name) => requireString(name, `Resources.${id}.DependsOn`)),
    condition: conditionName(resource, `Resources.${id}`),
    deletionPolicy: policyOf(resource["DeletionPolicy"], `Resources.${id}.DeletionPolicy`),
    updateReplacePolicy: policyOf(resource["UpdateReplacePolicy"], `Resources.${id}.UpdateReplacePolicy`),
  };
}

function policyOf(value: unknown, where: string): Policy {
  const policy = POLICIES.find((name) => name === (value ?? "Delete"));
  if (policy === undefined) throw new Error(`${where}: ${String(value)} is not emulated`);
  return policy;
}

function parseOutput(id: string, json: unknown): { value: unknown; condition: string | undefined } {
  const output = requireObject(json, `Outputs.${id}`);
  return { value: output["Value"], condition: conditionName(output, `Outputs.${id}`) };
}

function conditionName(object: JsonObject, where: string): string | undefined {
  const name = object["Condition"];
  return name === undefined ? undefined : requireString(name, `${where}.Condition`);
}

/** The single intrinsic function of a JSON value, or undefined: `{ "Ref": x }`, `{ "Fn::Join": x }`, … */
export function intrinsicOf(
  value: unknown,
): { readonly name: string; readonly argument: unknown } | undefined {
  const entries = Object.entries(objectOf(value) ?? {});
  const [first] = entries;
  if (entries.length !== 1 || first === undefined) return undefined;
  const [name, argument] = first;
  return name === "Ref" || name === "Condition" || name.startsWith("Fn::") ? { name, argument } : undefined;
}
