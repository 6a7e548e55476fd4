// Synthesizes the shipped app in-process and looks at the template; nothing here needs credentials or a network.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App, Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { createApp } from "../../infra/app/app.ts";
import { GatehouseStack } from "../../infra/app/stack.ts";
import type { SignedInAssetsProps } from "../../infra/props.ts";
import { SignedInAssets } from "../../infra/signed-in-assets.ts";

/** As long as that of a real key, and of no key. */
export const MODULUS = "0vx7-_AgoebGcQSuu9".repeat(19);

/** The parts of a CloudFormation template that the tests read. */
export interface TemplateJson {
  readonly Resources: Readonly<Record<string, ResourceJson>>;
  readonly Outputs?: Readonly<Record<string, { readonly Value: unknown }>>;
}

export interface ResourceJson {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
  readonly DependsOn?: readonly string[];
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
}

const OUT = mkdtempSync(join(tmpdir(), "gatehouse-synth-"));
process.on("exit", () => rmSync(OUT, { recursive: true, force: true }));

export function newOutdir(): string {
  return mkdtempSync(join(OUT, "app-"));
}

/** The app as `cdk deploy -c key=value …` would see it. */
export function appWith(context: Record<string, unknown> = {}, deploymentId = "fixed"): App {
  return createApp({ context, deploymentId, outdir: newOutdir() });
}

export function stackOf(app: App): GatehouseStack {
  const stack = app.node.findChild("Gatehouse");
  if (!(stack instanceof GatehouseStack)) throw new Error("no Gatehouse stack");
  return stack;
}

export function templateWith(context: Record<string, unknown> = {}, deploymentId?: string): Template {
  return Template.fromStack(stackOf(appWith(context, deploymentId)));
}

/** The template of a gate that only checks tokens. */
export function lockWith(context: Record<string, unknown> = {}): Template {
  return templateWith({ auth: false, ...context });
}

/** A gate in a person's own stack, with none of the shipped app's feature flags. */
export function gateIn(
  region: string | undefined,
  props: (stack: Stack) => SignedInAssetsProps = () => ({}),
): { gate: SignedInAssets; template: () => Template } {
  const app = new App({ outdir: newOutdir(), analyticsReporting: false });
  const stack = new Stack(app, "Site", region === undefined ? {} : { env: { region } });
  const gate = new SignedInAssets(stack, "Assets", { deploymentId: "fixed", ...props(stack) });
  return { gate, template: () => Template.fromStack(stack) };
}

/** The one resource of a type, with its logical id; a type made several times is told apart by a part of the id. */
export function only(template: Template, type: string, idPart = ""): ResourceJson & { readonly id: string } {
  const { Resources }: TemplateJson = json(template);
  const found = Object.entries(Resources).filter(([id, it]) => it.Type === type && id.includes(idPart));
  const [entry, ...others] = found;
  if (!entry || others.length > 0) throw new Error(`${found.length} resources of type ${type}, not one`);
  return { id: entry[0], ...entry[1] };
}

export function json(template: Template): TemplateJson {
  const { Resources = {}, Outputs } = template.toJSON();
  return { Resources, Outputs };
}

/** Resolves Ref, GetAtt and Join with what `valueFor` says for `Id` and `Id.Attribute`. */
export function resolve(value: unknown, valueFor: (reference: string) => string): unknown {
  if (Array.isArray(value)) return value.map((item) => resolve(item, valueFor));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value);
  const [[name, argument] = []] = entries;
  if (name === "Ref") return valueFor(String(argument));
  if (name === "Fn::GetAtt" && Array.isArray(argument)) return valueFor(argument.join("."));
  if (name === "Fn::Join" && Array.isArray(argument)) {
    const [separator, parts] = argument;
    const resolved = resolve(parts, valueFor);
    return Array.isArray(resolved) ? resolved.join(separator) : resolved;
  }
  return Object.fromEntries(entries.map(([key, item]) => [key, resolve(item, valueFor)]));
}
