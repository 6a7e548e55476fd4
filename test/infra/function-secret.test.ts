// The function's keys in the secret: derived, put beside the sealing keys when they are not there, and nowhere else.
import { expect, test } from "vitest";
import { functionKeys } from "../../edge/config/function-keys.ts";
import { functionSecret } from "../../infra/build/function-secret.ts";
import { versionWithFunctionKeys } from "../../infra/deployment/function-secret.ts";
import { serve } from "./loopback.ts";

const LIMITS = { timeoutMs: 1_000, pausesMs: [1] };
const ARN = "arn:aws:secretsmanager:us-east-1:123456789012:secret:SealingKeys4A63122B-AbCdEf";
const VERSION = "11111111-2222-4333-8444-555555555555";
const PUT = "22222222-2222-4333-8444-555555555555";
const CURRENT = "5e".repeat(32);
const PREVIOUS = "7a".repeat(32);

const value = (fields: unknown) => ({
  body: JSON.stringify({ ARN, VersionId: VERSION, SecretString: JSON.stringify(fields) }),
});

async function run(first: { body: string }) {
  const secrets = await serve(first, { body: JSON.stringify({ ARN, VersionId: PUT }) });
  const environment = {
    AWS_ACCESS_KEY_ID: "AKIDEXAMPLE",
    AWS_SECRET_ACCESS_KEY: "EXAMPLE",
    AWS_ENDPOINT_URL_SECRETS_MANAGER: secrets.url,
  };
  const version = await versionWithFunctionKeys(ARN, environment, LIMITS);
  const calls = secrets.received.map(({ headers, body }) => [headers["x-amz-target"], JSON.parse(body)]);
  return { version, calls };
}

test("a version without the function's keys is followed by one with them", async () => {
  const { version, calls } = await run(value({ current: CURRENT, previous: PREVIOUS, note: "kept" }));
  expect(version).toBe(PUT);
  expect(calls).toEqual([
    ["secretsmanager.GetSecretValue", { SecretId: ARN, VersionStage: "AWSCURRENT" }],
    [
      "secretsmanager.PutSecretValue",
      {
        SecretId: ARN,
        ClientRequestToken: expect.stringMatching(/^[0-9a-f]{32}$/),
        SecretString: expect.any(String),
      },
    ],
  ]);
  const { pass, before, scope } = functionKeys({ current: CURRENT, previous: PREVIOUS });
  const put = { current: CURRENT, previous: PREVIOUS, note: "kept", pass, before, scope };
  expect(JSON.parse(calls[1]?.[1].SecretString)).toEqual(put);
});

test("a version with them stays", async () => {
  const keys = functionSecret({ current: CURRENT, previous: "none" });
  const { version, calls } = await run(value({ current: CURRENT, previous: "none", ...keys }));
  expect([version, calls.length]).toEqual([VERSION, 1]);
});

test("new sealing keys that came with the old function's keys get new ones", async () => {
  const keys = functionSecret({ current: CURRENT, previous: "none" });
  const { version, calls } = await run(value({ current: PREVIOUS, previous: CURRENT, ...keys }));
  expect([version, calls.length]).toEqual([PUT, 2]);
});

test("without a key before, the second one is no empty text", () => {
  const { pass, before } = functionSecret({ current: CURRENT, previous: "none" });
  expect(before).toBe(pass);
  expect(pass).toMatch(/^[\w-]{43}$/);
});

test.each([
  [
    "no JSON",
    { body: JSON.stringify({ VersionId: VERSION, SecretString: `{"current":"${CURRENT}` }) },
    "The secret is not JSON.",
  ],
  ["no text", { body: JSON.stringify({ VersionId: VERSION }) }, "The secret is not JSON."],
  ["no version", { body: JSON.stringify({ SecretString: "{}" }) }, "The secret has no current version."],
  ["no key", value({ previous: "none" }), "The secret's field current is no key of 64 hex digits."],
])("a secret with %s fails the deployment, and is not quoted", async (_, first, message) => {
  await expect(run(first)).rejects.toThrow(new Error(message));
});
