// The edge and IAM decide alike: for every kind of user and every path, and nobody shares a cache key without the right.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Areas, cacheScope, keyPath } from "../../edge/areas.ts";
import { IDENTITY_ID } from "../../edge/config/aws-names.ts";
import type { AreaDocument, Config } from "../../edge/config/config.ts";
import { ConfigError, parseConfig } from "../../edge/config/document.ts";
import { GateError } from "../../edge/errors.ts";
import { canonicalPath } from "../../edge/request/path.ts";
import type { VerifiedToken } from "../../edge/token/token.ts";
import { accessProblems, readersOf, roleStatements } from "../../infra/access/index.ts";
import { decide } from "../../local/aws/iam/decide.ts";
import { parsePolicy } from "../../local/aws/iam/parse.ts";
import type { Policy } from "../../local/aws/iam/policy.ts";

const ROLE = "arn:aws:iam::123456789012:role/";
const BUCKET = "arn:aws:s3:::assets";

/** One person: groups by name, and what the own folder is called. */
interface User {
  readonly name: string;
  readonly groups: readonly string[];
  readonly identityId: string;
}

const USERS: readonly User[] = [
  { name: "nobody's", groups: [], identityId: "us-east-1:00000000-0000-4000-8000-00000000000a" },
  { name: "editor", groups: ["editors"], identityId: "us-east-1:00000000-0000-4000-8000-00000000000b" },
  { name: "lead", groups: ["leads"], identityId: "us-east-1:00000000-0000-4000-8000-00000000000c" },
  {
    name: "both",
    groups: ["editors", "leads"],
    identityId: "us-east-1:00000000-0000-4000-8000-00000000000d",
  },
  { name: "stranger", groups: ["others"], identityId: "us-east-1:00000000-0000-4000-8000-00000000000e" },
];

const LISTS: Record<string, readonly AreaDocument[]> = {
  "the default": [{ path: "/*" }],
  "a group's area, with nothing of anybody's inside": [
    { path: "/team/*", groups: ["editors"] },
    { path: "/*" },
  ],
  "a bit of everything": [
    { path: "/team/welcome.txt" },
    { path: "/team/plans/*", groups: ["leads"] },
    { path: "/team/*", groups: ["editors", "leads"] },
    { path: "/me/*", owner: "users/{identityId}/" },
    { path: "/*" },
  ],
  "public ones inside": [
    { path: "/team/welcome.txt", public: true },
    { path: "/team/*", groups: ["editors"] },
    { path: "/me/*", owner: "users/{identityId}/" },
    { path: "/x", public: true },
    { path: "/plans/*", public: true },
    { path: "/*" },
  ],
  "APIs inside": [
    { path: "/team/api/*", api: true, groups: ["editors"] },
    { path: "/team/*", groups: ["editors"] },
    { path: "/api/docs/*" },
    { path: "/api/*", api: true },
    { path: "/*" },
  ],
  "Amplify's layout": [
    { path: "/public/*" },
    { path: "/protected/*" },
    { path: "/private/*", owner: "private/{identityId}/" },
  ],
  "groups only, odd names": [
    { path: "/a+b ?$/x.txt", groups: ["editors"] },
    { path: "/ä $/*", groups: ["leads"] },
  ],
};

/** What the edge does, as the function does it: the key and whose role it signs for, or a refusal. */
function edgeAnswer(areas: Areas, user: User, path: string) {
  try {
    const claims: unknown = { groups: user.groups, roles: user.groups.map((name) => `${ROLE}${name}`) };
    const access = areas.accessTo(path, claims as VerifiedToken);
    const keyed = keyPath(access, path, user.identityId);
    return {
      key: keyOf(keyed),
      group: access.group,
      cacheKey: `${keyed} ${cacheScope(access, user.identityId)}`,
    };
  } catch (error) {
    if (error instanceof GateError) return undefined;
    throw error;
  }
}

function keyOf(path: string): string {
  return decodeURIComponent(path.slice(1));
}

/** Every role's policy as IAM gets it, by group; undefined for the role of everyone who is signed in. */
function policiesOf(config: Config): ReadonlyMap<string | undefined, Policy> {
  const document = (reader: string | undefined) => ({
    Version: "2012-10-17",
    Statement: roleStatements(config, reader).map((statement) => ({
      Effect: statement.effect,
      Action: statement.actions,
      ...(statement.resources && { Resource: statement.resources.map((suffix) => BUCKET + suffix) }),
      ...(statement.notResources && { NotResource: statement.notResources.map((suffix) => BUCKET + suffix) }),
      ...(statement.conditions && { Condition: statement.conditions }),
    })),
  });
  return new Map(readersOf(config).map((reader) => [reader, parsePolicy(document(reader), "identity")]));
}

function iamAllows(policy: Policy | undefined, { identityId }: User, key: string): boolean {
  if (!policy) return false;
  const request = {
    principal: { kind: "role", arn: ROLE, sessionArn: `${ROLE}/session` },
    action: "s3:GetObject",
    resource: `${BUCKET}/${key}`,
    context: { "cognito-identity.amazonaws.com:sub": identityId },
  } as const;
  return decide(request, { identity: [policy] }) === "allow";
}

const uris = (documents: readonly AreaDocument[]) => {
  const own = documents.map(({ path }) => path.replace(/\*$/, ""));
  const folders = USERS.flatMap(({ identityId }) => [`/users/${identityId}/`, `/private/${identityId}/`]);
  const start = fc.constantFrom(
    "/",
    ...own,
    ...own.map((path) => path.slice(0, -1)),
    ...folders,
    "/users/",
    "/private/",
  );
  const end = fc.constantFrom(
    "",
    "x",
    "x.txt",
    "a b",
    "*",
    "?",
    `$${"{*}"}`,
    "ä",
    "welcome.txt",
    "plans/",
    "plans/x",
    "/x",
    "index.html",
  );
  return fc
    .tuple(start, end)
    .map((parts) => `/${parts.join("").slice(1)}`.split("/").map(encodeURIComponent).join("/"));
};

/** A configuration with these areas, or undefined for lists that are refused. */
function configWith(documents: readonly AreaDocument[]): Config | undefined {
  try {
    return parseConfig({
      userPool: { id: "us-east-1_AbCdEfGhI", clientIds: ["client"] },
      identityPool: { id: "us-east-1:00000000-0000-4000-8000-000000000000" },
      origin: { bucket: "assets", region: "us-east-1" },
      areas: documents,
      groups: { editors: { roleArn: `${ROLE}editors` }, leads: { roleArn: `${ROLE}leads` } },
    });
  } catch (error) {
    if (error instanceof ConfigError) return undefined;
    throw error;
  }
}

describe.each(Object.entries(LISTS))("%s", (_, documents) => {
  const config = configWith(documents);
  if (!config) throw new Error("refused");
  const { groups } = config;
  const areas = new Areas(config);
  const policies = policiesOf(config);
  const folderOf = ({ identityId }: User) =>
    documents.flatMap(({ owner }) => owner?.replace(IDENTITY_ID, identityId) ?? []);

  test("3,000 paths for five kinds of user: edge and IAM say the same, and so do all who share a cache key", () => {
    const seen = { allowed: 0, refused: 0 };
    fc.assert(
      fc.property(uris(documents), (uri) => {
        const path = canonicalPath(uri);
        const sharing = new Map<string, string>();
        for (const user of USERS) {
          const roles = [undefined, ...user.groups.filter((name) => name in groups)];
          const edge = edgeAnswer(areas, user, path);
          if (edge) {
            seen.allowed += 1;
            // Without a group the user may have any of their roles: each has to do.
            const asked = edge.group === undefined ? roles : [edge.group];
            for (const role of asked)
              expect(iamAllows(policies.get(role), user, edge.key), `${user.name} as ${role}`).toBe(true);
            expect(sharing.get(edge.cacheKey) ?? edge.key).toBe(edge.key);
            sharing.set(edge.cacheKey, edge.key);
          } else {
            seen.refused += 1;
            const key = keyOf(path);
            const isOwn = folderOf(user).some((folder) => key.startsWith(folder));
            for (const role of roles)
              expect(iamAllows(policies.get(role), user, key), `${user.name} as ${role}`).toBe(isOwn);
          }
        }
        // Whoever could be served from an entry by having its key could have fetched it.
        for (const user of USERS)
          for (const [cacheKey, key] of sharing)
            if (edgeAnswer(areas, user, path)?.cacheKey === cacheKey)
              expect(
                [undefined, ...user.groups].some((role) => iamAllows(policies.get(role), user, key)),
              ).toBe(true);
      }),
      { numRuns: 3_000 },
    );
    expect(seen.allowed + seen.refused).toBe(15_000);
    expect(seen.allowed).toBeGreaterThan(100);
  });
});

/** Every spelling of a text that looks the same: each letter as one character, or as two. */
function formsOf(text: string): readonly string[] {
  return [...text.normalize("NFC")].reduce<readonly string[]>(
    (forms, letter) =>
      forms.flatMap((form) => [...new Set([letter, letter.normalize("NFD")])].map((one) => form + one)),
    [""],
  );
}

/** What lies inside comes first, so that lists are refused for their letters alone. */
const lettered = fc
  .uniqueArray(
    fc.record({
      path: fc
        .array(fc.constantFrom("\u00e9", "e\u0301", "\u00fc", "\u00df", "a"), { maxLength: 3 })
        .map((folders) => ["", ...folders, "*"].join("/")),
      kind: fc.constantFrom<Partial<AreaDocument>>({}, { groups: ["editors"] }, { groups: ["leads"] }),
    }),
    { minLength: 1, maxLength: 5, selector: ({ path }) => path },
  )
  .map((areas) =>
    areas
      .map(({ path, kind }) => ({ path, ...kind }))
      .toSorted((a, b) => b.path.split("/").length - a.path.split("/").length),
  );

test("an area's keys in another Unicode form are nobody's, at the edge and in IAM", () => {
  const seen = { refused: 0, taken: 0, forms: 0 };
  fc.assert(
    fc.property(lettered, (documents) => {
      const config = configWith(documents);
      seen[config ? "taken" : "refused"] += 1;
      if (!config) return;
      const areas = new Areas(config);
      const policies = accessProblems(config).length === 0 ? policiesOf(config) : new Map();
      for (const { path } of documents)
        for (const form of formsOf(path.slice(0, -1)).filter((form) => !path.startsWith(form))) {
          seen.forms += 1;
          const key = `${form}x`;
          expect(areas.of(canonicalPath(encodeURI(key)))?.path, key).toBeUndefined();
          for (const [role, policy] of policies)
            for (const user of USERS)
              expect(iamAllows(policy, user, key.slice(1)), `${user.name} as ${role}`).toBe(false);
        }
    }),
    { numRuns: 2_000, seed: 20_261_126 },
  );
  expect(Object.values(seen).every((count) => count > 100)).toBe(true);
});
