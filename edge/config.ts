// The configuration: one JSON document, parsed at synth and again at cold start, all problems reported at once.

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

/** Which object keys a set of viewers may read; the first area whose `path` matches wins. */
export interface Area {
  /** `"/*"`: every key, for any signed-in user. */
  readonly path: string;
}

/** Two points of CloudFront's origin request that AWS leaves open; `docs/aws-unknowns.md` says how to settle them. */
export interface Signing {
  /** Whether `x-amz-cf-id` (CloudFront's request id) is part of the signature. */
  readonly cfId: "unsigned" | "signed";
  /** The method S3 sees when a viewer sends HEAD for an object that is not cached. */
  readonly head: "HEAD" | "GET";
}

/** Replacements for AWS endpoints: `https://` anywhere, `http://` on loopback only. */
export interface Endpoints {
  /** Cognito identity pools, instead of `https://cognito-identity.<region>.amazonaws.com`. */
  readonly cognitoIdentity?: string;
  /** The user pool's key set, instead of `https://cognito-idp.<region>.amazonaws.com/<id>/.well-known/jwks.json`. */
  readonly jwksUri?: string;
}

/** The parsed configuration of one gate. */
export interface Config {
  readonly userPool: {
    readonly id: string;
    readonly clientIds: readonly string[];
    /** The pool's keys at deploy time; without them the first request fetches. */
    readonly jwks?: Jwks;
  };
  readonly identityPool: { readonly id: string };
  readonly origin: {
    readonly bucket: string;
    readonly region: string;
    /** Key prefix before every object key, such as `/site`; empty for none. */
    readonly path: string;
  };
  readonly areas: readonly Area[];
  readonly signing: Signing;
  readonly cookies: { readonly names: readonly string[] };
  readonly cors: { readonly origins: readonly string[] };
  readonly endpoints: Endpoints;
}

/** What a person writes: the same document with its defaults left out. */
export interface ConfigDocument {
  readonly userPool: { readonly id: string; readonly clientIds: readonly string[]; readonly jwks?: unknown };
  readonly identityPool: { readonly id: string };
  readonly origin: { readonly bucket: string; readonly region: string; readonly path?: string };
  readonly areas?: readonly Area[];
  readonly signing?: Partial<Signing>;
  readonly cookies?: { readonly names?: readonly string[] };
  readonly cors?: { readonly origins?: readonly string[] };
  readonly endpoints?: Endpoints;
}

/** Every problem of a configuration, one line each, starting with the field's name. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`Invalid Gatehouse configuration:\n${problems.map((problem) => `  ${problem}`).join("\n")}`);
    this.problems = problems;
  }
}

/** How to read a configuration that is not final yet. */
export interface ParseOptions {
  /** Recognises a value that is known only at deploy time; it satisfies any string rule. */
  readonly isToken?: (value: unknown) => boolean;
}

/**
 * Parses a configuration document and fills in the defaults.
 * @throws ConfigError naming every field that is missing, unknown or malformed.
 */
export function parseConfig(document: unknown, options: ParseOptions = {}): Config {
  const problems: string[] = [];
  const root = new Reader(document, "", problems, options.isToken ?? (() => false));
  const userPool = root.object("userPool");
  const identityPool = root.object("identityPool");
  const origin = root.object("origin");
  const signing = root.object("signing", {});
  const cookies = root.object("cookies", {});
  const cors = root.object("cors", {});
  const endpoints = root.object("endpoints", {});
  const jwks = userPool.optional("jwks", parseJwks);
  const config: Config = {
    userPool: {
      id: userPool.string("id", USER_POOL_ID),
      clientIds: userPool.strings("clientIds", CLIENT_ID, 1),
      ...(jwks && { jwks }),
    },
    identityPool: { id: identityPool.string("id", IDENTITY_POOL_ID) },
    origin: {
      bucket: origin.string("bucket", BUCKET),
      region: origin.string("region", REGION),
      path: origin.string("path", ORIGIN_PATH, ""),
    },
    areas: root.optional("areas", parseAreas) ?? [{ path: "/*" }],
    signing: {
      cfId: signing.oneOf("cfId", ["unsigned", "signed"]),
      head: signing.oneOf("head", ["HEAD", "GET"]),
    },
    cookies: { names: cookies.strings("names", COOKIE_NAME, 0) },
    cors: { origins: cors.strings("origins", WEB_ORIGIN, 0) },
    endpoints: {
      ...endpoints.optionalString("cognitoIdentity", ENDPOINT),
      ...endpoints.optionalString("jwksUri", ENDPOINT),
    },
  };
  for (const reader of [root, userPool, identityPool, origin, signing, cookies, cors, endpoints])
    reader.end();
  if (problems.length > 0) throw new ConfigError(problems);
  return config;
}

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
  return { kty, alg, use, kid, n, e };
}

function parseAreas(value: unknown): readonly Area[] {
  const [area, ...others] = Array.isArray(value) ? value : [];
  if (others.length > 0 || !isRecord(area) || area["path"] !== "/*" || Object.keys(area).length !== 1)
    throw new Error('expected [{ "path": "/*" }]');
  return [{ path: "/*" }];
}

/** The region in which a user pool or identity pool id says it lives. */
export function regionOf(id: string): string {
  return id.split(/[_:]/, 1)[0] ?? "";
}

/** The virtual-host style, regional domain name of the private bucket. */
export function bucketHost(origin: Config["origin"]): string {
  return `${origin.bucket}.s3.${origin.region}.amazonaws.com`;
}

interface Rule {
  readonly test: (value: string) => boolean;
  readonly expected: string;
}

const rule = (pattern: RegExp, expected: string): Rule => ({
  test: (value) => pattern.test(value),
  expected,
});
const USER_POOL_ID = rule(
  /^[a-z]{2,4}(-[a-z]+)+-\d_[A-Za-z0-9]+$/,
  "a user pool id such as us-east-1_AbCdEfGhI",
);
const CLIENT_ID = rule(/^[\w+]{1,128}$/, "an app client id");
const IDENTITY_POOL_ID = rule(
  /^[a-z]{2,4}(-[a-z]+)+-\d:[0-9a-f-]{36}$/,
  "an identity pool id such as us-east-1:<uuid>",
);
const BUCKET = rule(
  /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/,
  "a bucket name without dots (TLS to S3 refuses dots)",
);
const REGION = rule(/^[a-z]{2,4}(-[a-z]+)+-\d$/, "an AWS region such as us-east-1");
const ORIGIN_PATH = rule(
  /^(\/[\w.~!*'()-]+)*$/,
  "empty, or a prefix such as /site without a slash at its end",
);
const COOKIE_NAME = rule(/^[\w!#$%&'*+.^`|~-]+$/, "a cookie name (RFC 6265)");
const WEB_ORIGIN: Rule = {
  test: (value) => URL.canParse(value) && new URL(value).origin === value,
  expected: "an origin such as https://app.example.com, in lower case and without a path",
};
const ENDPOINT: Rule = {
  test: (value) => URL.canParse(value) && isSafeEndpoint(new URL(value)),
  expected: "an https:// URL, or http:// on loopback",
};

function isSafeEndpoint(url: URL): boolean {
  if (url.protocol === "https:") return true;
  return url.protocol === "http:" && ["localhost", "127.0.0.1", "[::1]"].includes(url.hostname);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Reads one object of the document field by field; its state is which fields have been asked for, and the problems. */
class Reader {
  readonly #value: Record<string, unknown>;
  readonly #path: string;
  readonly #problems: string[];
  readonly #isToken: (value: unknown) => boolean;
  readonly #known = new Set<string>();

  constructor(value: unknown, path: string, problems: string[], isToken: (value: unknown) => boolean) {
    if (!isRecord(value)) problems.push(`${path || "(document)"}: expected an object`);
    this.#value = isRecord(value) ? value : {};
    this.#path = path;
    this.#problems = problems;
    this.#isToken = isToken;
  }

  object(name: string, fallback?: object): Reader {
    return new Reader(this.#get(name) ?? fallback, this.#field(name), this.#problems, this.#isToken);
  }

  string(name: string, check: Rule, fallback?: string): string {
    return this.#string(this.#get(name) ?? fallback, this.#field(name), check);
  }

  optionalString<Name extends string>(name: Name, check: Rule): { [key in Name]?: string } {
    const found: { [key in Name]?: string } = {};
    if (this.#get(name) !== undefined) found[name] = this.string(name, check);
    return found;
  }

  strings(name: string, check: Rule, atLeast: number): readonly string[] {
    const value = this.#get(name) ?? [];
    const field = this.#field(name);
    if (!Array.isArray(value)) this.#problems.push(`${field}: expected a list`);
    const list: unknown[] = Array.isArray(value) ? value : [];
    if (list.length < atLeast) this.#problems.push(`${field}: expected at least ${atLeast}`);
    return list.map((item, index) => this.#string(item, `${field}[${index}]`, check));
  }

  /** One of the allowed words; the first is the default. */
  oneOf<Word extends string>(name: string, allowed: readonly [Word, ...Word[]]): Word {
    const value = this.#get(name) ?? allowed[0];
    const found = allowed.find((word) => word === value);
    if (!found) this.#problems.push(`${this.#field(name)}: expected ${allowed.join(" or ")}`);
    return found ?? allowed[0];
  }

  optional<T>(name: string, parse: (value: unknown) => T): T | undefined {
    const value = this.#get(name);
    if (value === undefined || this.#isToken(value)) return undefined;
    try {
      return parse(value);
    } catch (error) {
      this.#problems.push(`${this.#field(name)}: ${error instanceof Error ? error.message : error}`);
      return undefined;
    }
  }

  /** Reports the fields nobody asked for: a misspelt setting is a mistake, not a default. */
  end(): void {
    for (const name of Object.keys(this.#value))
      if (!this.#known.has(name)) this.#problems.push(`${this.#field(name)}: unknown setting`);
  }

  #get(name: string): unknown {
    this.#known.add(name);
    return this.#value[name];
  }

  #field(name: string): string {
    return this.#path ? `${this.#path}.${name}` : name;
  }

  #string(value: unknown, field: string, check: Rule): string {
    if (typeof value === "string" && (this.#isToken(value) || check.test(value))) return value;
    this.#problems.push(`${field}: expected ${check.expected}`);
    return "";
  }
}
