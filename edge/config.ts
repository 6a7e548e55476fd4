// The configuration: one JSON document, parsed where it is made, all problems reported at once. The function trusts it.

import { areaProblems } from "./area-problems.ts";
import { DEFAULT_BASE_PATH, IDENTITY_ID } from "./aws-names.ts";
import { type Jwks, parseJwks } from "./jwk-set.ts";
import {
  defaulted,
  epochSeconds,
  flag,
  list,
  object,
  oneOf,
  optional,
  type Parser,
  parsed,
  record,
  seconds,
  share,
  string,
  word,
} from "./parser.ts";

export { basePathOf, bucketHost, IDENTITY_ID, regionOf } from "./aws-names.ts";
export { type Jwks, parseJwks, type RsaJwk } from "./jwk-set.ts";

/** Which object keys a set of viewers may read; the first area whose `path` matches wins. */
export interface Area {
  /** A key, or a literal prefix with `/*`, both with a leading slash and written decoded: `/team/*`, `/*`. */
  readonly path: string;
  /** The user-pool groups whose members may read; without it, every signed-in user. */
  readonly groups: readonly string[] | undefined;
  /** A private folder for each user: the key prefix that the path stands for, such as `users/{identityId}/`. */
  readonly owner: string | undefined;
  /** Readable without signing in; served by a behaviour without the function. */
  readonly public: boolean;
  /** Lets HTML, SVG and XML of this area run scripts with the reader's session; they are sandboxed otherwise. */
  readonly trusted: boolean;
  /** Lets `?versionId=` name a version of an object. */
  readonly versions: boolean;
  /** Lets `?download=name.pdf` save an object under that name. */
  readonly downloads: boolean;
  /** Seconds that browsers may keep an object without asking again. */
  readonly browserMaxAge: number;
}

/** How a verified token becomes credentials when no identity pool does it: the function assumes a role itself. */
export interface StsExchange {
  readonly kind: "sts";
  /** The role of every signed-in user. */
  readonly roleArn: string;
}

/** Sign-in for browsers, and sessions that need no round trip; without it, apps bring tokens that they obtained. */
export interface Auth {
  /** Where the endpoints are: `/.gatehouse/`, or another path with slashes at both ends. */
  readonly basePath: string;
  /** The app client that people sign in with; undefined for the first of `userPool.clientIds`. */
  readonly clientId: string | undefined;
  /** What is asked for at sign-in; `openid` makes it return an ID token. */
  readonly scopes: readonly string[];
  /** What cookies are sealed with: 32 bytes in hex, and the keys before them, or `none`. */
  readonly keys: { readonly current: string; readonly previous: string };
  /** Tokens issued earlier are refused; seconds since the epoch, 0 for none. */
  readonly notBefore: number;
  /** How long browsers keep a session, in seconds; the refresh token may end before. */
  readonly maxAge: number;
  /** The name over every page. */
  readonly title: string;
  /** A picture over every page: an `https://` or `data:image/` URL. */
  readonly logo: string | undefined;
}

/** How the gate's own cookies are set. */
export interface Cookies {
  /** Further cookies in which a token may be. */
  readonly names: readonly string[];
  /** `None` for assets that pages of other sites embed. `Strict` would lose a sign-in on its way back. */
  readonly sameSite: "Lax" | "None";
  /** Keeps a session for each site that embeds the assets (CHIPS); browsers that block third-party cookies want it. */
  readonly partitioned: boolean;
  /** Shares the session with all hosts below a domain; without it no other host can read or plant it. */
  readonly domain: string | undefined;
}

/** What is logged besides every refusal. */
export interface Logging {
  /** The share of allowed requests that get a line each: 0 for none, 1 for all. */
  readonly allowed: number;
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
  /** The security token service, instead of `https://sts.<region>.amazonaws.com`. */
  readonly sts: string | undefined;
  /** The user pool's API, instead of `https://cognito-idp.<region>.amazonaws.com`. */
  readonly cognitoIdp: string | undefined;
  /** The managed login, instead of `https://<userPool.domain>`. */
  readonly oauth: string | undefined;
  /** The user pool's key set, instead of `https://cognito-idp.<region>.amazonaws.com/<id>/.well-known/jwks.json`. */
  readonly jwksUri: string | undefined;
}

/** The parsed configuration of one gate. */
export interface Config {
  readonly userPool: {
    readonly id: string;
    readonly clientIds: readonly string[];
    /** The host of the managed login, such as `login.example.com`; `auth` needs it. */
    readonly domain: string | undefined;
    /** The pool's keys at deploy time; without them the first request fetches. */
    readonly jwks: Jwks | undefined;
  };
  /** Exactly one of `identityPool` and `exchange` is there. */
  readonly identityPool: { readonly id: string } | undefined;
  readonly exchange: StsExchange | undefined;
  readonly origin: {
    readonly bucket: string;
    readonly region: string;
    /** Key prefix before every object key, such as `/site`; empty for none. */
    readonly path: string;
  };
  readonly areas: readonly Area[];
  /** User-pool groups by name, each with the IAM role of its members. */
  readonly groups: Readonly<Record<string, { readonly roleArn: string }>>;
  /** Whether `/.gatehouse/list/<path>/` lists the keys below a path of the caller's. */
  readonly listing: { readonly enabled: boolean };
  readonly signing: Signing;
  readonly cookies: Cookies;
  /** Undefined for a gate that only checks tokens. */
  readonly auth: Auth | undefined;
  readonly cors: { readonly origins: readonly string[] };
  readonly log: Logging;
  readonly endpoints: Endpoints;
}

/** What a person writes of an area: its path, and what differs from the defaults. */
export type AreaDocument = Pick<Area, "path"> & Partial<Area>;

/** What a person writes of sign-in: the keys, and what differs from the defaults. */
export type AuthDocument = Partial<Omit<Auth, "keys">> & {
  readonly keys: { readonly current: string; readonly previous?: string };
};

/** What a person writes: the same document with its defaults left out. */
export interface ConfigDocument {
  readonly userPool: {
    readonly id: string;
    readonly clientIds: readonly string[];
    readonly domain?: string;
    readonly jwks?: unknown;
  };
  readonly identityPool?: { readonly id: string };
  readonly exchange?: StsExchange;
  readonly origin: { readonly bucket: string; readonly region: string; readonly path?: string };
  readonly areas?: readonly AreaDocument[];
  readonly groups?: Config["groups"];
  readonly listing?: Partial<Config["listing"]>;
  readonly signing?: Partial<Signing>;
  readonly cookies?: Partial<Cookies>;
  readonly auth?: AuthDocument;
  readonly cors?: { readonly origins?: readonly string[] };
  readonly log?: Partial<Logging>;
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
  if (!config.identityPool === !config.exchange) problems.push("identityPool: expected, or else exchange");
  problems.push(...areaProblems(config), ...authProblems(config));
  if (problems.length > 0) throw new ConfigError(problems);
  return config;
}

/** What no single field shows. */
function authProblems({ auth, userPool, endpoints }: Config): readonly string[] {
  if (!auth) return [];
  const rules: readonly (readonly [broken: boolean, problem: string])[] = [
    [!userPool.domain && !endpoints.oauth, "userPool.domain: auth needs the host of the managed login"],
    [
      auth.clientId !== undefined && !userPool.clientIds.includes(auth.clientId),
      `auth.clientId: "${auth.clientId}" is not in userPool.clientIds`,
    ],
    [!auth.scopes.includes("openid"), "auth.scopes: without openid there is no ID token"],
  ];
  return rules.filter(([broken]) => broken).map(([, problem]) => problem);
}

const REGION = "[a-z]{2,4}(-[a-z]+)+-\\d";
const WEB_ORIGIN = { test: (value: string) => URL.canParse(value) && new URL(value).origin === value };
const SAFE_URL = { test: (value: string) => URL.canParse(value) && isSafe(new URL(value)) };
const ENDPOINT = optional(string(SAFE_URL, "an https:// URL, or http:// on loopback"), undefined);
const CLIENT_ID = string(/^[\w+]{1,128}$/, "an app client id");
/** Quoted in an attribute and named in a policy: no character that could end either. */
const LOGO =
  /^(?=.{1,8192}$)(https:\/\/[\w.-]+(:\d+)?\/[\w./~%?&=-]*|data:image\/[\w.+-]+;base64,[\w+/]+=*)$/;
const ROLE_ARN = string(/^arn:aws:iam::\d{12}:role\/[\w+=,.@/-]+$/, "a role's ARN");

// biome-ignore-start lint/suspicious/noControlCharactersInRegex: control characters are what is refused here
const PATTERN = /^(?!.*\/\.\.?(\/|$))\/([^*\\\u0000-\u001f\u007f]*\/)?([^*/\\\u0000-\u001f\u007f]+|\*)$/;
const OWNER = /^([^{}*/\\\u0000-\u001f\u007f]+\/)+\{identityId\}\/$/;
// biome-ignore-end lint/suspicious/noControlCharactersInRegex: as above

const HOST = /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,}$/;
const SEALING_KEY = string(/^[0-9a-f]{64}$/, "32 bytes in hex");

const AUTH: Parser<Auth> = object<Auth>({
  basePath: optional(
    string(/^(?!.*\/\.\.?\/)\/([\w.~-]+\/)+$/, "a path such as /.gatehouse/ with slashes at both ends"),
    DEFAULT_BASE_PATH,
  ),
  clientId: optional(CLIENT_ID, undefined),
  scopes: optional(list(string(/^[\w./:-]{1,256}$/, "an OAuth scope"), 1), ["openid"]),
  keys: object<Auth["keys"]>({
    current: SEALING_KEY,
    previous: optional(string(/^([0-9a-f]{64}|none)$/, "32 bytes in hex, or none"), "none"),
  }),
  notBefore: optional(epochSeconds, 0),
  maxAge: optional(seconds, 2_592_000),
  title: optional(string(/^[^\p{Cc}]{1,80}$/u, "a title of at most 80 characters"), "Private files"),
  logo: optional(string(LOGO, "an https:// or data:image/ URL of at most 8,192 characters"), undefined),
});

const AREA: Parser<Area> = object<Area>({
  path: string(PATTERN, "a key such as /logo.png, or a prefix such as /team/*"),
  groups: optional(list(string(/^[\p{L}\p{M}\p{S}\p{N}\p{P}]{1,128}$/u, "a group name"), 1), undefined),
  owner: optional(string(OWNER, `a key prefix such as users/${IDENTITY_ID}/`), undefined),
  public: flag,
  trusted: flag,
  versions: flag,
  downloads: flag,
  browserMaxAge: optional(seconds, 0),
});

const CONFIG: Parser<Config> = object<Config>({
  userPool: object<Config["userPool"]>({
    id: string(RegExp(`^${REGION}_[A-Za-z0-9]+$`), "a user pool id such as us-east-1_AbCdEfGhI"),
    clientIds: list(CLIENT_ID, 1),
    domain: optional(string(HOST, "a host such as login.example.com"), undefined),
    jwks: optional(parsed(parseJwks, { keys: [] }), undefined),
  }),
  identityPool: optional(
    object({
      id: string(RegExp(`^${REGION}:[0-9a-f-]{36}$`), "an identity pool id such as us-east-1:<uuid>"),
    }),
    undefined,
  ),
  exchange: optional(object<StsExchange>({ kind: word("sts"), roleArn: ROLE_ARN }), undefined),
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
  areas: (value, field, reading) => list(AREA, 1)(value ?? [{ path: "/*" }], field, reading),
  groups: optional(record(object({ roleArn: ROLE_ARN })), {}),
  listing: defaulted(object<Config["listing"]>({ enabled: flag })),
  signing: defaulted(object<Signing>({ cfId: oneOf("unsigned", "signed"), head: oneOf("HEAD", "GET") })),
  cookies: defaulted(
    object<Cookies>({
      names: optional(list(string(/^[\w!#$%&'*+.^`|~-]+$/, "a cookie name (RFC 6265)")), []),
      sameSite: oneOf("Lax", "None"),
      partitioned: flag,
      domain: optional(string(HOST, "a domain such as example.com"), undefined),
    }),
  ),
  auth: optional(AUTH, undefined),
  cors: defaulted(
    object<Config["cors"]>({
      origins: optional(
        list(
          string(WEB_ORIGIN, "an origin such as https://app.example.com, in lower case and without a path"),
        ),
        [],
      ),
    }),
  ),
  log: defaulted(object<Logging>({ allowed: optional(share, 0.01) })),
  endpoints: defaulted(
    object<Endpoints>({
      cognitoIdp: ENDPOINT,
      cognitoIdentity: ENDPOINT,
      sts: ENDPOINT,
      oauth: ENDPOINT,
      jwksUri: ENDPOINT,
    }),
  ),
});

function isSafe({ protocol, hostname }: URL): boolean {
  const loopback = ["localhost", "127.0.0.1", "[::1]"].includes(hostname);
  return protocol === "https:" || (protocol === "http:" && loopback);
}
