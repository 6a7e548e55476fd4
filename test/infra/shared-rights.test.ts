// Many groups: policies that roles share say the same as a full policy of each, and grow with the groups alone.
import { statSync } from "node:fs";
import { Validations } from "aws-cdk-lib";
import { Role } from "aws-cdk-lib/aws-iam";
import { Bucket } from "aws-cdk-lib/aws-s3";
import { AwsSolutionsChecks } from "cdk-nag";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { AreaDocument, Config } from "../../edge/config/config.ts";
import { ConfigError, parseConfig } from "../../edge/config/document.ts";
import {
  accessProblems,
  readersOf,
  roleStatements,
  sharedRights,
  sharedWhereMany,
} from "../../infra/access/index.ts";
import { cycleIn } from "./cycle.ts";
import { BUCKET, evaluator } from "./policy.ts";
import { appWith, gateIn, type ResourceJson, resolve } from "./synth.ts";

const ME = "us-east-1:11111111-1111-4111-8111-111111111111";
const OTHER = "us-east-1:22222222-2222-4222-8222-222222222222";
const GROUPS = ["g1", "g2", "g3", "g4"];

function configOf(areas: readonly object[], groups: readonly string[], overrides: object = {}): Config {
  const roleArn = "arn:aws:iam::111122223333:role/r";
  return parseConfig({
    userPool: { id: "us-east-1_AbCdEfGhI", clientIds: ["c"], domain: "login.example.com" },
    identityPool: { id: "us-east-1:00000000-0000-4000-8000-000000000000" },
    origin: { bucket: "assets", region: "us-east-1" },
    groups: Object.fromEntries(groups.map((name) => [name, { roleArn }])),
    listing: { enabled: true },
    auth: { keys: { current: "5".repeat(64) } },
    areas,
    ...overrides,
  });
}

function tryConfig(areas: readonly object[], path: string): Config | undefined {
  try {
    return configOf(areas, GROUPS, { origin: { bucket: "assets", region: "us-east-1", path } });
  } catch (error) {
    if (error instanceof ConfigError) return undefined;
    throw error;
  }
}

/** What a role says and carries, together. */
function sharedStatements(config: Config, reader: string | undefined, partLength: number) {
  const shared = sharedRights(config, partLength);
  if (!shared) return undefined;
  const { carries, own, further } = shared.of(reader);
  return [...carries.flatMap((name) => shared.policies[name] ?? []), ...own, ...further.flat()];
}

const segment = fc.constantFrom("a", "b", "c", "users", "a?", "$b");
const kind = fc.oneof(
  { weight: 6, arbitrary: fc.record({ groups: fc.subarray(GROUPS, { minLength: 1 }) }) },
  { weight: 3, arbitrary: fc.constant({}) },
  { weight: 1, arbitrary: fc.constantFrom({ public: true }, { owner: "users/{identityId}/" }) },
);
const area = fc
  .record({
    folder: fc.array(segment, { maxLength: 3 }),
    isPrefix: fc.boolean(),
    kind,
    versions: fc.boolean(),
    uploads: fc.constantFrom(undefined, undefined, { maxBytes: 1 }),
  })
  .map(({ folder, isPrefix, kind, versions, uploads }) => ({
    path: isPrefix || "owner" in kind ? `/${[...folder, "*"].join("/")}` : `/${[...folder, "c"].join("/")}`,
    ...kind,
    ...(!("public" in kind) && { versions, uploads }),
  }));
const documents = fc.record({
  areas: fc
    .uniqueArray(area, { minLength: 1, maxLength: 9, selector: ({ path }) => path })
    .map((areas) => areas.toSorted((a, b) => b.path.length - a.path.length)),
  hasAll: fc.boolean(),
  sameVersions: fc.boolean(),
  path: fc.constantFrom("", "/site"),
  // From a part for each area to one part for all.
  partLength: fc.constantFrom(1, 250, 5_600),
});
const keys = fc.array(
  fc
    .tuple(
      fc.constantFrom("", "a/", "b/", "a/b/", `users/${ME}/`, `users/${OTHER}/`),
      fc.array(segment, { minLength: 1, maxLength: 3 }),
    )
    .map(([start, segments]) => start + segments.join("/")),
  { minLength: 10, maxLength: 10 },
);

test("roles that share read and list exactly what they do with a policy of their own", () => {
  const seen = { shared: 0, parts: 0, allowed: 0, refused: 0, stored: 0 };
  fc.assert(
    fc.property(documents, keys, ({ areas, hasAll, sameVersions, path, partLength }, names) => {
      const list = hasAll ? [...areas.filter((area) => area.path !== "/*"), { path: "/*" }] : areas;
      const config = tryConfig(
        list.map((area) => (sameVersions ? { ...area, versions: undefined } : area)),
        path,
      );
      fc.pre(config !== undefined && accessProblems(config).every((problem) => !problem.includes("layers")));
      const session = { "cognito-identity.amazonaws.com:sub": ME };
      for (const reader of readersOf(config)) {
        const statements = sharedStatements(config, reader, partLength);
        if (!statements) return;
        seen.shared += 1;
        seen.parts += Object.keys(sharedRights(config, partLength)?.policies ?? {}).length > 4 ? 1 : 0;
        const [full, shared] = [
          evaluator(roleStatements(config, reader), session),
          evaluator(statements, session),
        ];
        for (const name of names) {
          for (const bucket of [BUCKET, "arn:aws:s3:::other"])
            for (const action of ["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"]) {
              const resource = `${bucket}${path}/${name}`;
              const expected = full(action, resource);
              seen[expected ? "allowed" : "refused"] += 1;
              seen.stored += expected && action === "s3:PutObject" ? 1 : 0;
              expect(shared(action, resource), `${reader} ${action} ${resource}`).toBe(expected);
            }
          const prefix = { "s3:prefix": `${path}/${name}/`.slice(1) };
          expect(shared("s3:ListBucket", BUCKET, prefix), `${reader} lists ${name}`).toBe(
            full("s3:ListBucket", BUCKET, prefix),
          );
        }
      }
    }),
    { numRuns: 150, seed: 20_261_126 },
  );
  expect(seen.shared).toBeGreaterThan(200);
  expect(seen.parts).toBeGreaterThan(50);
  expect(seen.allowed).toBeGreaterThan(500);
  expect(seen.stored).toBeGreaterThan(50);
});

/** Teams with an area each, a lead of them all, people's own folders, and the rest for everybody. */
function teams(count: number): { areas: readonly AreaDocument[]; groups: readonly string[] } {
  const names = Array.from({ length: count }, (_, index) => `team-${index}`);
  return {
    areas: [
      ...names.map((name) => ({ path: `/${name}/*`, groups: [name, "leads"] })),
      { path: "/me/*", owner: "users/{identityId}/" },
      { path: "/*" },
    ],
    groups: [...names, "leads"],
  };
}

describe("200 areas of as many groups", () => {
  const { areas, groups } = teams(200);
  const config = configOf(areas, groups);

  test("fit IAM, in ten policies of a role at most", () => {
    expect(accessProblems(config, true)).toEqual([]);
    const shared = sharedWhereMany(config);
    expect(shared?.of("team-7").carries).toEqual(["Everyone", "Except2", "Not0", "Not1", "Not3", "Lists"]);
    expect(shared?.of("leads").carries).toEqual(["Everyone", "Except0", "Lists"]);
    expect(shared?.of("leads").further.length).toBeLessThan(8);
    expect(shared?.of("team-7").further).toEqual([]);
  });

  test("do not, where each role says everything itself", () => {
    expect(accessProblems(configOf(teams(120).areas, teams(120).groups))).toContainEqual(
      expect.stringMatching(
        /^areas: the policy of group "team-7" would be \d+ characters long, IAM takes 10000/,
      ),
    );
  });

  const session = { "cognito-identity.amazonaws.com:sub": ME };
  const cases: readonly [reader: string | undefined, key: string, allowed: boolean][] = [
    [undefined, "/x.txt", true],
    [undefined, "/team-0/x.txt", false],
    [undefined, "/team-199/x.txt", false],
    [undefined, `/users/${ME}/x.txt`, true],
    ["team-7", "/team-7/x.txt", true],
    ["team-7", "/team-8/x.txt", false],
    ["team-7", "/team-70/x.txt", false],
    ["team-7", "/team-199/x.txt", false],
    ["team-7", "/x.txt", true],
    ["team-7", `/users/${ME}/x.txt`, true],
    ["team-7", `/users/${OTHER}/x.txt`, false],
    ["leads", "/team-0/x.txt", true],
    ["leads", "/team-199/x.txt", true],
  ];
  test.each(cases)("the role of %s and %s: %s", (reader, key, allowed) => {
    const allows = evaluator(sharedStatements(config, reader, 5_600) ?? [], session);
    expect(allows("s3:GetObject", `${BUCKET}${key}`)).toBe(allowed);
  });
});

describe.each(["identityPool", "sts"])("the template of 200 groups with %s", (exchange) => {
  const sizeOf = (count: number) => {
    const app = appWith({ ...teams(count), exchange, listing: true });
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
    const stack = app.synth().getStackByName("Gatehouse");
    return { bytes: statSync(stack.templateFullPath).size, template: stack.template };
  };
  const [half, whole] = [sizeOf(100), sizeOf(200)];
  const resources: Readonly<Record<string, ResourceJson>> = whole.template.Resources;

  test("fits CloudFormation: a million bytes and 500 resources", () => {
    expect(whole.bytes).toBeLessThan(1_000_000);
    expect(Object.keys(resources).length).toBeLessThan(500);
  });

  test("grows with the groups, not with their square", () => {
    const before = sizeOf(50).bytes;
    const perGroup = (half.bytes - before) / 50;
    expect((whole.bytes - half.bytes) / 100).toBeLessThan(perGroup * 1.1);
  });

  test("gives every role what its group may read", () => {
    const [role] = Object.values(resources).filter(({ Type, Properties }) =>
      JSON.stringify([Type, Properties]).includes("/team-7/*"),
    );
    const named = (reference: string) => `<${reference.replace(/[0-9A-F]{8}$/, "")}>`;
    const { Policies, ManagedPolicyArns } = Object(resolve(role?.Properties, named));
    expect(role?.Type).toBe("AWS::IAM::Role");
    expect(ManagedPolicyArns).toHaveLength(6);
    expect(JSON.stringify(Policies)).toContain("/team-7/*");
    expect(cycleIn(whole.template)).toBeUndefined();
  });

  test("keeps every policy within IAM's limits, as it is written", () => {
    const length = (document: unknown) =>
      JSON.stringify(
        resolve(document, (reference) => (reference.includes("Role") ? "r".repeat(100) : "b".repeat(76))),
      ).length;
    for (const [id, { Type, Properties }] of Object.entries(resources)) {
      if (Type === "AWS::IAM::ManagedPolicy")
        expect(length(Properties["PolicyDocument"]), id).toBeLessThan(6_144);
      if (Type === "AWS::IAM::Policy") expect(length(Properties["PolicyDocument"]), id).toBeLessThan(10_240);
    }
  });
});

test("a role that is given keeps a policy of its own, and what does not fit is refused", () => {
  const { areas } = teams(120);
  const synth = () =>
    gateIn("us-east-1", (stack) => ({
      bucket: Bucket.fromBucketName(stack, "Bucket", "assets"),
      areas,
      groups: Object.fromEntries(
        teams(120).groups.map((name) => [name, Role.fromRoleName(stack, name, name)]),
      ),
    }));
  expect(synth).toThrow(/areas: the policy of group "team-7" would be \d+ characters long, IAM takes 10000/);
});

test("where something lies inside a group's area, rights are not shared", () => {
  expect(
    sharedRights(configOf([{ path: "/a/b/*" }, { path: "/a/*", groups: ["g1"] }], GROUPS)),
  ).toBeUndefined();
});
