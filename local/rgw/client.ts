// Signed requests to the gateway: S3 by virtual host, and the IAM and STS actions it has.

import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { AwsV4Signer } from "aws4fetch";
import { type RgwServer, targetOf } from "./server.ts";

/** One request of the bucket's owner. `path` is percent-encoded. */
export interface RgwRequest {
  readonly method: string;
  readonly host: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  /** Of the credential scope; `s3` without it. */
  readonly service?: "s3" | "iam" | "sts";
}

/** What came back. */
export interface RgwAnswer {
  readonly status: number;
  readonly body: string;
}

/** A refusal, in the gateway's own words. */
export class RgwError extends Error {
  override readonly name = "RgwError";
  readonly status: number;

  constructor({ method, path }: RgwRequest, { status, body }: RgwAnswer) {
    super(`RADOS Gateway: ${method} ${path.split("?")[0]}: ${status} ${body}`);
    this.status = status;
  }
}

/**
 * Sends one signed request.
 * @throws RgwError when it is refused.
 */
export async function callRgw(rgw: RgwServer, request: RgwRequest): Promise<RgwAnswer> {
  const signer = new AwsV4Signer({
    ...rgw.admin,
    method: request.method,
    url: `http://${request.host}${request.path}`,
    headers: { ...request.headers },
    ...(request.service && request.body && { body: request.body }),
    service: request.service ?? "s3",
    region: rgw.region,
  });
  // `URL` inside the signer would resolve dot segments, which are ordinary characters of a key.
  if (!request.service) signer.encodedPath = request.path.split("?")[0] ?? "/";
  const { headers } = await signer.sign();
  const answer = await send(rgw, request, { ...Object.fromEntries(headers), host: request.host });
  if (answer.status < 300) return answer;
  throw new RgwError(request, answer);
}

/** Whether the gateway refused with one of these statuses. */
export function isRefusal(error: unknown, ...statuses: readonly number[]): boolean {
  return error instanceof RgwError && statuses.includes(error.status);
}

/** Calls an action of the IAM or STS query interface. */
export async function callAction(
  rgw: RgwServer,
  service: "iam" | "sts",
  parameters: Readonly<Record<string, string>>,
): Promise<string> {
  const answer = await callRgw(rgw, {
    method: "POST",
    host: new URL(rgw.endpoint).host,
    path: "/",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: Buffer.from(formOf(parameters)),
    service,
  });
  return answer.body;
}

/** The gateway does not read `+` as a space. */
function formOf(parameters: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(parameters).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  return pairs.join("&");
}

function send(
  { endpoint }: RgwServer,
  { method, path, body }: RgwRequest,
  headers: Record<string, string>,
): Promise<RgwAnswer> {
  const { protocol, host, port } = targetOf(endpoint);
  const open = protocol === "https" ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const length = { "content-length": String(body?.length ?? 0) };
    const options = { host, port, method, path, headers: { ...headers, ...length } };
    const request = open({ ...options, agent: false, timeout: 30_000 }, (response) => {
      const chunks: Buffer[] = [];
      response.on("error", reject).on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() }),
      );
    });
    request.on("error", reject).on("timeout", () => request.destroy(new Error("RADOS Gateway: no answer")));
    request.end(body);
  });
}
