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
  /** Lets HTML, SVG and XML of this area run scripts with the reader's session; they are sandboxed otherwise. */
  readonly trusted?: boolean;
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
  readonly cognitoIdentity: string | undefined;
  /** The user pool's key set, instead of `https://cognito-idp.<region>.amazonaws.com/<id>/.well-known/jwks.json`. */
  readonly jwksUri: string | undefined;
}

/** The parsed configuration of one gate. */
export interface Config {
  readonly userPool: {
    readonly id: string;
    readonly clientIds: readonly string[];
    /** The pool's keys at deploy time; without them the first request fetches. */
    readonly jwks: Jwks | undefined;
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
  readonly endpoints?: Partial<Endpoints>;
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
  /** Recognises a value that is known only at deploy time; it satisfies any rule. */
  readonly isToken?: (value: unknown) => boolean;
}

/**
 * Parses a configuration document and fills in the defaults.
 * @throws ConfigError naming every field that is missing, unknown or malformed.
 */
export function parseConfig(document: unknown, options: ParseOptions = {}): Config {
  const problems: string[] = [];
  const config = CONFIG(document, "", { problems, isToken: options.isToken ?? (() => false) });
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

/** The region in which a user pool or identity pool id says it lives. */
export function regionOf(id: string): string {
  return id.split(/[_:]/, 1)[0] ?? "";
}

/** The virtual-host style, regional domain name of the private bucket. */
export function bucketHost(origin: Config["origin"]): string {
  return `${origin.bucket}.s3.${origin.region}.amazonaws.com`;
}

/** Where problems are collected while a document is read. */
interface Reading {
  readonly problems: string[];
  readonly isToken: (value: unknown) => boolean;
}

/** Reads one value; a wrong one is a problem of its field, and something of the right type stands in for it. */
type Parser<T> = (value: unknown, field: string, reading: Reading) => T;

function string(rule: Pick<RegExp, "test">, expected: string): Parser<string> {
  return (value, field, { problems, isToken }) => {
    if (typeof value === "string" && (isToken(value) || rule.test(value))) return value;
    problems.push(`${field}: expected ${expected}`);
    return "";
  };
}

function list<T>(item: Parser<T>, atLeast = 0): Parser<readonly T[]> {
  return (value, field, reading) => {
    if (Array.isArray(value) && value.length >= atLeast)
      return value.map((entry: unknown, index) => item(entry, `${field}[${index}]`, reading));
    reading.problems.push(`${field}: expected a list${atLeast > 0 ? ` of at least ${atLeast}` : ""}`);
    return [];
  };
}

function oneOf<Word extends string>(fallback: Word, ...others: readonly Word[]): Parser<Word> {
  const words = [fallback, ...others];
  return (value, field, { problems }) => {
    const found = value === undefined ? fallback : words.find((word) => word === value);
    if (!found) problems.push(`${field}: expected ${words.join(" or ")}`);
    return found ?? fallback;
  };
}

function optional<T, Fallback>(parser: Parser<T>, fallback: Fallback): Parser<T | Fallback> {
  return (value, field, reading) => (value === undefined ? fallback : parser(value, field, reading));
}

/** An object of exactly these fields: a misspelt setting is a mistake, not a default. */
function object<T extends object>(shape: { readonly [Field in keyof T]: Parser<T[Field]> }): Parser<T> {
  return (value, field, reading) => {
    const at = (name: string) => (field ? `${field}.${name}` : name);
    if (!isRecord(value)) reading.problems.push(`${field || "(document)"}: expected an object`);
    const source = isRecord(value) ? value : {};
    const inner = isRecord(value) ? reading : { ...reading, problems: [] };
    for (const name of Object.keys(source))
      if (!Object.hasOwn(shape, name)) reading.problems.push(`${at(name)}: unknown setting`);
    const result: Partial<T> = {};
    for (const name in shape) result[name] = shape[name](source[name], at(name), inner);
    return result as T;
  };
}

/** What another function reads; its error message is the problem. */
function parsed<T>(parse: (value: unknown) => T, fallback: T): Parser<T> {
  return (value, field, { problems, isToken }) => {
    try {
      return isToken(value) ? fallback : parse(value);
    } catch (error) {
      problems.push(`${field}: ${error instanceof Error ? error.message : error}`);
      return fallback;
    }
  };
}

const REGION = "[a-z]{2,4}(-[a-z]+)+-\\d";
const WEB_ORIGIN = { test: (value: string) => URL.canParse(value) && new URL(value).origin === value };
const SAFE_URL = { test: (value: string) => URL.canParse(value) && isSafe(new URL(value)) };
const ENDPOINT = optional(string(SAFE_URL, "an https:// URL, or http:// on loopback"), undefined);

const CONFIG: Parser<Config> = object<Config>({
  userPool: object<Config["userPool"]>({
    id: string(RegExp(`^${REGION}_[A-Za-z0-9]+$`), "a user pool id such as us-east-1_AbCdEfGhI"),
    clientIds: list(string(/^[\w+]{1,128}$/, "an app client id"), 1),
    jwks: optional(parsed(parseJwks, { keys: [] }), undefined),
  }),
  identityPool: object<Config["identityPool"]>({
    id: string(RegExp(`^${REGION}:[0-9a-f-]{36}$`), "an identity pool id such as us-east-1:<uuid>"),
  }),
  origin: object<Config["origin"]>({
    bucket: string(
      /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/,
      "a bucket name without dots (TLS to S3 refuses dots)",
    ),
    region: string(RegExp(`^${REGION}$`), "an AWS region such as us-east-1"),
    path: optional(
      string(/^(\/[\w.~!*'()-]+)*$/, "empty, or a prefix such as /site without a slash at its end"),
      "",
    ),
  }),
  areas: optional(parsed(parseAreas, []), [{ path: "/*" }]),
  signing: optional(object<Signing>({ cfId: oneOf("unsigned", "signed"), head: oneOf("HEAD", "GET") }), {
    cfId: "unsigned",
    head: "HEAD",
  }),
  cookies: optional(
    object<Config["cookies"]>({
      names: optional(list(string(/^[\w!#$%&'*+.^`|~-]+$/, "a cookie name (RFC 6265)")), []),
    }),
    { names: [] },
  ),
  cors: optional(
    object<Config["cors"]>({
      origins: optional(
        list(
          string(WEB_ORIGIN, "an origin such as https://app.example.com, in lower case and without a path"),
        ),
        [],
      ),
    }),
    {
      origins: [],
    },
  ),
  endpoints: optional(object<Endpoints>({ cognitoIdentity: ENDPOINT, jwksUri: ENDPOINT }), {
    cognitoIdentity: undefined,
    jwksUri: undefined,
  }),
});

function parseAreas(value: unknown): readonly Area[] {
  const [area, ...others] = Array.isArray(value) ? value : [];
  const { path, trusted = false, ...unknown } = isRecord(area) ? area : {};
  if (path !== "/*" || typeof trusted !== "boolean" || others.length > 0 || Object.keys(unknown).length > 0)
    throw new Error('expected [{ "path": "/*" }], with "trusted": true or without');
  return [{ path, trusted }];
}

function isSafe({ protocol, hostname }: URL): boolean {
  const loopback = ["localhost", "127.0.0.1", "[::1]"].includes(hostname);
  return protocol === "https:" || (protocol === "http:" && loopback);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
