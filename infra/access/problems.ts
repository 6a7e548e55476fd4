// What the areas ask for and AWS cannot say: each problem names both sides.
import type { Area } from "../../edge/config/config.ts";
import { listStatements } from "./listing.ts";
import { objectProblems, objectStatements } from "./objects.ts";
import { contains, fitsBehaviors, fitsPolicies, patternOf } from "./pattern.ts";
import { type Access, type Reader, readersOf } from "./reader.ts";

/** The longest that `arn:aws:s3:::<bucket>` can be. */
const BUCKET_ARN_LENGTH = 76;

/** IAM takes 10,240 characters without white space for all inline policies of a role; CDK splits beyond 10,000. */
const MAX_POLICY_LENGTH = 10_000;

const ONE_SPELLING = "letters, digits and - . _ ~ only, which CloudFront reads in one way";

/** Every reason why these areas, each of them right, cannot be made on AWS; starting with the field's name. */
export function accessProblems(access: Access): readonly string[] {
  const problems = [
    ...access.areas.flatMap((area, index) =>
      [...spellingProblems(area, access), ...browserProblems(area, access)].map(
        (problem) => `areas[${index}].${problem}`,
      ),
    ),
    ...readersOf(access).flatMap((reader) => [
      ...objectProblems(access, reader),
      ...sizeProblems(access, reader),
    ]),
  ];
  return [...new Set(problems)];
}

function spellingProblems(area: Area, { origin }: Access): readonly string[] {
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
      .filter((other) => other.groups || other.owner)
      .map(
        (other) =>
          `browserMaxAge: browsers could keep what lies in "${other.path}", which ${of(other)} and inside "${area.path}"`,
      ),
    ...inside
      .filter((other) => !fitsBehaviors(other.path))
      .map(({ path }) => `browserMaxAge: "${path}" inside "${area.path}" takes ${ONE_SPELLING}`),
  ];
}

function sizeProblems(access: Access, reader: Reader): readonly string[] {
  const statements = [...objectStatements(access, reader), ...listStatements(access, reader)];
  const resources = statements.flatMap(({ resources = [], notResources = [] }) => [
    ...resources,
    ...notResources,
  ]);
  const length = JSON.stringify(statements).length + resources.length * BUCKET_ARN_LENGTH;
  if (length <= MAX_POLICY_LENGTH) return [];
  const role = reader === undefined ? "signed-in users" : `group "${reader}"`;
  return [
    `areas: the policy of ${role} would be ${length} characters long, IAM takes ${MAX_POLICY_LENGTH}; use fewer areas`,
  ];
}
