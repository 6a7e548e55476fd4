// What is wrong with what machines may read. Runs where a configuration is made.
import type { Area, Config } from "./config.ts";

/** Every mistake of scopes and of the app clients that have them, starting with the field's name. */
export function scopeProblems(config: Config): readonly string[] {
  const { areas, userPool, exchange } = config;
  const { machineClientIds, clientIds } = userPool;
  const field = "userPool.machineClientIds";
  const hasMachines = machineClientIds.length > 0;
  const hasScopes = areas.some(({ scopes }) => scopes);
  const rules: readonly (readonly [broken: boolean, problem: string])[] = [
    [hasMachines && !exchange, `${field}: needs exchange sts, for an identity pool takes no access tokens`],
    [hasMachines && !hasScopes, `${field}: no area has scopes, so that a machine could read nothing`],
    ...machineClientIds
      .filter((id) => clientIds.includes(id))
      .map(
        (id) =>
          [true, `${field}: "${id}" is in clientIds, too; a machine takes a client of its own`] as const,
      ),
  ];
  return [
    ...rules.filter(([broken]) => broken).map(([, problem]) => problem),
    ...areas.flatMap((area, index) =>
      problemsOf(area, config).map((problem) => `areas[${index}].scopes: ${problem}`),
    ),
  ];
}

function problemsOf(area: Area, { userPool, scopes: known }: Config): readonly string[] {
  const { scopes, owner, api } = area;
  if (!scopes) return [];
  const unknown = scopes.filter((name) => !Object.hasOwn(known, name));
  return [
    ...(userPool.machineClientIds.length === 0 ? ["without userPool.machineClientIds nobody has them"] : []),
    ...(owner ? ["machines have no folders of their own"] : []),
    ...(area.public ? ["everybody may read a public area"] : []),
    ...(api ? ["an API takes the tokens of users alone"] : []),
    ...unknown.map((name) => `"${name}" is not in scopes`),
  ];
}
