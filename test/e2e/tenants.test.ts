// A gate with tenants: at the edge, at S3 past the edge, and out of the cache; by both exchanges, in both placements, on both S3s.
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Credentials } from "../../local/aws/iam/sessions.ts";
import { distributionConfig } from "../../local/gate/front.ts";
import { type AnyGate, startGate, startGateOn } from "../../local/gate/gate.ts";
import { bucketOrigin, ofType } from "../../local/gate/resources.ts";
import { type Rgw, startRgw } from "../../local/rgw/cluster.ts";
import { rgwMissing } from "../../local/rgw/installed.ts";
import { type Answer, presign, send } from "../local/aws/s3/presign.ts";
import { CALLERS, type Caller, PLACEMENTS } from "./callers.ts";
import { describeWith } from "./requirements.ts";

const TENANT = "custom:tenant";
const EXCHANGES = ["identityPool", "sts"] as const;
const AREAS = [
  { path: "/tenant/*", owner: "tenants/{claim:custom:tenant}/" },
  { path: "/mine/*", owner: "people/{claim:custom:tenant}/{sub}/" },
  { path: "/*" },
];
/** `eve` belongs nowhere, and `mal` to what is no word. */
const TENANT_OF = { ada: "acme", ann: "acme", bob: "other", eve: undefined, mal: "acme/x" } as const;
type Name = keyof typeof TENANT_OF;
const NAMES = Object.keys(TENANT_OF) as Name[];

const KINDS = EXCHANGES.flatMap((exchange) => PLACEMENTS.map((placement) => [exchange, placement] as const));

describe.each(KINDS)("on the embedded S3, by %s, placement %s", (exchange, placement) => {
  walk(exchange, placement, () => undefined);
});

describeWith("on RADOS Gateway", [rgwMissing()], () => {
  let rgw: Rgw;
  beforeAll(async () => {
    rgw = await startRgw({ region: "us-east-1" });
  });
  afterAll(() => rgw?.close());

  describe.each(KINDS)("by %s, placement %s", (exchange, placement) => walk(exchange, placement, () => rgw));
});

function walk(
  exchange: (typeof EXCHANGES)[number],
  placement: (typeof PLACEMENTS)[number],
  rgw: () => Rgw | undefined,
): void {
  let gate: AnyGate;
  const tokens = new Map<Name, string>();

  beforeAll(async () => {
    const server = rgw();
    const assets = mkdtempSync(join(tmpdir(), "gatehouse-empty-"));
    const options = { port: 0, assets, context: { areas: AREAS, listing: true, exchange, placement } };
    gate = server ? await startGateOn(server, options) : await startGate(options);
    for (const name of NAMES) {
      const tenant = TENANT_OF[name];
      const attributes: Record<string, string> = tenant === undefined ? {} : { [TENANT]: tenant };
      gate.userPool.users.add({ username: name, password: name, attributes });
      tokens.set(name, await gate.userPool.issueIdToken(name));
    }
    for (const key of keys()) await gate.store.put(key, Buffer.from(`the bytes of ${key}`));
  });
  afterAll(() => gate?.close());

  const subOf = (name: Name) => gate.userPool.users.get(name).sub;
  const keys = () => [
    "tenants/acme/a.txt",
    "tenants/acme/x/a.txt",
    "tenants/other/a.txt",
    ...(["ada", "ann"] as const).map((name) => `people/acme/${subOf(name)}/a.txt`),
    `people/other/${subOf("bob")}/a.txt`,
    "a.txt",
  ];

  /** Asks as a browser of somebody's does, unless they write programs. */
  async function ask(
    name: Name,
    path: string,
    token = tokens.get(name),
    caller: Caller = "browser",
  ): Promise<Answer> {
    const { port, host } = new URL(gate.url);
    const headers = await CALLERS[caller](gate.url, token ?? "");
    return await send(Number(port), path, { host, ...headers });
  }
  const told = ({ status, body }: Answer) => (status === 200 ? String(body) : JSON.parse(String(body)).code);

  const OWN = ["/tenant/a.txt", "/mine/a.txt"] as const;
  const keyFor = (name: Name, path: string) =>
    path.startsWith("/tenant/")
      ? `tenants/${TENANT_OF[name]}/a.txt`
      : `people/${TENANT_OF[name]}/${subOf(name)}/a.txt`;

  describe.each([...OWN])("%s", (path) => {
    test.each(NAMES)("%s gets exactly their own, cold and warm, by browser and program", async (name) => {
      for (const caller of ["browser", "browser", "program", "program"] as const) {
        const expected =
          name === "eve" || name === "mal" ? "access_denied" : `the bytes of ${keyFor(name, path)}`;
        expect(told(await ask(name, path, undefined, caller)), caller).toBe(expected);
      }
    });
  });

  test("what one user of a tenant has fetched, another of the same gets from the cache, and nobody else", async () => {
    gate.cloudFront.invalidate();
    const caches: unknown[] = [];
    for (const name of ["ada", "ann", "bob", "ada", "bob"] as const)
      caches.push((await ask(name, "/tenant/a.txt")).headers["x-cache"]);
    const [MISS, HIT] = ["Miss from cloudfront", "Hit from cloudfront"];
    expect(caches).toEqual([MISS, HIT, MISS, HIT, HIT]);
  });

  test("no folder is reached by its real key, whoever asks", async () => {
    for (const key of keys().slice(0, -1))
      for (const name of NAMES)
        expect(told(await ask(name, `/${key}`)), `${name} ${key}`).toBe("access_denied");
    expect(told(await ask("eve", "/a.txt"))).toBe("the bytes of a.txt");
  });

  test("a list is of the own folder", async () => {
    const list = async (name: Name) => {
      const answer = String((await ask(name, "/.gatehouse/list/tenant/")).body);
      return [...answer.matchAll(/<Key>([^<]+)<\/Key>/g)].map(([, key]) => key);
    };
    expect(await list("ann")).toEqual(["tenants/acme/a.txt", "tenants/acme/x/a.txt"]);
    expect(await list("bob")).toEqual(["tenants/other/a.txt"]);
    expect(told(await ask("eve", "/.gatehouse/list/tenant/"))).toBe("access_denied");
    expect(told(await ask("bob", "/.gatehouse/list/tenants/acme/"))).toBe("access_denied");
  });

  test.each(NAMES)("past the edge, %s's own credentials open nobody else's folder", async (name) => {
    const credentials = await credentialsOf(name);
    const { region, domainName: host } = bucketOrigin(distributionConfig(gate.stack));
    for (const key of keys()) {
      const request = { host, path: `/${key}`, region, credentials, now: Date.now() };
      const { status, code } = await send(gate.store.target.port, await presign(request), { host });
      const isOwn =
        key === "a.txt" ||
        key.startsWith(`tenants/${TENANT_OF[name]}/`) ||
        key.startsWith(`people/${TENANT_OF[name]}/${subOf(name)}/`);
      // An identity pool takes any value as it is; STS is told of words alone.
      const opens = isOwn && (name !== "mal" || key === "a.txt" || exchange === "identityPool");
      expect([status, code], `${name} ${key}`).toEqual(opens ? [200, undefined] : [403, "AccessDenied"]);
    }
  });

  test("who moves to another tenant sees it with the next token, and nothing of the one before", async () => {
    gate.userPool.users.setAttributes("ann", { [TENANT]: "other" });
    const moved = await gate.userPool.issueIdToken("ann");
    expect(told(await ask("ann", "/tenant/a.txt", moved))).toBe("the bytes of tenants/other/a.txt");
    expect(told(await ask("ann", "/tenant/a.txt"))).toBe("the bytes of tenants/acme/a.txt");
    expect(told(await ask("ann", "/tenant/a.txt", moved))).toBe("the bytes of tenants/other/a.txt");
    expect(told(await ask("ann", "/mine/a.txt", moved))).toBe("not_found");
    expect(told(await ask("ann", "/tenant/x/a.txt", moved))).toBe("not_found");
  });

  async function credentialsOf(name: Name): Promise<Credentials> {
    if (exchange === "sts") {
      const tenant = TENANT_OF[name];
      const tags = {
        sub: subOf(name),
        ...(tenant !== undefined && !tenant.includes("/") && { "custom-tenant": tenant }),
      };
      const role = ofType(gate.stack.resources, "AWS::IAM::Role").find(({ properties }) =>
        String(properties["Description"]).includes("signed-in users"),
      );
      const roleArn = String(role?.attributes["Arn"]);
      return await gate.store.mint({ roleArn, sessionName: subOf(name), durationSeconds: 3600, tags });
    }
    const logins = { [gate.userPool.providerName]: tokens.get(name) ?? "" };
    const [pool] = ofType(gate.stack.resources, "AWS::Cognito::IdentityPool");
    const identityId = await gate.identityPool.getId(pool?.ref ?? "", logins);
    return await gate.identityPool.getCredentials(identityId, logins, undefined);
  }
}
