// Which prefixes a role may list: the names of keys are as private as the keys.
import type { Area } from "../../edge/config/config.ts";
import { iamLiteral, type Pattern, patternOf } from "./pattern.ts";
import { type Access, opensTo, ownFolder, type Reader, reservedPattern, scopeOf } from "./reader.ts";
import type { Statement } from "./statement.ts";

/** Prefixes with a slash at their end, and those of them whose listing would name keys of another area. */
interface Listable {
  readonly prefixes: readonly string[];
  readonly except: readonly string[];
}

/**
 * What a role may list: folders of its areas in which nothing of another area lies, whoever may read that, and its own
 * folders. The edge asks for prefixes that end with a slash, and for nothing else is there a right: so the exceptions
 * for an area inside are its folders and the folders around it, not each beginning of its name.
 */
export function listStatements(access: Access, reader: Reader): readonly Statement[] {
  return listStatementsFor(access, (area) => opensTo(area, reader), scopeOf(reader) === undefined);
}

/** What a role may list of the areas that are `open`, and of its own folders. */
export function listStatementsFor(
  access: Access,
  open: (area: Area) => boolean,
  hasOwn: boolean,
): readonly Statement[] {
  if (!access.listing.enabled) return [];
  const areas = access.areas
    .filter(open)
    .map(({ path }) => patternOf(path))
    .filter(({ isPrefix }) => isPrefix)
    .map((pattern) => listableIn(pattern, access));
  const owners = new Set(access.areas.flatMap(({ owner }) => (hasOwn && owner) || []));
  const own = [...owners].map((owner) => ownFolder(owner, access).slice(1));
  const whole = [...areas.filter(({ except }) => except.length === 0), { prefixes: own.flatMap(foldersIn) }];
  const prefixes = whole.flatMap((listable) => listable.prefixes);
  return [
    ...(prefixes.length > 0 ? [statement({ prefixes, except: [] })] : []),
    ...areas.filter(({ except }) => except.length > 0).map(statement),
  ];
}

function listableIn(area: Pattern, { areas, origin }: Access): Listable {
  const inside = [
    ...areas.map(({ path }) => patternOf(path)),
    ...areas.flatMap(({ owner }) => (owner ? [reservedPattern(owner)] : [])),
  ].filter(({ literal }) => literal.startsWith(area.literal) && literal !== area.literal);
  const prefix = (literal: string) => iamLiteral(origin.path + literal).slice(1);
  const except = inside.flatMap(({ literal, isPrefix }) => [
    ...foldersAround(literal, area.literal).map(prefix),
    ...(isPrefix ? [`${prefix(literal)}*`] : []),
  ]);
  return { prefixes: foldersIn(prefix(area.literal)), except: [...new Set(except)] };
}

/** A folder itself, and every folder in it. */
function foldersIn(prefix: string): readonly string[] {
  return [prefix, `${prefix}*/`];
}

/** The folders around a key or folder, from `outermost` on. */
function foldersAround(literal: string, outermost: string): readonly string[] {
  return [...literal.matchAll(/\//g)]
    .map(({ index }) => literal.slice(0, index + 1))
    .filter((folder) => folder.length >= outermost.length && folder !== literal);
}

function statement({ prefixes, except }: Listable): Statement {
  return {
    effect: "Allow",
    actions: ["s3:ListBucket"],
    resources: [""],
    conditions: {
      StringLike: { "s3:prefix": prefixes },
      ...(except.length > 0 && { StringNotLike: { "s3:prefix": except } }),
    },
  };
}
