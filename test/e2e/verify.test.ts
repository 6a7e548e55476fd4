// `npm run verify`: it passes gates that are whole, and says what is wrong with those that are not.
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { loopback } from "../../local/aws/iam/loopback.ts";
import type { Gate } from "../../local/gate/gate.ts";
import { throwAwayCertificate } from "../local/aws/cloudfront/certificate.ts";
import { CHECKS } from "../verify/checks/index.ts";
import { readOptions } from "../verify/options.ts";
import { conclusion, exitCode, json, line } from "../verify/report.ts";
import { findUser } from "../verify/user.ts";
import type { Result } from "../verify/verify.ts";
import { BREAKAGES, MISFITS, SURPRISES } from "./breakages.ts";
import { READINGS } from "./readings.ts";
import { commandLine, ids, openGate, UNSEEN, verified } from "./verify-stage.ts";

const ROOT = join(import.meta.dirname, "../..");

/** What becomes of the template before it is deployed. */
const synthesis = vi.hoisted(() => ({ change: (template: unknown): unknown => template }));

vi.mock("../../local/gate/synthesis.ts", async (original) => {
  const real = await original<typeof import("../../local/gate/synthesis.ts")>();
  const synthesize = (...given: Parameters<typeof real.synthesize>) =>
    synthesis.change(real.synthesize(...given));
  return { ...real, synthesize };
});

describe.each(["lambda", "split"] as const)("a gate that is whole, placement %s", (placement) => {
  const unseen = UNSEEN.filter((id) => id !== "tamper.pass" || placement === "lambda");
  let gate: Gate;
  beforeAll(async () => {
    gate = await openGate({ context: { placement } });
  });
  afterAll(() => gate?.close());

  test("passes, and no secret is printed", async () => {
    const { idToken, refreshToken } = await gate.userPool.issueSession("ada");
    const results = await verified(gate, { GATEHOUSE_TOKEN: idToken, GATEHOUSE_REFRESH_TOKEN: refreshToken });
    expect(ids(results, "fail"), conclusion(results)).toEqual([]);
    expect(ids(results, "skip")).toEqual(unseen.filter((id) => id !== "sign-in.renewal"));
    expect(exitCode(results)).toBe(0);
    const output = [...results.map(line), conclusion(results), json(new URL(gate.url), results)].join("\n");
    for (const secret of [...idToken.split("."), refreshToken]) expect(output).not.toContain(secret);
  });

  test("passes again from a warm cache, as far as it can", async () => {
    const results = await verified(gate);
    expect(ids(results, "fail"), conclusion(results)).toEqual([]);
  });

  test("signs a test user in", async () => {
    const asked: string[] = [];
    const { idToken, accessToken, refreshToken } = await gate.userPool.issueSession("ada");
    const tokens = { IdToken: idToken, AccessToken: accessToken, RefreshToken: refreshToken };
    const endpoint = await cognito({ AuthenticationResult: tokens }, (body) => asked.push(body));
    const environment = { ...USER, AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER: endpoint };
    const args = [...commandLine(gate), "--client-id", "client", "--user-pool-region", "eu-west-1"];
    const results = await verified(gate, environment, args);
    expect(ids(results, "fail"), conclusion(results)).toEqual([]);
    expect(ids(results, "pass")).toEqual(expect.arrayContaining(["token.access", "sign-in.renewal"]));
    expect(asked.map((body): unknown => JSON.parse(body))).toEqual([
      {
        AuthFlow: "USER_PASSWORD_AUTH",
        ClientId: "client",
        AuthParameters: { USERNAME: "ada", PASSWORD: "secret" },
      },
    ]);
  });

  test.each([
    [{ __type: "NotAuthorizedException" }, "Cognito gives no token: NotAuthorizedException"],
    [{ ChallengeName: "SMS_MFA" }, "Cognito asks for more than a password: SMS_MFA; give a token instead"],
  ])("says why a user cannot be signed in: %j", async (answer, message) => {
    const environment = { ...USER, AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER: await cognito(answer) };
    const args = ["--url", gate.url, "--client-id", "client", "--user-pool-region", "eu-west-1"];
    await expect(verified(gate, environment, args)).rejects.toThrow(message);
  });

  test("notices a refresh token that does not renew", async () => {
    const environment = {
      GATEHOUSE_TOKEN: await gate.userPool.issueIdToken("ada"),
      GATEHOUSE_REFRESH_TOKEN: "another",
    };
    const results = await verified(gate, environment);
    expect(ids(results, "fail"), conclusion(results)).toEqual(["sign-in.renewal"]);
  });

  test("needs no more than an address and a token", async () => {
    const results = await verified(gate, undefined, ["--url", gate.url, "--path", "/documents/visitors.csv"]);
    expect(ids(results, "fail"), conclusion(results)).toEqual([]);
    expect(ids(results, "pass")).toEqual(expect.arrayContaining(["cold.get", "cache.lists", "list.own"]));
  });

  test("is a command: 0, 1 and 2", async () => {
    const file = join(mkdtempSync(join(tmpdir(), "verify-")), "token");
    writeFileSync(file, `${await gate.userPool.issueIdToken("ada")}\n`);
    gate.cloudFront.invalidate();
    const passed = await command([...commandLine(gate), "--token-file", file]);
    expect([passed.code, passed.stdout.trim().split("\n").at(-1)]).toEqual([
      0,
      expect.stringContaining(` passed, 0 failed, ${unseen.length} skipped`),
    ]);
    const args = ["--url", gate.url, "--path", "/documents/none.txt", "--token-file", file, "--json"];
    const failed = await command(args);
    expect(failed.code).toBe(1);
    expect(JSON.parse(failed.stdout)).toMatchObject({
      url: gate.url,
      failed: 1,
      checks: expect.arrayContaining([
        expect.objectContaining({ id: "token.header", verdict: "fail", set: expect.any(String) }),
      ]),
    });
    expect((await command(["--url", "nowhere"])).code).toBe(2);
    expect((await command(["--help"])).stdout).toContain("npm run verify -- --url");
    const gone = await command(["--url", "http://127.0.0.1:1", "--token-file", file]);
    expect([gone.code, gone.stderr]).toEqual([1, "not reached: ECONNREFUSED\n"]);
  });
});

const USER = { GATEHOUSE_USERNAME: "ada", GATEHOUSE_PASSWORD: "secret" };

/** Something that answers as Cognito's API would. */
async function cognito(answer: object, onBody: (body: string) => void = () => {}): Promise<string> {
  const server = createServer(async (request, response) => {
    onBody(Buffer.concat(await request.toArray()).toString());
    response.end(JSON.stringify(answer));
  });
  const { port, close } = await loopback(server);
  onTestFinished(close);
  return `http://127.0.0.1:${port}`;
}

async function command(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ code: number; stdout: string; stderr: string }> {
  return await new Promise((resolve) => {
    const options = { cwd: ROOT, env };
    execFile(process.execPath, ["test/verify/main.ts", ...args], options, (error, stdout, stderr) =>
      resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
    );
  });
}

test.each([
  ["--url is missing", [], {}],
  ['--url: "https://a.example/b" has more than scheme and host', ["--url", "https://a.example/b"], {}],
  ["--bucket and --region belong together", ["--url", "https://a.example", "--bucket", "b"], {}],
  ['--path: "/a b" is no path', ["--url", "https://a.example", "--path", "/a b"], {}],
  ['--odd-path: "/%zz" is no path', ["--url", "https://a.example", "--odd-path", "/%zz"], {}],
  ['--odd-path: "/%FF" is no path', ["--url", "https://a.example", "--odd-path", "/%FF"], {}],
  ["to sign a user in, give", ["--url", "https://a.example", "--client-id", "c"], {}],
  ["Unknown option '--speed'", ["--speed"], {}],
  ["Unexpected argument '<token>'", ["eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln"], {}],
  ["a token is missing", ["--url", "https://a.example"], {}],
  ["the token is no JSON Web Token", ["--url", "https://a.example"], { GATEHOUSE_TOKEN: "secret" }],
])("%s", async (message, args, environment) => {
  const read = async () => {
    const options = readOptions(args, environment);
    return options && (await findUser(options.user));
  };
  await expect(read()).rejects.toThrow(message);
});

describe("what AWS leaves open, with the settings that fit", () => {
  test.each(READINGS)("%s", async (_, options) => {
    const results = await resultsOf(options);
    expect(ids(results, "fail"), conclusion(results)).toEqual([]);
    expect(ids(results, "skip")).toEqual(UNSEEN);
  });
});

describe("a gate without sign-in, whose one area is everything", () => {
  test("passes with an address and a token, and lists the root", async () => {
    const gate = await openGate({ context: { areas: undefined, groups: undefined, auth: false } });
    onTestFinished(gate.close);
    const results = await verified(gate, undefined, ["--url", gate.url]);
    expect(ids(results, "fail"), conclusion(results)).toEqual([]);
    expect(ids(results, "pass")).toEqual(expect.arrayContaining(["list.root", "object.odd-keys"]));
    expect(ids(results, "skip")).toEqual(expect.arrayContaining(["sign-in.login", "sign-out.form"]));
  });
});

test("a gate with TLS is not there without it", async () => {
  const tls = throwAwayCertificate();
  const gate = await openGate({ tls, context: { auth: false } });
  onTestFinished(gate.close);
  const file = join(mkdtempSync(join(tmpdir(), "verify-")), "certificate.pem");
  writeFileSync(file, tls.cert);
  const token = await gate.userPool.issueIdToken("ada");
  const environment = { NODE_EXTRA_CA_CERTS: file, GATEHOUSE_TOKEN: token };
  const { code, stdout } = await command(commandLine(gate), environment);
  expect([code, stdout]).toEqual([0, expect.stringMatching(/^pass {2}transport\.http /m)]);
  const stranger = await command(commandLine(gate), { GATEHOUSE_TOKEN: token });
  expect([stranger.code, stranger.stderr]).toEqual([1, "not reached: DEPTH_ZERO_SELF_SIGNED_CERT\n"]);
});

describe("a gate that is not whole", () => {
  test.each([...BREAKAGES, ...MISFITS, ...SURPRISES])(
    "$name",
    async ({ template, options, fails, line: named, says }) => {
      synthesis.change = template ?? synthesis.change;
      onTestFinished(() => {
        synthesis.change = (unchanged) => unchanged;
      });
      const results = await resultsOf(options);
      expect(ids(results, "fail"), conclusion(results)).toEqual(fails);
      expect(conclusion(results.filter(({ check }) => check.id === named))).toMatch(says);
      expect(exitCode(results)).toBe(1);
    },
  );
});

async function resultsOf(options: Parameters<typeof openGate>[0]): Promise<readonly Result[]> {
  const gate = await openGate(options);
  onTestFinished(gate.close);
  return await verified(gate);
}

describe("docs/aws-unknowns.md", () => {
  const [open = ""] = readFileSync(join(ROOT, "docs/aws-unknowns.md"), "utf8").split("## Settled");
  const rows = open
    .split("\n")
    .filter((row) => row.startsWith("| ") && !row.startsWith("| ---"))
    .map((row) => row.split("|").map((cell) => cell.trim()));
  const named = rows.flatMap(([, , , check = ""]) =>
    [...check.matchAll(/`([\w-]+\.[\w.-]+)`/g)].map(([, id]) => id),
  );

  test("names every check that settles something, and no other", () => {
    const settling = CHECKS.filter(({ settles }) => settles !== undefined).map(({ id }) => id);
    expect([...new Set(named)].sort()).toEqual([...settling].sort());
  });

  test("says for everything else that it cannot be seen from outside", () => {
    const cells = rows.slice(1).map(([, , , check = ""]) => check);
    for (const cell of cells) expect(cell).toMatch(/^`|^no: /);
  });
});

test("every check has an id of its own", () => {
  expect(new Set(CHECKS.map(({ id }) => id)).size).toBe(CHECKS.length);
});
