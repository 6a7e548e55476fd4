// Finds what CloudFormation refuses: resources that depend on themselves.
import type { TemplateJson } from "./synth.ts";

/** A path from a resource back to itself over Ref, GetAtt, Sub and DependsOn. */
export function cycleIn({ Resources }: TemplateJson): readonly string[] | undefined {
  const done = new Set<string>();
  const visit = (id: string, path: readonly string[]): readonly string[] | undefined => {
    if (path.includes(id)) return [...path, id];
    if (done.has(id)) return undefined;
    for (const next of referencesOf(Resources[id]).filter((name) => name in Resources)) {
      const found = visit(next, [...path, id]);
      if (found) return found;
    }
    done.add(id);
    return undefined;
  };
  for (const id of Object.keys(Resources)) {
    const found = visit(id, []);
    if (found) return found;
  }
  return undefined;
}

function referencesOf(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => {
    if (key === "Ref" || key === "DependsOn") return [item].flat().map(String);
    if (key === "Fn::GetAtt") return [String([item].flat()[0])];
    if (key === "Fn::Sub")
      return [...String([item].flat()[0]).matchAll(/\$\{(\w+)/g)].map(([, id = ""]) => id);
    return referencesOf(item);
  });
}
