// Synthesizes the shipped app in this process and gives its template, as `cdk deploy` would send it.
import { rmSync } from "node:fs";
import { createApp } from "../../infra/app/app.ts";

/**
 * The template of the stack for these context keys; the id differs from deployment to deployment.
 * @throws ConfigError naming what is wrong with the context
 */
export function synthesize(
  context: Readonly<Record<string, unknown>>,
  deploymentId: string = "local",
): unknown {
  const assembly = createApp({ context, deploymentId }).synth();
  const template: unknown = assembly.getStackByName("Gatehouse").template;
  rmSync(assembly.directory, { recursive: true, force: true });
  return template;
}
