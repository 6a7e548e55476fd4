// What the command line says.
import { parseArgs } from "node:util";

/** What to verify, and what is known about it. */
export interface Options {
  /** The origin, with nothing behind it. */
  readonly url: URL;
  readonly user: UserOptions;
  /** The gate's own endpoints; begins and ends with a slash. */
  readonly basePath: string;
  readonly paths: Paths;
  readonly bucket: BucketOptions | undefined;
  /** A configured origin. */
  readonly origin: string | undefined;
  readonly json: boolean;
}

/** Where the user's tokens come from. */
export interface UserOptions {
  readonly token: string | undefined;
  readonly tokenFile: string | undefined;
  readonly refreshToken: string | undefined;
  readonly signIn: SignInOptions | undefined;
}

/** A test user who signs in through Cognito's API. */
export interface SignInOptions {
  readonly endpoint: URL;
  readonly clientId: string;
  readonly username: string;
  readonly password: string;
}

/** Objects, as paths in a URL. */
export interface Paths {
  readonly object: string | undefined;
  readonly cold: readonly string[];
  readonly odd: readonly string[];
  readonly group: string | undefined;
  readonly owner: string | undefined;
  readonly forbidden: string | undefined;
  readonly public: string | undefined;
}

/** The bucket itself. */
export interface BucketOptions {
  readonly name: string;
  readonly region: string;
  /** Where it is asked. */
  readonly endpoint: URL;
  /** The key prefix that the gate puts before its paths; empty or begins with a slash. */
  readonly originPath: string;
}

/** A mistake at the keyboard: told without a stack trace. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

type Environment = Readonly<Record<string, string | undefined>>;

const TEXT = { type: "string" } as const;
const OPTIONS = {
  url: TEXT,
  token: TEXT,
  "token-file": TEXT,
  "user-pool-region": TEXT,
  "client-id": TEXT,
  "base-path": TEXT,
  path: TEXT,
  "cold-path": { ...TEXT, multiple: true },
  "odd-path": { ...TEXT, multiple: true },
  "group-path": TEXT,
  "owner-path": TEXT,
  "forbidden-path": TEXT,
  "public-path": TEXT,
  bucket: TEXT,
  region: TEXT,
  "origin-path": TEXT,
  "s3-endpoint": TEXT,
  origin: TEXT,
  json: { type: "boolean" },
  help: { type: "boolean" },
} as const;

type Values = ReturnType<typeof parsed>;

/**
 * Reads the command line; undefined when it asks for help.
 * @throws UsageError naming the option that does not fit
 */
export function readOptions(args: readonly string[], environment: Environment): Options | undefined {
  const values = parsed(args);
  if (values.help) return undefined;
  return {
    url: originOf("--url", values.url),
    user: userOf(values, environment),
    basePath: folderOf("--base-path", values["base-path"] ?? "/.gatehouse/"),
    paths: pathsOf(values),
    bucket: bucketOf(values),
    origin: values.origin === undefined ? undefined : originOf("--origin", values.origin).origin,
    json: values.json ?? false,
  };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS }).values;
  } catch (error) {
    throw new UsageError(withoutTokens(error instanceof Error ? error.message : String(error)));
  }
}

/** Node quotes what it does not understand, which may be a token in the wrong place. */
function withoutTokens(message: string): string {
  return message.replace(/[\w-]{16,}\.[\w-]+\.[\w-]+/g, "<token>");
}

function userOf(values: Values, environment: Environment): UserOptions {
  const nonEmpty = (value: string | undefined) => value || undefined;
  return {
    token: nonEmpty(values.token ?? environment["GATEHOUSE_TOKEN"]),
    tokenFile: values["token-file"],
    refreshToken: nonEmpty(environment["GATEHOUSE_REFRESH_TOKEN"]),
    signIn: signInOf(values, environment),
  };
}

/** `AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER` is the SDKs' own name for another endpoint. */
function signInOf(values: Values, environment: Environment): SignInOptions | undefined {
  const { "client-id": clientId, "user-pool-region": region } = values;
  if (clientId === undefined && region === undefined) return undefined;
  const { GATEHOUSE_USERNAME: username, GATEHOUSE_PASSWORD: password } = environment;
  if (!clientId || !region || !username || !password)
    throw new UsageError(
      "to sign a user in, give --user-pool-region and --client-id, and set GATEHOUSE_USERNAME and GATEHOUSE_PASSWORD",
    );
  const given = environment["AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER"];
  const endpoint = urlOf("the endpoint", given || `https://cognito-idp.${region}.amazonaws.com`);
  return { endpoint, clientId, username, password };
}

function pathsOf(values: Values): Paths {
  const one = (name: "path" | "group-path" | "owner-path" | "forbidden-path" | "public-path") => {
    const value = values[name];
    return value === undefined ? undefined : pathOf(`--${name}`, value);
  };
  return {
    object: one("path"),
    cold: (values["cold-path"] ?? []).map((path) => pathOf("--cold-path", path)),
    odd: (values["odd-path"] ?? []).map((path) => pathOf("--odd-path", path)),
    group: one("group-path"),
    owner: one("owner-path"),
    forbidden: one("forbidden-path"),
    public: one("public-path"),
  };
}

function bucketOf(values: Values): BucketOptions | undefined {
  const { bucket: name, region, "s3-endpoint": endpoint, "origin-path": originPath = "" } = values;
  if (name === undefined && region === undefined) return undefined;
  if (!name || !region) throw new UsageError("--bucket and --region belong together");
  const url = endpoint ?? `https://${name}.s3.${region}.amazonaws.com`;
  return {
    name,
    region,
    endpoint: originOf("--s3-endpoint", url),
    originPath: originPath === "" ? "" : pathOf("--origin-path", originPath).replace(/\/$/, ""),
  };
}

/** As in an address: escaped, and with a slash before it. */
function pathOf(option: string, value: string): string {
  if (/^\/([!-$&-~]|%[0-9a-f]{2})*$/i.test(value) && !/[?#]/.test(value) && isDecodable(value)) return value;
  throw new UsageError(`${option}: ${JSON.stringify(value)} is no path such as /documents/a%20b.pdf`);
}

function isDecodable(value: string): boolean {
  try {
    return decodeURIComponent(value) !== "";
  } catch {
    return false;
  }
}

function folderOf(option: string, value: string): string {
  if (pathOf(option, value).endsWith("/")) return value;
  throw new UsageError(`${option}: ${JSON.stringify(value)} does not end with a slash`);
}

function originOf(option: string, value: string | undefined): URL {
  const url = urlOf(option, value ?? "");
  if (url.pathname === "/" && url.search === "" && url.hash === "" && url.username === "") return url;
  throw new UsageError(`${option}: ${JSON.stringify(value)} has more than scheme and host`);
}

function urlOf(option: string, value: string): URL {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url?.protocol === "https:" || url?.protocol === "http:") return url;
  throw new UsageError(
    value === "" ? `${option} is missing` : `${option}: ${JSON.stringify(value)} is no URL`,
  );
}
