// A sample of the deployments that fail and are tried again; `npm run soak` plays all of them.
import { expect, test } from "vitest";
import { play } from "./play.ts";
import { scenariosOf } from "./scenarios.ts";
import { CHANGES, SHAPES } from "./shapes.ts";

/** Every one of so many, which is not a divisor of anything that the scenarios are made of. */
const STRIDE = 41;
/** Those that meet most; the others take a second of synthesis each. */
const NAMES = [
  "areas",
  "the sealing keys",
  "a new secret version with the old value",
  "the app client",
  "the bundle",
];
const shapes = SHAPES.filter(({ name }) => name === "identityPool" || name === "sts, domain");
const changes = CHANGES.filter(({ name }) => NAMES.includes(name));
const all = await scenariosOf(shapes, changes);
const sample = all.filter((_, index) => index % STRIDE === 0);

test(`${sample.length} of ${all.length} scenarios are played`, () => {
  expect(sample.length).toBeGreaterThan(30);
});

test.each(sample.map((scenario) => [scenario.name, scenario] as const))("%s", async (_name, scenario) => {
  await play(scenario);
});
