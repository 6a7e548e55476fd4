// Every deployment that fails and is tried again, and what came of it.
import { play } from "../infra/deployments/play.ts";
import { type Scenario, scenariosOf } from "../infra/deployments/scenarios.ts";
import { CHANGES, SHAPES } from "../infra/deployments/shapes.ts";

/** Plays all of them and prints how many; @throws Error with those that did not end with a gate that serves. */
export async function soakDeployments(shapes = SHAPES, changes = CHANGES): Promise<void> {
  const startedAt = performance.now();
  const counts = new Map<string, number>();
  const broken: string[] = [];
  for (const scenario of await scenariosOf(shapes, changes)) {
    counts.set(scenario.story.kind, (counts.get(scenario.story.kind) ?? 0) + 1);
    const reason = await reasonOf(scenario);
    if (reason !== undefined) broken.push(`${scenario.name}\n${reason}`);
  }
  for (const [kind, count] of counts) console.log(`${String(count).padStart(9)}  ${kind}`);
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(0);
  console.log(
    `${total} scenarios of deployments in ${seconds} s, ${broken.length} without a gate that serves`,
  );
  if (broken.length > 0) throw new Error(broken.join("\n"));
}

async function reasonOf(scenario: Scenario): Promise<string | undefined> {
  try {
    await play(scenario);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
