// A call to an AWS API in the function's own role: one signed POST, without an SDK client.
import { Sha256 } from "@aws-crypto/sha256-js";
import { SignatureV4 } from "@aws-sdk/signature-v4";
import { attempt, type Limits, reasonOf } from "./attempt.ts";
import { readBody } from "./body.ts";
import { isRecord, parseJson } from "./json.ts";

/** The environment variables of the function: Lambda puts its role's credentials there. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** An operation of an API that speaks JSON 1.1. */
export interface AwsCall {
  readonly service: keyof typeof SERVICES;
  readonly region: string;
  readonly operation: string;
  readonly input: object;
}

/** How operations are named, and where the AWS SDKs look for another endpoint. https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html */
const SERVICES = {
  secretsmanager: { target: "secretsmanager", endpointVariable: "AWS_ENDPOINT_URL_SECRETS_MANAGER" },
  "cognito-idp": {
    target: "AWSCognitoIdentityProviderService",
    endpointVariable: "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER",
  },
} as const;

/** Errors whose text is shown. That of others may quote the request, in whose headers the session token is. */
const EXPLAINED = [
  "AccessDeniedException",
  "InvalidOAuthFlowException",
  "InvalidParameterException",
  "NotAuthorizedException",
  "ResourceNotFoundException",
  "ScopeDoesNotExistException",
];

/**
 * The answer to a call that succeeded.
 * @throws Error naming the operation and AWS's error.
 */
export async function callAws(call: AwsCall, environment: Environment, limits: Limits): Promise<unknown> {
  try {
    return await attempt(limits, async (signal) => {
      const { url, ...init } = await signedRequest(call, environment);
      const response = await fetch(url, { ...init, redirect: "error", signal });
      return processAnswer(response.status, await readBody(response));
    });
  } catch (error) {
    throw new Error(`${call.operation} failed: ${reasonOf(error)}`);
  }
}

/** The request for a call, as `fetch` takes it. */
export async function signedRequest(call: AwsCall, environment: Environment) {
  const { target } = SERVICES[call.service];
  const url = endpointOf(call, environment);
  const request = await signer(call, environment).sign({
    method: "POST",
    protocol: url.protocol,
    hostname: url.hostname,
    path: url.pathname,
    headers: {
      host: url.host,
      "content-type": "application/x-amz-json-1.1",
      "x-amz-target": `${target}.${call.operation}`,
    },
    body: JSON.stringify(call.input),
  });
  const { host: _, ...headers } = request.headers;
  return { url, method: "POST", headers, body: JSON.stringify(call.input) };
}

/** What an answer says. */
export function processAnswer(status: number, text: string): unknown {
  if (status === 200) return parseJson(text, "the answer is not JSON");
  throw new Error(`status ${status}${explanation(text)}`);
}

function explanation(text: string): string {
  const body = parseJson(text || "{}", "the error is not JSON");
  if (!isRecord(body) || typeof body["__type"] !== "string") return "";
  const name = body["__type"].split("#").at(-1) ?? "";
  const message = body["message"] ?? body["Message"];
  return EXPLAINED.includes(name) && typeof message === "string" ? `, ${name}: ${message}` : `, ${name}`;
}

function endpointOf({ service, region }: AwsCall, environment: Environment): URL {
  return new URL(
    environment[SERVICES[service].endpointVariable] ?? `https://${service}.${region}.amazonaws.com/`,
  );
}

function signer({ service, region }: AwsCall, environment: Environment): SignatureV4 {
  const sessionToken = environment["AWS_SESSION_TOKEN"];
  return new SignatureV4({
    service,
    region,
    credentials: {
      accessKeyId: environment["AWS_ACCESS_KEY_ID"] ?? "",
      secretAccessKey: environment["AWS_SECRET_ACCESS_KEY"] ?? "",
      ...(sessionToken && { sessionToken }),
    },
    sha256: Sha256,
  });
}
