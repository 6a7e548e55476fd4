// GenerateSecretString: a random password by rules, alone or inside a JSON template.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-secretsmanager-secret-generatesecretstring.html

import { randomInt } from "node:crypto";
import { type JsonObject, objectOf, requireObject, requireString } from "../cloudformation/json.ts";

const LOWERCASE = "abcdefghijklmnopqrstuvwxyz";
const CLASSES = {
  ExcludeLowercase: LOWERCASE,
  ExcludeUppercase: LOWERCASE.toUpperCase(),
  ExcludeNumbers: "0123456789",
  ExcludePunctuation: "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~",
} as const;
const DEFAULT_LENGTH = 32;
const MAX_LENGTH = 4096;

/**
 * The first value of an AWS::SecretsManager::Secret, from its properties.
 * @throws Error naming the property that AWS would refuse.
 */
export function secretText(properties: JsonObject): string {
  const { SecretString: text, GenerateSecretString: generate } = properties;
  if (text !== undefined && generate !== undefined)
    throw new Error("SecretString and GenerateSecretString: one of them");
  if (generate === undefined) return text === undefined ? "" : requireString(text, "SecretString");
  return generateSecretString(requireObject(generate, "GenerateSecretString"));
}

/** @throws Error naming the property that AWS would refuse. */
export function generateSecretString(rules: JsonObject): string {
  const { SecretStringTemplate: template, GenerateStringKey: key } = rules;
  if ((template === undefined) !== (key === undefined))
    throw new Error("SecretStringTemplate and GenerateStringKey: both or none");
  const password = generatePassword(rules);
  if (template === undefined) return password;
  const name = requireString(key, "GenerateStringKey");
  return JSON.stringify({ ...templateOf(requireString(template, "SecretStringTemplate")), [name]: password });
}

function templateOf(text: string): JsonObject {
  try {
    const template = objectOf(JSON.parse(text));
    if (template) return template;
  } catch {
    // Refused below, like JSON of another shape.
  }
  throw new Error("SecretStringTemplate: no JSON object");
}

function generatePassword(rules: JsonObject): string {
  const length = Number(rules["PasswordLength"] ?? DEFAULT_LENGTH);
  if (!Number.isInteger(length) || length < 1 || length > MAX_LENGTH)
    throw new Error("PasswordLength: 1 to 4,096");
  const classes = classesOf(rules);
  if (classes.length === 0) throw new Error("GenerateSecretString: every character is excluded");
  const requireEach = isOn(rules["RequireEachIncludedType"] ?? true);
  if (requireEach && length < classes.length)
    throw new Error("PasswordLength: too short for a character of each type");
  const all = classes.join("");
  const first = requireEach ? classes.map(pick) : [];
  return shuffled([...first, ...Array.from({ length: length - first.length }, () => pick(all))]).join("");
}

/** The characters of each included type. */
function classesOf(rules: JsonObject): readonly string[] {
  const excluded = requireString(rules["ExcludeCharacters"] ?? "", "ExcludeCharacters");
  const included = Object.entries(CLASSES).filter(([switchName]) => !isOn(rules[switchName]));
  const types = [...included.map(([, characters]) => characters), isOn(rules["IncludeSpace"]) ? " " : ""];
  return types
    .map((characters) => [...characters].filter((character) => !excluded.includes(character)).join(""))
    .filter((characters) => characters !== "");
}

function isOn(value: unknown): boolean {
  return value === true || value === "true";
}

function pick(characters: string): string {
  return characters.charAt(randomInt(characters.length));
}

function shuffled(characters: readonly string[]): readonly string[] {
  const result = [...characters];
  for (let i = result.length - 1; i > 0; i -= 1) {
    const [other] = result.splice(randomInt(i + 1), 1);
    result.push(other ?? "");
  }
  return result;
}
