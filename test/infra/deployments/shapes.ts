// Which gates are deployed, and what changes about them from one deployment to the next.
import { synthesize } from "../../../local/gate/synthesis.ts";

type Context = Readonly<Record<string, unknown>>;

/** A gate, by what decides which resources it has. */
export interface Shape {
  readonly name: string;
  readonly context: Context;
  /** What its users' own folders are named by. */
  readonly exchange: "identityPool" | "sts";
  /** Of its own; the distribution's without. */
  readonly host?: string;
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

export const SHAPES: readonly Shape[] = (["identityPool", "sts"] as const).flatMap((exchange): Shape[] => [
  { name: exchange, exchange, context: { ...COMMON, exchange } },
  {
    name: `${exchange}, domain`,
    exchange,
    host: HOST,
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
];

/** A deployment, as a person or a pipeline starts it: what is to be there, and the how manieth it is. */
export interface Deployment {
  readonly shape: Shape;
  readonly change: Change;
  readonly isChanged: boolean;
  readonly attempt: number;
}

/** Stands for the number of the deployment in templates that are kept. */
const PLACEHOLDER = "the-number-of-the-deployment";
const kept = new Map<string, string>();

/** The template, synthesized once for what decides about it. */
export function templateOf({ shape, change, isChanged, attempt }: Deployment): unknown {
  const context = contextOf({ shape, change, isChanged });
  const key = JSON.stringify(context);
  const text = kept.get(key) ?? JSON.stringify(synthesize(context, PLACEHOLDER));
  kept.set(key, text);
  const [before, after] = (isChanged ? change.text : undefined) ?? ["", ""];
  const changed = before === "" ? text : text.replaceAll(before, after);
  return JSON.parse(changed.replaceAll(PLACEHOLDER, `deployment-${attempt}`));
}

function contextOf({ shape, change, isChanged }: Omit<Deployment, "attempt">): Context {
  return { ...shape.context, ...(isChanged ? change.to : change.from) };
}
