// Reads the user pool's public keys, and lets nothing through that could be anything but a key.
import { regionOf } from "../../edge/config/aws-names.ts";
import type { Config, FurtherUserPool } from "../../edge/config/config.ts";
import { type Jwks, parseJwks } from "../../edge/config/jwk-set.ts";
import { attempt, type Limits, reasonOf } from "./attempt.ts";
import { readBody } from "./body.ts";
import { parseJson } from "./json.ts";

// The set is written into the function's code as it is. These alphabets hold no quote, backslash or line end,
// so no key, whoever wrote it, can end the literal that it stands in.
const BASE64 = /^[\w+/=-]{1,128}$/;
const BASE64URL = /^[\w-]{1,1024}$/;

/** Where the pool publishes its keys. https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-tokens-verifying-a-jwt.html */
export function keySetUrl(config: Config): string {
  return keySetUrlOf({ id: config.userPool.id, jwksUri: config.endpoints.jwksUri });
}

/** Where a further pool does. */
export function keySetUrlOf({ id, jwksUri }: Pick<FurtherUserPool, "id" | "jwksUri">): string {
  return jwksUri ?? `https://cognito-idp.${regionOf(id)}.amazonaws.com/${id}/.well-known/jwks.json`;
}

/** @throws Error naming the address and what is wrong there. */
export async function fetchKeySet(url: string, limits: Limits): Promise<Jwks> {
  try {
    return await attempt(limits, async (signal) => processKeySet(await read(url, signal)));
  } catch (error) {
    throw new Error(`Cannot read the user pool's keys from ${url}: ${reasonOf(error)}`);
  }
}

/** The usable keys of a key set, in an order that does not depend on the server's. */
export function processKeySet(text: string): Jwks {
  const { keys } = parseJwks(parseJson(text, "is not JSON"));
  for (const { kid, n, e } of keys)
    if (!BASE64.test(kid) || !BASE64URL.test(n) || !BASE64URL.test(e))
      throw new Error("holds a key that is not written in base64url");
  return { keys: keys.toSorted((a, b) => (a.kid < b.kid ? -1 : 1)) };
}

async function read(url: string, signal: AbortSignal): Promise<string> {
  const response = await fetch(url, { method: "GET", redirect: "error", signal });
  if (!response.ok) throw new Error(`status ${response.status}`);
  return readBody(response);
}
