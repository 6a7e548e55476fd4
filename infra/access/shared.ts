// What many roles have in common, said once: were each to list what is not for it, their policies would grow with the
// square of the groups.
import type { Area } from "../../edge/config/config.ts";
import { layersOf } from "./layers.ts";
import { listStatements, listStatementsFor } from "./listing.ts";
import { hasUploads, MAX_LAYERS, objectStatements, statementsOf, WRITE } from "./objects.ts";
import { contains, keyResource, patternOf } from "./pattern.ts";
import { type Access, opensTo, type Reader, reservedPattern, scopeOf } from "./reader.ts";
import { inChunks, inPolicies, MAX_POLICY_LENGTH, policyLength } from "./size.ts";
import type { Statement } from "./statement.ts";

/** The rights of all roles, in policies that several of them carry and in what each says itself. */
export interface SharedRights {
  readonly policies: Readonly<Record<string, readonly Statement[]>>;
  readonly of: (reader: Reader) => RoleRights;
}

/** The rights of one role. */
export interface RoleRights {
  /** Names among the policies. */
  readonly carries: readonly string[];
  readonly own: readonly Statement[];
  /** Instead of `own`, policies for this role alone: where one would be too long. */
  readonly further: readonly (readonly Statement[])[];
}

/** An area of groups in which nothing else lies. */
interface Leaf {
  readonly area: Area;
  readonly resource: string;
}

/** What everyone may do, and how the keys of groups are kept out of it. */
interface Common {
  readonly actions: readonly string[];
  readonly policies: Readonly<Record<string, readonly Statement[]>>;
  /** Groups' keys, a part in each; of each part there are the policies `Except<n>` and `Not<n>`. */
  readonly parts: readonly (readonly string[])[];
}

const READ = "s3:GetObject";
const READ_VERSION = "s3:GetObjectVersion";

/** A customer-managed policy has 6,144 characters; some are for what is around the keys. */
const PART_LENGTH = 5_600;

/** From how many areas times groups on: with fewer, a role's policy is better read where it is. */
const MANY = 400;

/** The rights of roles that are all made here, where there are too many for a full policy each. */
export function sharedWhereMany(access: Access): SharedRights | undefined {
  const isMany = access.areas.length * Object.keys(access.groups).length > MANY;
  return isMany ? sharedRights(access) : undefined;
}

/**
 * The same rights as those that `roleStatements` gives, or undefined where they cannot be shared: where something else
 * lies inside a group's area, where everyone's areas differ in `versions`, or where something lies inside everyone's
 * `uploads`.
 */
export function sharedRights(access: Access, partLength = PART_LENGTH): SharedRights | undefined {
  const leaves = leavesOf(access);
  const common = leaves && commonOf(access, leaves, partLength);
  if (!leaves || !common) return undefined;
  const lists = listStatementsFor(access, (area) => opensTo(area, undefined), true);
  const writing = layersOf(access, undefined, hasUploads);
  // What one group may store in a part of what everyone may is not for the same policy to deny.
  if (writing.length > 1) return undefined;
  const further = named({ Lists: lists, Uploads: statementsOf(writing, WRITE) });
  return {
    policies: { ...common.policies, ...further },
    of: (reader) =>
      scopeOf(reader) === undefined
        ? rightsOf(access, reader, leaves, common, Object.keys(further))
        : machineRights(access, reader),
  };
}

function leavesOf(access: Access): readonly Leaf[] | undefined {
  const reserved = access.areas.flatMap(({ owner }) => (owner ? [reservedPattern(owner)] : []));
  const patterns = [...reserved, ...access.areas.map(({ path }) => patternOf(path))];
  const reached = access.areas.filter(
    (area, index) =>
      area.groups &&
      !area.api &&
      !patterns.slice(0, reserved.length + index).some((earlier) => contains(earlier, patternOf(area.path))),
  );
  const isLeaf = ({ path }: Area) =>
    patterns.filter((pattern) => contains(patternOf(path), pattern)).length === 1;
  if (!reached.every(isLeaf)) return undefined;
  const leaves = reached.map((area) => ({
    area,
    resource: keyResource(patternOf(area.path), access.origin.path),
  }));
  // The areas of one group side by side: then they are in few parts.
  return leaves.toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
}

function nameOf({ area }: Leaf): string {
  return area.groups?.join("\n") ?? "";
}

function commonOf(access: Access, leaves: readonly Leaf[], partLength: number): Common | undefined {
  const layers = layersOf(access, undefined, () => true);
  const versions = layersOf(access, undefined, (area) => area.versions);
  const isSame = JSON.stringify(layers) === JSON.stringify(versions);
  if (!isSame && versions.length > 0) return undefined;
  const actions = isSame && layers.length > 0 ? [READ, READ_VERSION] : [READ];
  const groups = leaves.map(({ resource }) => resource);
  const [open = [], closed = [], openInside = [], closedInside = []] = layers.map((layer) => [
    ...new Set(layer.map(({ resource }) => resource)),
  ]);
  const isIn = (zones: readonly string[]) =>
    groups.some((group) => zones.some((zone) => covers(zone, group)));
  if (layers.length > MAX_LAYERS || isIn(closedInside)) return undefined;
  const inside = groups.filter((resource) => closed.includes(resource));
  if (open.length === 0 || (openInside.length === 0 && !isIn(closed)))
    return { actions, policies: named({ Everyone: statementsOf(layers, actions) }), parts: [] };
  const others = closed.filter((resource) => !groups.includes(resource));
  const known = [...open, ...groups.filter((resource) => !inside.includes(resource))];
  const room = partLength - others.reduce((sum, resource) => sum + resource.length + 80, 0);
  const parts = groups.length > 0 ? inChunks(groups, room) : [[]];
  const policies = {
    Everyone: [
      { effect: "Deny", actions, notResources: known } as const,
      ...some("Allow", actions, openInside),
      ...some("Deny", actions, closedInside),
    ],
    ...Object.fromEntries(
      parts.flatMap((part, index) => [
        [`Except${index}`, [{ effect: "Allow", actions, notResources: [...others, ...part] } as const]],
        [`Not${index}`, some("Deny", actions, part)],
      ]),
    ),
  };
  return { actions, policies, parts };
}

/** Whether one resource has every key of another. */
function covers(outer: string, inner: string): boolean {
  return outer === inner || (outer.endsWith("*") && inner.startsWith(outer.slice(0, -1)));
}

function named(
  policies: Readonly<Record<string, readonly Statement[]>>,
): Readonly<Record<string, readonly Statement[]>> {
  return Object.fromEntries(Object.entries(policies).filter(([, statements]) => statements.length > 0));
}

function some(
  effect: Statement["effect"],
  actions: readonly string[],
  resources: readonly string[],
): readonly Statement[] {
  return resources.length > 0 ? [{ effect, actions, resources }] : [];
}

/** What machines may read has nothing in common with what people may. */
function machineRights(access: Access, reader: Reader): RoleRights {
  const all = [...objectStatements(access, reader), ...listStatements(access, reader)];
  const fits = policyLength(all) <= MAX_POLICY_LENGTH;
  return { carries: [], own: fits ? all : [], further: fits ? [] : inPolicies(all, PART_LENGTH) };
}

/**
 * A role may read everything of everyone's but the keys of groups: of one part they are left out of the `Allow`, so that
 * the role's own can be allowed again, and the other parts are denied. A part in which more than that one are the role's
 * own is denied by the role itself, without those.
 */
function rightsOf(
  access: Access,
  reader: Reader,
  leaves: readonly Leaf[],
  { actions, policies, parts }: Common,
  further: readonly string[],
): RoleRights {
  const mine = leaves.filter(({ area }) => reader !== undefined && area.groups?.includes(reader));
  const [excepted, ...others] = exceptedFirst(parts, new Set(resourcesOf(mine)));
  const own = [
    ...some("Allow", [READ], resourcesOf(mine)),
    ...some("Allow", [READ_VERSION], resourcesOf(mine.filter(({ area }) => area.versions))),
    ...some("Allow", WRITE, resourcesOf(mine.filter(({ area }) => hasUploads(area)))),
    ...others.filter(({ isMixed }) => isMixed).flatMap(({ rest }) => some("Deny", actions, rest)),
    ...listStatementsFor(access, (area) => area.groups !== undefined && opensTo(area, reader), false),
  ];
  const fits = policyLength(own) <= MAX_POLICY_LENGTH;
  return {
    carries: [
      ...("Everyone" in policies ? ["Everyone"] : []),
      ...(excepted ? [`Except${excepted.index}`] : []),
      ...others.filter(({ isMixed }) => !isMixed).map(({ index }) => `Not${index}`),
      ...further,
    ],
    own: fits ? own : [],
    further: fits ? [] : inPolicies(own, PART_LENGTH),
  };
}

/** A part as one role sees it: what of it is not the role's own, and whether some of it is. */
interface Share {
  readonly index: number;
  readonly rest: readonly string[];
  readonly isMixed: boolean;
}

/** The part first that is to be the exception: of those with own keys the one with the longest rest to deny. */
function exceptedFirst(parts: readonly (readonly string[])[], mine: ReadonlySet<string>): readonly Share[] {
  return parts
    .map((part, index) => {
      const rest = part.filter((resource) => !mine.has(resource));
      return { index, rest, isMixed: rest.length < part.length };
    })
    .sort((a, b) => Number(b.isMixed) - Number(a.isMixed) || b.rest.length - a.rest.length);
}

function resourcesOf(leaves: readonly Leaf[]): readonly string[] {
  return leaves.map(({ resource }) => resource);
}
