// Who may see what: the first area whose pattern matches the canonical path decides, and says where its keys are.
import { IDENTITY_ID } from "./config/aws-names.ts";
import type { Area, Config } from "./config/config.ts";
import { GateError } from "./errors.ts";
import { canonicalPath, uriEncode, uriEncodePath } from "./request/path.ts";
import type { VerifiedToken } from "./token/token.ts";

/** What a viewer may do with a path. */
export interface Access {
  readonly area: Area;
  /** The group by which the viewer may read; undefined where every signed-in user may. */
  readonly group: string | undefined;
  /** The role to ask for; undefined for the one that the token's user gets anyway. */
  readonly roleArn: string | undefined;
}

/** An area with its pattern in the form that canonical paths are compared with. */
interface Compiled {
  readonly area: Area;
  readonly path: string;
  readonly isPrefix: boolean;
}

/** The areas of a configuration, compiled once. */
export class Areas {
  /** Whether any of them is a site. */
  readonly hasSites: boolean;
  readonly #compiled: readonly Compiled[];
  readonly #reserved: readonly string[];
  readonly #groups: Config["groups"];

  constructor({ areas, groups }: Pick<Config, "areas" | "groups">) {
    this.hasSites = areas.some(({ site }) => site);
    this.#compiled = areas.map(compile);
    this.#reserved = areas.flatMap(({ owner }) =>
      owner ? [`/${uriEncodePath(owner.replace(`${IDENTITY_ID}/`, ""))}`] : [],
    );
    this.#groups = groups;
  }

  /**
   * The access of a verified user to a canonical path.
   * @throws GateError `access_denied` when no area owns the path, or the area is for others
   */
  accessTo(path: string, token: VerifiedToken): Access {
    const area = this.of(path);
    if (!area) throw new GateError("access_denied");
    if (!area.groups) return { area, group: undefined, roleArn: undefined };
    const group = area.groups.find((name) => token.groups.includes(name));
    if (group === undefined) throw new GateError("access_denied");
    return { area, group, roleArn: this.#groups[group]?.roleArn };
  }

  /**
   * The area that owns a canonical path; undefined for none, for a public one, which never comes here, and for a key
   * that lies in the users' own folders, whatever area its path would match.
   */
  of(path: string): Area | undefined {
    const found = this.#owning(path);
    return found?.public ? undefined : found;
  }

  #owning(path: string): Area | undefined {
    const found = this.#compiled.find((compiled) => matches(compiled, path))?.area;
    return !found?.owner && this.#reserved.some((prefix) => path.startsWith(prefix)) ? undefined : found;
  }

  /** Whether a canonical path is the folder of a site, without its slash, and no area's own key. */
  isSiteFolder(path: string): boolean {
    const found = this.#compiled.find((other) => other.path === path || other.path === `${path}/`);
    return found?.isPrefix === true && found.area.site !== undefined;
  }

  /**
   * The area of a canonical path that ends with a slash, when everything below it is that area's: the names of keys
   * are as private as the keys.
   */
  listable(path: string): Area | undefined {
    const area = this.of(path);
    const isBelow = (other: string) => other.startsWith(path);
    if (!area || this.#compiled.some(({ area: inner, path: start }) => inner !== area && isBelow(start)))
      return undefined;
    return !area.owner && this.#reserved.some(isBelow) ? undefined : area;
  }

  /**
   * Whether the object at a key path may run scripts with its reader's session. A path of a public area comes as its
   * viewer spelt it: only one that CloudFront and S3 cannot read in two ways is trusted.
   */
  trusts(keyPath: string): boolean {
    const path = canonicalOrNone(keyPath);
    const isReserved = this.#reserved.some((prefix) => path.startsWith(prefix));
    return !isReserved && this.#owning(path)?.trusted === true;
  }
}

/** The canonical path of the key that an area's path stands for: the user's own folder in an owner area. */
export function keyPath(area: Area, path: string, identityId: string): string {
  if (!area.owner) return path;
  const folder = area.owner.split("/").map((part) => uriEncode(part === IDENTITY_ID ? identityId : part));
  return `/${folder.join("/")}${path.slice(compile(area).path.length)}`;
}

/** What a cached object may be shared by: all signed-in users, one group, or one identity. */
export function cacheScope({ area, group }: Access, identityId: string): string {
  if (area.owner) return `owner:${uriEncode(identityId)}`;
  return group === undefined ? "signed-in" : `group:${uriEncode(group)}`;
}

/** Nothing where there is no canonical path: no area owns that. */
function canonicalOrNone(path: string): string {
  try {
    return canonicalPath(path);
  } catch {
    return "";
  }
}

function compile(area: Area): Compiled {
  const isPrefix = area.path.endsWith("/*");
  return { area, isPrefix, path: uriEncodePath(isPrefix ? area.path.slice(0, -1) : area.path) };
}

function matches({ path: pattern, isPrefix }: Compiled, path: string): boolean {
  return isPrefix ? path.startsWith(pattern) : path === pattern;
}
