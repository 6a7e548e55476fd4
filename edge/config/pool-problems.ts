// What is wrong with user pools as a whole, and with the groups that are named by pool. Runs where a configuration is made.
import type { Config } from "./config.ts";
import { groupPrefix } from "./pools.ts";

/** A user pool's id, and what comes before a group's name that is written by pool. */
const POOL_ID = /^[a-z-]+-\d_[A-Za-z0-9]+$/;
const BY_POOL = /^([a-z-]+-\d_[A-Za-z0-9]+)\//;

/** Every mistake that no single field shows, starting with the field's name. */
export function poolProblems(config: Pick<Config, "userPool" | "userPools" | "groups" | "areas">) {
  const { userPool, userPools } = config;
  const all = [userPool, ...userPools];
  return [
    ...userPools.flatMap(({ id, clientIds }, index) => {
      const earlier = all.slice(0, index + 1);
      const taken = clientIds.filter(
        (client) =>
          earlier.some((pool) => pool.clientIds.includes(client)) ||
          userPool.machineClientIds.includes(client),
      );
      return [
        ...(earlier.some((pool) => pool.id === id) ? [`userPools[${index}].id: "${id}" is there twice`] : []),
        ...taken.map((client) => `userPools[${index}].clientIds: "${client}" is another user pool's`),
      ];
    }),
    ...groupProblems(config),
  ];
}

/** A group by pool of a pool that is not there would be one of `userPool`, whose administrators could make it. */
function groupProblems({ userPools, groups, areas }: Pick<Config, "userPools" | "groups" | "areas">) {
  if (userPools.some(({ id }) => !POOL_ID.test(id))) return [];
  const isStray = (name: string) =>
    BY_POOL.test(name) && !userPools.some(({ id }) => name.startsWith(groupPrefix(id)));
  const problem = (name: string) => `"${name}" is of a user pool that is not in userPools`;
  return [
    ...Object.keys(groups)
      .filter(isStray)
      .map((name) => `groups: ${problem(name)}`),
    ...areas.flatMap((area, index) =>
      (area.groups ?? []).filter(isStray).map((name) => `areas[${index}].groups: ${problem(name)}`),
    ),
  ];
}
