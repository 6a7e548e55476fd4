import fc from "fast-check";
import { expect, test } from "vitest";
import { Areas, type Access as EdgeAccess, keyPath } from "../../edge/areas.ts";
import type { Config } from "../../edge/config/config.ts";
import { ConfigError, parseConfig } from "../../edge/config/document.ts";
import { GateError } from "../../edge/errors.ts";
import { uriEncodePath } from "../../edge/request/path.ts";
import type { VerifiedToken } from "../../edge/token/token.ts";
import { accessProblems, type Reader, readersOf, roleStatements } from "../../infra/access/index.ts";
import { type Allows, BUCKET, evaluator } from "./policy.ts";

const ME = "us-east-1:11111111-1111-4111-8111-111111111111";
const OTHER = "us-east-1:22222222-2222-4222-8222-222222222222";
const SEGMENTS = ["a", "b", "c", "users", "a?", "ax", "$b", "$", "a b", "é", ME, OTHER];
const ROLE_ARN = "arn:aws:iam::111122223333:role/r";

const kind = fc.oneof(
  { weight: 5, arbitrary: fc.constant({}) },
  { weight: 4, arbitrary: fc.constantFrom({ groups: ["g1"] }, { groups: ["g2"] }, { groups: ["g1", "g2"] }) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      { owner: "users/{identityId}/" },
      { owner: "a/users/{identityId}/" },
      { owner: "b/a?/{identityId}/" },
    ),
  },
  { weight: 1, arbitrary: fc.constant({ public: true }) },
);

const folder = fc.array(fc.constantFrom("a", "b", "c", "a?", "$b", "ax"), { maxLength: 4 });
const area = fc
  .record({ folder, isPrefix: fc.boolean(), kind, versions: fc.boolean() })
  .map(({ folder, isPrefix, kind, versions }) => ({
    path: isPrefix || "owner" in kind ? `/${[...folder, "*"].join("/")}` : `/${[...folder, "c"].join("/")}`,
    ...kind,
    versions: versions && !("public" in kind),
  }));

/** Areas inside areas, five deep. */
const nest = fc
  .array(fc.record({ kind, versions: fc.boolean() }), { minLength: 3, maxLength: 5 })
  .map((levels) =>
    levels.map(({ kind, versions }, depth) => ({
      path: `${"/a".repeat(depth)}/*`,
      ...kind,
      versions: versions && !("public" in kind),
    })),
  );

/** Lists in which nothing is unreachable: what lies inside comes first. */
const document = fc.record({
  areas: fc
    .oneof(fc.uniqueArray(area, { minLength: 1, maxLength: 7, selector: ({ path }) => path }), nest)
    .map((areas) => areas.toSorted((a, b) => literal(b.path).length - literal(a.path).length)),
  sts: fc.boolean(),
  path: fc.constantFrom("", "/site", "/a*b"),
});

const key = fc
  .tuple(
    fc.constantFrom(
      "",
      "a/",
      "a/a/",
      "a/a/a/",
      "users/",
      `users/${ME}/`,
      `users/${OTHER}/`,
      "a/users/",
      `a/users/${ME}/`,
      "b/a?/",
    ),
    fc.array(fc.constantFrom(...SEGMENTS), { minLength: 1, maxLength: 5 }),
  )
  .map(([start, segments]) => start + segments.join("/"));

const readings = fc.tuple(document, fc.array(key, { minLength: 25, maxLength: 25 }));
const RUNS = { numRuns: 160, seed: 20_261_122 };

/** Each role of a configuration that synthesizes, with its keys: statements, edge and definition must agree. */
function forEachRole(check: (role: Role, key: string) => void): number {
  let pairs = 0;
  fc.assert(
    fc.property(readings, ([{ areas, sts, path }, keys]) => {
      const config = configOf(areas, sts, path);
      fc.pre(config !== undefined && accessProblems(config).every((problem) => !problem.includes("layers")));
      for (const role of rolesOf(config))
        for (const key of keys) {
          check(role, key);
          pairs += 1;
        }
    }),
    RUNS,
  );
  return pairs;
}

test("every role reads exactly the keys that the areas open to it, with versions where they say so", () => {
  const pairs = forEachRole(({ config, reader, allows }, key) => {
    const resource = `${BUCKET}${config.origin.path}/${key}`;
    expect(allows("s3:GetObject", resource), key).toBe(isOpen(config, reader, key, () => true));
    expect(allows("s3:GetObjectVersion", resource), key).toBe(
      isOpen(config, reader, key, ({ versions }) => versions),
    );
    expect(allows("s3:GetObject", `arn:aws:s3:::other${config.origin.path}/${key}`)).toBe(false);
    if (config.origin.path) expect(allows("s3:GetObject", `${BUCKET}/${key}`)).toBe(false);
    for (const action of ["s3:PutObject", "s3:ListBucketVersions", "s3:GetObjectAcl"])
      expect(allows(action, resource) || allows(action, BUCKET)).toBe(false);
  });
  expect(pairs).toBeGreaterThan(10_000);
});

test("what the edge lets through, IAM does, and what IAM does, the edge lets through", () => {
  forEachRole(({ config, reader, edge, allows }, key) => {
    const path = uriEncodePath(`/${key}`);
    const access = edge(path);
    const mayRead = (keyPath: string) =>
      allows("s3:GetObject", `${BUCKET}${config.origin.path}${decodeURIComponent(keyPath)}`);
    if (access) expect(mayRead(keyPath(access, path, ME)), `${reader} ${key}`).toBe(true);
    if (mayRead(path) && !isOwn(config, key)) expect(access && keyPath(access, path, ME)).toBe(path);
  });
});

test("every role lists exactly the folders in which all is of one area that is open to it", () => {
  const pairs = forEachRole(({ config, edge, areas, allows }, key) => {
    const mayList = (prefix: string) =>
      allows("s3:ListBucket", BUCKET, { "s3:prefix": `${config.origin.path}/${prefix}`.slice(1) });
    for (const folder of foldersOf(key)) {
      const path = uriEncodePath(`/${folder}`);
      const access = edge(path);
      const listed = access && areas.listable(path) ? keyPath(access, path, ME) : undefined;
      if (listed !== undefined) expect(mayList(decodeURIComponent(listed).slice(1)), folder).toBe(true);
      if (!isOwn(config, folder)) expect(mayList(folder), folder).toBe(listed === path);
      if (mayList(folder) && key.startsWith(folder))
        expect(allows("s3:GetObject", `${BUCKET}${config.origin.path}/${key}`), `${folder} ${key}`).toBe(
          true,
        );
    }
    expect(mayList(key)).toBe(false);
    expect(allows("s3:ListBucket", BUCKET)).toBe(false);
  });
  expect(pairs).toBeGreaterThan(10_000);
});

interface Role {
  readonly config: Config;
  readonly reader: Reader;
  readonly areas: Areas;
  readonly edge: (path: string) => EdgeAccess | undefined;
  readonly allows: Allows;
}

function configOf(areas: readonly object[], sts: boolean, path: string): Config | undefined {
  try {
    return parseConfig({
      userPool: { id: "us-east-1_AbCdEfGhI", clientIds: ["c"] },
      ...(sts
        ? { exchange: { kind: "sts", roleArn: ROLE_ARN } }
        : { identityPool: { id: "us-east-1:00000000-0000-4000-8000-000000000000" } }),
      origin: { bucket: "assets", region: "us-east-1", path },
      groups: { g1: { roleArn: `${ROLE_ARN}1` }, g2: { roleArn: `${ROLE_ARN}2` } },
      listing: { enabled: true },
      areas,
    });
  } catch (error) {
    if (error instanceof ConfigError) return undefined;
    throw error;
  }
}

function rolesOf(config: Config): readonly Role[] {
  const areas = new Areas(config);
  const session = {
    [config.exchange ? "aws:PrincipalTag/identityId" : "cognito-identity.amazonaws.com:sub"]: ME,
  };
  return readersOf(config).map((reader) => ({
    config,
    reader,
    areas,
    edge: (path) => edgeAccess(areas, path, reader, config.groups),
    allows: evaluator(roleStatements(config, reader), session),
  }));
}

function edgeAccess(
  areas: Areas,
  path: string,
  reader: Reader,
  roleOf: Config["groups"],
): EdgeAccess | undefined {
  const groups = reader === undefined ? [] : [reader];
  try {
    // Only the verifier makes a verified token; its groups, with their roles, are all that counts here.
    return areas.accessTo(path, {
      raw: "",
      sub: ME,
      groups,
      roles: groups.map((name) => roleOf[name]?.roleArn),
      expiresAt: 0,
    } as unknown as VerifiedToken);
  } catch (error) {
    if (error instanceof GateError) return undefined;
    throw error;
  }
}

/** The definition: the own folder, nobody else's, else the first area that matches. */
function isOpen(
  { areas }: Config,
  reader: Reader,
  key: string,
  counts: (area: Config["areas"][number]) => boolean,
): boolean {
  const owners = areas.filter(({ owner }) => key.startsWith(reserved(owner)));
  if (owners.length > 0)
    return owners.some((area) => counts(area) && key.startsWith(`${reserved(area.owner)}${ME}/`));
  const first = areas.find(({ path }) =>
    path.endsWith("/*") ? `/${key}`.startsWith(literal(path)) : `/${key}` === path,
  );
  if (!first || first.public || first.owner || !counts(first)) return false;
  return !first.groups || (reader !== undefined && first.groups.includes(reader));
}

function isOwn({ areas }: Config, key: string): boolean {
  return areas.some(({ owner }) => owner && key.startsWith(`${reserved(owner)}${ME}/`));
}

/** The part of an owner prefix before the identity; of none, what no key starts with. */
function reserved(owner: string | undefined): string {
  return owner?.slice(0, -"{identityId}/".length) ?? "\n";
}

function foldersOf(key: string): readonly string[] {
  return ["", ...[...key.matchAll(/\//g)].map(({ index }) => key.slice(0, index + 1)), `${key}/`];
}

function literal(path: string): string {
  return path.endsWith("/*") ? path.slice(0, -1) : path;
}
