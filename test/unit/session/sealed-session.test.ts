// Sealed sessions through the built bundles: what spares a call, what does not, and what a cookie costs.
import { afterEach, describe, expect, test, vi } from "vitest";
import type { Config, ConfigDocument } from "../../../edge/config/config.ts";
import { parseConfig } from "../../../edge/config/document.ts";
import { readEvent } from "../../../edge/request/cloudfront.ts";
import { seal, sealingKeys } from "../../../edge/session/seal.ts";
import { createUnseal } from "../../../edge/session/sealed-session.ts";
import { type Browser, ORIGIN } from "../fixtures/browser.ts";
import { AUTH_BUNDLES } from "../fixtures/bundle.ts";
import { failing, working } from "../fixtures/cognito.ts";
import {
  CLIENT_ID,
  configDocument,
  IDENTITY_ID,
  IDENTITY_POOL_ID,
  NOW,
  SECOND_CLIENT_ID,
  USER_POOL_ID,
} from "../fixtures/config.ts";
import { viewerEvent } from "../fixtures/events.ts";
import { KEYS, passTime, SEALED_COOKIE, SECRETS, useGate } from "../fixtures/gate.ts";
import { ID_CLAIMS, JWKS, token } from "../fixtures/tokens.ts";
import { withFault } from "../fixtures/user-pool.ts";
import { verified } from "../fixtures/verified.ts";

const role = (name: string) => `arn:aws:iam::123456789012:role/${name}`;
const member = (...groups: string[]) => ({ "cognito:groups": groups, "cognito:roles": groups.map(role) });
const GROUPS: Partial<ConfigDocument> = {
  groups: Object.fromEntries(["a", "b", "c", "d"].map((name) => [name, { roleArn: role(name) }])),
  areas: [
    ...["a", "b", "c", "d"].map((name) => ({ path: `/${name}/*`, groups: [name] })),
    { path: "/me/*", owner: "users/{identityId}/" },
    { path: "/*" },
  ],
};
const CALLS = ["GetId", "GetCredentialsForIdentity"];
const sealedIn = ({ jar }: Browser) => [...jar.keys()].filter((name) => name.startsWith(SEALED_COOKIE));

/** As long as those of AWS, and of the same letters. */
const REAL_SIZE = {
  AccessKeyId: "ASIAQWERTYUIOPASDFGH",
  SecretKey: Buffer.alloc(30, 7).toString("base64"),
  SessionToken: Buffer.alloc(825, 9).toString("base64"),
};

describe.each(AUTH_BUNDLES)("%s", (bundle) => {
  const gate = useGate(bundle);
  afterEach(() => {
    vi.restoreAllMocks();
  });

  test("a fresh process with a sealed cookie signs without a call", async () => {
    const browser = await gate().signedIn();
    browser.handler = gate().coldStart();
    const answer = await browser.ask("/a.txt", { dest: "image" });
    expect(answer.forwarded?.querystring).toMatch(
      /X-Amz-Credential=test-access-key%2F.*X-Amz-Security-Token=test%2Bsession%2Ftoken%3D%3D&.*X-Amz-Signature=[0-9a-f]{64}$/,
    );
    expect(gate().cognito.calls).toEqual([]);
    expect(JSON.stringify(answer.forwarded?.headers)).not.toMatch(/cookie|authorization/i);
  });

  test("the same signature as from an exchange", async () => {
    const browser = await gate().signedIn();
    browser.handler = gate().coldStart();
    const fromCookie = await browser.ask("/a.txt");
    browser.jar.delete(SEALED_COOKIE);
    browser.handler = gate().coldStart();
    const fromExchange = await browser.ask("/a.txt");
    expect(gate().actions).toEqual(CALLS);
    expect(fromCookie.forwarded).toEqual(fromExchange.forwarded);
  });

  test("the identity id of one's own folder comes out of it, too", async () => {
    const browser = await gate().signedIn({}, GROUPS);
    browser.handler = gate().coldStart(GROUPS);
    const { forwarded } = await browser.ask("/me/a.txt");
    expect(forwarded?.uri).toBe(`/users/${encodeURIComponent(IDENTITY_ID)}/a.txt`);
    expect(gate().cognito.calls).toEqual([]);
  });

  test("it is not used without a token of its user", async () => {
    const browser = await gate().signedIn();
    browser.jar.delete("__Host-gatehouse-id");
    browser.handler = gate().coldStart();
    expect(await browser.ask("/a.txt", { dest: "image" })).toMatchObject({
      status: 401,
      code: "token_missing",
    });
    const headers = { Authorization: `Bearer ${token({ exp: NOW / 1000 - 1 })}` };
    expect(await browser.ask("/a.txt", { dest: "image", headers })).toMatchObject({
      status: 401,
      code: "token_expired",
    });
    expect(gate().cognito.calls).toEqual([]);
  });

  describe("one that is somebody else's or nobody's is ignored, and an exchange happens", () => {
    const otherPool = "us-east-1_OtherPool";
    const iss = `https://cognito-idp.us-east-1.amazonaws.com/${otherPool}`;
    const userPool = { ...configDocument().userPool, id: otherPool, jwks: JWKS };
    const swapped: Record<string, () => Promise<string>> = {
      "another user's": async () => (await gate().signedIn({ sub: "bbbbbbbb" })).jar.get(SEALED_COOKIE) ?? "",
      "the same user's at another client": async () => {
        const auth = { keys: KEYS, clientId: SECOND_CLIENT_ID };
        return (await gate().signedIn({}, { auth })).jar.get(SEALED_COOKIE) ?? "";
      },
      "the same user's in another pool": async () =>
        (await gate().signedIn({ iss }, { userPool })).jar.get(SEALED_COOKIE) ?? "",
      "another role's": async () => {
        const browser = await gate().signedIn(member("a"), GROUPS);
        return browser.jar.get(sealedIn(browser).find((name) => name !== SEALED_COOKIE) ?? "") ?? "";
      },
      "another key's": async () =>
        (await gate().signedIn({}, { auth: { keys: { current: "9".repeat(64) } } })).jar.get(SEALED_COOKIE) ??
        "",
      "an attempt's": async () => {
        const browser = gate().browser();
        await browser.ask("/.gatehouse/login");
        return [...browser.jar.values()][0] ?? "";
      },
      truncated: async () => ((await gate().signedIn()).jar.get(SEALED_COOKIE) ?? "").slice(0, -1),
      extended: async () => `${(await gate().signedIn()).jar.get(SEALED_COOKIE) ?? ""}AAAA`,
      flipped: async () => {
        const value = (await gate().signedIn()).jar.get(SEALED_COOKIE) ?? "";
        return `${value.startsWith("A") ? "B" : "A"}${value.slice(1)}`;
      },
      empty: async () => "",
      "a word": async () => "none",
      "an ID token": async () => token(),
      "8,000 characters": async () => "A".repeat(8_000),
    };
    test.each(Object.entries(swapped))("%s", async (_, sealed) => {
      const value = await sealed();
      const browser = await gate().signedIn();
      const own = browser.jar.get(SEALED_COOKIE);
      browser.jar.set(SEALED_COOKIE, value);
      browser.handler = gate().coldStart();
      expect(await browser.ask("/a.txt")).toMatchObject({ status: "signed" });
      expect(gate().actions).toEqual(CALLS);
      expect(gate().logged).toEqual([]);

      const both = `${SEALED_COOKIE}=${value}; ${browser.cookie}; ${SEALED_COOKIE}=${own}`;
      browser.handler = gate().coldStart();
      expect(await browser.ask("/a.txt", { headers: { Cookie: both } })).toMatchObject({ status: "signed" });
      expect(gate().actions).toEqual(CALLS);
    });
  });

  describe("keys", () => {
    const two = "2".repeat(64);
    test.each([
      ["the key before is accepted", { current: two, previous: KEYS.current }, []],
      ["the key before that is not", { current: two, previous: "3".repeat(64) }, CALLS],
      ["none before", { current: two, previous: "none" }, CALLS],
    ])("%s", async (_, keys, calls) => {
      const browser = await gate().signedIn();
      browser.handler = gate().coldStart({ auth: { keys } });
      expect(await browser.ask("/a.txt")).toMatchObject({ status: "signed" });
      expect(gate().actions).toEqual(calls);
    });
  });

  test("an expired one still says who the user is: one call instead of two", async () => {
    const browser = await gate().signedIn();
    passTime(3_500_000);
    const fresh = token({ iat: Date.now() / 1000, exp: Date.now() / 1000 + 3_600 });
    browser.jar.set("__Host-gatehouse-id", fresh);
    browser.handler = gate().coldStart();
    expect(await browser.ask("/a.txt")).toMatchObject({ status: "signed" });
    expect(gate().actions).toEqual(["GetCredentialsForIdentity"]);
    expect(gate().cognito.calls[0]?.body["IdentityId"]).toBe(IDENTITY_ID);
  });

  test("an identity that the pool has forgotten is asked for again", async () => {
    const browser = await gate().signedIn();
    passTime(3_500_000);
    browser.jar.set("__Host-gatehouse-id", token({ exp: Date.now() / 1000 + 3_600 }));
    browser.handler = gate().coldStart();
    const gone = failing(400, "ResourceNotFoundException");
    gate().cognito.answer = (response, call) => {
      const isFirst = !gate().actions.includes("GetId");
      (isFirst ? gone : working(Date.now))(response, call);
    };
    expect(await browser.ask("/a.txt")).toMatchObject({ status: "signed" });
    expect(gate().actions).toEqual(["GetCredentialsForIdentity", ...CALLS]);
  });

  test("credentials that end within a signature's time are not used", async () => {
    const soon = { Expiration: NOW / 1000 + 301 };
    gate().cognito.answer = (response, call) =>
      (call.action === "GetCredentialsForIdentity" ? working(Date.now, soon) : gate().pool.answer)(
        response,
        call,
      );
    const browser = await gate().signedIn();
    browser.handler = gate().coldStart();
    await browser.ask("/a.txt");
    expect(gate().actions).toEqual([]);
    passTime(1_000);
    browser.handler = gate().coldStart();
    await browser.ask("/a.txt");
    expect(gate().actions).toEqual(["GetCredentialsForIdentity"]);
  });

  test("a real session takes at most 1.5 KB, and comes back as it was", async () => {
    expect(REAL_SIZE.SessionToken).toHaveLength(1_100);
    gate().cognito.answer = (response, call) =>
      (call.action === "GetCredentialsForIdentity" ? working(Date.now, REAL_SIZE) : gate().pool.answer)(
        response,
        call,
      );
    const browser = await gate().signedIn();
    const value = browser.jar.get(SEALED_COOKIE) ?? "";
    expect(value.length).toBeGreaterThan(1_000);
    expect(value.length).toBeLessThanOrEqual(1_536);
    browser.handler = gate().coldStart();
    const query = new URLSearchParams((await browser.ask("/a.txt")).forwarded?.querystring);
    expect(query.get("X-Amz-Security-Token")).toBe(REAL_SIZE.SessionToken);
    expect(query.get("X-Amz-Credential")).toMatch(RegExp(`^${REAL_SIZE.AccessKeyId}/`));
    expect(gate().actions).toEqual([]);
  });

  test.each([
    ["URL-safe letters", "AbC-_dEf".repeat(130)],
    ["base64 without padding", "QUJD".repeat(200).slice(0, -1)],
    ["base64 of another spelling", `${"QUJD".repeat(100)}QR==`],
    ["other letters", "F~wo/+=.:Gé".repeat(70)],
    ["one letter", "x"],
  ])("a session token of %s comes back byte for byte", async (_, SessionToken) => {
    gate().cognito.answer = withFault(
      "GetCredentialsForIdentity",
      working(Date.now, { SessionToken }),
      gate().pool.answer,
    );
    const browser = await gate().signedIn();
    browser.handler = gate().coldStart();
    const query = new URLSearchParams((await browser.ask("/a.txt")).forwarded?.querystring);
    expect(query.get("X-Amz-Security-Token")).toBe(SessionToken);
    expect(gate().actions).toEqual([]);
  });

  test("credentials that fit into no cookie are done without, and nothing else is lost", async () => {
    gate().cognito.answer = withFault(
      "GetCredentialsForIdentity",
      working(Date.now, { SessionToken: "A".repeat(6_000) }),
      gate().pool.answer,
    );
    const browser = gate().browser();
    const answers = await gate().follow(browser, "/.gatehouse/login?return_to=/a");
    expect(answers.map(({ status }) => status)).toEqual([302, 303, 303, expect.anything()]);
    expect([...browser.jar.keys()]).toEqual(["__Host-gatehouse-id", "__Host-gatehouse-refresh"]);
    expect(gate().codes[0]).toBe("cookie_too_large");
    expect(gate().logged.join()).not.toMatch(SECRETS);
  });
});

describe("roles", () => {
  const gate = useGate("gatehouse-auth", GROUPS);

  test("a member of four groups gets three sealed cookies: one's own, and those of the first areas", async () => {
    const browser = await gate().signedIn(member("d", "c", "b", "a"));
    expect(sealedIn(browser)).toEqual([
      SEALED_COOKIE,
      expect.stringMatching(/^__Host-gatehouse-aws-[0-9a-f]{8}$/),
      expect.stringMatching(/^__Host-gatehouse-aws-[0-9a-f]{8}$/),
    ]);
    browser.handler = gate().coldStart();
    for (const [path, actions] of [
      ["/x", []],
      ["/a/x", []],
      ["/b/x", []],
      ["/c/x", ["GetCredentialsForIdentity"]],
    ] as const) {
      gate().cognito.calls.length = 0;
      expect(await browser.ask(path)).toMatchObject({ status: "signed" });
      expect(gate().actions, path).toEqual(actions);
    }
  });

  test("each is made with its own role, and only ever used for it", async () => {
    const browser = gate().browser();
    await gate().follow(browser, "/.gatehouse/login", member("a", "b"));
    const asked = gate().cognito.calls.filter(({ action }) => action === "GetCredentialsForIdentity");
    expect(asked.map(({ body }) => body["CustomRoleArn"])).toEqual([undefined, role("a"), role("b")]);
    expect(gate().actions.filter((action) => action === "GetId")).toHaveLength(1);
  });

  describe("a token that has the group without its role is refused, and the log says why,", () => {
    const groupAlone = { "cognito:groups": ["a"], "cognito:roles": [role("b")] };
    const states: Record<string, () => Promise<Browser>> = {
      cold: async () => gate().browser(),
      "warm with the role's credentials": async () => {
        const browser = await gate().signedIn(member("a"));
        await browser.ask("/a/x");
        return browser;
      },
      "with a sealed session of the role": async () => {
        const browser = await gate().signedIn(member("a"));
        browser.handler = gate().coldStart();
        return browser;
      },
    };
    test.each(Object.entries(states))("%s", async (_, state) => {
      const browser = await state();
      browser.jar.set("__Host-gatehouse-id", token(groupAlone));
      gate().cognito.calls.length = 0;
      const answer = await browser.ask("/a/x", { dest: "image" });
      expect([answer.status, answer.code]).toEqual([403, "access_denied"]);
      expect(JSON.parse(answer.body).message).toBe("You may not see this.");
      expect(gate().actions).toEqual([]);
      expect(JSON.parse(gate().logged.at(-1) ?? "")).toMatchObject({
        code: "access_denied",
        status: 403,
        cause: "RoleNotInToken",
      });
    });
  });

  test("a group that has lost its member is refused, whatever is sealed", async () => {
    const browser = await gate().signedIn(member("a"));
    browser.jar.set("__Host-gatehouse-id", token());
    browser.handler = gate().coldStart();
    expect(await browser.ask("/a/x", { dest: "image" })).toMatchObject({
      status: 403,
      code: "access_denied",
    });
    expect(gate().actions).toEqual([]);
  });

  test("signing in as somebody with fewer roles removes the sealed cookies of the others", async () => {
    const browser = await gate().signedIn(member("a", "b"));
    const { cookies } = (await gate().follow(browser, "/.gatehouse/login")).at(-2) ?? { cookies: [] };
    expect(
      cookies.filter((line) => line.includes("Max-Age=0")).map((line) => line.split("=")[0]),
    ).toHaveLength(2);
    expect(sealedIn(browser)).toEqual([SEALED_COOKIE]);
  });

  test("two users of one browser never get each other's", async () => {
    const browser = await gate().signedIn({ sub: "first" });
    const first = browser.jar.get(SEALED_COOKIE);
    await gate().follow(browser, "/.gatehouse/login", { sub: "second" });
    expect(browser.jar.get(SEALED_COOKIE)).not.toBe(first);
    browser.jar.set(SEALED_COOKIE, first ?? "");
    browser.handler = gate().coldStart();
    gate().cognito.calls.length = 0;
    await browser.ask(`${ORIGIN}/x`);
    expect(gate().actions).toEqual(CALLS);
    expect(gate().cognito.calls[0]?.body["Logins"]).toEqual(
      expect.objectContaining({
        [`cognito-idp.us-east-1.amazonaws.com/${configDocument().userPool.id}`]:
          browser.jar.get("__Host-gatehouse-id"),
      }),
    );
  });
});

describe("a sealed value", () => {
  const config = parseConfig(
    configDocument({ auth: { keys: KEYS }, endpoints: { oauth: "https://login.example.com" } }),
  );
  const purpose = JSON.stringify(["session", USER_POOL_ID, IDENTITY_POOL_ID, CLIENT_ID, ID_CLAIMS.sub, ""]);
  const sessionIn = async (plain: Buffer, changed: Config = config) => {
    const value = seal(plain, purpose, sealingKeys(config));
    const request = readEvent(viewerEvent({ headers: { Cookie: `${SEALED_COOKIE}=${value}` } }));
    return createUnseal(changed)(request, await verified(), undefined);
  };

  test.each([
    ["nothing", Buffer.alloc(0)],
    ["the start of a text", Buffer.of(0, 0)],
    ["a text that is longer than itself", Buffer.of(0, 1, 0)],
  ])("of %s is a session that has ended", async (_, plain) => {
    expect((await sessionIn(plain))?.credentials).toEqual({
      accessKeyId: "",
      secretAccessKey: "",
      sessionToken: "",
      expiresAt: 0,
    });
  });

  test("is nothing to a gate without keys", async () => {
    expect(await sessionIn(Buffer.alloc(0), parseConfig(configDocument()))).toBeUndefined();
  });
});
