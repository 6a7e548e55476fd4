// The intrinsic functions: "Intrinsic function reference",
// docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html

import { type JsonObject, objectOf, requireArray, requireObject, requireString } from "./json.ts";
import { intrinsicOf } from "./template.ts";

/** What the functions look up. */
export interface Scope {
  /** A parameter's, pseudo parameter's or resource's value; throws for an unknown name. */
  readonly ref: (name: string, where: string) => unknown;
  readonly attribute: (logicalId: string, attribute: string, where: string) => unknown;
  readonly condition: (name: string) => boolean;
  readonly mappings: JsonObject;
}

/** AWS::NoValue: the property that holds it is left out. */
export const NO_VALUE = Symbol("AWS::NoValue");

/** The value with every intrinsic function replaced by its result; throws naming `where`. */
export function resolve(value: unknown, scope: Scope, where: string): unknown {
  if (Array.isArray(value)) {
    return value.map((item, i) => resolve(item, scope, `${where}[${i}]`)).filter((item) => item !== NO_VALUE);
  }
  const object = objectOf(value);
  if (object === undefined) return value;
  const intrinsic = intrinsicOf(object);
  if (intrinsic !== undefined) return call(intrinsic.name, intrinsic.argument, scope, where);
  const entries = Object.entries(object).map(
    ([key, item]) => [key, resolve(item, scope, `${where}.${key}`)] as const,
  );
  return Object.fromEntries(entries.filter(([, item]) => item !== NO_VALUE));
}

type Intrinsic = (argument: unknown, scope: Scope, where: string) => unknown;

const INTRINSICS: Readonly<Record<string, Intrinsic>> = {
  Ref: (argument, scope, where) => scope.ref(requireString(argument, where), where),
  "Fn::GetAtt": (argument, scope, where) => {
    const [id, attribute] = getAttParts(resolve(argument, scope, where), where);
    return scope.attribute(id, attribute, where);
  },
  "Fn::Join": (argument, scope, where) => {
    const [separator, items] = requireArray(argument, where);
    const parts = requireArray(resolve(items, scope, where), where);
    return parts.map((part) => requireString(part, where)).join(requireString(separator, where));
  },
  "Fn::Sub": sub,
  "Fn::Select": (argument, scope, where) => {
    const [index, items] = requireArray(resolve(argument, scope, where), where);
    const list = requireArray(items, where);
    const item = list[Number(index)];
    if (item === undefined) throw new Error(`${where}: no item ${String(index)} in a list of ${list.length}`);
    return item;
  },
  "Fn::Split": (argument, scope, where) => {
    const [separator, text] = requireArray(resolve(argument, scope, where), where);
    return requireString(text, where).split(requireString(separator, where));
  },
  "Fn::If": (argument, scope, where) => {
    const [name, yes, no] = requireArray(argument, where);
    return resolve(scope.condition(requireString(name, where)) ? yes : no, scope, where);
  },
  "Fn::FindInMap": (argument, scope, where) => {
    const [map, top, second] = requireArray(resolve(argument, scope, where), where).map((part) =>
      requireString(part, where),
    );
    const found = objectOf(objectOf(scope.mappings[map ?? ""])?.[top ?? ""])?.[second ?? ""];
    if (found === undefined) throw new Error(`${where}: Mappings.${map}.${top}.${second}: no such entry`);
    return found;
  },
  "Fn::Base64": (argument, scope, where) =>
    Buffer.from(requireString(resolve(argument, scope, where), where)).toString("base64"),
  "Fn::ImportValue": (argument, scope, where) => {
    throw new Error(
      `${where}: Fn::ImportValue ${JSON.stringify(resolve(argument, scope, where))}: there are no other stacks locally`,
    );
  },
};

function call(name: string, argument: unknown, scope: Scope, where: string): unknown {
  const intrinsic = INTRINSICS[name];
  if (intrinsic === undefined) throw new Error(`${where}: ${name} is not emulated`);
  return intrinsic(argument, scope, where);
}

function getAttParts(argument: unknown, where: string): [string, string] {
  const parts = typeof argument === "string" ? argument.split(".") : requireArray(argument, where);
  const [id, ...attribute] = parts.map((part) => requireString(part, where));
  return [id ?? "", attribute.join(".")];
}

const PLACEHOLDER = /\$\{(!?)([^}]*)\}/g;

function sub(argument: unknown, scope: Scope, where: string): string {
  const [text, values] = typeof argument === "string" ? [argument, {}] : requireArray(argument, where);
  const own = requireObject(resolve(values ?? {}, scope, where), where);
  return requireString(text, where).replace(PLACEHOLDER, (_all, literal: string, name: string) => {
    if (literal === "!") return `\${${name}}`;
    if (name in own) return requireString(own[name], where);
    return requireString(subValue(name.trim(), scope, where), where);
  });
}

function subValue(name: string, scope: Scope, where: string): unknown {
  const dot = name.indexOf(".");
  if (dot === -1) return scope.ref(name, where);
  return scope.attribute(name.slice(0, dot), name.slice(dot + 1), where);
}

/** The names that a value refers to: Ref, Fn::GetAtt and Fn::Sub, in the branches that conditions take. */
export function references(value: unknown, condition: (name: string) => boolean): Set<string> {
  const names = new Set<string>();
  const walk = (item: unknown): void => {
    if (Array.isArray(item)) item.forEach(walk);
    const object = objectOf(item);
    if (object === undefined) return;
    const intrinsic = intrinsicOf(object);
    for (const name of directReferences(intrinsic)) names.add(name);
    if (intrinsic?.name === "Fn::If") walk(taken(intrinsic.argument, condition));
    else Object.values(object).forEach(walk);
  };
  walk(value);
  return names;
}

function taken(argument: unknown, condition: (name: string) => boolean): unknown {
  const [name, yes, no] = requireArray(argument, "Fn::If");
  return condition(requireString(name, "Fn::If")) ? yes : no;
}

function directReferences(intrinsic: { name: string; argument: unknown } | undefined): string[] {
  if (intrinsic?.name === "Ref" && typeof intrinsic.argument === "string") return [intrinsic.argument];
  if (intrinsic?.name === "Fn::GetAtt") return [getAttParts(intrinsic.argument, "Fn::GetAtt")[0]];
  if (intrinsic?.name !== "Fn::Sub") return [];
  const text =
    typeof intrinsic.argument === "string"
      ? intrinsic.argument
      : requireArray(intrinsic.argument, "Fn::Sub")[0];
  const names = [...String(text).matchAll(PLACEHOLDER)].filter((match) => match[1] === "");
  return names.map((match) => (match[2] ?? "").trim().split(".")[0] ?? "");
}
