// The order of creation: what a resource refers to or depends on comes first.

/**
 * CloudFormation works on several resources at once, so that any order that fits may happen: one resource as soon, or
 * as late, as its dependencies allow.
 */
export type Preference = { readonly first: string } | { readonly last: string };

/** The ids so that each comes after its dependencies; a cycle throws, naming the ring. */
export function creationOrder(
  dependencies: ReadonlyMap<string, ReadonlySet<string>>,
  preference?: Preference,
): string[] {
  const order: string[] = [];
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (id: string): void => {
    if (done.has(id)) return;
    const start = path.indexOf(id);
    if (start !== -1) {
      throw new Error(`circular dependency between resources: ${[...path.slice(start), id].join(" → ")}`);
    }
    path.push(id);
    for (const dependency of dependencies.get(id) ?? []) visit(dependency);
    path.pop();
    done.add(id);
    order.push(id);
  };
  for (const id of starts(dependencies, preference)) visit(id);
  return order;
}

function starts(
  dependencies: ReadonlyMap<string, ReadonlySet<string>>,
  preference: Preference | undefined,
): readonly string[] {
  const ids = [...dependencies.keys()];
  if (!preference) return ids;
  if ("first" in preference) return [...ids.filter((id) => id === preference.first), ...ids];
  const later = dependents(dependencies, preference.last);
  return [...ids.filter((id) => !later.has(id)), ...ids.filter((id) => id === preference.last), ...ids];
}

/** A resource, with everything that needs it, directly or not. */
export function dependents(dependencies: ReadonlyMap<string, ReadonlySet<string>>, id: string): Set<string> {
  const found = new Set([id]);
  for (let size = 0; size !== found.size; ) {
    size = found.size;
    for (const [other, needs] of dependencies)
      if ([...needs].some((need) => found.has(need))) found.add(other);
  }
  return found;
}
