// First match, seen as layers: a rule that lies inside a broader one of the opposite answer starts a new layer.
import type { Area } from "../../edge/config/config.ts";
import { contains, keyResource, type Pattern, patternOf } from "./pattern.ts";
import { type Access, opensTo, ownFolder, type Reader, reservedPattern, scopeOf } from "./reader.ts";

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
  for (const [rule, { around, depth }] of depthsOf(reached)) {
    if (depth !== around) put(rule, depth);
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
    const open =
      scopeOf(reader) === undefined && access.areas.some((area) => area.owner === owner && counts(area));
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

/** How deep a rule's keys lie, and what is around them; odd is readable, and no rule at all, depth 0, is not. */
interface Depth {
  readonly around: number;
  readonly depth: number;
}

/** The depths in the order of the rules, worked out from the outermost to the innermost. */
function depthsOf(rules: readonly Rule[]): readonly (readonly [Rule, Depth])[] {
  const outerFirst = rules.toSorted(
    ({ pattern: a }, { pattern: b }) =>
      a.literal.length - b.literal.length || Number(b.isPrefix) - Number(a.isPrefix),
  );
  const depths = new Map<Rule, Depth>();
  for (const [index, rule] of outerFirst.entries()) {
    const nearest = outerFirst.findLast(
      (outer, place) => place < index && contains(outer.pattern, rule.pattern),
    );
    const around = (nearest && depths.get(nearest)?.depth) ?? 0;
    depths.set(rule, { around, depth: (around % 2 === 1) === rule.opens ? around : around + 1 });
  }
  return rules.flatMap((rule) => {
    const depth = depths.get(rule);
    return depth ? [[rule, depth] as const] : [];
  });
}
