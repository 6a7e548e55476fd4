// A gate for the users of two pools, with one name in both: who reads what, cold and warm, by both exchanges,
// in both placements, on both S3s.
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { UserPool } from "../../local/aws/cognito/user-pool.ts";
import { startUserPoolServer, type UserPoolServer } from "../../local/aws/cognito/user-pool-server.ts";
import { chromiumMissing, launchChromium } from "../../local/browser/chromium.ts";
import { type AnyGate, startGate, startGateOn } from "../../local/gate/gate.ts";
import { ofType } from "../../local/gate/resources.ts";
import { type Rgw, startRgw } from "../../local/rgw/cluster.ts";
import { rgwMissing } from "../../local/rgw/installed.ts";
import { type Answer, send } from "../local/aws/s3/presign.ts";
import { CALLERS, type Caller, PLACEMENTS } from "./callers.ts";
import { describeWith } from "./requirements.ts";

const SUB_POOL = "eu-west-1_SubPool1";
const CLIENT = "3subclient3";
const AREAS = [
  { path: "/team/*", groups: ["editors"] },
  { path: "/sub-team/*", groups: [`${SUB_POOL}/editors`] },
  { path: "/me/*", owner: "users/{identityId}/", uploads: { maxBytes: 100 } },
  { path: "/tenant/*", owner: "tenants/{sub}/" },
  { path: "/*" },
];
/** Of the first pool, and of the other: `ada` and `bob` have the same `sub` in both, and `ada` edits in each. */
const USERS = ["main ada", "main bob", "sub ada", "sub bob"] as const;
type User = (typeof USERS)[number];
type Exchange = "identityPool" | "sts";

const EXCHANGES: readonly Exchange[] = ["identityPool", "sts"];
const KINDS = EXCHANGES.flatMap((exchange) => PLACEMENTS.map((placement) => [exchange, placement] as const));
/** In which apps keep their tokens. */
const APP_COOKIE = "app-token";

describe.each(KINDS)("on the embedded S3, by %s, placement %s", (exchange, placement) => {
  walk(exchange, placement, () => undefined, true);
});

describeWith("on RADOS Gateway", [rgwMissing()], () => {
  let rgw: Rgw;
  beforeAll(async () => {
    rgw = await startRgw({ region: "us-east-1" });
  });
  afterAll(() => rgw?.close());

  describe.each(KINDS)("by %s, placement %s", (exchange, placement) =>
    walk(exchange, placement, () => rgw, false),
  );
});

function walk(
  exchange: Exchange,
  placement: (typeof PLACEMENTS)[number],
  rgw: () => Rgw | undefined,
  inBrowser: boolean,
): void {
  let gate: AnyGate;
  let subPool: UserPool;
  let server: UserPoolServer;
  const tokens = new Map<User, string>();
  const identities = new Map<User, string>();

  beforeAll(async () => {
    subPool = await UserPool.create({ id: SUB_POOL, clients: [{ clientId: CLIENT }] });
    server = await startUserPoolServer(subPool, { port: 0 });
    const jwksUri = `${server.endpoint}/${SUB_POOL}/.well-known/jwks.json`;
    const assets = mkdtempSync(join(tmpdir(), "gatehouse-empty-"));
    const furtherUserPools = [{ id: SUB_POOL, clientIds: [CLIENT], jwksUri }];
    const context = { areas: AREAS, exchange, placement, furtherUserPools, cookieNames: APP_COOKIE };
    const options = { port: 0, assets, furtherUserPools: [subPool], context };
    const s3 = rgw();
    gate = s3 ? await startGateOn(s3, options) : await startGate(options);
    await giveTokens();
    for (const key of keys()) await gate.store.put(key, Buffer.from(`the bytes of ${key}`));
  });
  afterAll(async () => {
    await gate?.close();
    await server?.close();
  });

  /** The other pool's group carries its role there, as the stack has made it. */
  async function giveTokens(): Promise<void> {
    const roles = ofType(gate.stack.resources, "AWS::IAM::Role").map(({ attributes }) =>
      String(attributes["Arn"]),
    );
    const roleArn = roles.find((arn) => arn.includes("SubPool1"));
    subPool.setGroups([{ name: "editors", ...(exchange === "identityPool" && roleArn && { roleArn }) }]);
    for (const name of ["ada", "bob"]) {
      const { sub } = gate.userPool.users.get(name);
      subPool.users.add({
        sub,
        username: name,
        password: name,
        ...(name === "ada" && { groups: ["editors"] }),
      });
      tokens.set(`main ${name}` as User, await gate.userPool.issueIdToken(name));
      tokens.set(`sub ${name}` as User, await subPool.issueIdToken(name));
      identities.set(`main ${name}` as User, gate.identityIdOf(name));
      const byPool = exchange === "sts" ? `${SUB_POOL}_${sub}` : gate.identityPool.identityIdOf(sub, subPool);
      identities.set(`sub ${name}` as User, byPool);
    }
  }

  const keys = () => [
    "a.txt",
    "team/a.txt",
    "sub-team/a.txt",
    ...USERS.map((user) => `users/${identities.get(user)}/a.txt`),
  ];

  async function ask(user: User, path: string, caller: Caller = "browser"): Promise<Answer> {
    const { port, host } = new URL(gate.url);
    const headers = await CALLERS[caller](gate.url, tokens.get(user) ?? "", APP_COOKIE);
    return await send(Number(port), path, { host, ...headers });
  }
  const told = ({ status, body }: Answer) => (status === 200 ? String(body) : JSON.parse(String(body)).code);

  function expected(user: User, path: string): string {
    const mayRead: Readonly<Record<string, boolean>> = {
      "/a.txt": true,
      "/team/a.txt": user === "main ada",
      "/sub-team/a.txt": user === "sub ada",
      "/tenant/a.txt": false,
    };
    if (path === "/me/a.txt") return `the bytes of users/${identities.get(user)}/a.txt`;
    if (path === "/tenant/a.txt" && user.startsWith("main")) return "not_found";
    return mayRead[path] ? `the bytes of ${path.slice(1)}` : "access_denied";
  }

  const PATHS = ["/a.txt", "/team/a.txt", "/sub-team/a.txt", "/me/a.txt", "/tenant/a.txt"];

  describe.each(PATHS)("%s", (path) => {
    test.each(["cold", "warm", "the other way round"])(
      "everybody gets exactly their own: %s",
      async (order) => {
        if (order === "cold") gate.cloudFront.invalidate();
        const users = order === "the other way round" ? USERS.toReversed() : USERS;
        for (const user of users)
          for (const caller of ["browser", "program"] as const)
            expect([user, caller, told(await ask(user, path, caller))]).toEqual([
              user,
              caller,
              expected(user, path),
            ]);
      },
    );
  });

  test("what somebody has fetched, the same pool's users get from the cache, and the other's fetch anew", async () => {
    gate.cloudFront.invalidate();
    const caches: unknown[] = [];
    for (const user of ["main ada", "main bob", "sub ada", "sub bob"] as const)
      caches.push((await ask(user, "/a.txt")).headers["x-cache"]);
    const [MISS, HIT] = ["Miss from cloudfront", "Hit from cloudfront"];
    expect(caches).toEqual([MISS, HIT, MISS, HIT]);
  });

  if (inBrowser)
    describeWith("in Chromium", [chromiumMissing()], () => {
      let browser: Browser;
      beforeAll(async () => {
        browser = await launchChromium();
      });
      afterAll(() => browser?.close());

      test("one profile, and the app changes whose token it keeps: each page is of whoever that is", async () => {
        const context = await browser.newContext();
        const page = await context.newPage();
        for (const user of [...USERS, ...USERS.toReversed()]) {
          const cookie = { name: APP_COOKIE, value: tokens.get(user) ?? "", url: gate.url };
          await context.addCookies([cookie]);
          for (const path of ["/me/a.txt", "/a.txt"]) {
            await page.goto(gate.url + path);
            expect([user, await page.locator("body").textContent()]).toEqual([user, expected(user, path)]);
          }
          await page.goto(`${gate.url}/team/a.txt`);
          const text = await page.locator("body").textContent();
          expect([user, text?.startsWith("the bytes")]).toEqual([user, user === "main ada"]);
        }
        await context.close();
      });
    });

  test("what somebody stores is in the own folder, and nobody else's is changed", async () => {
    const stored = (user: User) => `stored by ${user}`;
    for (const user of USERS)
      expect([user, await store(user, "/me/new.txt", stored(user))]).toEqual([user, [200, 200]]);
    for (const user of USERS) expect(told(await ask(user, "/me/new.txt"))).toBe(stored(user));
    expect(await store("sub ada", "/team/a.txt", "x")).toEqual([403, 0]);
  });

  /** Asks for a way to store a file, and takes it; the status of both. */
  async function store(
    user: User,
    path: string,
    text: string,
  ): Promise<readonly [asked: number, put: number]> {
    const headers = { ...(await CALLERS.program(gate.url, tokens.get(user) ?? "")), origin: gate.url };
    const body = JSON.stringify({ path, type: "text/plain", size: text.length });
    const answer = await fetch(`${gate.url}/.gatehouse/upload`, { method: "POST", headers, body });
    const way = JSON.parse(await answer.text());
    if (answer.status !== 200) return [answer.status, 0];
    const put = await fetch(way.url, { method: "PUT", headers: way.headers, body: text });
    await put.arrayBuffer();
    return [answer.status, put.status];
  }

  test("no folder is reached by its real key, whoever asks", async () => {
    for (const key of keys().slice(3))
      for (const user of USERS)
        expect(told(await ask(user, `/${key}`)), `${user} ${key}`).toBe("access_denied");
  });

  test("a token of one pool, signed with the other's key, is nobody's", async () => {
    const forged = await subPool.issueIdToken("ada", {
      claims: { iss: gate.userPool.issuer, aud: gate.userPool.clients[0]?.clientId },
    });
    tokens.set("sub bob", forged);
    expect(told(await ask("sub bob", "/a.txt", "program"))).toBe("token_invalid");
  });
}
