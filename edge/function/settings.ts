// What the function is built with: its configuration, its keys and, where passes can be revoked, the store.
import type { FunctionKeys } from "../config/function-keys.ts";
import type { AreaRule, RuledArea } from "../request/area-rules.ts";

/** What of the configuration the function needs, worked out as far as that can be done before deploying. */
export interface FunctionConfig {
  /** Known while deploying. */
  readonly gateId: string;
  readonly base: string;
  /** The user pool of sign-in first. */
  readonly pools: readonly FunctionPool[];
  /** The app clients of machines. */
  readonly machines: readonly string[];
  /** What our cookies begin with. */
  readonly prefix: string;
  /** Further cookies in which a token may be. */
  readonly names: readonly string[];
  readonly amplify: boolean;
  readonly origins: readonly string[];
  readonly allow: string;
  readonly expose: string;
  readonly embed: string;
  readonly langs: readonly string[];
  readonly since: number;
  readonly rules: readonly AreaRule<RuledArea>[];
  /** What the users' own folders start with. */
  readonly folders: readonly string[];
}

/** A user pool whose tokens count, and its app clients. */
export interface FunctionPool {
  readonly pool: string;
  readonly clients: readonly string[];
}

/** https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-custom-methods.html */
interface KeyValueStore {
  readonly exists: (key: string) => Promise<boolean>;
  readonly get: (key: string) => Promise<string>;
}

/** What the engine has of hashes. */
interface Crypto {
  readonly createHash: (algorithm: "sha256") => Hash;
  readonly createHmac: (algorithm: "sha256", key: string) => Hash;
}

interface Hash {
  readonly update: (text: string) => Hash;
  readonly digest: (encoding: "base64url") => string;
}

declare const GATEHOUSE_FUNCTION_CONFIG: FunctionConfig;
declare const GATEHOUSE_PASS_KEYS: Omit<FunctionKeys, "scopeBefore">;
declare const GATEHOUSE_KVS: KeyValueStore;
declare const GATEHOUSE_CRYPTO: Crypto;

export const CONFIG = GATEHOUSE_FUNCTION_CONFIG;
export const KEYS = GATEHOUSE_PASS_KEYS;

/** Where passes are revoked, in the builds that read it. */
export function store(): KeyValueStore {
  return GATEHOUSE_KVS;
}

/** SHA-256, in base64url. */
export function sha256(text: string): string {
  return GATEHOUSE_CRYPTO.createHash("sha256").update(text).digest("base64url");
}

/** HMAC-SHA-256, in base64url. */
export function hmac(key: string, text: string): string {
  return GATEHOUSE_CRYPTO.createHmac("sha256", key).update(text).digest("base64url");
}
