// Fills a gateway with what a template describes: bucket, roles, objects; and mints sessions through its STS.

import { buffer } from "node:stream/consumers";
import type { RoleDocument } from "../aws/iam/role.ts";
import type { Credentials, Mint } from "../aws/iam/sessions.ts";
import { contentTypeOf } from "../aws/s3/content-type.ts";
import type { CorsRule } from "../aws/s3/cors.ts";
import { Folder } from "../aws/s3/folder.ts";
import { callAction, callRgw, isRefusal } from "./client.ts";
import { bucketPolicy, policyText, roleName, rolePolicy, sessionPolicy } from "./policy.ts";
import type { RgwServer } from "./server.ts";

/** What to make. */
export interface RgwProvisioning {
  readonly bucket: string;
  readonly region: string;
  /** The template's roles by ARN; the gateway knows them by name. Trust is the identity pool's part. */
  readonly roles: ReadonlyMap<string, RoleDocument>;
  readonly versioning?: boolean;
  readonly policy?: unknown;
  readonly cors?: readonly CorsRule[];
}

/** A bucket on the gateway. */
export interface RgwBucket {
  /** AssumeRole at the gateway's STS. */
  readonly mint: Mint;
  /** Stores an object under any key. */
  put(key: string, bytes: Uint8Array, headers?: Readonly<Record<string, string>>): Promise<void>;
  /** Stores every file of a folder under its own name, behind a prefix such as `site/`. */
  putFolder(folder: string, prefix?: string): Promise<void>;
  remove(key: string): Promise<void>;
}

const OWNER = "arn:aws:iam:::user/gatehouse";

/**
 * Makes roles and bucket, or brings those of an earlier run up to date; objects stay.
 * @throws PolicyError when the gateway would decide differently from IAM.
 */
export async function provisionRgw(rgw: RgwServer, options: RgwProvisioning): Promise<RgwBucket> {
  for (const [arn, role] of options.roles) await provideRole(rgw, roleName(arn), role);
  const host = `${options.bucket}.s3.${options.region}.amazonaws.com`;
  const put = async (path: string, body: Uint8Array, headers: Readonly<Record<string, string>> = {}) => {
    await callRgw(rgw, { method: "PUT", host, path, body, headers });
  };
  const remove = async (path: string) => {
    await callRgw(rgw, { method: "DELETE", host, path });
  };
  await put("/", Buffer.alloc(0));
  if (options.versioning) await put("/?versioning=", Buffer.from(VERSIONING));
  if (options.cors?.length) await put("/?cors=", Buffer.from(corsXml(options.cors)));
  else await remove("/?cors=");
  const names = new Set([...options.roles.keys()].map(roleName));
  const policy = options.policy === undefined ? undefined : bucketPolicy(options.policy, names);
  if (policy && policy.Statement.length > 0) await put("/?policy=", Buffer.from(policyText(policy)));
  else await remove("/?policy=");
  const bucket: RgwBucket = {
    mint: minter(rgw, options.roles),
    put: (key, bytes, headers) => put(pathOf(key), bytes, { "content-type": contentTypeOf(key), ...headers }),
    putFolder: (folder, prefix = "") => putFolder(bucket, folder, prefix),
    remove: (key) => remove(pathOf(key)),
  };
  return bucket;
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketCors.html */
function corsXml(rules: readonly CorsRule[]): string {
  const each = (name: string, values: readonly string[]) =>
    values.map((value) => `<${name}>${value}</${name}>`).join("");
  const texts = rules.map(
    ({ origins, methods, headers, exposed }) =>
      `<CORSRule>${each("AllowedOrigin", origins)}${each("AllowedMethod", methods)}${each("AllowedHeader", headers)}${each("ExposeHeader", exposed)}</CORSRule>`,
  );
  return `<CORSConfiguration>${texts.join("")}</CORSConfiguration>`;
}

const VERSIONING =
  '<VersioningConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Status>Enabled</Status></VersioningConfiguration>';

async function provideRole(rgw: RgwServer, RoleName: string, role: RoleDocument): Promise<void> {
  const trust = {
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { AWS: [OWNER] }, Action: ["sts:AssumeRole"] }],
  };
  const AssumeRolePolicyDocument = JSON.stringify(trust);
  const create = { Action: "CreateRole", RoleName, Path: "/", AssumeRolePolicyDocument };
  await callAction(rgw, "iam", create).catch((error: unknown) => {
    if (!isRefusal(error, 409)) throw error;
  });
  const PolicyName = "template";
  const policy = rolePolicy(role.policies);
  if (policy.Statement.length > 0) {
    const PolicyDocument = policyText(policy);
    await callAction(rgw, "iam", { Action: "PutRolePolicy", RoleName, PolicyName, PolicyDocument });
    return;
  }
  await callAction(rgw, "iam", { Action: "DeleteRolePolicy", RoleName, PolicyName }).catch(
    (error: unknown) => {
      if (!isRefusal(error, 404)) throw error;
    },
  );
}

function minter(rgw: RgwServer, roles: ReadonlyMap<string, RoleDocument>): Mint {
  return async (request) => {
    const role = roles.get(request.roleArn);
    if (!role) throw new Error(`no role ${request.roleArn}`);
    if (request.sessionPolicies)
      throw new Error("session policies are taken for filling in policy variables");
    const tags = Object.entries(request.tags ?? {}).map(([key, value]) => [`aws:PrincipalTag/${key}`, value]);
    const policy = sessionPolicy(role.policies, { ...request.context, ...Object.fromEntries(tags) });
    const xml = await callAction(rgw, "sts", {
      Action: "AssumeRole",
      RoleArn: `arn:aws:iam:::role/${roleName(request.roleArn)}`,
      RoleSessionName: request.sessionName,
      DurationSeconds: String(request.durationSeconds),
      ...(policy && { Policy: policyText(policy) }),
    });
    return parseCredentials(xml);
  };
}

function parseCredentials(xml: string): Credentials {
  const element = (name: string) => {
    const found = new RegExp(`<${name}>([^<]+)</${name}>`).exec(xml)?.[1];
    if (found === undefined) throw new Error(`RADOS Gateway: AssumeRole without ${name}`);
    return found;
  };
  return {
    accessKeyId: element("AccessKeyId"),
    secretAccessKey: element("SecretAccessKey"),
    sessionToken: element("SessionToken"),
    expiresAt: Math.floor(Date.parse(element("Expiration")) / 1000),
  };
}

async function putFolder(bucket: RgwBucket, path: string, prefix: string): Promise<void> {
  const folder = new Folder(path);
  for (const key of await folder.keys()) {
    const object = await folder.find(key);
    if (!object) continue;
    const bytes = object.size === 0 ? Buffer.alloc(0) : await buffer(object.read(0, object.size - 1));
    await bucket.put(prefix + key, bytes, object.headers);
  }
}

function pathOf(key: string): string {
  const encoded = encodeURIComponent(key).replaceAll("%2F", "/");
  return `/${encoded.replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)}`;
}
