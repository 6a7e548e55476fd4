// The security token service over HTTP: the query protocol with STS's XML, and failures on demand.

import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { loopback, type ReservedPort } from "../iam/loopback.ts";
import type { Credentials } from "../iam/sessions.ts";
import { xmlText } from "../s3/errors.ts";
import { type AssumeRoleRequest, assumeRole, type StsDeps } from "./sts.ts";
import { StsError } from "./sts-errors.ts";
import { readAssumeRole } from "./sts-request.ts";
import { callerOf, type SignatureDeps } from "./sts-signature.ts";

/** A failure to play on every call. */
export type StsFault = "throttle" | "InternalFailure" | "garbage" | "hang" | "cut";

/** A running server. */
export interface StsServer {
  /** `http://127.0.0.1:<port>`. */
  readonly endpoint: string;
  /** Makes calls fail until it is called without a fault. */
  setFault(fault?: StsFault): void;
  /** How many calls there have been, failures included. */
  calls(): number;
  close(): Promise<void>;
}

/** What the server knows and uses. */
export interface StsServerDeps extends StsDeps, SignatureDeps {}

const NAMESPACE = "https://sts.amazonaws.com/doc/2011-06-15/";

/** Starts the server on 127.0.0.1; port 0, the default, takes a free one. */
export async function startStsServer(
  deps: StsServerDeps,
  options: { readonly port?: number | ReservedPort } = {},
): Promise<StsServer> {
  const state: { fault: StsFault | undefined; calls: number } = { fault: undefined, calls: 0 };
  const server = createServer((message, response) => {
    state.calls += 1;
    if (state.fault === "hang") return;
    if (state.fault === "cut") message.socket.destroy();
    else void respond(message, response, deps, state.fault);
  });
  const { port, close } = await loopback(server, options.port);
  return {
    endpoint: `http://127.0.0.1:${port}`,
    setFault: (fault) => {
      state.fault = fault;
    },
    calls: () => state.calls,
    close,
  };
}

async function respond(
  message: IncomingMessage,
  response: ServerResponse,
  deps: StsServerDeps,
  fault: StsFault | undefined,
): Promise<void> {
  const requestId = randomUUID();
  try {
    const body = await text(message);
    if (fault === "throttle") throw new StsError("Throttling", "Rate exceeded");
    if (fault === "InternalFailure") throw new StsError("InternalFailure", "Internal failure");
    const caller = await callerOf({ headers: message.headers, body }, deps);
    const request = readAssumeRole(body);
    const credentials = await assumeRole(caller, request, deps);
    const xml = fault === "garbage" ? "<html>not STS</html>" : resultXml(request, credentials, requestId);
    answerWith(response, 200, xml, requestId);
  } catch (cause) {
    if (!(cause instanceof StsError)) console.error("local STS:", cause);
    const error = cause instanceof StsError ? cause : new StsError("InternalFailure", "Internal failure");
    answerWith(response, error.status, errorXml(error, requestId), requestId);
  }
}

function resultXml(request: AssumeRoleRequest, credentials: Credentials, requestId: string): string {
  const [, , , , account = "", name = ""] = request.roleArn.split(":");
  const assumed = `${name.split("/").at(-1)}/${request.sessionName}`;
  return `<AssumeRoleResponse xmlns="${NAMESPACE}">
  <AssumeRoleResult>
    <AssumedRoleUser>
      <AssumedRoleId>AROALOCALROLE00000000:${xmlText(request.sessionName)}</AssumedRoleId>
      <Arn>arn:aws:sts::${account}:assumed-role/${xmlText(assumed)}</Arn>
    </AssumedRoleUser>
    <Credentials>
      <AccessKeyId>${xmlText(credentials.accessKeyId)}</AccessKeyId>
      <SecretAccessKey>${xmlText(credentials.secretAccessKey)}</SecretAccessKey>
      <SessionToken>${xmlText(credentials.sessionToken)}</SessionToken>
      <Expiration>${new Date(credentials.expiresAt * 1000).toISOString().replace(".000Z", "Z")}</Expiration>
    </Credentials>
  </AssumeRoleResult>
  <ResponseMetadata>
    <RequestId>${requestId}</RequestId>
  </ResponseMetadata>
</AssumeRoleResponse>
`;
}

function errorXml(error: StsError, requestId: string): string {
  return `<ErrorResponse xmlns="${NAMESPACE}">
  <Error>
    <Type>${error.status < 500 ? "Sender" : "Receiver"}</Type>
    <Code>${error.code}</Code>
    <Message>${xmlText(error.message)}</Message>
  </Error>
  <RequestId>${requestId}</RequestId>
</ErrorResponse>
`;
}

function answerWith(response: ServerResponse, status: number, xml: string, requestId: string): void {
  response.writeHead(status, {
    "Content-Type": "text/xml",
    "Content-Length": Buffer.byteLength(xml),
    "x-amzn-RequestId": requestId,
  });
  response.end(xml);
}
