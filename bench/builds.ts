// Our own builds, made from the sources as they are now, each in a file with its configuration as a deployment has it.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ConfigDocument } from "../edge/config/config.ts";
import { parseConfig } from "../edge/config/document.ts";
import { bundle } from "../infra/build/bundle.ts";
import { CLIENT_ID, IDENTITY_POOL, USER_POOL_ID, type Users } from "./users.ts";

/** A build on disk. */
export interface Build {
  readonly file: string;
  /** The bundle without its configuration. */
  readonly bytes: number;
}

/** What is measured of ours. */
export interface Builds {
  /** The lock and sign-in, with sealed sessions: the complete default build. */
  readonly complete: Build;
  /** Without sign-in: apps bring their tokens, and every container exchanges them. */
  readonly lock: Build;
  /** The same two on the AWS SDK's packages. */
  readonly sdkComplete: Build;
  readonly sdkLock: Build;
  /** The lock with `https` loaded at start, as most functions do. */
  readonly eager: Build;
}

/** Builds everything into a folder; `identityPoolUrl` is where credentials are exchanged. */
export async function makeBuilds(folder: string, users: Users, identityPoolUrl: string): Promise<Builds> {
  const lockConfig = lockDocument(users, identityPoolUrl);
  const completeConfig = completeDocument(users, identityPoolUrl);
  const write = async (name: string, source: string, config: ConfigDocument, before = "") => {
    const file = join(folder, `${name}.cjs`);
    const literal = JSON.stringify(parseConfig(config));
    writeFileSync(file, `${before}const GATEHOUSE_CONFIG=${literal};\n${source}`);
    return { file, bytes: Buffer.byteLength(source) };
  };
  const lock = await bundle("gatehouse");
  return {
    complete: await write("complete", await bundle("gatehouse-auth"), completeConfig),
    lock: await write("lock", lock, lockConfig),
    sdkComplete: await write("sdk-complete", await bundle("gatehouse-sdk-auth"), completeConfig),
    sdkLock: await write("sdk-lock", await bundle("gatehouse-sdk"), lockConfig),
    eager: await write("eager", lock, lockConfig, `require("node:https");`),
  };
}

/** The fixture's configuration with sign-in. */
export function completeDocument(users: Users, identityPoolUrl: string): ConfigDocument {
  const lock = lockDocument(users, identityPoolUrl);
  const userPool = { ...lock.userPool, domain: "login.example.com" };
  return { ...lock, userPool, auth: { keys: { current: users.sealingKey } } };
}

function lockDocument(users: Users, identityPoolUrl: string): ConfigDocument {
  const role = { roleArn: "arn:aws:iam::123456789012:role/gatehouse-editors" };
  return {
    userPool: { id: USER_POOL_ID, clientIds: [CLIENT_ID], jwks: users.jwks },
    identityPool: { id: IDENTITY_POOL },
    origin: { bucket: "bench-assets", region: "us-east-1" },
    areas: [
      { path: "/team/*", groups: ["editors"] },
      { path: "/me/*", owner: "users/{identityId}/" },
      { path: "/*" },
    ],
    groups: { editors: role },
    cookies: { amplify: true },
    log: { allowed: 0 },
    endpoints: { cognitoIdentity: identityPoolUrl },
  };
}
