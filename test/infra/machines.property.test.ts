// The edge and IAM decide alike for machines: for every set of scopes and every path, and no cache entry is shared with more.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Areas, cacheScope, keyPath, type Member } from "../../edge/areas.ts";
import type { AreaDocument } from "../../edge/config/config.ts";
import { parseConfig } from "../../edge/config/document.ts";
import { GateError } from "../../edge/errors.ts";
import { uriEncodePath } from "../../edge/request/path.ts";
import { accessProblems, machinesWith, roleStatements } from "../../infra/access/index.ts";
import { BUCKET, evaluator } from "./policy.ts";

const ROLE = "arn:aws:iam::111122223333:role/";
const CLIENT = "machine";
const [READ, ADMIN] = ["assets/read", "assets/admin"] as const;
const SCOPES = [READ, ADMIN];

const LISTS: Record<string, readonly AreaDocument[]> = {
  "one for all": [{ path: "/*", scopes: [READ] }],
  "a bit of everything": [
    { path: "/team/welcome.txt", scopes: [READ] },
    { path: "/team/plans/*", groups: ["leads"] },
    { path: "/team/*", groups: ["leads"], scopes: [ADMIN, READ] },
    { path: "/me/*", owner: "users/{sub}/" },
    { path: "/x", public: true },
    { path: "/api/*", api: true },
    { path: "/*", scopes: [ADMIN] },
  ],
  "machines nowhere but inside": [
    { path: "/team/plans/secret.txt" },
    { path: "/team/plans/*", scopes: [READ] },
    { path: "/team/*", scopes: [ADMIN] },
    { path: "/*" },
  ],
  "the same area for one or the other": [
    { path: "/team/*", scopes: [READ, ADMIN] },
    { path: "/plans/*", scopes: [ADMIN, READ] },
  ],
};

function configWith(areas: readonly AreaDocument[]) {
  return parseConfig({
    userPool: { id: "us-east-1_AbCdEfGhI", clientIds: ["people"], machineClientIds: [CLIENT] },
    exchange: { kind: "sts", roleArn: `${ROLE}people` },
    origin: { bucket: "assets", region: "us-east-1" },
    listing: { enabled: true },
    areas,
    groups: { leads: { roleArn: `${ROLE}leads` } },
    scopes: Object.fromEntries(SCOPES.map((scope) => [scope, { roleArn: ROLE + scope }])),
  });
}

/** Machines by their scopes, then people by their groups. */
const MEMBERS: readonly Member[] = [
  ...[[], [READ], [ADMIN], [READ, ADMIN], ["other/read", ADMIN]].map((scopes) => member([], scopes)),
  member([]),
  member(["leads"]),
];

function member(groups: readonly string[], scopes?: readonly string[]): Member {
  return { groups, roles: [], names: {}, ...(scopes && { scopes }) };
}

const keys = fc
  .array(
    fc.constantFrom(
      "team",
      "plans",
      "me",
      "users",
      CLIENT,
      "api",
      "x",
      "welcome.txt",
      "secret.txt",
      "a",
      "*",
      "=",
    ),
    { minLength: 1, maxLength: 4 },
  )
  .map((segments) => segments.join("/"));

describe.each(Object.entries(LISTS))("%s", (_, documents) => {
  const config = configWith(documents);
  const areas = new Areas(config);
  const allows = new Map(
    SCOPES.map((scope) => [ROLE + scope, evaluator(roleStatements(config, machinesWith(scope)), {})]),
  );
  const reads = (roleArn: string, key: string) => allows.get(roleArn)?.("s3:GetObject", `${BUCKET}/${key}`);

  function edge(who: Member, key: string) {
    const path = uriEncodePath(`/${key}`);
    try {
      const access = areas.accessTo(path, who);
      const sub = who.scopes ? CLIENT : "ada";
      const keyed = keyPath(access, path, sub);
      return { keyed, roleArn: access.roleArn ?? "", cacheKey: `${keyed} ${cacheScope(access, sub)}` };
    } catch (error) {
      if (error instanceof GateError) return undefined;
      throw error;
    }
  }

  test("1,000 keys: what the edge gives a machine its role opens, and what it refuses none of its roles does", () => {
    const seen = { allowed: 0, refused: 0, shared: 0 };
    fc.assert(
      fc.property(keys, (key) => {
        const roleOf = new Map<string, string>();
        for (const who of MEMBERS) {
          const found = edge(who, key);
          if (found) {
            seen.shared += Number(roleOf.has(found.cacheKey));
            if (who.scopes || roleOf.has(found.cacheKey))
              expect(roleOf.get(found.cacheKey) ?? found.roleArn, found.cacheKey).toBe(found.roleArn);
            roleOf.set(found.cacheKey, found.roleArn);
          }
          if (!who.scopes) continue;
          seen[found ? "allowed" : "refused"] += 1;
          if (found)
            expect([found.keyed, reads(found.roleArn, key)]).toEqual([uriEncodePath(`/${key}`), true]);
          else for (const scope of who.scopes) expect(reads(ROLE + scope, key) ?? false, scope).toBe(false);
        }
      }),
      { numRuns: 1_000 },
    );
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(20);
  });

  test("what a role may list, its machines may read", () => {
    let listed = 0;
    fc.assert(
      fc.property(keys, (key) => {
        for (const scope of SCOPES) {
          const may = allows.get(ROLE + scope)?.("s3:ListBucket", BUCKET, { "s3:prefix": `${key}/` });
          const isArea = areas.listable(uriEncodePath(`/${key}/`))?.scopes?.includes(scope) === true;
          expect(may, `${scope} ${key}/`).toBe(isArea);
          listed += Number(isArea);
        }
      }),
      { numRuns: 1_000 },
    );
    expect(listed).toBeGreaterThan(20);
  });

  test("nothing that cannot be said", () => expect(accessProblems(config)).toEqual([]));
});
