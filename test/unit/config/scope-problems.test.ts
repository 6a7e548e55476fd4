// What a configuration may say of machines: each mistake has its message.
import { describe, expect, test } from "vitest";
import type { AreaDocument, ConfigDocument } from "../../../edge/config/config.ts";
import { ConfigError, parseConfig } from "../../../edge/config/document.ts";
import { configDocument } from "../fixtures/config.ts";

const roleArn = "arn:aws:iam::123456789012:role/machines";
const { userPool } = configDocument();
const [client = ""] = userPool.clientIds;
const SOUND = {
  userPool: { ...userPool, machineClientIds: ["machine"] },
  identityPool: undefined,
  exchange: { kind: "sts", roleArn },
  scopes: { "assets/read": { roleArn } },
  areas: [{ path: "/*", scopes: ["assets/read"] }],
} as unknown as Partial<ConfigDocument>;

function problemsOf(changes: object): readonly string[] {
  try {
    parseConfig(configDocument({ ...SOUND, ...changes }));
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

describe("machines", () => {
  const area = (changes: Partial<AreaDocument>) => ({
    areas: [
      { path: "/*", scopes: ["assets/read"] },
      { path: "/a/*", scopes: ["assets/read"], ...changes },
    ].reverse(),
  });
  const A_SCOPE = "areas[0].scopes[0]: expected a scope such as assets/read";
  const UNKNOWN = 'areas[0].scopes: "" is not in scopes';
  const rows: Record<string, [changes: object, ...problems: string[]]> = {
    "sound ones": [{}],
    "areas with and without scopes, of groups and of everybody": [
      {
        areas: [{ path: "/team/*", groups: ["g"], scopes: ["assets/read"] }, { path: "/*" }],
        groups: { g: { roleArn } },
      },
    ],
    "an identity pool": [
      { exchange: undefined, identityPool: configDocument().identityPool },
      "userPool.machineClientIds: needs exchange sts, for an identity pool takes no access tokens",
    ],
    "no scopes": [
      { areas: [{ path: "/*" }] },
      "userPool.machineClientIds: no area has scopes, so that a machine could read nothing",
    ],
    "no machines": [{ userPool }, "areas[0].scopes: without userPool.machineClientIds nobody has them"],
    "people's client": [
      { userPool: { ...userPool, machineClientIds: [client] } },
      `userPool.machineClientIds: "${client}" is in clientIds, too; a machine takes a client of its own`,
    ],
    "an owner area": [
      area({ owner: "users/{sub}/" }),
      "areas[0].scopes: machines have no folders of their own",
    ],
    "a public area": [area({ public: true }), "areas[0].scopes: everybody may read a public area"],
    "an API": [area({ api: true }), "areas[0].scopes: an API takes the tokens of users alone"],
    "a scope without a role": [area({ scopes: ["x/y"] }), 'areas[0].scopes: "x/y" is not in scopes'],
    "a name from the prototype": [
      area({ scopes: ["x/constructor"] }),
      'areas[0].scopes: "x/constructor" is not in scopes',
    ],
    "no resource server": [area({ scopes: ["read"] }), A_SCOPE, UNKNOWN],
    "a blank in it": [area({ scopes: ["assets/a b"] }), A_SCOPE, UNKNOWN],
    "a quote in it": [area({ scopes: ['assets/"'] }), A_SCOPE, UNKNOWN],
    "none of them": [area({ scopes: [] }), "areas[0].scopes: expected a list of at least 1"],
  };
  test.each(Object.entries(rows))("%s", (_, [changes, ...problems]) =>
    expect(problemsOf(changes)).toEqual(problems),
  );
});
