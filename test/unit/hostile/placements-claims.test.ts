// Both placements decide alike by what tokens say: folders by claim and by group, further user pools, machines.
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { AreaDocument, ConfigDocument } from "../../../edge/config/config.ts";
import { type Answer, type FakeCognito, fakeCognito } from "../fixtures/cognito.ts";
import { NOW } from "../fixtures/config.ts";
import type { EventOptions } from "../fixtures/events.ts";
import { passFor, splitDocument } from "../fixtures/split.ts";
import { ID_CLAIMS, signed, signingKey, token } from "../fixtures/tokens.ts";
import { expectAlike, type Headers, type Pick } from "./placement-pairs.ts";

const LAYOUTS = 50;
const REQUESTS = 1_000;
const READERS = "arn:aws:iam::123456789012:role/readers";
const FURTHER = { id: "eu-west-1_SubPool1", client: "3subclient3", key: signingKey("key-1") };
const MACHINE = "3machineclient3";
const TEAM = `${FURTHER.id}/editors`;
const FOLDERS = ["/teams/", "/me/", "/own/", "/tenant/", "/both/", "/team/", "/reports/", "/x/"];
const NAMES = [
  "a.txt",
  "red/a.txt",
  "blue/a.txt",
  "red",
  "red/",
  "%72ed/b",
  "r%20d/a",
  "red%2Fa",
  "..",
  "",
  "a/b/c",
];

function areasOf(pick: Pick): readonly AreaDocument[] {
  const kinds: readonly ((folder: string) => AreaDocument)[] = [
    (folder) => ({ path: `${folder}{group}/*` }),
    (folder) => ({ path: `${folder}*`, owner: "by/{group}/" }),
    (folder) => ({ path: `${folder}*`, owner: "tenants/{claim:custom:tenant}/" }),
    (folder) => ({ path: `${folder}*`, owner: "of/{claim:custom:tenant}/{sub}/" }),
    (folder) => ({ path: `${folder}*`, owner: "of-group/{group}/{claim:custom:tenant}/" }),
    (folder) => ({ path: `${folder}*`, owner: "users/{identityId}/" }),
    (folder) => ({ path: `${folder}*`, groups: [pick(["red", TEAM])], trusted: pick([true, false]) }),
    (folder) => ({ path: `${folder}*`, groups: ["red", TEAM], scopes: ["assets/team"] }),
    (folder) => ({ path: `${folder}*`, scopes: ["assets/read", "assets/team"] }),
    (folder) => ({ path: `${folder}*` }),
  ];
  const areas = [1, 2, 3, 4].map(() => pick(kinds)(pick(FOLDERS)));
  return [
    ...areas,
    { path: "/r/*", scopes: ["assets/read"] },
    ...(pick([true, false]) ? [{ path: "/*" }] : []),
  ];
}

const { iss, iat, exp, sub: SUB } = ID_CLAIMS;
const theirs = { iss: `https://cognito-idp.eu-west-1.amazonaws.com/${FURTHER.id}`, aud: FURTHER.client };
const machineClaims = { iss, iat, exp, sub: MACHINE, client_id: MACHINE, token_use: "access" };

/** What people are, and how a further pool's are called. */
const PEOPLE = [
  {},
  { "custom:tenant": "acme", "cognito:groups": ["red"] },
  {
    "custom:tenant": "red",
    "cognito:groups": ["blue", "red", "r d"],
    sub: "aaaaaaaa-0000-4000-8000-000000000002",
  },
  { "custom:tenant": "../acme", "cognito:groups": [TEAM, ".."] },
  { "custom:tenant": ["acme"], "cognito:groups": "red" },
];
const STRANGERS = [{}, { "cognito:groups": ["editors", "red"], "custom:tenant": "acme" }];

/** How all of them ask: as browsers with a pass, and as programs. */
function headersOf(document: ConfigDocument): readonly Headers[] {
  const named = new Set(document.areas?.flatMap(({ groups }) => groups ?? []));
  const passWith = (raw: string, sub: string, groups: readonly string[]) =>
    `__Host-gatehouse-pass=${passFor(raw, document, { sub, groups: groups.filter((name) => named.has(name)) })}`;
  const people = PEOPLE.flatMap((claims): readonly Headers[] => {
    const raw = token(claims);
    const groups = Array.isArray(claims["cognito:groups"]) ? claims["cognito:groups"] : [];
    // The names of another pool's groups are nobody's here.
    const ours = groups.filter((name) => name !== TEAM);
    const Cookie = `__Host-gatehouse-id=${raw}; ${passWith(raw, claims.sub ?? SUB, ours)}`;
    return [{ Cookie }, { Authorization: raw }];
  });
  const strangers = STRANGERS.flatMap((claims): readonly Headers[] => {
    const raw = token({ ...theirs, ...claims }, FURTHER.key);
    const groups = (claims["cognito:groups"] ?? []).map((name) => `${FURTHER.id}/${name}`);
    const Cookie = `app-token=${raw}; ${passWith(raw, `${FURTHER.id}_${SUB}`, groups)}`;
    return [{ Cookie }, { Authorization: raw }];
  });
  const machines = ["assets/read", "x assets/team", ""].map((scope) => {
    const Authorization = signed({ alg: "RS256", kid: "key-1" }, { ...machineClaims, scope });
    return { Authorization };
  });
  return [...people, ...strangers, ...machines];
}

function requestOf(pick: Pick, headers: readonly Headers[]): EventOptions {
  return {
    method: pick(["GET", "GET", "GET", "HEAD"]),
    uri: pick([...FOLDERS, ...FOLDERS, "/", "/r/", "/by/", "/tenants/acme/", "//"]) + pick(NAMES),
    headers: pick(headers),
  };
}

/** STS, whose credentials are good for an hour. */
const sts: Answer = (response) => {
  response
    .writeHead(200, { "content-type": "text/xml" })
    .end(
      "<Credentials><AccessKeyId>test-access-key</AccessKeyId><SecretAccessKey>test-secret-key</SecretAccessKey>" +
        "<SessionToken>test+session/token==</SessionToken>" +
        `<Expiration>${new Date(NOW + 3_600_000).toISOString()}</Expiration></Credentials>`,
    );
};

describe("both placements", () => {
  let cognito: FakeCognito;
  beforeAll(async () => {
    vi.useFakeTimers({ now: NOW, toFake: ["Date"] });
    vi.spyOn(console, "log").mockImplementation(() => {});
    vi.stubEnv("AWS_ACCESS_KEY_ID", "function-key");
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "function-secret");
    vi.stubEnv("AWS_SESSION_TOKEN", "function-token");
    cognito = await fakeCognito(() => NOW);
    cognito.answer = sts;
  });
  afterAll(async () => {
    await cognito[Symbol.asyncDispose]();
    vi.useRealTimers();
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
  });

  function documentOf(pick: Pick): ConfigDocument {
    const roleArn = READERS;
    return splitDocument({
      userPool: { ...splitDocument().userPool, machineClientIds: [MACHINE] },
      identityPool: undefined,
      exchange: { kind: "sts", roleArn },
      endpoints: { sts: cognito.url },
      userPools: [{ id: FURTHER.id, clientIds: [FURTHER.client], jwks: { keys: [FURTHER.key.jwk] } }],
      cookies: { names: ["app-token"] },
      groups: { red: { roleArn: `${roleArn}-red` }, [TEAM]: { roleArn: `${roleArn}-team` } },
      scopes: { "assets/read": { roleArn: `${roleArn}-read` }, "assets/team": { roleArn: `${roleArn}-all` } },
      areas: areasOf(pick),
      log: { allowed: 0 },
    } as Partial<ConfigDocument>);
  }

  test(`${LAYOUTS * REQUESTS} requests get the same key, scope or refusal`, {
    timeout: 600_000,
  }, async () => {
    const made = { documentOf, headersOf, requestOf, layouts: LAYOUTS, requests: REQUESTS };
    const outcomes = await expectAlike("gatehouse-sts-auth", made);
    for (const kind of ["GET", "HEAD", "400", "403"]) expect(outcomes.get(kind)).toBeGreaterThan(500);
  });
});
