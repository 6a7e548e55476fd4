// The exchange without an identity pool: the function assumes the user's role itself, in one call to STS.
// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
import { createHmac, hash } from "node:crypto";
import { IDENTITY_ID } from "../config/aws-names.ts";
import { placeholdersIn, tagOf } from "../config/claims.ts";
import type { Config, StsExchange } from "../config/config.ts";
import { isPlain } from "../config/owner.ts";
import { type ErrorCode, GateError } from "../errors.ts";
import type { Http, HttpResponse } from "../https.ts";
import { uriEncode } from "../request/path.ts";
import type { Credentials } from "../s3/credentials.ts";
import { amzDateOf, signingKey } from "../s3/sign.ts";
import type { VerifiedToken } from "../token/token.ts";
import { credentialsOf, type Exchange, type ServiceRequest, send, serviceError } from "./exchange.ts";

/** A form that is to be signed with the function's own credentials. */
export interface SignPostInput {
  readonly host: string;
  readonly region: string;
  readonly body: string;
  readonly credentials: Omit<Credentials, "expiresAt">;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Returns the headers that sign a POST to STS. */
export type SignPost = (input: SignPostInput) => Headers | Promise<Headers>;
type Headers = Readonly<Record<string, string>>;

/** What Lambda tells a function about itself. */
export type Environment = Readonly<Record<string, string | undefined>>;

const SESSION_SECONDS = 3_600;
/** A UUID in user pools; nothing that could be read as a path, a pattern or another user's name. */
const SUBJECT = /^[\w-]{2,64}$/;

/** The exchange by AssumeRole, over `http`. `now` is in milliseconds. */
export function createStsExchange(
  { exchange, areas, endpoints }: Config,
  http: Http,
  now: () => number,
  signPost: SignPost,
  environment: Environment,
): Exchange {
  const { roleArn: signedInRoleArn } = stsExchangeOf(exchange);
  const placeholders = placeholdersIn(areas);
  const region = environment["AWS_REGION"] ?? "us-east-1";
  const url = endpoints.sts ?? `https://sts.${region}.amazonaws.com`;

  return async ({ token, roleArn = signedInRoleArn, deadline }) => {
    const body = assumeRoleForm(token, roleArn, tagsOf(token, placeholders));
    const credentials = functionCredentials(environment);
    const headers = await signPost({ host: new URL(url).host, region, body, credentials, now: now() });
    const request: ServiceRequest = { url, headers, body };
    const response = await send(http, now, request, { deadline, retried: false });
    return { identityId: token.sub, credentials: processAssumeRoleResponse(response, now()) };
  };
}

function stsExchangeOf(exchange: StsExchange | undefined): StsExchange {
  if (!exchange) throw new Error("no exchange is configured");
  return exchange;
}

function assumeRoleForm(token: VerifiedToken, roleArn: string, tags: Fields): string {
  if (!SUBJECT.test(token.sub)) throw new GateError("access_denied");
  const fields = {
    Action: "AssumeRole",
    DurationSeconds: String(SESSION_SECONDS),
    RoleArn: roleArn,
    RoleSessionName: token.sub,
    ...tags,
    Version: "2011-06-15",
  };
  return Object.entries(fields)
    .map(([name, value]) => `${name}=${uriEncode(value)}`)
    .join("&");
}

type Fields = Readonly<Record<string, string>>;

/** What the policies of own folders go by; without a tag that one of them names, it opens nothing. */
function tagsOf({ sub, names }: VerifiedToken, placeholders: readonly string[]): Fields {
  const values: Fields = { ...names, [IDENTITY_ID]: sub };
  const tagged = placeholders.filter((each) => isPlain(values[each]));
  return Object.fromEntries(
    tagged.flatMap((each, index) => [
      [`Tags.member.${index + 1}.Key`, tagOf(each)],
      [`Tags.member.${index + 1}.Value`, values[each] ?? ""],
    ]),
  );
}

function functionCredentials(environment: Environment): Omit<Credentials, "expiresAt"> {
  return {
    accessKeyId: environment["AWS_ACCESS_KEY_ID"] ?? "",
    secretAccessKey: environment["AWS_SECRET_ACCESS_KEY"] ?? "",
    sessionToken: environment["AWS_SESSION_TOKEN"] ?? "",
  };
}

function processAssumeRoleResponse({ status, body }: HttpResponse, now: number): Credentials {
  const field = (name: string) => new RegExp(`<${name}>([^<]+)</${name}>`).exec(body)?.[1];
  if (status !== 200) throw serviceError(STS_ERRORS, field("Code") ?? "", status);
  const expiration = new Date(field("Expiration") ?? "");
  return credentialsOf(
    {
      AccessKeyId: field("AccessKeyId"),
      SecretKey: field("SecretAccessKey"),
      SessionToken: field("SessionToken"),
      Expiration: expiration,
    },
    now,
  );
}

// https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html
const STS_ERRORS: ReadonlyMap<string, ErrorCode> = new Map([
  ["Throttling", "exchange_throttled"],
  ["AccessDenied", "exchange_misconfigured"],
  ["InvalidClientTokenId", "exchange_misconfigured"],
  ["RegionDisabledException", "exchange_misconfigured"],
  ["SignatureDoesNotMatch", "exchange_misconfigured"],
  ["ValidationError", "exchange_misconfigured"],
]);

const CONTENT_TYPE = "application/x-www-form-urlencoded; charset=utf-8";
const SIGNED_HEADERS = "content-type;host;x-amz-date;x-amz-security-token";

/** Signature Version 4 in the `Authorization` header, on node:crypto. */
export const signPost: SignPost = ({ host, region, body, credentials, now }) => {
  const amzDate = amzDateOf(now);
  const date = amzDate.slice(0, 8);
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  const canonicalHeaders = `content-type:${CONTENT_TYPE}\nhost:${host}\nx-amz-date:${amzDate}\nx-amz-security-token:${sessionToken}\n`;
  const canonicalRequest = `POST\n/\n\n${canonicalHeaders}\n${SIGNED_HEADERS}\n${hash("sha256", body, "hex")}`;
  const credentialScope = `${date}/${region}/sts/aws4_request`;
  const stringToSign = `AWS4-HMAC-SHA256\n${amzDate}\n${credentialScope}\n${hash("sha256", canonicalRequest, "hex")}`;
  const key = signingKey(secretAccessKey, date, region, "sts");
  const signature = createHmac("sha256", key).update(stringToSign).digest("hex");
  return {
    authorization: `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${credentialScope}, SignedHeaders=${SIGNED_HEADERS}, Signature=${signature}`,
    "content-type": CONTENT_TYPE,
    "x-amz-date": amzDate,
    "x-amz-security-token": sessionToken,
  };
};
