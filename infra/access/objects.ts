// Which objects a role may read: the areas' first match, in IAM's statements.
import type { Area } from "../../edge/config/config.ts";
import { type Layers, layersOf, type Zone } from "./layers.ts";
import { type Access, nameOf, type Reader, scopeOf } from "./reader.ts";
import type { Statement } from "./statement.ts";

/** The rights to read objects, by action, each with the areas that give it. */
const ACTIONS: readonly (readonly [action: string, counts: (area: Area) => boolean])[] = [
  ["s3:GetObject", () => true],
  ["s3:GetObjectVersion", ({ versions }) => versions],
];

/** The right to store objects, where areas give it; the length and the type are for the gate to say. */
export const WRITE = ["s3:PutObject"] as const;
/** Whether an area gives that right. */
export const hasUploads = ({ uploads }: Area) => uploads !== undefined;

/** How many layers statements can say: readable, not, readable again, not again. */
export const MAX_LAYERS = 4;

/** What of the areas a role's policy is to allow: reading, versions where areas have them, and storing. */
export function objectStatements(access: Access, reader: Reader): readonly Statement[] {
  const [objects, versions] = ACTIONS.map(([action, counts]) => ({
    action,
    layers: layersOf(access, reader, counts),
  }));
  if (!objects || !versions) return [];
  const isMachine = scopeOf(reader) !== undefined;
  const writing = isMachine ? [] : statementsOf(layersOf(access, reader, hasUploads), WRITE);
  if (JSON.stringify(objects.layers) === JSON.stringify(versions.layers))
    return [...statementsOf(objects.layers, [objects.action, versions.action]), ...writing];
  return [...[objects, versions].flatMap(({ action, layers }) => statementsOf(layers, [action])), ...writing];
}

/** What no statements can say: a readable area in the fifth layer, and what lies around it. */
export function objectProblems(access: Access, reader: Reader): readonly string[] {
  const readers = reader === undefined ? "every signed-in user" : nameOf(reader);
  return [...ACTIONS.map(([, counts]) => counts), hasUploads].flatMap((counts) => {
    const layers = layersOf(access, reader, counts);
    const around = ({ resource }: Zone) =>
      layers[MAX_LAYERS - 1]?.find((closed) => resource.startsWith(closed.resource.slice(0, -1)))?.source;
    return (layers[MAX_LAYERS] ?? []).map(
      (open) =>
        `areas: IAM cannot open ${open.source} to ${readers} and keep ${around(open)} closed around it; ` +
        "there are too many layers of open areas inside closed ones",
    );
  });
}

/**
 * A `Deny` beats every `Allow`, so that it can only close keys in which nothing is open. Where something is (a user's
 * own folder in everybody's `users/`), the closed keys are left out of the `Allow` instead, by `NotResource`. By itself
 * that would open every other bucket, so that a `Deny` on everything that is not an open area goes with it. Neither
 * names any action but these; the bucket's listing is not touched.
 */
export function statementsOf(layers: Layers, actions: readonly string[]): readonly Statement[] {
  const [open = [], closed = [], openInside = [], closedInside = []] = layers.map(resourcesOf);
  if (open.length === 0) return [];
  const deny = (resources: readonly string[]): readonly Statement[] =>
    resources.length > 0 ? [{ effect: "Deny", actions, resources }] : [];
  if (openInside.length === 0) return [{ effect: "Allow", actions, resources: open }, ...deny(closed)];
  return [
    { effect: "Allow", actions, notResources: closed },
    { effect: "Deny", actions, notResources: open },
    { effect: "Allow", actions, resources: openInside },
    ...deny(closedInside),
  ];
}

function resourcesOf(zones: readonly Zone[]): readonly string[] {
  return [...new Set(zones.map(({ resource }) => resource))];
}
