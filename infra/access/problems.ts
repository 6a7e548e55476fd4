// What the areas ask for and AWS cannot say: each problem names both sides.
import type { Area } from "../../edge/config/config.ts";
import { listStatements } from "./listing.ts";
import { objectProblems, objectStatements } from "./objects.ts";
import { contains, fitsBehaviors, fitsPolicies, patternOf } from "./pattern.ts";
import { type Access, nameOf, type Reader, readersOf } from "./reader.ts";
import { type SharedRights, sharedWhereMany } from "./shared.ts";
import { MAX_POLICY_LENGTH, policyLength } from "./size.ts";
import type { Statement } from "./statement.ts";

/** What a customer-managed policy may have, and how many of them a role carries unless that quota was raised. */
const MAX_SHARED_LENGTH = 6_144;
const MAX_CARRIED = 10;

const ONE_SPELLING = "letters, digits and - . _ ~ only, which CloudFront reads in one way";

/**
 * Every reason why these areas, each of them right, cannot be made on AWS; starting with the field's name. Roles that
 * are all made here `share` their policies, where they are many.
 */
export function accessProblems(access: Access, share = false): readonly string[] {
  const shared = share ? sharedWhereMany(access) : undefined;
  const problems = [
    ...access.areas.flatMap((area, index) =>
      [...spellingProblems(area, access), ...browserProblems(area, access)].map(
        (problem) => `areas[${index}].${problem}`,
      ),
    ),
    ...(shared ? sharedProblems(access, shared) : roleProblems(access)),
  ];
  return [...new Set(problems)];
}

function roleProblems(access: Access): readonly string[] {
  return readersOf(access).flatMap((reader) => [
    ...objectProblems(access, reader),
    ...sizeProblems(reader, [...objectStatements(access, reader), ...listStatements(access, reader)]),
  ]);
}

/** Nothing lies inside the groups' areas, so that what layers can say for everyone they can say for all. */
function sharedProblems(access: Access, { policies, of }: SharedRights): readonly string[] {
  const lengths = Object.entries(policies).map(
    ([name, statements]) => [name, policyLength(statements)] as const,
  );
  return [
    ...objectProblems(access, undefined),
    ...lengths
      .filter(([, length]) => length > MAX_SHARED_LENGTH)
      .map(
        ([name, length]) =>
          `areas: the policy "${name}" of all roles would be ${length} characters long, IAM takes ${MAX_SHARED_LENGTH}; use fewer areas`,
      ),
    ...readersOf(access).flatMap((reader) => {
      const { carries, further } = of(reader);
      const count = carries.length + further.length;
      const problem = `areas: the role of ${nameOf(reader)} would carry ${count} policies, IAM takes ${MAX_CARRIED}; use fewer areas`;
      return count > MAX_CARRIED ? [problem] : [];
    }),
  ];
}

function spellingProblems(area: Area, { areas, origin }: Access): readonly string[] {
  const { path, owner = "" } = area;
  const rules: readonly (readonly [broken: boolean, problem: string])[] = [
    [
      !area.public && !fitsPolicies(path),
      `path: "${path}" has characters beyond U+00FF, which IAM refuses in policies`,
    ],
    [!fitsPolicies(owner), `owner: "${owner}" has characters beyond U+00FF, which IAM refuses in policies`],
    [area.public && path === "/*", 'path: "/*" would make the whole bucket public'],
    [area.public && !fitsBehaviors(path), `path: "${path}" is public, so it takes ${ONE_SPELLING}`],
    [
      area.public && !fitsBehaviors(origin.path),
      `public: with public areas origin.path "${origin.path}" takes ${ONE_SPELLING}`,
    ],
    [area.api && !fitsBehaviors(path), `path: "${path}" is an API's, so it takes ${ONE_SPELLING}`],
    [
      !fitsBehaviors(path) &&
        areas.some((outer) => outer.api && contains(patternOf(outer.path), patternOf(path))),
      `path: "${path}" lies inside an API, so it takes ${ONE_SPELLING}`,
    ],
    [
      area.browserMaxAge > 0 && !fitsBehaviors(path),
      `path: "${path}" has a browserMaxAge, so it takes ${ONE_SPELLING}`,
    ],
  ];
  return rules.filter(([broken]) => broken).map(([, problem]) => problem);
}

/**
 * What browsers may keep is said by the behaviour that CloudFront picks, by the path as it was sent. A path that is
 * spelt in another way can miss the behaviour of an area inside, so that there must be nothing inside to protect.
 */
function browserProblems(area: Area, { areas, listing }: Access): readonly string[] {
  if (area.browserMaxAge === 0) return [];
  const inside = areas.filter(
    (other) => other !== area && contains(patternOf(area.path), patternOf(other.path)),
  );
  const of = ({ groups }: Area) => (groups ? "is a group's" : "is its owners'");
  return [
    ...(listing.enabled && area.path === "/*"
      ? ['browserMaxAge: browsers could keep listings, which "/*" reaches; give it to a folder']
      : []),
    ...inside
      .filter((other) => (other.groups && !other.api) || other.owner)
      .map(
        (other) =>
          `browserMaxAge: browsers could keep what lies in "${other.path}", which ${of(other)} and inside "${area.path}"`,
      ),
    ...inside
      .filter((other) => !fitsBehaviors(other.path))
      .map(({ path }) => `browserMaxAge: "${path}" inside "${area.path}" takes ${ONE_SPELLING}`),
  ];
}

function sizeProblems(reader: Reader, statements: readonly Statement[]): readonly string[] {
  const length = policyLength(statements);
  if (length <= MAX_POLICY_LENGTH) return [];
  return [
    `areas: the policy of ${nameOf(reader)} would be ${length} characters long, IAM takes ${MAX_POLICY_LENGTH}; use fewer areas`,
  ];
}
