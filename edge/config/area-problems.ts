// What is wrong with a list of areas as a whole: each problem names both sides. Runs where a configuration is made.
import { spellingProblems } from "./area-spelling.ts";
import { basePathOf } from "./aws-names.ts";
import type { Area, Config } from "./config.ts";
import { folderOf } from "./owner.ts";
import { ownerProblems } from "./owner-problems.ts";

/** Every mistake that no single field shows, starting with the field's name. */
export function areaProblems(
  config: Pick<Config, "areas" | "groups" | "auth" | "placement" | "exchange">,
): readonly string[] {
  const { areas } = config;
  return areas.flatMap((area, index) => [
    ...[
      ...ownProblems(area, config),
      ...ownerProblems(area, config),
      ...siteProblems(area, areas),
      ...spellingProblems(area, areas),
    ].map((problem) => `areas[${index}].${problem}`),
    ...areas.slice(0, index).flatMap((earlier) => orderProblems(area, earlier, index)),
    ...areas.filter((other) => other !== area).flatMap((other) => folderProblems(area, other, index)),
  ]);
}

function ownProblems(area: Area, config: Pick<Config, "groups" | "auth">): readonly string[] {
  const kinds = [area.groups && "groups", area.owner && "owner", area.public && "public"].filter(Boolean);
  const rules: readonly (readonly [broken: boolean, problem: string])[] = [
    [kinds.length > 1, `path: "${area.path}" is one of ${kinds.join(", ")}, not several`],
    [
      area.api && area.path === "/*",
      'path: "/*" would leave no path for files; an API takes one such as /api/*',
    ],
    [area.api && (area.owner !== undefined || area.public), "api: for signed-in users or groups"],
    [
      area.api && OF_OBJECTS.some((name) => area[name]),
      `api: nothing of it is an object, so ${OF_OBJECTS.filter((name) => area[name]).join(", ")} has no effect`,
    ],
    [area.path.startsWith(basePathOf(config)), `path: "${area.path}" is where the gate's own endpoints are`],
    [area.owner !== undefined && !area.path.endsWith("/*"), `path: an owner area is a prefix such as /me/*`],
    [area.owner !== undefined && area.trusted, "trusted: what users store themselves cannot be trusted"],
    [area.site !== undefined && !area.path.endsWith("/*"), "site: for a prefix such as /docs/*"],
    [area.site !== undefined && area.owner !== undefined, "site: not for users' own folders"],
    [area.browserMaxAge > 0 && kinds.length > 0, `browserMaxAge: not for an area with ${kinds.join()}`],
    [
      area.uploads !== undefined && area.trusted,
      "trusted: what users store themselves cannot be trusted, so not with uploads",
    ],
    ...(["links", "uploads"] as const).flatMap((name) => [
      [area[name] !== undefined && area.public, `${name}: not for a public area`] as const,
      [
        area[name] !== undefined && !config.auth,
        `${name}: only with auth, whose endpoint makes them`,
      ] as const,
    ]),
    [
      area.public && (area.versions || area.downloads || area.site !== undefined),
      "public: nothing of a public area passes the function, so versions, downloads and site have no effect",
    ],
  ];
  const unknown = (area.groups ?? []).filter((name) => !Object.hasOwn(config.groups, name));
  return [
    ...rules.filter(([broken]) => broken).map(([, problem]) => problem),
    ...unknown.map((name) => `groups: "${name}" is not in groups`),
  ];
}

const OF_OBJECTS = [
  "trusted",
  "metadata",
  "versions",
  "downloads",
  "browserMaxAge",
  "site",
  "links",
  "uploads",
] as const;

/** What a site shows in the place of others has to be for everybody who may see the site. */
function siteProblems(area: Area, areas: readonly Area[]): readonly string[] {
  const { fallback, notFound } = (area.path.endsWith("/*") && area.site) || {};
  return Object.entries({ fallback, notFound }).flatMap(([name, key]) => {
    const owner = areas.find(({ path }) => key !== undefined && covers(path, key));
    const isForAll = owner && !owner.groups && !owner.owner && !owner.public && !owner.api;
    const inFolders = areas.some((other) => key !== undefined && covers(folders(other) ?? "", key));
    if (key === undefined || (!inFolders && (owner === area || isForAll))) return [];
    return [`site.${name}: "${key}" is not for everybody who may read "${area.path}"`];
  });
}

/** A public area inside a private one comes before it: CloudFront and the function take the first that matches. */
function orderProblems(area: Area, earlier: Area, index: number): readonly string[] {
  const field = `areas[${index}].path: "${area.path}"`;
  if (area.public && !earlier.public && covers(area.path, earlier.path))
    return [`${field} is public, so that "${earlier.path}" inside it cannot be private`];
  if (!area.public && earlier.public && covers(earlier.path, area.path))
    return [`${field} cannot be private inside "${earlier.path}", which is public`];
  return covers(earlier.path, area.path)
    ? [`${field} is never reached, "${earlier.path}" comes before it`]
    : [];
}

/** The users' own folders, as a pattern of keys; undefined for areas of other kinds. */
function folders({ owner }: Area): string | undefined {
  return owner && `/${folderOf(owner)}*`;
}

function folderProblems(area: Area, other: Area, index: number): readonly string[] {
  const reserved = folders(other);
  if (!reserved) return [];
  const field = `areas[${index}]`;
  const own = folders(area);
  if (own && area.owner !== other.owner && covers(reserved, own))
    return [`${field}.owner: "${area.owner}" lies in the users' own folders of "${other.path}"`];
  if (own) return [];
  if (covers(reserved, area.path))
    return [`${field}.path: "${area.path}" lies in the users' own folders of "${other.path}"`];
  if (area.public && covers(area.path, reserved))
    return [`${field}.path: "${area.path}" would make the users' own folders of "${other.path}" public`];
  return [];
}

/** Whether every key of the inner pattern is one of the outer one. */
function covers(outer: string, inner: string): boolean {
  return outer.endsWith("/*") ? inner.startsWith(outer.slice(0, -1)) : outer === inner;
}
