// Generated pairs of people and paths, in gates whose folders are named after claims: edge, IAM and definition must agree.
import assert from "node:assert/strict";
import fc from "fast-check";
import { Areas, cacheScope, keyPath } from "../../edge/areas.ts";
import { IDENTITY_ID } from "../../edge/config/aws-names.ts";
import { placeholdersIn, tagOf } from "../../edge/config/claims.ts";
import type { AreaDocument, Config } from "../../edge/config/config.ts";
import { parseConfig } from "../../edge/config/document.ts";
import { claimOf, folderOf, isPlain, placeholdersOf } from "../../edge/config/owner.ts";
import { GateError } from "../../edge/errors.ts";
import { uriEncodePath } from "../../edge/request/path.ts";
import { roleStatements } from "../../infra/access/index.ts";
import { type Allows, BUCKET, evaluator } from "./policy.ts";

/** Somebody, by what the ID token says. */
interface Person {
  readonly identityId: string;
  readonly claims: Readonly<Record<string, string | undefined>>;
}

const IDENTITIES = [
  "us-east-1:00000000-0000-4000-8000-00000000000a",
  "us-east-1:00000000-0000-4000-8000-00000000000b",
];
/** Names of people and tenants, some of them the same; and values that name no folder. */
const WORDS = ["acme", "Acme", "acme.", "other", "ada", "bob", "a@b.c", "...", "x"];
const NO_WORDS = [
  "",
  ".",
  "..",
  "acme/ada",
  "acme*",
  "*",
  "?",
  "a b",
  "../acme",
  "acme/..",
  `$${"{aws:userid}"}`,
];

const AREAS: readonly AreaDocument[] = [
  { path: "/tenant/*", owner: "tenants/{claim:custom:tenant}/" },
  { path: "/both/*", owner: "people/{claim:custom:tenant}/{sub}/" },
  { path: "/site/*", owner: "sites/{claim:custom:tenant}/{claim:site}/" },
  { path: "/sub/*", owner: "subs/{sub}/" },
  { path: "/me/*", owner: "users/{identityId}/" },
  { path: "/mine/*", owner: "own/{sub}/{identityId}/" },
];

const config = fc
  .record({
    owned: fc.subarray([...AREAS], { minLength: 1 }),
    others: fc.subarray<AreaDocument>([{ path: "/*" }, { path: "/tenants/*" }, { path: "/people/x/*" }], {
      maxLength: 1,
    }),
    sts: fc.boolean(),
    path: fc.constantFrom("", "/site"),
  })
  .map(({ owned, others, sts, path }) => {
    const areas = [...owned, ...others];
    return fits(areas) ? configOf(areas, sts, path) : configOf(owned, sts, path);
  });

/** Whether the other areas lie outside of own folders, which a configuration has to see to. */
function fits(areas: readonly AreaDocument[]): boolean {
  const folders = areas.flatMap(({ owner }) => (owner ? [`/${folderOf(owner)}`] : []));
  return !areas.some(({ path, owner }) => !owner && folders.some((folder) => path.startsWith(folder)));
}

function configOf(areas: readonly AreaDocument[], sts: boolean, path: string): Config {
  return parseConfig({
    userPool: { id: "us-east-1_AbCdEfGhI", clientIds: ["c"] },
    ...(sts
      ? { exchange: { kind: "sts", roleArn: "arn:aws:iam::111122223333:role/r" } }
      : { identityPool: { id: "us-east-1:00000000-0000-4000-8000-000000000000" } }),
    origin: { bucket: "assets", region: "us-east-1", path },
    listing: { enabled: true },
    areas,
  });
}

const word = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...WORDS) },
  { weight: 1, arbitrary: fc.constantFrom(...NO_WORDS, undefined) },
);
const person: fc.Arbitrary<Person> = fc
  .tuple(fc.constantFrom(...IDENTITIES), fc.constantFrom("ada", "bob", "acme"), word, word)
  .map(([identityId, sub, tenant, site]) => ({ identityId, claims: { sub, "custom:tenant": tenant, site } }));

const segment = fc.constantFrom(...WORDS, ...IDENTITIES, "y", "index.html");
const key = fc
  .tuple(
    fc.constantFrom(...AREAS.flatMap(({ path, owner }) => [path.slice(1, -1), folderOf(owner ?? "")]), ""),
    fc.array(segment, { minLength: 1, maxLength: 4 }),
  )
  .map(([start, segments]) => `${start}${segments.join("/")}`.replace(/(^|\/)\.\.?(?=\/|$)/g, "$1z"));

const CASES = fc.tuple(
  config,
  fc.array(person, { minLength: 2, maxLength: 2 }),
  fc.array(key, { minLength: 10, maxLength: 10 }),
);

/** What was seen of the pairs: a run that sees nothing proves nothing. */
export interface Seen {
  pairs: number;
  own: number;
  refused: number;
  shared: number;
}

/** Checks so many pairs at least. @throws AssertionError for the first that disagrees. */
export function checkPairs(atLeast: number, seed: number): Seen {
  const seen: Seen = { pairs: 0, own: 0, refused: 0, shared: 0 };
  fc.assert(
    fc.property(CASES, ([config, people, keys]) => {
      const areas = new Areas(config);
      const sides = people.map((person) => ({ person, allows: allowsOf(config, person) }));
      for (const key of keys) {
        const answers = sides.map((side) => checked(config, areas, side, key, seen));
        const [one, two] = answers;
        if (one && two && one.cacheKey === two.cacheKey) {
          seen.shared += 1;
          for (const { allows } of sides) assert.ok(reads(allows, config, one.key), one.cacheKey);
        }
      }
    }),
    { numRuns: Math.ceil(atLeast / 20), seed },
  );
  return seen;
}

interface Side {
  readonly person: Person;
  readonly allows: Allows;
}

/** Holds one pair against the definition; returns the key and the entry that the edge makes of it. */
function checked(config: Config, areas: Areas, { person, allows }: Side, key: string, seen: Seen) {
  seen.pairs += 1;
  const edge = edgeAnswer(areas, person, uriEncodePath(`/${key}`));
  if (edge) assert.ok(reads(allows, config, edge.key), `${key} is ${edge.key}`);
  else seen.refused += 1;
  if (edge && edge.key !== key) seen.own += 1;
  const named = config.areas.filter(({ owner }) => owner && key.startsWith(folderOf(owner)));
  if (named.length > 0) {
    const isOwn = named.some(({ owner = "" }) => key.startsWith(ownFolder(owner, person, config) ?? "\n"));
    assert.equal(reads(allows, config, key), isOwn, `${JSON.stringify(person)} ${key}`);
    assert.ok(!edge || edge.key !== key, `${key} is reached by its real key`);
    const folder = key.slice(0, key.lastIndexOf("/") + 1);
    const isListed = named.some(({ owner = "" }) =>
      folder.startsWith(ownFolder(owner, person, config) ?? "\n"),
    );
    assert.equal(lists(allows, config, folder), isListed, `list ${folder}`);
  } else assert.equal(reads(allows, config, key), edge?.key === key, key);
  return edge;
}

function edgeAnswer(areas: Areas, { identityId, claims }: Person, path: string) {
  const names = Object.fromEntries(
    placeholdersIn(AREAS).flatMap((each) => {
      const value = claims[claimOf(each)];
      return value === undefined ? [] : [[each, value]];
    }),
  );
  try {
    const access = areas.accessTo(path, { groups: [], roles: [], names });
    const keyed = keyPath(access, path, identityId);
    return {
      key: decodeURIComponent(keyed.slice(1)),
      cacheKey: `${keyed} ${cacheScope(access, identityId)}`,
    };
  } catch (error) {
    if (error instanceof GateError) return undefined;
    throw error;
  }
}

/**
 * The session as the exchange makes it. An identity pool puts claims on it as they are; so a folder opens for a claim that is no plain
 * word, too, whose user the edge sends away: here it may open no more than a folder of that very name.
 */
function allowsOf(config: Config, { identityId, claims }: Person): Allows {
  const session: Record<string, string> = {};
  if (!config.exchange) session["cognito-identity.amazonaws.com:sub"] = identityId;
  for (const each of placeholdersIn(config.areas)) {
    const value = each === IDENTITY_ID ? config.exchange && identityId : claims[claimOf(each)];
    if (value !== undefined && (!config.exchange || each === IDENTITY_ID || isPlain(value)))
      session[`aws:PrincipalTag/${tagOf(each)}`] = value;
  }
  return evaluator(roleStatements(config, undefined), session);
}

/** What the folder is called; undefined without a claim that it is named after. */
function ownFolder(owner: string, { identityId, claims }: Person, { exchange }: Config): string | undefined {
  const names = placeholdersOf(owner).map((each) => {
    const value = each === IDENTITY_ID ? identityId : claims[claimOf(each)];
    // STS is told of words alone.
    return exchange && each !== IDENTITY_ID && !isPlain(value) ? undefined : value;
  });
  return names.includes(undefined) ? undefined : `${folderOf(owner)}${names.join("/")}/`;
}

function reads(allows: Allows, { origin }: Config, key: string): boolean {
  return allows("s3:GetObject", `${BUCKET}${origin.path}/${key}`);
}

function lists(allows: Allows, { origin }: Config, folder: string): boolean {
  return allows("s3:ListBucket", BUCKET, { "s3:prefix": `${origin.path}/${folder}`.slice(1) });
}
