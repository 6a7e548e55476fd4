// The groups as they are given: names whose roles are made, or names with roles; else those that the areas name.

/** What is wrong with groups, which come with roles exactly where the gate makes neither group nor role. */
export function groupProblems(groups: unknown, given: Given): readonly string[] {
  const names = groupNames(groups);
  const hasRoles = names.length > 0 && !isNames(groups);
  const rules: readonly (readonly [broken: boolean, problem: string])[] = [
    [
      hasRoles && given.exchange === "sts",
      "groups: with the exchange by STS the roles are made here, trusting the function alone; give names only",
    ],
    [
      names.length > 0 && !hasRoles && given.exchange !== "sts" && !!given.userPool,
      "groups: a group of an existing user pool comes with the role that it has there; neither is changed",
    ],
  ];
  return [
    ...names
      .filter((name) => !GROUP_NAME.test(name))
      .map((name) => `groups: "${name}" is not a name that a user pool's group can have`),
    ...rules.filter(([broken]) => broken).map(([, problem]) => problem),
  ];
}

/** What decides who makes groups and roles. */
interface Given {
  readonly userPool?: unknown;
  readonly exchange?: unknown;
}

/** https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateGroup.html */
const GROUP_NAME = /^([a-z-]+-\d_[A-Za-z0-9]+\/)?[\p{L}\p{M}\p{S}\p{N}\p{P}]{1,128}$/u;

/** The names, in either form. */
export function groupNames(groups: unknown): readonly string[] {
  if (isNames(groups)) return groups.map(String);
  return typeof groups === "object" && groups !== null ? Object.keys(groups) : [];
}

/** Whether groups are names only; what the names are is checked by `groupProblems`. */
export function isNames(groups: unknown): groups is readonly string[] {
  return Array.isArray(groups);
}

/** The groups that areas name, whatever else is wrong with them. */
export function groupsIn(areas: unknown): readonly string[] {
  return [...new Set(isList(areas) ? areas.flatMap(namesIn) : [])];
}

function namesIn(area: unknown): readonly string[] {
  const groups: unknown = typeof area === "object" && area !== null && "groups" in area && area.groups;
  return isList(groups) ? groups.filter((name) => typeof name === "string") : [];
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}
