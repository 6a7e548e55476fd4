// Whose role a policy is for, and what areas it is for.
import { IDENTITY_ID } from "../../edge/config/aws-names.ts";
import { tagOf } from "../../edge/config/claims.ts";
import type { Area, Config } from "../../edge/config/config.ts";
import { folderOf, placeholdersOf } from "../../edge/config/owner.ts";
import { iamLiteral, type Pattern } from "./pattern.ts";

/** What the rights of every role follow from. */
export type Access = Pick<Config, "areas" | "groups" | "exchange" | "listing"> & {
  readonly scopes?: Config["scopes"];
  readonly origin: Pick<Config["origin"], "path">;
};

/** The members of one group, everyone who is signed in, or machines with one scope; each role is for one of them. */
export type Reader = string | undefined;

/** No group's name has a space in it. */
const MACHINES = "machines with ";

/** Machines with a scope. */
export function machinesWith(scope: string): Reader {
  return MACHINES + scope;
}

/** The scope of machines; undefined for people. */
export function scopeOf(reader: Reader): string | undefined {
  return reader?.startsWith(MACHINES) ? reader.slice(MACHINES.length) : undefined;
}

/** Who a reader is, for messages. */
export function nameOf(reader: Reader): string {
  if (reader === undefined) return "signed-in users";
  return scopeOf(reader) === undefined ? `group "${reader}"` : `machines with the scope "${scopeOf(reader)}"`;
}

/** Everyone, then each group, then machines. */
export function readersOf({ groups, scopes = {} }: Pick<Access, "groups" | "scopes">): readonly Reader[] {
  return [undefined, ...Object.keys(groups), ...Object.keys(scopes).map(machinesWith)];
}

/** Whether the area's path stands for keys that the reader may read. An owner area's stands for other keys. */
export function opensTo(area: Area, reader: Reader): boolean {
  if (area.owner || area.public || area.api) return false;
  const scope = scopeOf(reader);
  if (scope !== undefined) return area.scopes?.includes(scope) === true;
  return area.groups === undefined || (reader !== undefined && area.groups.includes(reader));
}

/** The keys of all users' own folders: no other area reaches them. */
export function reservedPattern(owner: string): Pattern {
  return { literal: `/${folderOf(owner)}`, isPrefix: true };
}

/** In the place of a tag that a session does not have: no word that names a folder. */
const NOBODY = "=";

/**
 * The path of the caller's own folder as IAM reads it: it fills in the identity and the session's tags when a request comes.
 * Without the default, a session that lacks a tag could lose all of the statement, be it one that denies.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
 */
export function ownFolder(owner: string, { exchange, origin }: Pick<Access, "exchange" | "origin">): string {
  const own = placeholdersOf(owner).map((placeholder) => {
    const isIdentity = placeholder === IDENTITY_ID && !exchange;
    const said = isIdentity
      ? "cognito-identity.amazonaws.com:sub"
      : `aws:PrincipalTag/${tagOf(placeholder)}, '${NOBODY}'`;
    return `\${${said}}/`;
  });
  return iamLiteral(origin.path + reservedPattern(owner).literal) + own.join("");
}
