// The exchange of a gate is changed under the same keys: what was sealed before signs nothing any more, and locks nobody out.
import { beforeEach, describe, expect, test, vi } from "vitest";
import type { ConfigDocument } from "../../../edge/config/config.ts";
import { parseConfig } from "../../../edge/config/document.ts";
import { readEvent } from "../../../edge/request/cloudfront.ts";
import { sealingKeys } from "../../../edge/session/seal.ts";
import { createUnseal, sealSession } from "../../../edge/session/sealed-session.ts";
import type { Browser } from "../fixtures/browser.ts";
import { AUTH_BUNDLES, loadBundle, STS_AUTH_BUNDLES } from "../fixtures/bundle.ts";
import { type Answer, failing, json, working } from "../fixtures/cognito.ts";
import { configDocument, NOW } from "../fixtures/config.ts";
import { viewerEvent } from "../fixtures/events.ts";
import { ID_COOKIE, KEYS, passTime, REFRESH_COOKIE, SEALED_COOKIE, useGate } from "../fixtures/gate.ts";
import { ID_CLAIMS, JWKS } from "../fixtures/tokens.ts";
import { verified } from "../fixtures/verified.ts";

const role = (name: string) => `arn:aws:iam::123456789012:role/${name}`;
const poolId = (letter: string) => `us-east-1:00000000-0000-4000-8000-${letter.repeat(12)}`;
const identityOf = (letter: string) => `us-east-1:11111111-1111-4111-8111-${letter.repeat(12)}`;

interface Side {
  readonly exchange: Partial<ConfigDocument>;
  /** What the user's own folder is called there. */
  readonly identityId: string;
  /** What credentials of this side are called. */
  readonly accessKeyId: string;
}

const pool = (letter: string): Side => ({
  exchange: { identityPool: { id: poolId(letter) } },
  identityId: identityOf(letter),
  accessKeyId: `key-of-${letter}`,
});
const sts = (name: string): Side => ({
  exchange: { exchange: { kind: "sts", roleArn: role(name) } },
  identityId: ID_CLAIMS.sub,
  accessKeyId: `key-of-${name}`,
});

const CHANGES: Record<string, readonly [before: Side, after: Side]> = {
  "one identity pool to another": [pool("a"), pool("b")],
  "STS to an identity pool": [sts("readers"), pool("b")],
  "an identity pool to STS": [pool("a"), sts("readers")],
  "STS with one role to STS with another": [sts("readers"), sts("viewers")],
};

/** Answers as both pools and STS do; the pools know an identity that is another pool's, too. */
const services =
  (otherwise: Answer): Answer =>
  (response, call) => {
    const { action, body } = call;
    if (body["Action"] === "AssumeRole")
      return void response
        .writeHead(200, { "content-type": "text/xml" })
        .end(assumed(String(body["RoleArn"])));
    if (action === "GetId")
      return json(response, 200, { IdentityId: identityOf(String(body["IdentityPoolId"]).slice(-1)) });
    if (action !== "GetCredentialsForIdentity") return otherwise(response, call);
    const identityId = String(body["IdentityId"]);
    if (!/^[\w-]+:[0-9a-f-]+$/.test(identityId)) return failing(400, "ValidationException")(response, call);
    const credentials = { AccessKeyId: `key-of-${identityId.slice(-1)}` };
    return working(Date.now, credentials, identityId)(response, call);
  };

function assumed(roleArn: string): string {
  const expiration = new Date(Date.now() + 3_600_000).toISOString();
  return `<Credentials><AccessKeyId>key-of-${roleArn.replace(/.*\//, "")}</AccessKeyId>
<SecretAccessKey>test-secret-key</SecretAccessKey><SessionToken>test+session/token==</SessionToken>
<Expiration>${expiration}</Expiration></Credentials>`;
}

describe.each([
  ["the default build", AUTH_BUNDLES[0], STS_AUTH_BUNDLES[0]],
  ["the SDK build", AUTH_BUNDLES[1], STS_AUTH_BUNDLES[1]],
])("%s", (_, poolBundle, stsBundle) => {
  const gate = useGate(poolBundle);

  beforeEach(() => {
    for (const name of ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"])
      vi.stubEnv(name, "function");
    gate().cognito.answer = services(gate().pool.answer);
    return () => vi.unstubAllEnvs();
  });

  /** A fresh process of the gate with this exchange. */
  function coldStart({ exchange }: Side) {
    const { identityPool: __, ...rest } = configDocument();
    const { url } = gate().cognito;
    return loadBundle(exchange.exchange ? stsBundle : poolBundle, {
      ...rest,
      userPool: { ...rest.userPool, jwks: JWKS },
      auth: { keys: KEYS },
      areas: [{ path: "/me/*", owner: "users/{identityId}/" }, { path: "/*" }],
      endpoints: { cognitoIdentity: url, cognitoIdp: url, sts: url, jwksUri: `${url}/jwks.json`, oauth: url },
      ...exchange,
    });
  }

  async function signedInAt(side: Side): Promise<Browser> {
    const browser = gate().browser();
    browser.handler = coldStart(side);
    await gate().follow(browser, "/.gatehouse/login?return_to=/start");
    gate().cognito.calls.length = 0;
    return browser;
  }

  /** Whose folder is asked for, with whose credentials. */
  async function seen(browser: Browser, uri = "/me/a.txt") {
    const { status, forwarded } = await browser.ask(uri, { dest: "image" });
    const query = new URLSearchParams(forwarded?.querystring);
    return [status, forwarded?.uri, query.get("X-Amz-Credential")?.split("/")[0]];
  }

  const expected = ({ identityId, accessKeyId }: Side) => [
    "signed",
    `/users/${encodeURIComponent(identityId)}/a.txt`,
    accessKeyId,
  ];

  describe.each(Object.entries(CHANGES))("%s", (__, [before, after]) => {
    test("the old cookie signs nothing: folder and credentials are the new side's", async () => {
      const browser = await signedInAt(before);
      expect(await seen(browser)).toEqual(expected(before));
      browser.handler = coldStart(after);
      expect(await seen(browser)).toEqual(expected(after));
    });

    test("renewal makes a session of the new side, which needs no call", async () => {
      const browser = await signedInAt(before);
      browser.handler = coldStart(after);
      passTime(3_600_000);
      expect(browser.jar.has(REFRESH_COOKIE)).toBe(true);
      const answer = await browser.ask("/me/a.txt");
      expect(answer).toMatchObject({ status: 307 });
      browser.handler = coldStart(after);
      gate().cognito.calls.length = 0;
      expect(await seen(browser)).toEqual(expected(after));
      expect(gate().actions).toEqual([]);
    });

    test("signing in again replaces the cookie, and going back ignores it in turn", async () => {
      const browser = await signedInAt(before);
      browser.handler = coldStart(after);
      await gate().follow(browser, "/.gatehouse/login?return_to=/start");
      browser.handler = coldStart(after);
      gate().cognito.calls.length = 0;
      expect(await seen(browser)).toEqual(expected(after));
      expect(gate().actions).toEqual([]);
      browser.handler = coldStart(before);
      expect(await seen(browser)).toEqual(expected(before));
    });
  });

  describe("an identity that the pool cannot find is asked for again, once", () => {
    test.each(["ValidationException", "ResourceNotFoundException", "InvalidParameterException"])(
      "%s",
      async (type) => {
        const browser = await signedInAt(pool("a"));
        passTime(3_500_000);
        browser.jar.set(ID_COOKIE, gate().idToken());
        browser.handler = coldStart(pool("a"));
        const good = gate().cognito.answer;
        gate().cognito.answer = (response, call) =>
          (gate().actions.includes("GetId") ? good : failing(400, type))(response, call);
        expect(await seen(browser)).toEqual(expected(pool("a")));
        expect(gate().actions).toEqual(["GetCredentialsForIdentity", "GetId", "GetCredentialsForIdentity"]);
        gate().cognito.calls.length = 0;
        gate().cognito.answer = failing(400, type);
        browser.jar.delete(SEALED_COOKIE);
        browser.handler = coldStart(pool("a"));
        const refused = await browser.ask("/a.txt", { dest: "image" });
        expect([refused.status, refused.code, JSON.parse(refused.body).message]).toEqual([
          500,
          "exchange_misconfigured",
          "Something went wrong.",
        ]);
        expect(gate().actions).toEqual(["GetId"]);
      },
    );
  });
});

describe("with the exchange by STS", () => {
  const { identityPool: _, ...rest } = configDocument();
  const endpoints = { oauth: "https://login.example.com" };
  const config = parseConfig({ ...rest, ...sts("readers").exchange, auth: { keys: KEYS }, endpoints });
  const credentials = {
    accessKeyId: "a",
    secretAccessKey: "b",
    sessionToken: "c",
    expiresAt: NOW / 1000 + 600,
  };

  test.each([
    ["the user's own sub", ID_CLAIMS.sub, true],
    ["an identity pool's identity", identityOf("a"), false],
    ["another user's sub", "bbbbbbbb-0000-4000-8000-000000000002", false],
    ["nothing", "", false],
  ])("a sealed session of %s %j opens: %s", async (__, identityId, opens) => {
    const token = await verified();
    const owner = { config, token, roleArn: undefined };
    const value = sealSession({ identityId, credentials }, owner, sealingKeys(config));
    const request = readEvent(viewerEvent({ headers: { Cookie: `${SEALED_COOKIE}=${value}` } }));
    const session = createUnseal(config)(request, token, undefined);
    expect(session).toEqual(opens ? { identityId, credentials } : undefined);
  });
});
