// Which gates are deployed, and what changes about them from one deployment to the next.
import { rmSync } from "node:fs";
import { createApp } from "../../../infra/app/app.ts";

type Context = Readonly<Record<string, unknown>>;

/** A gate, by what decides which resources it has. */
export interface Shape {
  readonly name: string;
  readonly context: Context;
  /** Of its own; the distribution's without. */
  readonly host?: string;
  /** Whether each deployment is given a `deploymentId`, as a pipeline may. */
  readonly isNumbered: boolean;
}

const HOST = "assets.example.com";
const OWN_DOMAIN = {
  domainNames: HOST,
  certificateArn: "arn:aws:acm:us-east-1:123456789012:certificate/00000000-0000-4000-8000-000000000000",
};
const AREAS = [
  { path: "/open/*", public: true },
  { path: "/team/*", groups: ["editors"] },
  { path: "/files/*" },
];
const COMMON = { auth: {}, groups: ["editors"], areas: AREAS, alarms: true };

const SPLIT = { placement: "split", revocation: true };
const ONE_PLACE = { placement: "lambda", revocation: false };

export const SHAPES: readonly Shape[] = (["identityPool", "sts"] as const).flatMap((exchange): Shape[] => [
  { name: exchange, isNumbered: exchange === "sts", context: { ...COMMON, exchange } },
  { name: `${exchange}, split`, isNumbered: false, context: { ...COMMON, ...SPLIT, exchange } },
  {
    name: `${exchange}, domain`,
    host: HOST,
    isNumbered: exchange === "identityPool",
    context: { ...COMMON, exchange, ...OWN_DOMAIN },
  },
]);

/** How the next deployment differs from the first. */
export interface Change {
  readonly name: string;
  /** Context of the first deployment, where the shape's own is not it. */
  readonly from?: Context;
  readonly to?: Context;
  /** What is different in the template's text, for what no context changes. */
  readonly text?: readonly [before: string, after: string];
  /** What happens in the account in between. */
  readonly keys?: "pool" | "sealing" | "sealing, same value";
}

export const CHANGES: readonly Change[] = [
  { name: "nothing" },
  { name: "areas", to: { areas: [...AREAS, { path: "/more/*" }] } },
  { name: "an owner's area", to: { areas: [...AREAS, { path: "/me/*", owner: "users/{identityId}/" }] } },
  { name: "the pool's keys", keys: "pool" },
  { name: "the sealing keys", keys: "sealing" },
  { name: "a new secret version with the old value", keys: "sealing, same value" },
  { name: "the app client", text: ["43200", "1440"] },
  { name: "the title of sign-in", to: { auth: { title: "Another title" } } },
  { name: "sign-in on", from: { auth: false } },
  { name: "sign-in off", to: { auth: false } },
  { name: "the bundle", to: { sdk: true } },
  { name: "to the split placement", from: ONE_PLACE, to: SPLIT },
  { name: "from the split placement", from: SPLIT, to: ONE_PLACE },
];

/** The changes that a gate can be put through: the split placement needs sign-in. */
export function changesOf({ context }: Shape, changes: readonly Change[]): readonly Change[] {
  const hasNone = ({ from, to }: Change) => from?.["auth"] === false || to?.["auth"] === false;
  return context["placement"] === "split" ? changes.filter((change) => !hasNone(change)) : changes;
}

/** A deployment, as a person or a pipeline starts it: what is to be there, and the how manieth it is. */
export interface Deployment {
  readonly shape: Shape;
  readonly change: Change;
  readonly isChanged: boolean;
  readonly attempt: number;
}

/** Stands for the number of the deployment in templates that are kept. */
const PLACEHOLDER = "the-number-of-the-deployment";
const kept = new Map<string, unknown>();

/**
 * The template, synthesized once for what decides about it. Where only the account changes, or the template is changed
 * by hand, the deployment is always given its number: without one there would be nothing to deploy.
 */
export function templateOf(deployment: Deployment): unknown {
  const { shape, change, isChanged, attempt } = deployment;
  const isNumbered = shape.isNumbered || (change.to ?? change.from) === undefined;
  const context = contextOf(deployment);
  const key = JSON.stringify([isNumbered, context]);
  const template = kept.get(key) ?? synthesize(context, isNumbered ? PLACEHOLDER : undefined);
  kept.set(key, template);
  const [before, after] = (isChanged ? change.text : undefined) ?? ["", ""];
  const text = JSON.stringify(template).replaceAll(PLACEHOLDER, `deployment-${attempt}`);
  return JSON.parse(before === "" ? text : text.replaceAll(before, after));
}

function synthesize(context: Context, deploymentId: string | undefined): unknown {
  const assembly = createApp({ context, ...(deploymentId && { deploymentId }) }).synth();
  const { template } = assembly.getStackByName("Gatehouse");
  rmSync(assembly.directory, { recursive: true, force: true });
  return template;
}

/** The context that a deployment is synthesized with. */
export function contextOf({ shape, change, isChanged }: Omit<Deployment, "attempt">): Context {
  return { ...shape.context, ...(isChanged ? change.to : change.from) };
}
