// Who may see what: the first area whose pattern matches the canonical path decides, and says where its keys are.
import { hash } from "node:crypto";
import { basePathOf, IDENTITY_ID } from "./config/aws-names.ts";
import type { Area, Config } from "./config/config.ts";
import { GateError } from "./errors.ts";
import { readLoosely } from "./request/loose-path.ts";
import { canonicalPath, uriEncode, uriEncodePath } from "./request/path.ts";
import type { VerifiedToken } from "./token/token.ts";

/** What a viewer may do with a path. */
export interface Access {
  readonly area: Area;
  /** The group by which the viewer may read; undefined where every signed-in user may. */
  readonly group: string | undefined;
  /** The role to ask for; undefined for the one that the token's user gets anyway. */
  readonly roleArn: string | undefined;
  /** What a cached answer of this gate and kind of area is told by, whoever may share it. */
  readonly scope: string;
}

/** Who somebody is among others: a user with a verified token, or one whom a link stands for. */
export type Member = Pick<VerifiedToken, "groups" | "roles">;

/** What an area lets pass of what S3 answers. */
export type Showing = "trusted" | "versions" | "metadata";

const SHOWINGS: readonly Showing[] = ["trusted", "versions", "metadata"];

/** An area with its pattern in the form that canonical paths are compared with. */
interface Compiled {
  readonly area: Area;
  readonly path: string;
  readonly isPrefix: boolean;
  readonly scope: string;
  /** The pattern as the least exact of servers reads it. */
  readonly folder: string;
}

/** The canonical path that an area's users' own folders start with. */
interface Folders {
  readonly area: Area;
  readonly path: string;
}

/** The areas of a configuration, compiled once. */
export class Areas {
  /** Whether any of them is a site. */
  readonly hasSites: boolean;
  /** Whose cache entries they are. */
  readonly gateId: string;
  readonly #compiled: readonly Compiled[];
  readonly #reserved: readonly Folders[];
  readonly #groups: Config["groups"];
  readonly #exchange: Config["exchange"];

  constructor(config: Config) {
    const gateId = gateIdOf(config);
    this.gateId = gateId;
    this.hasSites = config.areas.some(({ site }) => site);
    this.#exchange = config.exchange;
    this.#groups = config.groups;
    this.#compiled = config.areas.map((area) => {
      const compiled = compile(area);
      return { ...compiled, scope: scopeOf(area, gateId), folder: readLoosely(compiled.path).folder };
    });
    this.#reserved = config.areas.flatMap((area) => {
      const { owner } = area;
      return owner ? [{ area, path: `/${uriEncodePath(owner.replace(`${IDENTITY_ID}/`, ""))}` }] : [];
    });
  }

  /**
   * The access of a verified user to a canonical path. An identity pool gives a group's role to a token that names it;
   * one that names the group alone is refused here already, whatever credentials of the role are at hand.
   * @throws GateError `access_denied` when no area owns the path, or the area is for others
   */
  accessTo(path: string, token: Member): Access {
    const found = this.#find(path);
    if (!found) throw new GateError("access_denied");
    const { area, scope } = found;
    if (!area.groups) return { area, scope, group: undefined, roleArn: undefined };
    const groups = area.groups.filter((name) => token.groups.includes(name));
    const group = groups.find((name) => this.#exchange || hasRole(token, this.#groups[name]?.roleArn));
    if (group !== undefined) return { area, scope, group, roleArn: this.#groups[group]?.roleArn };
    throw groups.length > 0 ? roleNotInToken() : new GateError("access_denied");
  }

  /**
   * The area of an API for a verified user. APIs read paths in ways that no key is read in: with other letters, with
   * parameters behind a `;`, with or without a slash at the end. A path that one of them could take for one of another
   * area has to be allowed in both.
   * @throws GateError `access_denied` when the path is no API's, or the area is for others; `invalid_path` for one that
   * leads up as some servers read it
   */
  apiFor(path: string, { groups }: VerifiedToken): Area {
    const { folder, isAmbiguous } = readLoosely(path);
    if (isAmbiguous) throw new GateError("invalid_path");
    const areas = [
      this.#compiled.find((compiled) => matches(compiled, path)),
      this.#compiled.find((compiled) => isAround(compiled, folder)),
    ].map((found) => found?.area);
    const mayAsk = (area: Area | undefined) =>
      area?.api && (!area.groups || area.groups.some((name) => groups.includes(name)));
    const [area] = areas;
    if (!area || !areas.every(mayAsk)) throw new GateError("access_denied");
    return area;
  }

  /**
   * The area that owns a canonical path; undefined for none, for a public one and an API, which never come here, and for
   * a key that lies in the users' own folders, whatever area its path would match.
   */
  of(path: string): Area | undefined {
    return this.#find(path)?.area;
  }

  #find(path: string): Compiled | undefined {
    const found = this.#compiled.find((compiled) => matches(compiled, path));
    if (!found || found.area.public || found.area.api) return undefined;
    return !found.area.owner && this.#reserved.some((own) => path.startsWith(own.path)) ? undefined : found;
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
    return !area.owner && this.#reserved.some((own) => isBelow(own.path)) ? undefined : area;
  }

  /**
   * Whether something of S3's answer passes for the object at a key path. What lies in the users' own folders is of each
   * area that leads there, and all of them have to let it. A path of a public area comes as its viewer spelt it: only
   * one that CloudFront and S3 cannot read in two ways lets anything.
   */
  lets(showing: Showing, keyPath: string): boolean {
    const path = canonicalOrNone(keyPath);
    const owned = this.#reserved.filter((own) => path.startsWith(own.path));
    const found = this.#compiled.find((compiled) => matches(compiled, path));
    const areas = owned.length > 0 || !found ? owned : [found];
    return areas.length > 0 && areas.every(({ area }) => area[showing]);
  }
}

/**
 * Whether an identity pool can be asked for the role: it has to be one of the token's, or nothing is asked for.
 * https://docs.aws.amazon.com/cognito/latest/developerguide/role-based-access-control.html
 */
export function hasRole({ roles }: Member, roleArn: string | undefined): boolean {
  return roleArn === undefined || roles.includes(roleArn);
}

/** The refusal of a token that names a group without its role; the log has the difference. */
export function roleNotInToken(): GateError {
  return new GateError("access_denied", Object.assign(new Error(), { name: "RoleNotInToken" }));
}

/** The canonical path of the key that an area's path stands for: the user's own folder in an owner area. */
export function keyPath(area: Area, path: string, identityId: string): string {
  if (!area.owner) return path;
  const folder = area.owner.split("/").map((part) => uriEncode(part === IDENTITY_ID ? identityId : part));
  return `/${folder.join("/")}${path.slice(compile(area).path.length)}`;
}

/** What a cached object may be shared by: all signed-in users, one group, or one identity, of one gate. */
export function cacheScope({ area, group, scope }: Access, identityId: string): string {
  if (area.owner) return `${scope}:owner:${uriEncode(identityId)}`;
  return `${scope}:${group === undefined ? "signed-in" : `group:${uriEncode(group)}`}`;
}

/**
 * Whose cache entries they are: two gates of one distribution share none. The same in every container and after every
 * deployment that changes neither whose tokens count nor whose rights read which keys.
 */
function gateIdOf(config: Config): string {
  const { userPool, identityPool, exchange, origin } = config;
  const parts = [
    [userPool.id, ...[...userPool.clientIds].sort()],
    identityPool?.id ?? exchange?.roleArn,
    [origin.bucket, origin.region, origin.path],
    basePathOf(config),
  ];
  return hash("sha256", JSON.stringify(parts), "hex").slice(0, 16);
}

/** An entry shows what its area let pass when it was made: with another setting it is another entry. */
function scopeOf(area: Area, gateId: string): string {
  return [gateId, ...SHOWINGS.filter((showing) => area[showing])].join(":");
}

function isAround({ folder, isPrefix }: Compiled, other: string): boolean {
  return isPrefix ? other.startsWith(folder) : other === folder;
}

/** Nothing where there is no canonical path: no area owns that. */
function canonicalOrNone(path: string): string {
  try {
    return canonicalPath(path);
  } catch {
    return "";
  }
}

function compile(area: Area): Omit<Compiled, "scope" | "folder"> {
  const isPrefix = area.path.endsWith("/*");
  return { area, isPrefix, path: uriEncodePath(isPrefix ? area.path.slice(0, -1) : area.path) };
}

function matches({ path: pattern, isPrefix }: Compiled, path: string): boolean {
  return isPrefix ? path.startsWith(pattern) : path === pattern;
}
