// A JSON Web Key Set, reduced to what RS256 verification needs.
import { isRecord } from "./json.ts";

/** A JSON Web Key Set reduced to what RS256 verification needs (RFC 7517). */
export type Jwks = { readonly keys: readonly RsaJwk[] };

/** One RSA signing key of a user pool (RFC 7518 §6.3.1). */
export type RsaJwk = {
  readonly kty: "RSA";
  readonly alg: "RS256";
  readonly use: "sig";
  readonly kid: string;
  readonly n: string;
  readonly e: string;
};

/**
 * Reads a key set and keeps its RS256 signing keys; keys for other uses are left out, as RFC 7517 §5 asks.
 * @throws Error when it is no key set or holds no usable key.
 */
export function parseJwks(value: unknown): Jwks {
  const keys = isRecord(value) && Array.isArray(value["keys"]) ? value["keys"] : undefined;
  if (!keys) throw new Error('expected a JSON Web Key Set: { "keys": [...] }');
  const usable = keys.flatMap((key: unknown) => rsaJwk(key) ?? []);
  if (usable.length === 0) throw new Error("holds no RS256 signing key");
  return { keys: usable };
}

function rsaJwk(key: unknown): RsaJwk | undefined {
  if (!isRecord(key)) return undefined;
  const { kty, alg = "RS256", use = "sig", kid, n, e } = key;
  if (kty !== "RSA" || alg !== "RS256" || use !== "sig") return undefined;
  if (typeof kid !== "string" || typeof n !== "string" || typeof e !== "string") return undefined;
  // Shorter than RSA-2048, or with an exponent under which everybody can sign (RFC 7518 §3.3).
  if (n.length < 342 || !(Number.parseInt(Buffer.from(e, "base64url").toString("hex"), 16) > 2))
    return undefined;
  return { kty, alg, use, kid, n, e };
}
