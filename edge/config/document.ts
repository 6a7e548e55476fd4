// Reads the configuration document: every field has its rule, and all problems are reported at once.
import { areaProblems } from "./area-problems.ts";
import { DEFAULT_BASE_PATH, IDENTITY_ID } from "./aws-names.ts";
import type {
  Area,
  Auth,
  Config,
  Cookies,
  Cors,
  Endpoints,
  FurtherUserPool,
  Links,
  Logging,
  Signing,
  StsExchange,
  Uploads,
} from "./config.ts";
import { withGroupPath } from "./group-path.ts";
import { parseJwks } from "./jwk-set.ts";
import { ALLOWED_HEADERS, EXPOSED_HEADERS, headersBesides, origins } from "./origins.ts";
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
  type Reading,
  record,
  seconds,
  share,
  string,
  whole,
  word,
} from "./parser.ts";
import { poolProblems } from "./pool-problems.ts";
import { scopeProblems } from "./scope-problems.ts";
import { site, withSite } from "./site.ts";
import { TEXT_NAMES, type Texts } from "./text-names.ts";

/** Every problem of a configuration, one line each, starting with the field's name. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly problems: readonly string[];

  /** `place` says whose configuration it is where there can be several. */
  constructor(problems: readonly string[], place?: string) {
    const head = `Invalid Gatehouse configuration${place ? ` of ${place}` : ""}`;
    super([`${head}:`, ...problems.map((problem) => `  ${problem}`)].join("\n"));
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
  problems.push(...areaProblems(config), ...scopeProblems(config), ...poolProblems(config));
  problems.push(...authProblems(config), ...placementProblems(config));
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

/** The pass comes from sign-in, and the store is read where passes are. */
function placementProblems({ placement, revocation, auth }: Config): readonly string[] {
  const isSplit = placement === "split";
  return [
    ...(isSplit && !auth ? ["placement: split needs auth"] : []),
    ...(revocation && !isSplit ? ["revocation: needs placement split"] : []),
  ];
}

const REGION = "[a-z]{2,4}(-[a-z]+)+-\\d";
const SAFE_URL = { test: (value: string) => URL.canParse(value) && isSafe(new URL(value)) };
const ENDPOINT = optional(string(SAFE_URL, "an https:// URL, or http:// on loopback"), undefined);
const USER_POOL_ID = string(RegExp(`^${REGION}_[A-Za-z0-9]+$`), "a user pool id such as us-east-1_AbCdEfGhI");
const KEYS = optional(parsed(parseJwks, { keys: [] }), undefined);
const CLIENT_ID = string(/^[\w+]{1,128}$/, "an app client id");
/** Quoted in an attribute and named in a policy: no character that could end either. */
const LOGO =
  /^(?=.{1,8192}$)(https:\/\/[\w.-]+(:\d+)?\/[\w./~%?&=-]*|data:image\/[\w.+-]+;base64,[\w+/]+=*)$/;
/** RFC 6749 §3.3; a user pool's are those of a resource server. */
const SCOPE = string(/^[!#-.0-[\]-~]+\/[!#-.0-[\]-~]+$/, "a scope such as assets/read");
const ROLE_ARN = string(/^arn:aws:iam::\d{12}:role\/[\w+=,.@/-]+$/, "a role's ARN");

// biome-ignore-start lint/suspicious/noControlCharactersInRegex: control characters are what is refused here
const PATTERN = /^(?!.*\/\.\.?(\/|$))\/([^*\\\u0000-\u001f\u007f]*\/)?([^*/\\\u0000-\u001f\u007f]+|\*)$/;
const OWNER =
  /^([^{}*/\\\u0000-\u001f\u007f]+\/)+(\{(identityId|sub|group|claim:[\w-]+(:[\w-]+)*)\}\/){1,2}$/;
// biome-ignore-end lint/suspicious/noControlCharactersInRegex: as above

const OWNERS = `a key prefix such as users/${IDENTITY_ID}/, with {sub}, {claim:custom:tenant} or {group} in its place, or two of them`;

const HOST = /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,}$/;
const SEALING_KEY = string(/^[0-9a-f]{64}$/, "32 bytes in hex");

const TEXT = optional(string(/^[^\p{Cc}]{1,300}$/u, "a text of at most 300 characters"), undefined);

/** What a table leaves out is left out here, too: it is laid over another one. */
function textTable(value: unknown, field: string, reading: Reading): Partial<Texts> {
  const table = object<Record<string, string | undefined>>(
    Object.fromEntries(TEXT_NAMES.map((name) => [name, TEXT])),
  )(value, field, reading);
  return Object.fromEntries(Object.entries(table).filter(([, text]) => text !== undefined));
}

function textsByLanguage(value: unknown, field: string, reading: Reading): Auth["texts"] {
  const tables = record(textTable)(value, field, reading);
  for (const lang of Object.keys(tables))
    if (!/^[a-z]{2,3}$/.test(lang)) reading.problems.push(`${field}.${lang}: expected a language such as de`);
  return tables;
}

const AUTH: Parser<Auth> = object<Auth>({
  basePath: optional(
    string(/^(?!.*\/\.\.?\/)\/([\w.~-]+\/)+$/, "a path such as /.gatehouse/ with slashes at both ends"),
    DEFAULT_BASE_PATH,
  ),
  clientId: optional(CLIENT_ID, undefined),
  clientSecret: optional(string(/^[\w+]{1,128}$/, "the app client's secret"), undefined),
  scopes: optional(list(string(/^[\w./:-]{1,256}$/, "an OAuth scope"), 1), ["openid"]),
  keys: object<Auth["keys"]>({
    current: SEALING_KEY,
    previous: optional(string(/^([0-9a-f]{64}|none)$/, "32 bytes in hex, or none"), "none"),
  }),
  notBefore: optional(epochSeconds, 0),
  maxAge: optional(seconds, 2_592_000),
  title: optional(string(/^[^\p{Cc}]{1,80}$/u, "a title of at most 80 characters"), "Private files"),
  logo: optional(string(LOGO, "an https:// or data:image/ URL of at most 8,192 characters"), undefined),
  identityProvider: optional(
    string(
      /^[^_\p{Z}\p{C}][\p{L}\p{M}\p{S}\p{N}\p{P}]{0,31}$/u,
      "the name of an identity provider, or COGNITO",
    ),
    undefined,
  ),
  screenHint: flag,
  texts: optional(textsByLanguage, {}),
});

/** A user's credentials last an hour: from an identity pool always, and where one role assumes another. */
const MAX_LINK_SECONDS = 3_600;
/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html */
const MAX_UPLOAD_BYTES = 5 * 1024 ** 3;

/** Behind the id of a further user pool or alone. */
const GROUP = RegExp(`^(${REGION}_[A-Za-z0-9]+/)?[\\p{L}\\p{M}\\p{S}\\p{N}\\p{P}]{1,128}$`, "u");

const AREA: Parser<Area> = withSite(
  withGroupPath(
    object<Area>({
      path: string(PATTERN, "a key such as /logo.png, or a prefix such as /team/*"),
      groups: optional(list(string(GROUP, "a group name"), 1), undefined),
      scopes: optional(list(SCOPE, 1), undefined),
      owner: optional(string(OWNER, OWNERS), undefined),
      public: flag,
      api: flag,
      trusted: flag,
      metadata: flag,
      versions: flag,
      downloads: flag,
      browserMaxAge: optional(seconds, 0),
      site,
      links: optional(object<Links>({ maxSeconds: whole(1, MAX_LINK_SECONDS) }), undefined),
      uploads: optional(
        object<Uploads>({
          maxBytes: whole(1, MAX_UPLOAD_BYTES),
          types: optional(
            list(string(/^[a-z]+\/(\*|[a-z0-9.+-]+)$/, "a type such as image/png or image/*, in lower case")),
            [],
          ),
        }),
        undefined,
      ),
    }),
  ),
);

const CONFIG: Parser<Config> = object<Config>({
  userPool: object<Config["userPool"]>({
    id: USER_POOL_ID,
    clientIds: list(CLIENT_ID, 1),
    machineClientIds: optional(list(CLIENT_ID), []),
    domain: optional(string(HOST, "a host such as login.example.com"), undefined),
    jwks: KEYS,
  }),
  userPools: optional(
    list(
      object<FurtherUserPool>({
        id: USER_POOL_ID,
        clientIds: list(CLIENT_ID, 1),
        jwks: KEYS,
        jwksUri: ENDPOINT,
      }),
    ),
    [],
  ),
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
  areas: (value, field, reading) =>
    list(AREA, 1)(value === undefined ? [{ path: "/*" }] : value, field, reading),
  groups: optional(record(object({ roleArn: ROLE_ARN })), {}),
  scopes: optional(record(object({ roleArn: ROLE_ARN })), {}),
  listing: defaulted(object<Config["listing"]>({ enabled: flag })),
  signing: defaulted(object<Signing>({ cfId: oneOf("unsigned", "signed"), head: oneOf("HEAD", "GET") })),
  cookies: defaulted(
    object<Cookies>({
      names: optional(list(string(/^[\w!#$%&'*+.^`|~-]+$/, "a cookie name (RFC 6265)")), []),
      amplify: flag,
      sameSite: oneOf("Lax", "None"),
      partitioned: flag,
      domain: optional(string(HOST, "a domain such as example.com"), undefined),
    }),
  ),
  auth: optional(AUTH, undefined),
  cors: defaulted(
    object<Cors>({
      origins: optional(origins, []),
      allowHeaders: headersBesides(ALLOWED_HEADERS),
      exposeHeaders: headersBesides(EXPOSED_HEADERS),
    }),
  ),
  frameAncestors: optional(origins, []),
  placement: oneOf("lambda", "split"),
  revocation: flag,
  log: defaulted(object<Logging>({ allowed: optional(share, 0.01) })),
  endpoints: defaulted(
    object<Endpoints>({
      cognitoIdp: ENDPOINT,
      cognitoIdentity: ENDPOINT,
      s3: ENDPOINT,
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
