// Signed calls of a JSON 1.1 API, and what is to be refused about them.

import { createHash } from "node:crypto";
import { AwsV4Signer } from "aws4fetch";
import { parseRoles } from "../../../../local/aws/iam/role.ts";
import { type Credentials, Sessions } from "../../../../local/aws/iam/sessions.ts";

export const NOW = Date.parse("2026-11-22T12:00:00Z");
export const role = (name: string) => `arn:aws:iam::123456789012:role/${name}`;

/** A role that may do the action on the resource, and one that may do nothing. */
export function callersFor(action: string, resource: string, now: () => number) {
  const trust = {
    Version: "2012-10-17",
    Statement: [
      { Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" },
    ],
  };
  const allow = {
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action: action, Resource: resource }],
  };
  const roles = parseRoles(
    new Map([
      [role("function"), { trust, policies: [allow] }],
      [role("powerless"), { trust, policies: [] }],
    ]),
  );
  const sessions = new Sessions({ now });
  const mint = (name: string, durationSeconds = 3600) =>
    sessions.mint({ roleArn: role(name), sessionName: "deploy", durationSeconds });
  return { callers: { sessions, roles: () => roles, now }, mint };
}

/** A call, and how it departs from a good one. */
export interface Call {
  readonly endpoint: string;
  readonly target: string;
  readonly input: object;
  readonly service: string;
  readonly credentials: Credentials;
  readonly now?: number;
  /** Names the body's hash in a header of its own, as the SDK's signer does. */
  readonly hashed?: boolean;
  readonly signer?: Partial<ConstructorParameters<typeof AwsV4Signer>[0]>;
  readonly sent?: { readonly body?: string; readonly headers?: Readonly<Record<string, string>> };
}

/** The status, the error's type, and everything. */
export async function call({ endpoint, target, input, service, credentials, ...changes }: Call) {
  const body = JSON.stringify(input);
  const { url, method, headers } = await new AwsV4Signer({
    method: "POST",
    url: `${endpoint}/`,
    headers: {
      "content-type": "application/x-amz-json-1.1",
      "x-amz-target": target,
      ...(changes.hashed && { "x-amz-content-sha256": createHash("sha256").update(body).digest("hex") }),
    },
    body,
    ...credentials,
    service,
    region: "us-east-1",
    datetime: new Date(changes.now ?? NOW).toISOString().replace(/[-:]|\.\d+/g, ""),
    allHeaders: true,
    ...changes.signer,
  }).sign();
  const sent = new Headers(headers);
  for (const [name, value] of Object.entries(changes.sent?.headers ?? {})) sent.set(name, value);
  return await answerOf(await fetch(url, { method, body: changes.sent?.body ?? body, headers: sent }));
}

/** A call without a signature. */
export async function unsignedCall(endpoint: string, target: string, body: string) {
  const headers = { "content-type": "application/x-amz-json-1.1", "x-amz-target": target };
  return await answerOf(await fetch(`${endpoint}/`, { method: "POST", headers, body }));
}

async function answerOf(response: Response) {
  const text = await response.text();
  const json = text.startsWith("{") ? JSON.parse(text) : {};
  return { status: response.status, type: json.__type, message: json.message, json, text };
}

/** How signatures go wrong, and the code that JSON services have for it. */
export const BAD_SIGNATURES: readonly (readonly [string, Partial<Call>, string])[] = [
  ["of another body", { sent: { body: '{"x":1}' } }, "InvalidSignatureException"],
  [
    "of another body, whose hash is named",
    { hashed: true, sent: { body: '{"x":1}' } },
    "InvalidSignatureException",
  ],
  [
    "of another date",
    { sent: { headers: { "x-amz-date": "20200101T000000Z" } } },
    "InvalidSignatureException",
  ],
  [
    "beside a header that is not signed",
    { sent: { headers: { "x-amz-more": "x" } } },
    "InvalidSignatureException",
  ],
  ["for another region", { signer: { region: "eu-west-1" } }, "InvalidSignatureException"],
  ["for another service", { signer: { service: "sts" } }, "InvalidSignatureException"],
  ["an hour old", { signer: { datetime: "20261122T110000Z" } }, "InvalidSignatureException"],
  ["with another secret", { signer: { secretAccessKey: "another" } }, "InvalidSignatureException"],
  ["of an unknown key", { signer: { accessKeyId: "LOCALASIANOBODY" } }, "UnrecognizedClientException"],
  ["with another token", { signer: { sessionToken: "another" } }, "UnrecognizedClientException"],
  ["of no form", { sent: { headers: { authorization: "Bearer x" } } }, "IncompleteSignatureException"],
];
