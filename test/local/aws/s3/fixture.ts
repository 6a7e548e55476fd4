// One embedded S3 with a role that may read, a role that may list, and a clock that tests can move.

import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseRoles, type RoleDocument } from "../../../../local/aws/iam/role.ts";
import { Sessions } from "../../../../local/aws/iam/sessions.ts";
import type { S3Options } from "../../../../local/aws/s3/options.ts";
import { startS3 } from "../../../../local/aws/s3/server.ts";

export const BUCKET = "assets-example";
export const HOST = `${BUCKET}.s3.us-east-1.amazonaws.com`;
export const NOW = Date.parse("2026-11-22T12:00:00Z");

const trust = {
  Version: "2012-10-17",
  Statement: [
    {
      Effect: "Allow",
      Principal: { Federated: "cognito-identity.amazonaws.com" },
      Action: "sts:AssumeRoleWithWebIdentity",
    },
  ],
};
const allow = (statement: object): RoleDocument => ({
  trust,
  policies: [{ Version: "2012-10-17", Statement: [{ Effect: "Allow", ...statement }] }],
});

export const READER = "arn:aws:iam::111122223333:role/reader";
export const LISTER = "arn:aws:iam::111122223333:role/lister";
export const OWNER = "arn:aws:iam::111122223333:role/owner";
export const WRITER = "arn:aws:iam::111122223333:role/writer";
export const NOBODY = "arn:aws:iam::111122223333:role/nobody";

const roles = parseRoles(
  new Map([
    [READER, allow({ Action: "s3:GetObject", Resource: `arn:aws:s3:::${BUCKET}/*` })],
    [
      LISTER,
      allow({
        Action: ["s3:GetObject*", "s3:ListBucket"],
        Resource: [`arn:aws:s3:::${BUCKET}`, `arn:aws:s3:::${BUCKET}/*`],
      }),
    ],
    [
      OWNER,
      allow({
        Action: "s3:GetObject",
        Resource: `arn:aws:s3:::${BUCKET}/users/\${cognito-identity.amazonaws.com:sub}/*`,
      }),
    ],
    [WRITER, allow({ Action: "s3:PutObject", Resource: `arn:aws:s3:::${BUCKET}/drop/*` })],
    [NOBODY, { trust, policies: [] }],
  ]),
);

/** Starts a server over a fresh folder. */
export async function startFixture(options: Partial<S3Options["bucket"]> = {}) {
  const folder = mkdtempSync(join(tmpdir(), "gatehouse-s3-"));
  writeFileSync(join(folder, "hello.txt"), "hello, world\n");
  writeFileSync(join(folder, "empty.bin"), "");
  mkdirSync(join(folder, "public"));
  writeFileSync(join(folder, "public", "logo.svg"), "<svg/>");
  const outside = mkdtempSync(join(tmpdir(), "gatehouse-outside-"));
  writeFileSync(join(outside, "secret.txt"), "secret");
  symlinkSync(join(outside, "secret.txt"), join(folder, "link.txt"));
  const clock = { now: NOW };
  const sessions = new Sessions({ now: () => clock.now });
  const s3 = await startS3({
    bucket: { name: BUCKET, folder, ...options },
    region: "us-east-1",
    roles,
    sessions,
    now: () => clock.now,
  });
  const credentialsOf = (roleArn: string, context: Record<string, string> = {}) =>
    sessions.mint({ roleArn, sessionName: "test", durationSeconds: 3600, context });
  const close = async () => {
    await s3.close();
    for (const path of [folder, outside]) rmSync(path, { recursive: true });
  };
  return { s3, sessions, clock, folder, credentialsOf, close };
}

export type Fixture = Awaited<ReturnType<typeof startFixture>>;
