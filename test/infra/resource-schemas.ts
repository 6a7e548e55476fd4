// What AWS's resource schemas say against a template: names, types, required properties, attributes that are read.
import { loadAwsServiceSpecSync } from "@aws-cdk/aws-service-spec";
import type { Property, PropertyType, Resource } from "@aws-cdk/service-spec-types";
import type { TemplateJson } from "./synth.ts";

const SPEC = loadAwsServiceSpecSync();

/** The schema of a type; undefined for what AWS does not know. */
export function schemaOf(type: string): Resource | undefined {
  return [...SPEC.lookup("resource", "cloudFormationType", "equals", type)][0];
}

/** Everything in a template that is not as the schemas have it; custom resources are whatever they like. */
export function schemaProblems({ Resources }: TemplateJson): readonly string[] {
  return Object.entries(Resources)
    .filter(([, { Type }]) => !Type.startsWith("Custom::"))
    .flatMap(([id, { Type, Properties = {} }]) => {
      const schema = schemaOf(Type);
      if (!schema) return [`${id}: AWS has no ${Type}`];
      return [
        ...propertyProblems(id, Properties, schema.properties),
        ...attributesRead(Properties).flatMap((read) => attributeProblems(id, read, Resources)),
      ];
    });
}

type Properties = Readonly<Record<string, Property>>;

function propertyProblems(where: string, value: unknown, properties: Properties): readonly string[] {
  if (!isObject(value)) return [`${where}: an object is expected`];
  return [
    ...Object.entries(properties)
      .filter(([name, { required }]) => required && !(name in value))
      .map(([name]) => `${where}: ${name} is required`),
    ...Object.entries(value).flatMap(([name, item]) => {
      const property = properties[name];
      return property
        ? typeProblems(`${where}.${name}`, item, property.type)
        : [`${where}: no property ${name}`];
    }),
  ];
}

function typeProblems(where: string, value: unknown, type: PropertyType): readonly string[] {
  if (isIntrinsic(value)) return [];
  switch (type.type) {
    case "string":
    case "date-time":
      return typeof value === "string" ? [] : [`${where}: a string is expected`];
    case "number":
    case "integer":
      return isNumber(value, type.type) ? [] : [`${where}: a number is expected`];
    case "boolean":
      return typeof value === "boolean" ? [] : [`${where}: true or false is expected`];
    case "json":
    case "null":
      return isObject(value) ? [] : [`${where}: an object is expected`];
    case "array":
      if (!Array.isArray(value)) return [`${where}: a list is expected`];
      return value.flatMap((item, index) => typeProblems(`${where}[${index}]`, item, type.element));
    case "map":
      if (!isObject(value)) return [`${where}: an object is expected`];
      return Object.entries(value).flatMap(([name, item]) =>
        typeProblems(`${where}.${name}`, item, type.element),
      );
    case "tag":
      return isObject(value) && "Key" in value && "Value" in value ? [] : [`${where}: a tag is expected`];
    case "union": {
      const each = type.types.map((one) => typeProblems(where, value, one));
      return each.some((problems) => problems.length === 0) ? [] : (each[0] ?? []);
    }
    case "ref":
      return propertyProblems(where, value, SPEC.get("typeDefinition", type.reference.$ref).properties);
  }
}

function isNumber(value: unknown, type: "number" | "integer"): boolean {
  return typeof value === "number" && (type === "number" || Number.isInteger(value));
}

/** Each `Fn::GetAtt` as logical id and attribute. */
function attributesRead(value: unknown): readonly (readonly [id: string, attribute: string])[] {
  if (Array.isArray(value)) return value.flatMap(attributesRead);
  if (!isObject(value)) return [];
  const { "Fn::GetAtt": read } = value;
  if (Array.isArray(read)) return [[String(read[0]), String(read[1])]];
  return Object.values(value).flatMap(attributesRead);
}

function attributeProblems(
  where: string,
  [id, attribute]: readonly [string, string],
  resources: TemplateJson["Resources"],
): readonly string[] {
  const type = resources[id]?.Type;
  if (type?.startsWith("Custom::")) return [];
  const { attributes = {}, properties = {} } = (type && schemaOf(type)) || {};
  return attribute in attributes || attribute in properties
    ? []
    : [`${where}: ${id} (${type}) has no attribute ${attribute}`];
}

function isIntrinsic(value: unknown): boolean {
  const [name, ...others] = isObject(value) ? Object.keys(value) : [];
  return others.length === 0 && (name === "Ref" || name?.startsWith("Fn::") === true);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
