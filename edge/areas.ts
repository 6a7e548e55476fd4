// Who may see what: the first area whose pattern matches the canonical path decides, and says where its keys are.
import { IDENTITY_ID } from "./config/aws-names.ts";
import type { Area, Config } from "./config/config.ts";
import { gateIdOf } from "./config/gate-id.ts";
import { GROUP, isPlain, placeholdersOf } from "./config/owner.ts";
import { GateError } from "./errors.ts";
import {
  type AreaRule,
  foldersOf,
  groupNamed,
  isSiteFolder,
  matches,
  type Names,
  ruleFor,
  ruleOf,
  type Showing,
  scopeOfMachines,
  scopeOfPool,
  sharedBy,
} from "./request/area-rules.ts";
import { readLoosely } from "./request/loose-path.ts";
import { canonicalPath, uriEncode } from "./request/path.ts";
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
  /** What the own folder is called, as far as it is named after claims or a group. */
  readonly names: Names;
}

/** Who somebody is among others: a user with a verified token, or one whom a link stands for. */
export type Member = Pick<VerifiedToken, "pool" | "groups" | "roles" | "names" | "scopes">;

/** The canonical path that an area's users' own folders start with. */
interface Folders {
  readonly area: Area;
  readonly path: string;
}

/** An area with its pattern as the least exact of servers reads it. */
interface LooseRule {
  readonly area: Area;
  readonly folder: string;
  readonly isPrefix: boolean;
}

/** The areas of a configuration, compiled once. */
export class Areas {
  /** Whether any of them is a site. */
  readonly hasSites: boolean;
  /** Whose cache entries they are. */
  readonly gateId: string;
  readonly #rules: readonly AreaRule<Area>[];
  readonly #looseRules: readonly LooseRule[];
  readonly #reserved: readonly Folders[];
  readonly #folders: readonly string[];
  readonly #groups: Config["groups"];
  readonly #scopes: Config["scopes"];
  readonly #exchange: Config["exchange"];

  constructor(config: Config) {
    const gateId = gateIdOf(config);
    this.gateId = gateId;
    this.hasSites = config.areas.some(({ site }) => site);
    this.#exchange = config.exchange;
    this.#groups = config.groups;
    this.#scopes = config.scopes;
    this.#rules = config.areas.map((area) => ruleOf(area, gateId));
    this.#looseRules = this.#rules.map(({ area, path, isPrefix }) => {
      return { area, isPrefix, folder: readLoosely(path).folder };
    });
    this.#reserved = config.areas.flatMap((area) => foldersOf(area).map((path) => ({ area, path })));
    this.#folders = this.#reserved.map(({ path }) => path);
  }

  /**
   * The access of a verified user to a canonical path. An identity pool gives a group's role to a token that names it;
   * one that names the group alone is refused here already, whatever credentials of the role are at hand.
   * @throws GateError `access_denied` when no area owns the path, the area is for others, or the token does not say in one
   * word what its user's folder is called; `insufficient_scope` for a machine
   */
  accessTo(path: string, token: Member): Access {
    const found = this.#find(path);
    if (!found) throw new GateError("access_denied");
    if (token.scopes) return this.#machineAccess(found, token.scopes);
    const { area } = found;
    const scope = scopeOfPool(found.scope, token.pool);
    const names = namesIn(found, path, token);
    if (!area.groups) return { area, scope, names, group: undefined, roleArn: undefined };
    const groups = area.groups.filter((name) => token.groups.includes(name));
    const group = groups.find((name) => this.#exchange || hasRole(token, this.#groups[name]?.roleArn));
    if (group !== undefined) return { area, scope, names, group, roleArn: this.#groups[group]?.roleArn };
    throw groups.length > 0 ? roleNotInToken() : new GateError("access_denied");
  }

  /** One of the area's scopes is enough, as it is for API Gateway; machines with the same one share what is cached. */
  #machineAccess({ area, scope }: AreaRule<Area>, scopes: readonly string[]): Access {
    if (!area.scopes) throw new GateError("access_denied");
    const granted = area.scopes.find((name) => scopes.includes(name));
    if (granted === undefined) throw new GateError("insufficient_scope", undefined, area.scopes);
    const { roleArn } = this.#scopes[granted] ?? {};
    if (roleArn === undefined) throw new GateError("access_denied");
    return { area, scope: scopeOfMachines(scope, granted), group: undefined, roleArn, names: {} };
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
      this.#rules.find((rule) => matches(rule, path)),
      this.#looseRules.find((rule) => isAround(rule, folder)),
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

  #find(path: string): AreaRule<Area> | undefined {
    return ruleFor(path, this.#rules, this.#folders);
  }

  /** Whether a canonical path is the folder of a site, without its slash, and no area's own key. */
  isSiteFolder(path: string): boolean {
    return isSiteFolder(path, this.#rules);
  }

  /**
   * The area of a canonical path that ends with a slash, when everything below it is that area's: the names of keys
   * are as private as the keys.
   */
  listable(path: string): Area | undefined {
    const area = this.of(path);
    const isBelow = (other: string) => other.startsWith(path);
    if (!area || this.#rules.some(({ area: inner, path: start }) => inner !== area && isBelow(start)))
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
    const found = this.#rules.find((rule) => matches(rule, path));
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
  return refused("RoleNotInToken");
}

/** The canonical path of the key that an area's path stands for: the user's own folder in an owner area. */
export function keyPath(
  { area, names }: Pick<Access, "area" | "names">,
  path: string,
  identityId: string,
): string {
  if (!area.owner) return path;
  const all: Names = { ...names, [IDENTITY_ID]: identityId };
  const own = placeholdersOf(area.owner).map((each) => `${uriEncode(all[each] ?? "")}/`);
  const rest = path.slice(ruleOf(area, "").path.length);
  const within = names[GROUP] === undefined ? rest : rest.slice(rest.indexOf("/") + 1);
  return `${foldersOf(area).concat(own).join("")}${within}`;
}

/** The token of somebody whose credentials are to be for one group's folder, where it is such a folder's that is asked for. */
export function tokenFor({ names }: Pick<Access, "names">, token: VerifiedToken): VerifiedToken {
  return names[GROUP] === undefined ? token : { ...token, names };
}

/** What a cached object may be shared by: all signed-in users, one group, or those with the same folder, of one gate. */
export function cacheScope({ area, group, scope, names }: Access, identityId: string): string {
  return sharedBy(scope, area, group, { ...names, [IDENTITY_ID]: identityId });
}

/** @throws GateError `access_denied`; the log has what is wrong with a claim or a group, and not what it says */
function namesIn({ area, path: start }: AreaRule<Area>, path: string, member: Member): Names {
  const { names = {}, groups, pool } = member;
  if (!area.owner) return names;
  const placeholders = placeholdersOf(area.owner);
  if (pool !== undefined && placeholders.some((each) => each !== IDENTITY_ID))
    throw refused("ClaimOfAnotherPool");
  const all = placeholders.includes(GROUP)
    ? { ...names, [GROUP]: groupIn(path.slice(start.length), groups) }
    : names;
  for (const each of placeholders)
    if (each !== IDENTITY_ID && !isPlain(all[each])) throw unnamed(each, all[each]);
  return all;
}

/** The group that the first folder of a path names, among those of the user. */
function groupIn(path: string, groups: readonly string[]): string {
  const group = groupNamed(path);
  if (group === undefined || !groups.includes(group)) throw new GateError("access_denied");
  return group;
}

function unnamed(placeholder: string, value: string | undefined): GateError {
  const kind = placeholder === GROUP ? "Group" : "Claim";
  return refused(kind + (value === undefined ? "Missing" : "NotPlain"));
}

function refused(name: string): GateError {
  return new GateError("access_denied", Object.assign(new Error(), { name }));
}

function isAround({ folder, isPrefix }: LooseRule, other: string): boolean {
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
