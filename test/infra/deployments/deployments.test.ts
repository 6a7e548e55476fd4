// A sample of the deployments that fail and are tried again; `npm run soak` plays all of them.
import { expect, test } from "vitest";
import { isCustomResource } from "../../../local/aws/cloudformation/custom-resource.ts";
import { CREATE_ONLY } from "../../../local/aws/cloudformation/replacement.ts";
import { parseTemplate } from "../../../local/aws/cloudformation/template.ts";
import { play } from "./play.ts";
import { scenariosOf } from "./scenarios.ts";
import { CHANGES, SHAPES, templateOf } from "./shapes.ts";

/** Every one of so many, which is not a divisor of anything that the scenarios are made of. */
const STRIDE = 23;
/** Those that meet most; the others take a second of synthesis each. */
const NAMES = [
  "areas",
  "the sealing keys",
  "a new secret version with the old value",
  "the app client",
  "the bundle",
  "from the split placement",
];
const shapes = SHAPES.filter(({ name }) => ["identityPool, split", "sts, domain"].includes(name));
const changes = CHANGES.filter(({ name }) => NAMES.includes(name));
const all = await scenariosOf(shapes, changes);
const sample = all.filter((_, index) => index % STRIDE === 0);

test("which properties replace a resource is known of every type that the app makes", () => {
  const types = shapes.flatMap((shape) => {
    const template = templateOf({ shape, change: { name: "nothing" }, isChanged: false, attempt: 1 });
    return [...parseTemplate(template).resources.values()].map(({ type }) => type);
  });
  expect(types.filter((type) => !isCustomResource(type) && !(type in CREATE_ONLY))).toEqual([]);
});

test(`${sample.length} of ${all.length} scenarios are played`, () => {
  expect(sample.length).toBeGreaterThan(30);
});

test.each(sample.map((scenario) => [scenario.name, scenario] as const))("%s", async (_name, scenario) => {
  await play(scenario);
});
