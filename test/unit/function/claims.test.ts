// What the CloudFront Function decides by what a token says besides groups that areas name: folders by claim and by group,
// further user pools, machines. In its own engine and in a VM.
import { describe, expect, test } from "vitest";
import type { EventOptions } from "../fixtures/events.ts";
import { type Decision, ENGINES, engineEvent, functionText } from "../fixtures/function-engine.ts";
import { passFor, splitDocument } from "../fixtures/split.ts";
import { ID_CLAIMS, JWKS, signed, signingKey, token } from "../fixtures/tokens.ts";

const FURTHER = { id: "eu-west-1_SubPool1", client: "3subclient3", key: signingKey("key-1") };
const MACHINE = "3machineclient3";
const roleArn = "arn:aws:iam::123456789012:role/readers";
const DOCUMENT = splitDocument({
  ...splitDocument(),
  userPool: { ...splitDocument().userPool, jwks: JWKS, machineClientIds: [MACHINE] },
  identityPool: undefined,
  exchange: { kind: "sts", roleArn },
  revocation: true,
  cookies: { names: ["app-token"] },
  userPools: [{ id: FURTHER.id, clientIds: [FURTHER.client], jwks: { keys: [FURTHER.key.jwk] } }],
  groups: { editors: { roleArn }, [`${FURTHER.id}/editors`]: { roleArn } },
  scopes: { "assets/read": { roleArn }, "assets/all": { roleArn }, "assets/team": { roleArn } },
  areas: [
    { path: "/teams/{group}/*" },
    { path: "/tenant/*", owner: "tenants/{claim:custom:tenant}/" },
    { path: "/own/*", owner: "of/{claim:custom:tenant}/{sub}/" },
    { path: "/me/*", owner: "users/{identityId}/" },
    { path: "/editors/*", groups: ["editors"], scopes: ["assets/team"] },
    { path: "/theirs/*", groups: [`${FURTHER.id}/editors`] },
    { path: "/reports/*", scopes: ["assets/read", "assets/all"] },
    { path: "/*" },
  ],
} as Parameters<typeof splitDocument>[0]);

const { sub: SUB, iss, iat, exp } = ID_CLAIMS;
const OTHER_SUB = "aaaaaaaa-0000-4000-8000-000000000002";

/** A browser's, with the pass that the gate makes of the token. */
function browser(claims: object = {}, pass: object = {}): EventOptions["headers"] {
  const raw = token(claims);
  return { Cookie: `__Host-gatehouse-id=${raw}; __Host-gatehouse-pass=${passFor(raw, DOCUMENT, pass)}` };
}

const program = (claims: object = {}) => ({ Authorization: `Bearer ${token(claims)}` });
const of = (tenant: unknown) => ({ "custom:tenant": tenant });
const member = (...names: readonly unknown[]) => ({ "cognito:groups": names });

const theirs = (claims: object = {}) =>
  token(
    { iss: `https://cognito-idp.eu-west-1.amazonaws.com/${FURTHER.id}`, aud: FURTHER.client, ...claims },
    FURTHER.key,
  );
const theirProgram = (claims: object = {}) => ({ Authorization: theirs(claims) });

/** In an app's cookie, for nobody signs in with a further pool here. */
function theirBrowser(claims: object = {}, pass: object = {}): EventOptions["headers"] {
  const raw = theirs(claims);
  const said = { sub: `${FURTHER.id}_${SUB}`, ...pass };
  return { Cookie: `app-token=${raw}; __Host-gatehouse-pass=${passFor(raw, DOCUMENT, said)}` };
}

const machine = (claims: object = {}) => {
  const said = { iss, iat, exp, sub: MACHINE, client_id: MACHINE, token_use: "access", version: 2 };
  return {
    Authorization: signed({ alg: "RS256", kid: "key-1" }, { scope: "assets/read", ...said, ...claims }),
  };
};

type Row = readonly [name: string, uri: string, headers: EventOptions["headers"], expected: string];

const NO = "403 access_denied";
const refused = (name: string, uri: string, claims: object, pass: object = {}): readonly Row[] => [
  [`${name}, in a browser`, uri, browser(claims, pass), NO],
  [`${name}, of a program`, uri, program(claims), NO],
];

const ROWS: readonly Row[] = [
  ["a group's folder", "/teams/red/a.txt", browser(member("red")), "/teams/red/a.txt"],
  ["of a program", "/teams/red/a.txt", program(member("blue", "red")), "/teams/red/a.txt"],
  ["the folder's own page", "/teams/red/", browser(member("red")), "/teams/red/"],
  ["written in another way", "/teams/%72ed/a.txt", browser(member("red")), "/teams/red/a.txt"],
  ...refused("another group's folder", "/teams/blue/a.txt", member("red")),
  ...refused("a group that starts alike", "/teams/red2/a.txt", member("red")),
  ...refused("a group's name without a folder", "/teams/red", member("red")),
  ...refused("no group", "/teams/a.txt", member("red")),
  ...refused("groups that are a text", "/teams/red/a.txt", { "cognito:groups": "red" }),
  ...refused("a group whose name is no word", "/teams/r%20d/a.txt", member("r d")),
  ["a group of the pass alone", "/teams/blue/a.txt", browser(member("red"), { groups: ["blue"] }), NO],

  ["a tenant's folder", "/tenant/a.txt", browser(of("acme")), "/tenant/a.txt"],
  ["of a tenant's program", "/tenant/a.txt", program(of("acme")), "/tenant/a.txt"],
  ...refused("no tenant", "/tenant/a.txt", {}),
  ...refused("an empty tenant", "/tenant/a.txt", of("")),
  ...refused("a tenant that leads up", "/tenant/a.txt", of("..")),
  ...refused("a tenant with a slash", "/tenant/a.txt", of("acme/other")),
  ...refused("a tenant that is a number", "/tenant/a.txt", of(7)),
  ...refused("a tenant that is a list", "/tenant/a.txt", of(["acme"])),
  ...refused("a tenant of 129 letters", "/tenant/a.txt", of("t".repeat(129))),
  ["a tenant of the pass alone", "/tenant/a.txt", browser({}, of("acme")), NO],
  ["a person's folder at a tenant's", "/own/a.txt", browser(of("acme")), "/own/a.txt"],
  ...refused("a folder of no tenant", "/own/a.txt", {}),

  ["a further pool's user, in a browser", "/a.txt", theirBrowser(), "/a.txt"],
  ["a further pool's program", "/a.txt", theirProgram(), "/a.txt"],
  ["their own folder", "/me/a.txt", theirBrowser(), "/me/a.txt"],
  ["their own tenant", "/tenant/a.txt", theirBrowser(of("acme")), NO],
  ["their program's tenant", "/tenant/a.txt", theirProgram(of("acme")), NO],
  ["a group's folder of a further pool", "/teams/red/a.txt", theirBrowser(member("red")), NO],
  ["of their program", "/teams/red/a.txt", theirProgram(member("red")), NO],
  ["a group of the first pool's name", "/editors/a.txt", theirProgram(member("editors")), NO],
  ["their own group", "/theirs/a.txt", theirProgram(member("editors")), "/theirs/a.txt"],
  ["their group in another pool", "/theirs/a.txt", program(member("editors")), NO],
  [
    "their group, by a pass",
    "/theirs/a.txt",
    theirBrowser({}, { groups: [`${FURTHER.id}/editors`] }),
    "/theirs/a.txt",
  ],
  ["the first pool's client", "/a.txt", theirProgram({ aud: ID_CLAIMS.aud }), "401 token_invalid"],
  ["a further pool's client", "/a.txt", program({ aud: FURTHER.client }), "401 token_invalid"],
  [
    "a pool that is not there",
    "/a.txt",
    program({ iss: `https://cognito-idp.eu-west-1.amazonaws.com/x${FURTHER.id}` }),
    "401 token_invalid",
  ],

  ["a machine", "/reports/a.txt", machine(), "/reports/a.txt"],
  ["the second scope of two", "/reports/a.txt", machine({ scope: "x assets/all" }), "/reports/a.txt"],
  ["a machine without a group", "/editors/a.txt", machine({ scope: "assets/team" }), "/editors/a.txt"],
  ["a machine where people read", "/a.txt", machine(), NO],
  ["a machine in somebody's folder", "/me/a.txt", machine(), NO],
  ["a machine in a team's", "/teams/red/a.txt", machine(member("red")), NO],
  ["another scope", "/reports/a.txt", machine({ scope: "assets/team" }), "403 insufficient_scope"],
  ["no scope", "/reports/a.txt", machine({ scope: undefined }), "403 insufficient_scope"],
  ["a scope that starts alike", "/reports/a.txt", machine({ scope: "assets/rea" }), "403 insufficient_scope"],
  ["a user's access token", "/reports/a.txt", machine({ sub: SUB }), "401 id_token_required"],
  ["another app client's", "/reports/a.txt", machine({ sub: "x", client_id: "x" }), "401 id_token_required"],
  ["an expired one", "/reports/a.txt", machine({ exp: iat }), "401 token_expired"],
  ["a person where machines read", "/reports/a.txt", browser(), "/reports/a.txt"],
];

function said(decision: Decision | undefined): string {
  if (!decision) return "";
  if (!("statusCode" in decision)) return decision.uri;
  return `${decision.statusCode} ${JSON.parse(decision.body?.data ?? "{}").code}`;
}

const SHARED: readonly (readonly [whose: string, uri: string, headers: EventOptions["headers"]])[] = [
  ["the reds", "/teams/red/a.txt", browser(member("red", "blue"))],
  ["the reds", "/teams/red/a.txt", browser({ ...member("red"), sub: OTHER_SUB }, { sub: OTHER_SUB })],
  ["the blues", "/teams/blue/a.txt", browser(member("red", "blue"))],
  ["a red program", "/teams/red/a.txt", program(member("red"))],
  ["acme", "/tenant/a.txt", browser(of("acme"))],
  ["acme", "/tenant/a.txt", browser({ ...of("acme"), sub: OTHER_SUB }, { sub: OTHER_SUB })],
  ["a tenant called red", "/tenant/a.txt", browser(of("red"))],
  ["Acme", "/tenant/a.txt", browser(of("Acme"))],
  ["acme's first", "/own/a.txt", browser(of("acme"))],
  ["acme's second", "/own/a.txt", browser({ ...of("acme"), sub: OTHER_SUB }, { sub: OTHER_SUB })],
  ["another tenant's first", "/own/a.txt", browser(of("red"))],
  ["the first", "/me/a.txt", browser()],
  ["the second", "/me/a.txt", browser({ sub: OTHER_SUB }, { sub: OTHER_SUB })],
  ["their first", "/me/a.txt", theirBrowser()],
  ["the signed-in", "/a.txt", browser()],
  ["the signed-in", "/a.txt", browser({ sub: OTHER_SUB }, { sub: OTHER_SUB })],
  ["the signed-in of a further pool", "/a.txt", theirBrowser()],
  [
    "the signed-in of a further pool",
    "/a.txt",
    theirBrowser({ sub: OTHER_SUB }, { sub: `${FURTHER.id}_${OTHER_SUB}` }),
  ],
  ["a program", "/a.txt", program()],
  ["their program", "/a.txt", theirProgram()],
  ["a machine", "/reports/a.txt", machine()],
  ["a machine with more", "/reports/a.txt", machine({ scope: "assets/read assets/all" })],
];

describe.each(ENGINES)("in %s", (_name, engine) => {
  const text = functionText(DOCUMENT);
  const store = {};

  test("each decision", async () => {
    const events = ROWS.map(([, uri, headers = {}]) => engineEvent({ uri, headers }));
    const decisions = await engine(text, events, { store });
    const found = ROWS.map(([name], index) => `${name}: ${said(decisions[index])}`);
    expect(found).toEqual(ROWS.map(([name, , , expected]) => `${name}: ${expected}`));
  });

  test("a machine is told which scopes would do", async () => {
    const event = engineEvent({ uri: "/reports/a.txt", headers: machine({ scope: "x" }) });
    const [decision] = await engine(text, [event], { store });
    expect(decision?.headers["www-authenticate"]?.value).toBe(
      'Bearer realm="gatehouse", error="insufficient_scope", error_description="insufficient scope", ' +
        'scope="assets/read assets/all"',
    );
  });

  test("an entry is shared by those with the same folder, and by nobody else", async () => {
    const events = SHARED.map(([, uri, headers = {}]) => engineEvent({ uri, headers }));
    const decisions = await engine(text, events, { store });
    const keys = decisions.map((decision) => decision.headers["x-gatehouse-cache-scope"]?.value);
    expect(keys.filter((key) => !key)).toEqual([]);
    const byKey = Map.groupBy(SHARED, ([, uri], index) => `${keys[index]} ${uri}`);
    const shared = [...byKey.values()].map((rows) => [...new Set(rows.map(([whose]) => whose))]);
    expect(shared).toEqual([...new Set(SHARED.map(([whose]) => whose))].map((whose) => [whose]));
  });

  test("whoever is revoked is so by the name of their own pool", async () => {
    const revoked = (name: string) => ({ [`revoked/${name}`]: String(iat + 1) });
    const asked = [program(), theirProgram(), theirBrowser(), machine()].map((headers = {}, index) =>
      engineEvent({ uri: index === 3 ? "/reports/a" : "/a", headers }),
    );
    const statuses = async (name: string) =>
      (await engine(text, asked, { store: revoked(name) })).map((each) =>
        "statusCode" in each ? each.statusCode : 200,
      );
    expect(await statuses(SUB)).toEqual([401, 200, 200, 200]);
    expect(await statuses(`${FURTHER.id}_${SUB}`)).toEqual([200, 401, 401, 200]);
    expect(await statuses(MACHINE)).toEqual([200, 200, 200, 401]);
    expect(await statuses("*")).toEqual([401, 401, 401, 401]);
  });
});
