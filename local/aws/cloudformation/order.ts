// The order of creation: what a resource refers to or depends on comes first.

/** The ids so that each comes after its dependencies; a cycle throws, naming the ring. */
export function creationOrder(dependencies: ReadonlyMap<string, ReadonlySet<string>>): string[] {
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
  for (const id of dependencies.keys()) visit(id);
  return order;
}
