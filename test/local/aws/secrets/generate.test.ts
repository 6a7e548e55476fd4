import { describe, expect, test } from "vitest";
import { generateSecretString, secretText } from "../../../../local/aws/secrets/generate.ts";

describe("GenerateSecretString", () => {
  test.each<[string, object, RegExp]>([
    ["nothing: 32 characters of every type", {}, /^(?=.*[a-z])(?=.*[A-Z])(?=.*[0-9])(?=.*[^\w\s])\S{32}$/],
    ["a length", { PasswordLength: 100 }, /^\S{100}$/],
    ["a length as text", { PasswordLength: "8" }, /^\S{8}$/],
    ["ExcludePunctuation", { ExcludePunctuation: true }, /^[A-Za-z0-9]{32}$/],
    ["ExcludePunctuation as text", { ExcludePunctuation: "true" }, /^[A-Za-z0-9]{32}$/],
    [
      "hexadecimal digits alone",
      {
        PasswordLength: 64,
        ExcludeUppercase: true,
        ExcludePunctuation: true,
        ExcludeCharacters: "ghijklmnopqrstuvwxyz",
        RequireEachIncludedType: false,
      },
      /^[0-9a-f]{64}$/,
    ],
    [
      "digits alone",
      { ExcludeLowercase: true, ExcludeUppercase: true, ExcludePunctuation: true },
      /^[0-9]{32}$/,
    ],
    [
      "IncludeSpace, and each type",
      {
        IncludeSpace: true,
        ExcludeLowercase: true,
        ExcludeUppercase: true,
        ExcludePunctuation: true,
        PasswordLength: 2,
      },
      /^(?: [0-9]|[0-9] )$/,
    ],
    [
      "a type whose characters are all excluded",
      { ExcludeCharacters: "0123456789", ExcludePunctuation: true, PasswordLength: 2 },
      /^(?:[a-z][A-Z]|[A-Z][a-z])$/,
    ],
  ])("%s", (_name, rules, form) => {
    for (let i = 0; i < 20; i += 1) expect(generateSecretString({ ...rules })).toMatch(form);
  });

  test("is another each time", () => {
    expect(generateSecretString({})).not.toBe(generateSecretString({}));
  });

  test("goes into the template under its key", () => {
    const rules = { SecretStringTemplate: '{"previous":"none"}', GenerateStringKey: "current" };
    expect(JSON.parse(generateSecretString(rules))).toEqual({
      previous: "none",
      current: expect.stringMatching(/^\S{32}$/),
    });
  });

  test.each<[string, object, string]>([
    ["a template without a key", { SecretStringTemplate: "{}" }, "both or none"],
    ["a key without a template", { GenerateStringKey: "x" }, "both or none"],
    ["a template that is no JSON", { SecretStringTemplate: "x", GenerateStringKey: "x" }, "no JSON object"],
    ["a template that is a list", { SecretStringTemplate: "[]", GenerateStringKey: "x" }, "no JSON object"],
    ["a length of 0", { PasswordLength: 0 }, "PasswordLength"],
    ["a length of 4,097", { PasswordLength: 4097 }, "PasswordLength"],
    ["fewer characters than types", { PasswordLength: 3 }, "too short"],
    [
      "nothing left",
      { ExcludeLowercase: true, ExcludeUppercase: true, ExcludeNumbers: true, ExcludePunctuation: true },
      "every character is excluded",
    ],
  ])("%s is refused", (_name, rules, message) => {
    expect(() => generateSecretString({ ...rules })).toThrow(message);
  });

  test("a secret has a given text, or a generated one", () => {
    expect(secretText({ SecretString: "given" })).toBe("given");
    expect(secretText({ GenerateSecretString: {} })).toHaveLength(32);
    expect(() => secretText({ SecretString: "x", GenerateSecretString: {} })).toThrow("one of them");
  });
});
