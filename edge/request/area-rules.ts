// Areas in the form that canonical paths are compared with. Also part of the CloudFront Function: njs has to take it.
import { IDENTITY_ID } from "../config/aws-names.ts";
import type { Area } from "../config/config.ts";
import { folderOf, placeholdersOf } from "../config/owner.ts";
import { uriEncode, uriEncodePath } from "./path.ts";

/** What an area lets pass of what S3 answers. */
export type Showing = "trusted" | "versions" | "metadata";

const SHOWINGS: readonly Showing[] = ["trusted", "versions", "metadata"];

/** What decides about a request of an area's. */
export type RuledArea = Partial<
  Pick<Area, "groups" | "scopes" | "owner" | "public" | "api" | "site" | "versions" | "downloads">
>;

/** An area with its pattern in the form that canonical paths are compared with. */
export interface AreaRule<Of extends RuledArea> {
  readonly area: Of;
  readonly path: string;
  readonly isPrefix: boolean;
  /** What a cached answer of this gate and kind of area is told by. */
  readonly scope: string;
}

/** The rule of an area. An entry shows what its area let pass when it was made: with another setting it is another one. */
export function ruleOf<Of extends RuledArea & Pick<Area, "path"> & Partial<Pick<Area, Showing>>>(
  area: Of,
  gateId: string,
): AreaRule<Of> {
  const isPrefix = area.path.endsWith("/*");
  return {
    area: area,
    path: uriEncodePath(isPrefix ? area.path.slice(0, -1) : area.path),
    isPrefix: isPrefix,
    scope: [gateId].concat(SHOWINGS.filter((showing) => area[showing])).join(":"),
  };
}

/** The canonical path that an area's users' own folders start with; none for an area of another kind. */
export function foldersOf(area: Pick<Area, "owner">): readonly string[] {
  return area.owner ? [`/${uriEncodePath(folderOf(area.owner))}`] : [];
}

/**
 * The rule of the area that owns a canonical path; undefined for none, for a public one and an API, which never come here,
 * and for a key that lies in the users' own folders, whatever area its path would match.
 */
export function ruleFor<Of extends RuledArea>(
  path: string,
  rules: readonly AreaRule<Of>[],
  folders: readonly string[],
): AreaRule<Of> | undefined {
  const found = rules.find((rule) => matches(rule, path));
  if (!found || found.area.public || found.area.api) return undefined;
  return !found.area.owner && folders.some((folder) => path.startsWith(folder)) ? undefined : found;
}

/** Whether a canonical path is one of an area's. */
export function matches(rule: Pick<AreaRule<RuledArea>, "path" | "isPrefix">, path: string): boolean {
  return rule.isPrefix ? path.startsWith(rule.path) : path === rule.path;
}

/** Whether a canonical path is the folder of a site, without its slash, and no area's own key. */
export function isSiteFolder(path: string, rules: readonly AreaRule<RuledArea>[]): boolean {
  const found = rules.find((other) => other.path === path || other.path === `${path}/`);
  return found?.isPrefix === true && found.area.site !== undefined;
}

/** The group whose folder a path behind its area's start leads into; the folder's own name leads nowhere. */
export function groupNamed(rest: string): string | undefined {
  const end = rest.indexOf("/");
  return end < 0 ? undefined : decodeURIComponent(rest.slice(0, end));
}

/** What machines with one scope share. */
export function scopeOfMachines(scope: string, granted: string): string {
  return `${scope}:scope:${uriEncode(granted)}`;
}

/** What users of a further pool are told apart by from everybody else, whatever they share among themselves. */
export function scopeOfPool(scope: string, pool: string | undefined): string {
  return pool ? `${scope}:${pool}` : scope;
}

/** What a user's own folders are called, in the place of what is filled in. */
export type Names = Readonly<Record<string, string>>;

/**
 * What a cached object of an area may be shared by: all signed-in users, one group, or those with the same folder, by its
 * name and what it is named after: a user and a tenant of one name share nothing.
 */
export function sharedBy(
  scope: string,
  area: Pick<RuledArea, "owner">,
  group: string | undefined,
  names: Names,
): string {
  if (area.owner) return `${scope}:owner:${placeholdersOf(area.owner).map(saidOf(names)).join("/")}`;
  return `${scope}:${group === undefined ? "signed-in" : `group:${uriEncode(group)}`}`;
}

function saidOf(names: Names): (placeholder: string) => string {
  return (each) => (each === IDENTITY_ID ? "" : `${each}=`) + uriEncode(names[each] || "");
}
