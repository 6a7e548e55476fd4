// The CDK app: `cdk synth` and `cdk deploy` run this file, as `cdk.json` says; the local stack imports it.
import { realpathSync } from "node:fs";
import { App, DefaultStackSynthesizer } from "aws-cdk-lib";
import cdkJson from "../../cdk.json" with { type: "json" };
import { ConfigError } from "../../edge/config/document.ts";
import { readContext } from "./context.ts";
import { GatehouseStack } from "./stack.ts";

/** Options of `createApp`. */
export interface AppOptions {
  /**
   * Settings by context key, see `context.ts`; the command line's win.
   * @default - none
   */
  readonly context?: Readonly<Record<string, unknown>>;
  /**
   * The folder that `synth()` writes to.
   * @default - where the CDK command line says, else a temporary folder
   */
  readonly outdir?: string;
  /**
   * When this changes, the user pool's keys are read again.
   * @default - the context's, else a hash of the template
   */
  readonly deploymentId?: string;
  /**
   * Whether the template can be deployed without CDK: it asks for no bootstrapped account.
   * @default false
   */
  readonly standsAlone?: boolean;
}

/**
 * The app with its one stack, the same whether the CDK command line runs it or not. It knows no account, so that
 * synthesis needs no credentials; the region is the only one that Lambda@Edge functions can be made in.
 * @throws ConfigError naming everything that is wrong with the context.
 */
export function createApp(options: AppOptions = {}): App {
  const app = new App({
    context: { ...featureFlags(), ...options.context },
    outdir: options.outdir,
    analyticsReporting: false,
  });
  new GatehouseStack(app, "Gatehouse", {
    description: "Gatehouse: private assets for signed-in users",
    env: { region: "us-east-1" },
    context: readContext(app.node.getAllContext()),
    deploymentId: options.deploymentId,
    ...(options.standsAlone && {
      synthesizer: new DefaultStackSynthesizer({ generateBootstrapVersionRule: false }),
    }),
  });
  return app;
}

/** How CDK behaves must not depend on who runs the app; what it deploys must not leak into a local run. */
function featureFlags(): Record<string, unknown> {
  return Object.fromEntries(Object.entries(cdkJson.context).filter(([key]) => key.startsWith("@aws-cdk/")));
}

function isMain(): boolean {
  const script = process.argv[1];
  return script !== undefined && realpathSync(script) === import.meta.filename;
}

if (isMain()) {
  try {
    createApp().synth();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}
