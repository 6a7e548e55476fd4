// `POST upload`: for whom, for which key, type and length, and what is signed.

import { Sha256 } from "@aws-crypto/sha256-js";
import { SignatureV4 } from "@aws-sdk/signature-v4";
import { describe, expect, test } from "vitest";
import type { AreaDocument, ConfigDocument } from "../../../edge/config/config.ts";
import type { Answer } from "../fixtures/browser.ts";
import { AUTH_BUNDLES } from "../fixtures/bundle.ts";
import { IDENTITY_ID } from "../fixtures/config.ts";
import { APP, type TestGate, useGate } from "../fixtures/gate.ts";

const EDITORS = "arn:aws:iam::123456789012:role/editors";
const MAX_BYTES = 1_000;
const uploads = { maxBytes: MAX_BYTES };
const AREAS: readonly AreaDocument[] = [
  { path: "/team/*", groups: ["editors"], uploads: { maxBytes: 5, types: ["image/*", "text/html"] } },
  { path: "/me/*", owner: "users/{identityId}/", uploads },
  { path: "/*" },
];
const GATE: Partial<ConfigDocument> = {
  areas: AREAS,
  groups: { editors: { roleArn: EDITORS } },
  origin: { bucket: "assets-bucket", region: "eu-central-1", path: "/site" },
};
const EDITOR = { "cognito:groups": ["editors"], "cognito:roles": [EDITORS] };
const PHOTO = { path: "/me/photo.png", type: "image/png", size: 12 };

async function ask(gate: TestGate, body: object, claims: object = {}, headers: object = {}): Promise<Answer> {
  const Authorization = `Bearer ${gate.idToken(claims)}`;
  return await gate.browser().ask("/.gatehouse/upload", {
    method: "POST",
    dest: "empty",
    body: JSON.stringify(body),
    headers: { Origin: APP, Authorization, ...headers },
  });
}

/** What an independent signer says of the same request. */
async function signatureOf(url: URL, headers: Record<string, string>, size: number): Promise<string> {
  const signer = new SignatureV4({
    service: "s3",
    region: "eu-central-1",
    sha256: Sha256,
    uriEscapePath: false,
    applyChecksum: false,
    credentials: {
      accessKeyId: "test-access-key",
      secretAccessKey: "test-secret-key",
      sessionToken: url.searchParams.get("X-Amz-Security-Token") ?? "",
    },
  });
  const lower = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
  const signed = { ...Object.fromEntries(lower), "content-length": String(size), host: url.host };
  const request = {
    method: "PUT",
    protocol: "https:",
    hostname: url.host,
    path: url.pathname,
    query: {},
    headers: { ...signed, "x-amz-content-sha256": "UNSIGNED-PAYLOAD" },
  };
  const { query } = await signer.presign(request, {
    signingDate: new Date(),
    expiresIn: 300,
    signableHeaders: new Set(["cache-control", "content-length", "content-type", "host"]),
    unsignableHeaders: new Set(["x-amz-content-sha256"]),
    unhoistableHeaders: new Set(["x-amz-content-sha256"]),
  });
  return String(query?.["X-Amz-Signature"]);
}

describe.each(AUTH_BUNDLES)("%s", (bundle) => {
  const gate = useGate(bundle, GATE);

  test("one file of one type and length, under the key that its path stands for", async () => {
    const answer = await ask(gate(), { ...PHOTO, path: "/me/ä b+c.png" });
    expect(answer).toMatchObject({ status: 200, cookies: [] });
    expect(answer.headers).toMatchObject({ "cache-control": "no-store", "referrer-policy": "no-referrer" });
    const { url, ...rest } = JSON.parse(answer.body);
    expect(rest).toEqual({
      method: "PUT",
      headers: { "Cache-Control": "no-cache", "Content-Type": "image/png" },
      expires: Date.now() / 1000 + 300,
    });
    const at = new URL(url);
    expect(at.origin).toBe("https://assets-bucket.s3.eu-central-1.amazonaws.com");
    expect(at.pathname).toBe(`/site/users/${encodeURIComponent(IDENTITY_ID)}/%C3%A4%20b%2Bc.png`);
    expect(at.searchParams.get("X-Amz-SignedHeaders")).toBe("cache-control;content-length;content-type;host");
    expect(at.searchParams.get("X-Amz-Expires")).toBe("300");
    expect(at.searchParams.get("X-Amz-Signature")).toBe(await signatureOf(at, rest.headers, PHOTO.size));
    expect(gate().logged.join()).not.toMatch(/X-Amz|test-access-key|session\/token/);
  });
});

describe("who may store what", () => {
  const gate = useGate("gatehouse-auth", GATE);
  const page = { path: "/team/a.html", type: "text/html", size: 5 };

  test.each<[string, object, object, number, string]>([
    ["a page of another site", PHOTO, { Origin: "https://evil.example" }, 403, "origin_not_allowed"],
    ["somebody without a token", PHOTO, { Authorization: "" }, 401, "token_missing"],
    ["where there are no uploads", { ...PHOTO, path: "/a.png" }, {}, 403, "access_denied"],
    ["in a group's area", { ...PHOTO, path: "/team/a.png" }, {}, 403, "access_denied"],
    ["in another's folder", { ...PHOTO, path: `/users/${IDENTITY_ID}/a.png` }, {}, 403, "access_denied"],
    ["at an endpoint", { ...PHOTO, path: "/.gatehouse/me" }, {}, 403, "access_denied"],
    ["a folder", { ...PHOTO, path: "/me/" }, {}, 400, "invalid_path"],
    ["out of the folder", { ...PHOTO, path: "/me/../a.png" }, {}, 400, "invalid_path"],
    ["out of it, encoded", { ...PHOTO, path: "/me/..%2fa.png" }, {}, 400, "invalid_path"],
    ["with a query", { ...PHOTO, path: "/me/a.png?acl" }, {}, 400, "invalid_path"],
    ["without a path", { ...PHOTO, path: 1 }, {}, 400, "invalid_request"],
    ["without a type", { ...PHOTO, type: "" }, {}, 400, "invalid_request"],
    [
      "with a line in its type",
      { ...PHOTO, type: "image/png\nx-amz-acl:public-read" },
      {},
      400,
      "invalid_request",
    ],
    ["without a size", { ...PHOTO, size: "12" }, {}, 400, "invalid_request"],
    ["with half a byte", { ...PHOTO, size: 0.5 }, {}, 400, "invalid_request"],
    ["with less than nothing", { ...PHOTO, size: -1 }, {}, 400, "invalid_request"],
    ["with a byte too many", { ...PHOTO, size: MAX_BYTES + 1 }, {}, 413, "upload_too_large"],
    ["a page", { ...PHOTO, type: "text/html" }, {}, 415, "type_not_allowed"],
    ["a page in capitals", { ...PHOTO, type: "TEXT/HTML; charset=utf-8" }, {}, 415, "type_not_allowed"],
    ["a drawing with scripts", { ...PHOTO, type: "image/svg+xml" }, {}, 415, "type_not_allowed"],
    ["a script", { ...PHOTO, type: "text/javascript" }, {}, 415, "type_not_allowed"],
  ])("%s: %j %j is %i %s", async (_, body, headers, status, code) => {
    expect(await ask(gate(), body, {}, headers)).toMatchObject({ status, code });
  });

  test.each<[object, number | string]>([
    [page, 200],
    [{ ...page, path: "/team/a.png", type: "image/png" }, 200],
    [{ ...page, type: "image/svg+xml" }, "type_not_allowed"],
    [{ ...page, type: "text/plain" }, "type_not_allowed"],
    [{ ...page, size: 6 }, "upload_too_large"],
    [{ ...page, size: 0 }, 200],
  ])("a group's area with types of its own: %j is %s", async (body, outcome) => {
    const { status, code } = await ask(gate(), body, EDITOR);
    expect(code ?? status).toBe(outcome);
  });

  test("a group's file is stored in the group's role", async () => {
    const { body } = await ask(gate(), page, EDITOR);
    expect(JSON.parse(body).url).toMatch(/^https:[^?]*\/site\/team\/a\.html\?/);
    expect(gate().cognito.calls.at(-1)?.body).toMatchObject({ CustomRoleArn: EDITORS });
  });

  test("at another endpoint the bucket's name is part of the path", async () => {
    const endpoints = {
      cognitoIdentity: gate().cognito.url,
      oauth: gate().cognito.url,
      s3: "http://127.0.0.1:9",
    };
    const browser = gate().browser({ endpoints });
    const headers = { Origin: APP, Authorization: `Bearer ${gate().idToken()}` };
    const body = JSON.stringify(PHOTO);
    const answer = await browser.ask("/.gatehouse/upload", { method: "POST", dest: "empty", body, headers });
    expect(JSON.parse(answer.body).url).toMatch(/^http:\/\/127\.0\.0\.1:9\/assets-bucket\/site\/users\//);
  });
});
