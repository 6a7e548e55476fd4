// A gate with machines: tokens by client credentials, who reads what, past the edge too, and out of the cache; in
// both placements, on both S3s.
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { MACHINE_SECRET } from "../../local/gate/accounts.ts";
import { distributionConfig } from "../../local/gate/front.ts";
import { type AnyGate, startGate, startGateOn } from "../../local/gate/gate.ts";
import { bucketOrigin, ofType } from "../../local/gate/resources.ts";
import { type Rgw, startRgw } from "../../local/rgw/cluster.ts";
import { rgwMissing } from "../../local/rgw/installed.ts";
import { type Answer, presign, send } from "../local/aws/s3/presign.ts";
import { PLACEMENTS } from "./callers.ts";
import { describeWith } from "./requirements.ts";

const [NIGHTLY, BACKUP] = ["3nightly3", "4backup4"] as const;
const AREAS = [
  { path: "/reports/secret/*" },
  { path: "/reports/*", scopes: ["assets/read", "assets/admin"] },
  { path: "/team/*", groups: ["editors"], scopes: ["assets/team"] },
  { path: "/me/*", owner: "users/{sub}/" },
  { path: "/*", scopes: ["assets/admin"] },
];
/** Machines by app client and scope. */
const MACHINES = {
  read: [NIGHTLY, "assets/read"],
  admin: [BACKUP, "assets/admin"],
  team: [NIGHTLY, "assets/team"],
  "read and admin": [BACKUP, "assets/read assets/admin"],
} as const;
/** `ada` edits. */
const PEOPLE = ["ada", "bob"] as const;
type Machine = keyof typeof MACHINES;
type Name = Machine | (typeof PEOPLE)[number];
const NAMES: readonly Name[] = [...(Object.keys(MACHINES) as Machine[]), ...PEOPLE];

const REPORT = "reports/a.txt";
const SECRET = "reports/secret/a.txt";
const TEAM = "team/a.txt";
const OTHER = "a.txt";
const FOLDER = `users/${NIGHTLY}/a.txt`;
const KEYS = [REPORT, SECRET, TEAM, OTHER, FOLDER];
const READS: Readonly<Record<Name, readonly string[]>> = {
  read: [REPORT],
  admin: [REPORT, OTHER],
  team: [TEAM],
  "read and admin": [REPORT, OTHER],
  ada: [REPORT, SECRET, TEAM, OTHER],
  bob: [REPORT, SECRET, OTHER],
};
/** Where a machine lacks a scope, and not the right to be there at all. */
const ASKS_FOR_SCOPE = [REPORT, TEAM, OTHER];

describe.each(PLACEMENTS)("on the embedded S3, placement %s", (placement) => {
  walk(placement, () => undefined, true);
});

describeWith("on RADOS Gateway", [rgwMissing()], () => {
  let rgw: Rgw;
  beforeAll(async () => {
    rgw = await startRgw({ region: "us-east-1" });
  });
  afterAll(() => rgw?.close());

  // With lists, what stands for policy variables there would be more than its STS takes.
  describe.each(PLACEMENTS)("placement %s", (placement) => walk(placement, () => rgw, false));
});

function walk(placement: (typeof PLACEMENTS)[number], rgw: () => Rgw | undefined, listing: boolean): void {
  let gate: AnyGate;
  const tokens = new Map<Name, string>();

  beforeAll(async () => {
    const server = rgw();
    const assets = mkdtempSync(join(tmpdir(), "gatehouse-empty-"));
    const context = {
      userPoolId: "us-east-1_LocalPool",
      userPoolClientIds: "localclient",
      userPoolDomain: "login.example.com",
      machineClientIds: `${NIGHTLY},${BACKUP}`,
      exchange: "sts",
      placement,
      areas: AREAS,
      listing,
    };
    const options = { port: 0, assets, context };
    gate = server ? await startGateOn(server, options) : await startGate(options);
    gate.userPool.users.setGroups("ada", ["editors"]);
    for (const name of PEOPLE) tokens.set(name, await gate.userPool.issueIdToken(name));
    for (const [name, [clientId, scope]] of Object.entries(MACHINES))
      tokens.set(name as Machine, await grant(clientId, scope));
    for (const key of KEYS) await gate.store.put(key, Buffer.from(`the bytes of ${key}`));
  });
  afterAll(() => gate?.close());

  /** A token as a job gets it. */
  async function grant(clientId: string, scope: string): Promise<string> {
    const proof = Buffer.from(`${clientId}:${MACHINE_SECRET}`).toString("base64");
    const response = await fetch(`${gate.managedLogin.endpoint}/oauth2/token`, {
      method: "POST",
      headers: { Authorization: `Basic ${proof}` },
      body: new URLSearchParams({ grant_type: "client_credentials", scope }),
    });
    return JSON.parse(await response.text()).access_token;
  }

  async function ask(path: string, token: string | undefined, header = "authorization"): Promise<Answer> {
    const { port } = new URL(gate.url);
    const value = header === "cookie" ? `__Host-gatehouse-id=${token}` : `Bearer ${token}`;
    return await send(Number(port), path, { host: `localhost:${port}`, [header]: value });
  }
  const told = ({ status, body }: Answer) => (status === 200 ? String(body) : JSON.parse(String(body)).code);

  /** What a name is told of a key's path. */
  function expected(name: Name, key: string): string {
    if (READS[name].includes(key)) return `the bytes of ${key}`;
    return name in MACHINES && ASKS_FOR_SCOPE.includes(key) ? "insufficient_scope" : "access_denied";
  }

  test.each(NAMES)("%s reads exactly their own, cold and warm", async (name) => {
    for (const _ of ["cold", "warm"])
      for (const key of KEYS)
        expect(told(await ask(`/${key}`, tokens.get(name))), key).toBe(expected(name, key));
  });

  test("a machine has no folder, though there is one of its name", async () => {
    for (const name of NAMES.slice(0, 4))
      expect(told(await ask("/me/a.txt", tokens.get(name))), name).toBe("access_denied");
  });

  test("machines share what they fetched by one scope, and nothing with another's or with people", async () => {
    gate.cloudFront.invalidate();
    const caches: unknown[] = [];
    for (const name of ["ada", "read", "read and admin", "admin", "bob", "admin", "read"] as const)
      caches.push((await ask(`/${REPORT}`, tokens.get(name))).headers["x-cache"]);
    const [MISS, HIT] = ["Miss from cloudfront", "Hit from cloudfront"];
    // Before the cache nobody has verified a program's token in the split placement: there each has entries of its own.
    expect(caches).toEqual(
      placement === "lambda"
        ? [MISS, MISS, HIT, MISS, HIT, HIT, HIT]
        : [MISS, MISS, MISS, MISS, MISS, HIT, HIT],
    );
  });

  test("a token in a cookie opens nothing, not even what is cached", async () => {
    for (const key of KEYS) {
      const first = await ask(`/${key}`, tokens.get("admin"), "cookie");
      // The function before the cache knows no cookie without a pass, and sends it where there might be one.
      const way = first.headers["location"];
      const last = way === undefined ? first : await ask(way, tokens.get("admin"), "cookie");
      expect(told(last), key).toBe("id_token_required");
    }
  });

  if (listing)
    test("a list is of an area whose scope it has", async () => {
      const list = async (name: Name, folder: string) => {
        const answer = await ask(`/.gatehouse/list/${folder}`, tokens.get(name));
        if (answer.status !== 200) return told(answer);
        return [...String(answer.body).matchAll(/<Key>([^<]+)<\/Key>/g)].map(([, key]) => key);
      };
      expect(await list("team", "team/")).toEqual([TEAM]);
      expect(await list("read", "team/")).toBe("insufficient_scope");
      expect(await list("read", "reports/secret/")).toBe("access_denied");
    });

  test.each([
    ["assets/read", [REPORT]],
    ["assets/admin", [REPORT, OTHER]],
    ["assets/team", [TEAM]],
  ] as const)("past the edge, the role of %s opens its areas alone", async (scope, opens) => {
    const roleArn = roleFor(scope);
    const credentials = await gate.store.mint({
      roleArn,
      sessionName: NIGHTLY,
      durationSeconds: 3600,
      tags: { sub: NIGHTLY },
    });
    const { region, domainName: host } = bucketOrigin(distributionConfig(gate.stack));
    for (const key of KEYS) {
      const request = { host, path: `/${key}`, region, credentials, now: Date.now() };
      const { status, code } = await send(gate.store.target.port, await presign(request), { host });
      const isOpen = opens.some((one) => one === key);
      expect([status, code], key).toEqual(isOpen ? [200, undefined] : [403, "AccessDenied"]);
    }
  });

  function roleFor(scope: string): string {
    const id = `ScopeRole${encodeURIComponent(scope).replace(/\W/g, "")}`;
    const roles = ofType(gate.stack.resources, "AWS::IAM::Role").map(({ attributes }) =>
      String(attributes["Arn"]),
    );
    const found = roles.filter((arn) => arn.includes(id));
    expect(found, id).toHaveLength(1);
    return found[0] ?? "";
  }
}
