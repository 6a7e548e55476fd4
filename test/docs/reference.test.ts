// docs/configuration.md says what the code says.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { CONTEXT_KEYS } from "../../infra/app/context-keys.ts";
import { DESCRIBED_KEYS } from "./context-keys.ts";
import { ROOT } from "./pages.ts";
import { REFERENCE, reference } from "./reference.ts";
import { fieldsOf } from "./source.ts";

test("docs/configuration.md is up to date; node test/docs/reference.ts writes it", () => {
  expect(readFileSync(REFERENCE, "utf8")).toBe(reference());
});

test("every context key that the app reads is described, and no other", () => {
  const sources = ["infra/app/context.ts", "infra/app/surroundings.ts"].map((file) =>
    readFileSync(join(ROOT, file), "utf8"),
  );
  const read = sources.flatMap((source) => [...source.matchAll(/\bget\("(\w+)"\)/g)].map(([, key]) => key));
  expect(new Set(read)).toEqual(new Set(CONTEXT_KEYS));
  expect(DESCRIBED_KEYS.map(({ key }) => key)).toEqual(CONTEXT_KEYS);
});

test("interfaces are read with their comments, defaults and inner fields", () => {
  const source = `
/** About it. */
export interface Thing<T> extends Other {
  /**
   * One line.
   *
   * - a list
   * @default - nothing,
   *   on two lines
   */
  readonly a?: readonly ("x" | { readonly y: string })[];
  readonly b: {
    /** Inner. */
    readonly c: (value: string) => void;
  };
}`;
  const [a, b] = fieldsOf(source, "Thing");
  expect(a).toEqual({
    name: "a",
    type: 'readonly ("x" | { readonly y: string })[]',
    isOptional: true,
    text: "One line.\n\n- a list",
    fallback: "- nothing, on two lines",
    fields: [],
  });
  expect(b?.fields).toMatchObject([{ name: "c", text: "Inner.", type: "(value: string) => void" }]);
  expect(() => fieldsOf(source, "Nothing")).toThrow("no interface Nothing");
});
