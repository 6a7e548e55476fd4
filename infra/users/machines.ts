// The app clients that read for themselves, and the scopes that areas ask them for.

/** The scopes that areas name, each once, whatever else is wrong with them. */
export function scopesIn(areas: unknown): readonly string[] {
  const list: readonly unknown[] = Array.isArray(areas) ? areas : [];
  return [...new Set(list.flatMap(scopesOf))];
}

function scopesOf(area: unknown): readonly string[] {
  const scopes: unknown = typeof area === "object" && area !== null && "scopes" in area && area.scopes;
  return Array.isArray(scopes) ? scopes.filter((name) => typeof name === "string") : [];
}

/** What is wrong with machines' clients besides what the configuration shows. */
export function machineProblems(clients: unknown, userPool: unknown): readonly string[] {
  if (clients === undefined) return [];
  if (!Array.isArray(clients)) return ["machineClients: expected a list of app clients"];
  return userPool ? [] : ["machineClients: come with the user pool that they belong to"];
}
