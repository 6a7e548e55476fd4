// Signs requests with the SDK's signer: neither the gate's signer nor the implementation that the embedded S3 verifies with.

import { request as httpRequest } from "node:http";
import { Sha256 } from "@aws-crypto/sha256-js";
import { SignatureV4 } from "@aws-sdk/signature-v4";
import type { Credentials } from "../../../../local/aws/iam/sessions.ts";

/** One request to sign; `path` is percent-encoded as it will be sent. */
export interface ToSign {
  readonly method?: string;
  readonly host: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly credentials: Credentials;
  readonly region?: string;
  readonly now: number;
  readonly expiresIn?: number;
}

function signer({ credentials, region = "us-east-1" }: ToSign): SignatureV4 {
  return new SignatureV4({
    service: "s3",
    region,
    credentials: { ...credentials },
    sha256: Sha256,
    uriEscapePath: false,
    applyChecksum: false,
  });
}

const UNSIGNED = { "x-amz-content-sha256": "UNSIGNED-PAYLOAD" };

/** Path and query of a presigned request. */
export async function presign(request: ToSign): Promise<string> {
  const signed = await signer(request).presign(toRequest(request, UNSIGNED), {
    signingDate: new Date(request.now),
    expiresIn: request.expiresIn ?? 300,
    unsignableHeaders: new Set(["x-amz-content-sha256"]),
    unhoistableHeaders: new Set(["x-amz-content-sha256", ...Object.keys(request.headers ?? {})]),
  });
  const query = Object.entries(signed.query ?? {}).map(
    ([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`,
  );
  return `${request.path}?${query.join("&")}`;
}

/** The headers of a request signed in `Authorization`. */
export async function signHeaders(request: ToSign): Promise<Record<string, string>> {
  const signed = await signer(request).sign(toRequest(request, UNSIGNED), {
    signingDate: new Date(request.now),
  });
  return signed.headers;
}

function toRequest(request: ToSign, extra: Readonly<Record<string, string>>) {
  return {
    method: request.method ?? "GET",
    protocol: "https:",
    hostname: request.host,
    path: request.path,
    query: { ...request.query },
    headers: { host: request.host, ...request.headers, ...extra },
  };
}

/** An answer, its body as bytes. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** S3's error code, from the XML. */
  readonly code: string | undefined;
}

/** Sends a request target to the loopback port exactly as it is written. */
export function send(
  port: number,
  target: string,
  headers: Readonly<Record<string, string>>,
  method = "GET",
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: "127.0.0.1", port, path: target, method, headers, agent: false });
    request.on("error", reject).on("response", (response) => {
      const chunks: Buffer[] = [];
      response.on("error", reject).on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => {
        const body = Buffer.concat(chunks);
        const entries = Object.entries(response.headersDistinct).map(([k, v]) => [k, (v ?? []).join(", ")]);
        resolve({
          status: response.statusCode ?? 0,
          headers: Object.fromEntries(entries),
          body,
          code: /<Code>(\w+)<\/Code>/.exec(body.toString())?.[1],
        });
      });
    });
    request.end();
  });
}
