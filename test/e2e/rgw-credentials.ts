// Credentials that end, and requests that carry parts of another user's.

import { setTimeout as wait } from "node:timers/promises";
import { IdentityPool } from "../../local/aws/cognito/identity-pool.ts";
import { startIdentityPoolServer } from "../../local/aws/cognito/identity-pool-server.ts";
import { parseRoles } from "../../local/aws/iam/role.ts";
import type { AnyGate } from "../../local/gate/gate.ts";
import { identityPoolOf } from "../../local/gate/identity-resources.ts";
import { roleDocumentsOf } from "../../local/gate/resources.ts";
import type { SignedRequest } from "./rgw-signed.ts";

/** An identity pool like a gate's own, whose credentials end after seconds. */
export interface ExpiringPool extends AsyncDisposable {
  readonly endpoint: string;
  /** Resolves when the last credentials have ended. */
  readonly ended: () => Promise<void>;
}

const SECONDS = 2;

/** Starts such a pool before the gate's users and its S3. */
export async function withExpiringCredentials({ stack, userPool, store }: AnyGate): Promise<ExpiringPool> {
  const described = identityPoolOf(stack.resources, parseRoles(roleDocumentsOf(stack.resources)));
  if (!described) throw new Error("the template has no identity pool");
  let endsAt = 0;
  const pool = new IdentityPool(described, {
    userPool,
    mint: async (request) => {
      const credentials = await store.mint({ ...request, durationSeconds: SECONDS });
      endsAt = credentials.expiresAt * 1000;
      return credentials;
    },
  });
  const { endpoint, close } = await startIdentityPoolServer(pool);
  return {
    endpoint,
    ended: async () => {
      while (Date.now() < endsAt + 1000) await wait(100);
    },
    [Symbol.asyncDispose]: close,
  };
}

/** A request with these query parameters of another one. */
export function swapped(
  request: SignedRequest,
  other: SignedRequest,
  names: readonly string[],
): SignedRequest {
  const pairs = request.query.split("&").map((pair) => {
    const [name = ""] = pair.split("=");
    const theirs = other.query.split("&").find((candidate) => candidate.startsWith(`${name}=`));
    return names.includes(name) && theirs !== undefined ? theirs : pair;
  });
  return { ...request, query: pairs.join("&") };
}
