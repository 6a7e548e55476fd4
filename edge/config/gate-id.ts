// The name of one gate, made of whose tokens count and whose rights read which keys.
import { hash } from "node:crypto";
import { basePathOf } from "./aws-names.ts";
import type { Config } from "./config.ts";

/** What makes a gate another one. */
type Identifying = Pick<Config, "userPool" | "identityPool" | "exchange" | "origin" | "auth">;

/**
 * Whose cache entries and passes they are: two gates of one distribution share none. The same in every container and
 * after every deployment that changes neither whose tokens count nor whose rights read which keys.
 */
export function gateIdOf(config: Identifying): string {
  const { userPool, identityPool, exchange, origin } = config;
  const parts = [
    [userPool.id, ...[...userPool.clientIds].sort()],
    identityPool?.id ?? exchange?.roleArn,
    [origin.bucket, origin.region, origin.path],
    basePathOf(config),
  ];
  return hash("sha256", JSON.stringify(parts), "hex").slice(0, 16);
}
