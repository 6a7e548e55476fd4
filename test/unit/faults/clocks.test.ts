// Clocks that disagree, and credentials that end while a request is under way: a clear outcome for each.
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { S3Error } from "../../../local/aws/s3/errors.ts";
import { refuseExpiredUrl } from "../../../local/aws/s3/query-signature.ts";
import originEvent from "../../events/origin-response/missing.json" with { type: "json" };
import type { Answer } from "../fixtures/browser.ts";
import { CLIENT_ID, configDocument } from "../fixtures/config.ts";
import { ID_COOKIE, REFRESH_COOKIE } from "../fixtures/gate.ts";
import { JWKS } from "../fixtures/tokens.ts";
import { coldStart } from "./build.ts";
import { collectLogs, Stage } from "./stage.ts";

/** Loading a bundle puts its own clock in place of this one. */
const realNow = Date.now;
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const BUILDS = ["gatehouse-auth", "gatehouse-sdk-auth", "gatehouse-sts-auth"] as const;
const image = { dest: "image" };

beforeAll(() => collectLogs([]));
afterAll(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

/** What S3 says of a signed request when its own clock shows `nowMs`. */
function verdict({ forwarded }: Answer, nowMs: number): string {
  const query = new Map(new URLSearchParams(forwarded?.querystring));
  const at = String(query.get("X-Amz-Date")).replace(/(....)(..)(..T..)(..)(..Z)/, "$1-$2-$3:$4:$5");
  const request = {
    method: "GET",
    bucket: "",
    host: "",
    rawPath: "",
    bucketPath: "",
    key: "",
    headers: new Map(),
    sourceIp: "",
  };
  try {
    refuseExpiredUrl({ ...request, query }, Date.parse(at), nowMs);
    return "accepted";
  } catch (error) {
    if (error instanceof S3Error) return error.message;
    throw error;
  }
}

describe.each(BUILDS)("%s", (bundle) => {
  describe("the edge's clock against that of S3", () => {
    const skews: readonly (readonly [name: string, minutes: number, verdict: string])[] = [
      ["15 minutes behind", -15, "Request has expired"],
      ["5 minutes behind", -5, "Request has expired"],
      ["4 minutes behind", -4, "accepted"],
      ["right", 0, "accepted"],
      ["4 minutes ahead", 4, "accepted"],
      ["14 minutes ahead", 14, "accepted"],
      ["16 minutes ahead", 16, "Request is not yet valid"],
    ];
    test.each(skews)("%s", async (_, minutes, outcome) => {
      await using stage = await new Stage(bundle).start();
      stage.offset = minutes * MINUTE;
      stage.browser.jar.set(ID_COOKIE, stage.aws.idToken());
      const answer = await stage.ask("/a.txt", image);
      expect([answer.status, verdict(answer, Date.now())]).toEqual(["signed", outcome]);
    });
  });

  describe("the edge's clock against that of the user pool and of Cognito", () => {
    const skews: readonly (readonly [name: string, edge: number, age: number, outcome: string])[] = [
      ["the edge 15 minutes behind, a token of now", -15, 0, "signed"],
      ["the edge 15 minutes ahead, a token of now", 15, 0, "signed"],
      ["the edge 15 minutes ahead, a token of 44 minutes ago", 15, 44, "signed"],
      ["the edge 15 minutes ahead, a token of 46 minutes ago", 15, 46, "token_expired"],
      ["the edge right, a token of 59 minutes ago", 0, 59, "signed"],
      ["the edge right, a token of 61 minutes ago", 0, 61, "token_expired"],
      ["the edge 15 minutes behind, a token of 74 minutes ago", -15, 74, "signed"],
      ["the edge 15 minutes behind, a token of 76 minutes ago", -15, 76, "token_expired"],
    ];
    test.each(skews)("%s", async (_, edge, age, outcome) => {
      await using stage = await new Stage(bundle).start();
      stage.offset = edge * MINUTE;
      const iat = Math.floor(Date.now() / 1000) - age * 60;
      stage.browser.jar.set(ID_COOKIE, stage.aws.idToken({ iat, exp: iat + 3_600 }));
      const { status, code } = await stage.ask("/a.txt", image);
      expect(code ?? status).toBe(outcome);
    });

    test("the edge an hour ahead: new tokens have expired, and renewal goes round once, not for ever", async () => {
      await using stage = await new Stage(bundle).start();
      stage.offset = 61 * MINUTE;
      stage.browser.jar.set(ID_COOKIE, stage.aws.idToken());
      stage.browser.jar.set(REFRESH_COOKIE, "secret-refresh");
      const { status, location } = await stage.ask("/a.txt", image);
      expect(status).toBe(307);
      expect(await stage.ask(location, image)).toMatchObject({ status: 401, code: "token_expired" });
    });

    test("nbf is held to the second", async () => {
      await using stage = await new Stage(bundle).start();
      const now = Math.floor(stage.now() / 1000);
      stage.browser.jar.set(ID_COOKIE, stage.aws.idToken({ nbf: now + 5 }));
      expect(await stage.ask("/a.txt", image)).toMatchObject({ code: "token_invalid" });
      stage.offset = 5 * SECOND;
      expect(await stage.ask("/a.txt", image)).toMatchObject({ status: "signed" });
    });
  });

  describe("credentials that end soon", () => {
    const exchanges = (stage: Stage) => stage.proxy(bundle.includes("-sts") ? "sts" : "pool").tries;
    const ends: readonly (readonly [name: string, seconds: number, keptFor: "the next request" | "none"])[] =
      [
        ["in an hour", 3_600, "the next request"],
        ["a second after a signature would", 302, "the next request"],
        ["with a signature", 299, "none"],
        ["in a second", 1, "none"],
      ];
    test.each(ends)("%s", async (_, seconds, keptFor) => {
      await using stage = await new Stage(bundle).start();
      stage.aws.credentialSeconds = seconds;
      stage.browser.jar.set(ID_COOKIE, stage.aws.idToken());
      expect(await stage.ask("/a.txt", image)).toMatchObject({ status: "signed" });
      const before = exchanges(stage);
      expect(await stage.ask("/a.txt", image)).toMatchObject({ status: "signed" });
      expect(exchanges(stage) === before).toBe(keptFor === "the next request");
    });

    test("in a sealed cookie: used while they outlive a signature, exchanged anew after that", async () => {
      await using stage = await new Stage(bundle).start();
      await stage.signIn();
      const before = exchanges(stage);
      const tries: number[] = [];
      for (const minutes of [0, 54, 2]) {
        stage.passTime(minutes * MINUTE);
        stage.coldStart();
        expect(await stage.ask("/a.txt", image)).toMatchObject({ status: "signed" });
        tries.push(exchanges(stage) - before);
      }
      // With the identity known from the seal, one call is enough.
      expect(tries).toEqual([0, 0, 1]);
    });
  });

  test("the clock jumps in the middle of a request, wherever: never an error, never a signature of dead credentials", async () => {
    await using stage = await new Stage(bundle).start();
    stage.aws.credentialSeconds = 500;
    for (const jumpAt of Array.from({ length: 30 }, (_, index) => index)) {
      let readings = 0;
      const jumping = () => {
        readings += 1;
        return realNow() + (readings > jumpAt ? 400 * SECOND : 0);
      };
      stage.coldStart({}, jumping);
      stage.browser.jar.clear();
      stage.browser.jar.set(ID_COOKIE, stage.aws.idToken());
      for (const nth of ["first", "second"]) {
        const answer = await stage.ask("/a.txt", image);
        // A function that was frozen for minutes has no time left.
        expect(["signed", "exchange_timeout"], `${nth}, reading ${jumpAt}`).toContain(
          answer.code ?? answer.status,
        );
        if (answer.forwarded)
          expect(verdict(answer, realNow() + 400 * SECOND)).toMatch(/accepted|has expired/);
      }
    }
  });
});

describe.each(BUILDS)("%s: what S3 says of a signature out of time", (bundle) => {
  test("shows viewers that there is nothing, and the operator S3's status", async () => {
    const lines: string[] = [];
    const spy = vi.spyOn(console, "log").mockImplementation((line: string) => lines.push(line));
    const { identityPool, ...rest } = configDocument();
    const exchange = { kind: "sts", roleArn: "arn:aws:iam::123456789012:role/r" } as const;
    const config = {
      ...rest,
      ...(bundle.includes("-sts") ? { exchange } : identityPool && { identityPool }),
      userPool: { id: rest.userPool.id, clientIds: [CLIENT_ID], domain: "login.example.com", jwks: JWKS },
      auth: { keys: { current: "a".repeat(64) } },
    };
    const result = await coldStart(bundle, config, Date.now, "originResponse")(originEvent);
    spy.mockRestore();
    expect(result).toMatchObject({ status: "404" });
    expect(JSON.stringify(result)).not.toMatch(/X-Amz|SESSION_TOKEN|expired/i);
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      expect.objectContaining({ code: "not_found", originStatus: 403 }),
    ]);
  });
});
