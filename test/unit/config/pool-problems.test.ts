// Further user pools in the configuration: what is refused, with all its words.
import { describe, expect, test } from "vitest";
import type { ConfigDocument } from "../../../edge/config/config.ts";
import { ConfigError, parseConfig } from "../../../edge/config/document.ts";
import { CLIENT_ID, configDocument, USER_POOL_ID } from "../fixtures/config.ts";

const ROLE = { roleArn: "arn:aws:iam::123456789012:role/editors" };
const SUB = { id: "eu-west-1_SubPool1", clientIds: ["3subclient3"] };
const ASIA = { id: "ap-south-1_SubPool1", clientIds: ["4asiaclient4"] };

function problemsOf(changes: object, isToken = (_: unknown) => false): readonly string[] {
  try {
    parseConfig(configDocument(changes as Partial<ConfigDocument>), { isToken });
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

const named = (...groups: readonly string[]) => ({
  groups: Object.fromEntries(groups.map((name) => [name, ROLE])),
  areas: [{ path: "/*", groups }],
});

test("further pools get the defaults", () => {
  expect(parseConfig(configDocument({ userPools: [SUB] })).userPools).toEqual([
    { ...SUB, jwks: undefined, jwksUri: undefined },
  ]);
});

describe("refused", () => {
  test.each<readonly [string, object, readonly string[]]>([
    [
      "the first pool again",
      { userPools: [{ ...SUB, id: USER_POOL_ID }] },
      [`userPools[0].id: "${USER_POOL_ID}" is there twice`],
    ],
    [
      "one pool twice",
      { userPools: [SUB, { ...ASIA, id: SUB.id }] },
      [`userPools[1].id: "${SUB.id}" is there twice`],
    ],
    [
      "the first pool's client",
      { userPools: [{ ...SUB, clientIds: [CLIENT_ID] }] },
      [`userPools[0].clientIds: "${CLIENT_ID}" is another user pool's`],
    ],
    [
      "another pool's client",
      { userPools: [SUB, { ...ASIA, clientIds: ["x", ...SUB.clientIds] }] },
      [`userPools[1].clientIds: "3subclient3" is another user pool's`],
    ],
    [
      "no client",
      { userPools: [{ ...SUB, clientIds: [] }] },
      ["userPools[0].clientIds: expected a list of at least 1"],
    ],
    [
      "no pool id",
      { userPools: [{ ...SUB, id: "eu-west-1_a_b" }] },
      ["userPools[0].id: expected a user pool id such as us-east-1_AbCdEfGhI"],
    ],
    [
      "a domain",
      { userPools: [{ ...SUB, domain: "login.example.com" }] },
      ["userPools[0].domain: unknown setting"],
    ],
    [
      "a key set elsewhere without TLS",
      { userPools: [{ ...SUB, jwksUri: "http://example.com/" }] },
      ["userPools[0].jwksUri: expected an https:// URL, or http:// on loopback"],
    ],
    [
      "a group of a pool that is not there",
      { userPools: [SUB], ...named(`${ASIA.id}/editors`) },
      [
        `groups: "${ASIA.id}/editors" is of a user pool that is not in userPools`,
        `areas[0].groups: "${ASIA.id}/editors" is of a user pool that is not in userPools`,
      ],
    ],
    [
      "the first pool's group by pool",
      named(`${USER_POOL_ID}/editors`),
      [
        `groups: "${USER_POOL_ID}/editors" is of a user pool that is not in userPools`,
        `areas[0].groups: "${USER_POOL_ID}/editors" is of a user pool that is not in userPools`,
      ],
    ],
  ])("%s", (_name, changes, problems) => {
    expect(problemsOf(changes)).toEqual(problems);
  });
});

test.each<readonly [string, object]>([
  [
    "two pools with a group of one name, and the first pool's",
    { userPools: [SUB, ASIA], ...named(`${SUB.id}/editors`, `${ASIA.id}/editors`, "editors") },
  ],
  ["a group with a slash in its name", { userPools: [SUB], ...named("a/b", `${SUB.id}/a/b`) }],
  ["a group of the longest name", { userPools: [SUB], ...named(`${SUB.id}/${"x".repeat(128)}`) }],
])("taken: %s", (_name, changes) => {
  expect(problemsOf(changes)).toEqual([]);
});

test("while ids are not known, no group is said to be a stranger", () => {
  const isToken = (value: unknown) => value === "(token)";
  const userPools = [{ ...SUB, id: "(token)" }];
  expect(problemsOf({ userPools, ...named(`${SUB.id}/editors`) }, isToken)).toEqual([]);
});
