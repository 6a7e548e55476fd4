// The keys of the split placement, derived from the sealing keys: what the CloudFront Function holds opens no cookie.
import { createHmac } from "node:crypto";
import type { Auth } from "./config.ts";

/** Keys as text, of which HMAC takes the characters. */
export interface FunctionKeys {
  /** What passes are signed with. */
  readonly pass: string;
  /** What they were signed with before; empty without a key before. */
  readonly before: string;
  /** What cache scopes are keyed with. */
  readonly scope: string;
  /** What they were keyed with before. */
  readonly scopeBefore: string;
}

/** The keys that follow from the sealing keys. */
export function functionKeys({ current, previous }: Auth["keys"]): FunctionKeys {
  return {
    pass: derived(current, "gatehouse pass"),
    before: derived(previous, "gatehouse pass"),
    scope: derived(current, "gatehouse scope"),
    scopeBefore: derived(previous, "gatehouse scope"),
  };
}

/** One block of HKDF-Expand (RFC 5869 §2.3): a sealing key is as good as what HKDF-Extract would make of it. */
function derived(key: string, label: string): string {
  if (!/^[0-9a-f]{64}$/.test(key)) return "";
  return createHmac("sha256", Buffer.from(key, "hex")).update(`${label}\u0001`).digest("base64url");
}
