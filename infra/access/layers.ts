// First match, seen as layers: a rule that lies inside a broader one of the opposite answer starts a new layer.
import type { Area } from "../../edge/config/config.ts";
import { contains, keyResource, type Pattern, patternOf } from "./pattern.ts";
import { type Access, opensTo, ownFolder, type Reader, reservedPattern } from "./reader.ts";

/** Keys with one answer. */
export interface Zone {
  /** The keys in IAM, behind the bucket's ARN. */
  readonly resource: string;
  /** Where it was configured, for messages. */
  readonly source: string;
}

/** Readable keys, keys inside them that are not, keys inside those that are, and so on. */
export type Layers = readonly (readonly Zone[])[];

/** One rule of the list; inside reserved keys there may be the caller's own. */
interface Rule extends Zone {
  readonly pattern: Pattern;
  readonly opens: boolean;
  readonly own: readonly Zone[];
}

/** The layers of what a reader may read, by the areas for which `counts` holds. */
export function layersOf(access: Access, reader: Reader, counts: (area: Area) => boolean): Layers {
  const rules = rulesOf(access, reader, counts);
  const reached = rules.filter(
    (rule, index) => !rules.slice(0, index).some((earlier) => contains(earlier.pattern, rule.pattern)),
  );
  const layers: Zone[][] = [];
  const put = (zone: Zone, depth: number) => {
    layers[depth - 1] = [...(layers[depth - 1] ?? []), { resource: zone.resource, source: zone.source }];
  };
  for (const rule of reached) {
    const depth = depthOf(rule, reached);
    if (depth !== depthAround(rule, reached)) put(rule, depth);
    for (const own of rule.own) put(own, depth + 1);
  }
  return Array.from(layers, (layer) => layer ?? []);
}

/** Reserved keys come first: whatever area their path would match, they are the owners'. */
function rulesOf(access: Access, reader: Reader, counts: (area: Area) => boolean): readonly Rule[] {
  const { path } = access.origin;
  const rule = (pattern: Pattern, opens: boolean, source: string, own: readonly Zone[] = []): Rule => ({
    pattern,
    opens,
    source,
    own,
    resource: keyResource(pattern, path),
  });
  const owners = new Set(access.areas.flatMap(({ owner }) => owner ?? []));
  const reserved = [...owners].map((owner) => {
    const open = access.areas.some((area) => area.owner === owner && counts(area));
    const own = { resource: `${ownFolder(owner, access)}*`, source: `"${owner}"` };
    return rule(reservedPattern(owner), false, own.source, open ? [own] : []);
  });
  return [
    ...reserved,
    ...access.areas.map((area, index) =>
      rule(
        patternOf(area.path),
        opensTo(area, reader) && counts(area),
        `areas[${index}].path "${area.path}"`,
      ),
    ),
  ];
}

/** Odd when the rule's keys are readable: no rule at all, depth 0, means not. */
function depthOf(rule: Rule, rules: readonly Rule[]): number {
  const around = depthAround(rule, rules);
  return (around % 2 === 1) === rule.opens ? around : around + 1;
}

function depthAround(rule: Rule, rules: readonly Rule[]): number {
  const [nearest] = rules
    .filter((other) => other !== rule && contains(other.pattern, rule.pattern))
    .sort((a, b) => b.pattern.literal.length - a.pattern.literal.length);
  return nearest ? depthOf(nearest, rules) : 0;
}
