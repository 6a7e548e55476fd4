import { AwsV4Signer } from "aws4fetch";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type StsServer, startStsServer } from "../../../../local/aws/cognito/sts-server.ts";
import { parseRoles } from "../../../../local/aws/iam/role.ts";
import { type Credentials, Sessions } from "../../../../local/aws/iam/sessions.ts";

const role = (name: string) => `arn:aws:iam::111122223333:role/${name}`;
const trusting = (principal: object, actions: string | string[] = "sts:AssumeRole", more: object[] = []) => ({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: principal, Action: actions }, ...more],
});
const allowing = (...statements: object[]) => [{ Version: "2012-10-17", Statement: statements }];
const FUNCTION = { AWS: role("function") };
const TAGGED = {
  Effect: "Allow",
  Principal: FUNCTION,
  Action: "sts:TagSession",
  Condition: { "ForAllValues:StringEquals": { "aws:TagKeys": ["identityId"] } },
};
const assumable = ["user", "tagged", "account", "unlisted"].map(role);
const roles = parseRoles(
  new Map([
    [
      role("function"),
      {
        trust: trusting({ Service: "lambda.amazonaws.com" }),
        policies: allowing({
          Effect: "Allow",
          Action: ["sts:AssumeRole", "sts:TagSession"],
          Resource: [...assumable.slice(0, 3), role("untrusting"), role("missing")],
        }),
      },
    ],
    [
      role("tagless"),
      {
        trust: trusting({ Service: "lambda.amazonaws.com" }),
        policies: allowing({ Effect: "Allow", Action: "sts:AssumeRole", Resource: "*" }),
      },
    ],
    [role("user"), { trust: trusting(FUNCTION), policies: [] }],
    [role("tagged"), { trust: trusting(FUNCTION, "sts:AssumeRole", [TAGGED]), policies: [] }],
    [
      role("account"),
      {
        trust: trusting({ AWS: "arn:aws:iam::111122223333:root" }, ["sts:AssumeRole", "sts:TagSession"]),
        policies: [],
      },
    ],
    [role("unlisted"), { trust: trusting(FUNCTION), policies: [] }],
    [role("untrusting"), { trust: trusting({ AWS: role("another") }), policies: [] }],
  ]),
);

const FORM = { Action: "AssumeRole", Version: "2011-06-15", RoleArn: role("user"), RoleSessionName: "ada" };
const TAG = { "Tags.member.1.Key": "identityId", "Tags.member.1.Value": "0-1" };
const REGION = "us-east-1";

let sts: StsServer;
let own: Credentials;
const clock = { now: Date.now() };
const sessions = new Sessions({ now: () => clock.now });

beforeAll(async () => {
  sts = await startStsServer({ roles, sessions, mint: sessions.mint, region: REGION, now: () => clock.now });
  own = await mint("function");
});
afterAll(() => sts.close());

const mint = (name: string, durationSeconds = 43_200) =>
  sessions.mint({ roleArn: role(name), sessionName: "gate", durationSeconds });

interface Changes {
  readonly credentials?: Partial<Credentials>;
  readonly signer?: Partial<ConstructorParameters<typeof AwsV4Signer>[0]>;
  readonly sent?: { readonly body?: string; readonly headers?: Readonly<Record<string, string>> };
}

/** Signs with the `Authorization` header and sends. */
async function call(form: Readonly<Record<string, string | undefined>>, changes: Changes = {}) {
  const fields = Object.entries(form).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const body = new URLSearchParams(fields).toString();
  const headers = { "content-type": "application/x-www-form-urlencoded; charset=utf-8" };
  const { method, ...signed } = await new AwsV4Signer({
    method: "POST",
    url: `${sts.endpoint}/`,
    headers,
    body,
    ...own,
    ...changes.credentials,
    service: "sts",
    region: REGION,
    datetime: new Date(clock.now).toISOString().replace(/[-:]|\.\d+/g, ""),
    ...changes.signer,
  }).sign();
  const sent = new Headers(signed.headers);
  for (const [name, value] of Object.entries(changes.sent?.headers ?? {})) sent.set(name, value);
  return await answerOf(await fetch(signed.url, { method, body: changes.sent?.body ?? body, headers: sent }));
}

async function answerOf(response: Response) {
  const xml = await response.text();
  const element = (name: string) => new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1] ?? "";
  return { status: response.status, code: element("Code"), message: element("Message"), element, xml };
}

describe("AssumeRole", () => {
  test("gives a session of the role, in STS's own shape", async () => {
    const answer = await call(FORM);
    expect(answer.status).toBe(200);
    expect(answer.xml).toMatch(
      /^<AssumeRoleResponse xmlns="https:\/\/sts.amazonaws.com\/doc\/2011-06-15\/">\s*<AssumeRoleResult>\s*<AssumedRoleUser>/,
    );
    expect(answer.element("Arn")).toBe("arn:aws:sts::111122223333:assumed-role/user/ada");
    expect(Date.parse(answer.element("Expiration"))).toBe(Math.floor(clock.now / 1000) * 1000 + 3_600_000);
    const session = sessions.find(answer.element("AccessKeyId"));
    expect(session?.principal).toMatchObject({ arn: role("user") });
    expect(session?.credentials.sessionToken).toBe(answer.element("SessionToken"));
    expect(session?.context).not.toHaveProperty("aws:PrincipalTag/identityId");
  });

  test("puts tags into the session", async () => {
    const answer = await call({ ...FORM, RoleArn: role("tagged"), ...TAG, DurationSeconds: "900" });
    const session = sessions.find(answer.element("AccessKeyId"));
    expect(session?.context).toMatchObject({ "aws:PrincipalTag/identityId": "0-1" });
    expect(session?.credentials.expiresAt).toBe(Math.floor(clock.now / 1000) + 900);
  });

  test("lets in who is trusted as part of the account", async () => {
    expect((await call({ ...FORM, RoleArn: role("account"), ...TAG })).status).toBe(200);
  });

  test.each<[string, object, string, Changes?]>([
    ["a role that is not the caller's to assume", { RoleArn: role("unlisted") }, "sts:AssumeRole"],
    ["a role that trusts another", { RoleArn: role("untrusting") }, "sts:AssumeRole"],
    ["a role that does not exist", { RoleArn: role("missing") }, "sts:AssumeRole"],
    ["tags that the role does not take", TAG, "sts:TagSession"],
    [
      "another tag than the trust policy lists",
      { RoleArn: role("tagged"), ...TAG, "Tags.member.1.Key": "admin" },
      "sts:TagSession",
    ],
  ])("refuses %s", async (_what, changes, action) => {
    const answer = await call({ ...FORM, ...changes });
    expect([answer.status, answer.code]).toEqual([403, "AccessDenied"]);
    expect(answer.message).toContain(
      `User: arn:aws:sts::111122223333:assumed-role/function/gate is not authorized to perform: ${action} on`,
    );
  });

  test("refuses tags of a caller who may not set them", async () => {
    const credentials = await mint("tagless");
    const form = { ...FORM, RoleArn: role("account") };
    expect((await call(form, { credentials })).status).toBe(200);
    expect(await call({ ...form, ...TAG }, { credentials })).toMatchObject({
      status: 403,
      code: "AccessDenied",
    });
  });

  test.each<[string, object]>([
    ["no role", { RoleArn: undefined }],
    ["no ARN", { RoleArn: "user" }],
    ["a name that is no name", { RoleSessionName: "a/b" }],
    ["a name too short", { RoleSessionName: "a" }],
    ["less than 15 minutes", { DurationSeconds: "899" }],
    ["more than the hour of a chained role", { DurationSeconds: "3601" }],
    ["a duration that is no number", { DurationSeconds: "an hour" }],
    ["a tag without a value", { "Tags.member.1.Key": "identityId" }],
    [
      "two tags that differ by case",
      { ...TAG, "Tags.member.2.Key": "IDENTITYID", "Tags.member.2.Value": "" },
    ],
    ["what is not implemented", { Policy: "{}" }],
  ])("refuses %s", async (_what, changes) => {
    expect(await call({ ...FORM, ...changes })).toMatchObject({ status: 400, code: "ValidationError" });
  });

  test("knows no other action", async () => {
    const answer = await call({ ...FORM, Action: "GetFederationToken" });
    expect([answer.status, answer.code]).toEqual([400, "InvalidAction"]);
  });
});

describe("the signature", () => {
  const WRONG = "SignatureDoesNotMatch";
  const UNKNOWN = "InvalidClientTokenId";
  test.each<[string, Changes, string]>([
    ["with another secret", { credentials: { secretAccessKey: "another" } }, WRONG],
    [
      "of another body",
      { sent: { body: new URLSearchParams({ ...FORM, RoleSessionName: "bob" }).toString() } },
      WRONG,
    ],
    ["of another date", { sent: { headers: { "x-amz-date": "20200101T000000Z" } } }, WRONG],
    ["beside a header that is not signed", { sent: { headers: { "x-amz-more": "x" } } }, WRONG],
    ["for another region", { signer: { region: "eu-west-1" } }, WRONG],
    ["for another service", { signer: { service: "s3" } }, WRONG],
    ["an hour old", { signer: { datetime: "20200101T000000Z" } }, WRONG],
    ["of an unknown key", { credentials: { accessKeyId: "LOCALASIANOBODY" } }, UNKNOWN],
    ["with another token", { credentials: { sessionToken: "another" } }, UNKNOWN],
  ])("%s is refused", async (_what, changes, code) => {
    expect(await call(FORM, changes)).toMatchObject({ status: 403, code });
  });

  test.each([
    ["none", undefined, 403, "MissingAuthenticationToken"],
    ["a bearer's", "Bearer x", 400, "IncompleteSignature"],
  ])("%s is refused", async (_what, authorization, status, code) => {
    const headers = authorization === undefined ? undefined : { authorization };
    const body = new URLSearchParams(FORM);
    const response = await fetch(sts.endpoint, { method: "POST", body, ...(headers && { headers }) });
    expect(await answerOf(response)).toMatchObject({ status, code });
  });

  test("of credentials that have ended is refused", async () => {
    const credentials = await mint("function", 900);
    clock.now += 900_000;
    expect(await call(FORM, { credentials })).toMatchObject({ status: 403, code: "ExpiredToken" });
  });
});

describe("faults", () => {
  test.each([
    ["throttle", 400, "Throttling"],
    ["InternalFailure", 500, "InternalFailure"],
  ] as const)("%s", async (fault, status, code) => {
    sts.setFault(fault);
    expect(await call(FORM)).toMatchObject({ status, code });
    sts.setFault();
    expect((await call(FORM)).status).toBe(200);
  });

  test("garbage, and a connection that is cut, and counts of both", async () => {
    const before = sts.calls();
    sts.setFault("garbage");
    expect((await call(FORM)).xml).toBe("<html>not STS</html>");
    sts.setFault("cut");
    await expect(call(FORM)).rejects.toThrow();
    sts.setFault();
    expect(sts.calls()).toBe(before + 2);
  });
});
