// Two lists of areas, the objects behind them, and who may read what.

/** A user of the tests: two editors, and one in no group. */
export type Name = "ann" | "bob" | "cy";

export const GROUPS_OF: Readonly<Record<Name, readonly string[]>> = {
  ann: ["editors"],
  bob: [],
  cy: ["editors"],
};
export const NAMES: readonly Name[] = ["ann", "bob", "cy"];

const ALL = NAMES;
const EDITORS: readonly Name[] = ["ann", "cy"];
const NOBODY: readonly Name[] = [];

/** One path with its readers. `{ann}` and the like stand for identity ids; `{me}` for the reader's own. */
export interface Row {
  readonly kind: string;
  /** As a viewer asks for it. */
  readonly path: string;
  readonly query?: string;
  readonly readers: readonly Name[];
  /** Whom S3 would let read, where that is not the same. */
  readonly atS3?: readonly Name[];
  /** The key that it stands for, or the prefix that is listed. */
  readonly key: string;
  /** The listed keys; undefined where it is an object. */
  readonly lists?: readonly string[];
  readonly disposition?: string;
}

/** A list of areas with its objects and rows. */
export interface Layout {
  readonly name: string;
  readonly areas: readonly object[];
  readonly objects: readonly string[];
  readonly rows: readonly Row[];
}

const object = (kind: string, path: string, readers: readonly Name[], more: Partial<Row> = {}): Row => ({
  kind,
  path,
  readers,
  key: path.slice(1),
  ...more,
});

const list = (kind: string, key: string, readers: readonly Name[], lists: readonly string[] = []): Row => ({
  kind: `the list of ${kind}`,
  path: `/.gatehouse/list/${key}`,
  readers,
  key,
  lists,
});

const MINE = ["users/{me}/a/deep.txt", "users/{me}/photo.txt"];
const TEAM = ["team/a/b/deep.txt", "team/plan.txt"];
const PRIVATE: readonly Row[] = [
  object("an owner area", "/me/photo.txt", ALL, { key: "users/{me}/photo.txt" }),
  object("a folder in an owner area", "/me/a/deep.txt", ALL, { key: "users/{me}/a/deep.txt" }),
  object("ann's own object by its real key", "/users/{ann}/photo.txt", NOBODY, { atS3: ["ann"] }),
  object("bob's own object by its real key", "/users/{bob}/photo.txt", NOBODY, { atS3: ["bob"] }),
  { ...list("an owner area", "users/{me}/", ALL, MINE), path: "/.gatehouse/list/me/" },
  { ...list("ann's own folder by its real key", "users/{ann}/", NOBODY), atS3: ["ann"] },
  list("all users' folders", "users/", NOBODY),
  list("the whole bucket", "", NOBODY),
];

const OWN = NAMES.flatMap((name) => [`users/{${name}}/photo.txt`, `users/{${name}}/a/deep.txt`]);

/** Areas side by side, one of every kind. */
export const SIDE_BY_SIDE: Layout = {
  name: "areas side by side",
  areas: [
    { path: "/team/*", groups: ["editors"] },
    { path: "/me/*", owner: "users/{identityId}/" },
    { path: "/archive/*", versions: true, downloads: true },
    { path: "/shared/*" },
    { path: "/logo.svg" },
  ],
  objects: [
    ...OWN,
    ...TEAM,
    "archive/report.pdf",
    "shared/notes.txt",
    "logo.svg",
    "logo.svg.bak",
    "nobodys/notes.txt",
  ],
  rows: [
    ...PRIVATE,
    object("a group area", "/team/plan.txt", EDITORS),
    object("a folder in a group area", "/team/a/b/deep.txt", EDITORS),
    object("a signed-in area", "/shared/notes.txt", ALL),
    object("a single key", "/logo.svg", ALL),
    object("a neighbour of a single key", "/logo.svg.bak", NOBODY),
    object("what no area owns", "/nobodys/notes.txt", NOBODY),
    object("an area with downloads", "/archive/report.pdf", ALL),
    object("a download", "/archive/report.pdf", ALL, {
      query: "download=a.pdf",
      disposition: "attachment; filename=\"a.pdf\"; filename*=UTF-8''a.pdf",
    }),
    object("another download", "/archive/report.pdf", ALL, {
      query: "download=b.pdf",
      disposition: "attachment; filename=\"b.pdf\"; filename*=UTF-8''b.pdf",
    }),
    list("a group area", "team/", EDITORS, TEAM),
    list("a folder in a group area", "team/a/b/", EDITORS, ["team/a/b/deep.txt"]),
    list("a signed-in area", "shared/", ALL, ["shared/notes.txt"]),
    list("what no area owns", "nobodys/", NOBODY),
  ],
};

/** Areas inside the one that owns everything else. */
export const NESTED: Layout = {
  name: "areas inside /*",
  areas: [
    { path: "/team/*", groups: ["editors"] },
    { path: "/me/*", owner: "users/{identityId}/" },
    { path: "/*" },
  ],
  objects: [
    ...OWN,
    ...TEAM,
    "team",
    "teams/notes.txt",
    "index.html",
    "docs/a/notes.txt",
    "users",
    "usersx/a.txt",
  ],
  rows: [
    ...PRIVATE,
    object("a group area", "/team/plan.txt", EDITORS),
    object("the name of a group area", "/team", ALL),
    object("a name that goes on", "/teams/notes.txt", ALL),
    object("the root", "/", ALL, { key: "index.html" }),
    object("everything else", "/docs/a/notes.txt", ALL),
    object("the name of the users' folders", "/users", ALL),
    object("a name that goes on from theirs", "/usersx/a.txt", ALL),
    list("a group area", "team/", EDITORS, TEAM),
    list("a folder of everything else", "docs/", ALL, ["docs/a/notes.txt"]),
  ],
};
