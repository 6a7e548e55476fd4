// The SDK build's `Sign`: Signature Version 4 on the AWS SDK's own packages.
import { Sha256 } from "@aws-crypto/sha256-js";
import { SignatureV4 } from "@aws-sdk/signature-v4";
import { uriEncode } from "../request/path.ts";
import type { Credentials } from "../s3/credentials.ts";
import { SIGNATURE_SECONDS, type Sign, type SignInput } from "../s3/sign.ts";
import type { SignPost, SignPostInput } from "../session/sts.ts";

/** The presigned form through `SignatureV4`; its state is one signer for each user's credentials. */
export function createSign(): Sign {
  const signers = new WeakMap<Credentials, SignatureV4>();
  return async (input) => {
    const signer = signers.get(input.credentials) ?? createSigner(input, "s3");
    signers.set(input.credentials, signer);
    const signed = await signer.presign(signableRequest(input), {
      expiresIn: SIGNATURE_SECONDS,
      signingDate: new Date(input.now),
      unhoistableHeaders: new Set(["x-amz-cf-id", PAYLOAD_HEADER]),
      unsignableHeaders: new Set([PAYLOAD_HEADER]),
    });
    const { "X-Amz-Signature": signature, ...query } = { ...signed.query };
    return `${canonicalQuery(query)}&X-Amz-Signature=${signature}`;
  };
}

/** Tells the signer not to hash the body, and goes no further. */
const PAYLOAD_HEADER = "x-amz-content-sha256";

function createSigner(
  { credentials, region }: Pick<SignPostInput, "credentials" | "region">,
  service: "s3" | "sts",
): SignatureV4 {
  return new SignatureV4({
    service,
    region,
    credentials: {
      accessKeyId: credentials.accessKeyId,
      secretAccessKey: credentials.secretAccessKey,
      sessionToken: credentials.sessionToken,
    },
    sha256: Sha256,
    uriEscapePath: service !== "s3",
    applyChecksum: false,
  });
}

function signableRequest({ method, host, path, query, cfId }: SignInput) {
  return {
    method,
    protocol: "https:",
    hostname: host,
    path,
    query: Object.fromEntries(query),
    headers: {
      host,
      [PAYLOAD_HEADER]: "UNSIGNED-PAYLOAD",
      ...(cfId !== undefined && { "x-amz-cf-id": cfId }),
    },
  };
}

function canonicalQuery(query: Record<string, string | readonly string[] | null>): string {
  return Object.keys(query)
    .sort()
    .map((name) => `${uriEncode(name)}=${uriEncode(String(query[name]))}`)
    .join("&");
}

/** The header form through `SignatureV4`. */
export const signPost: SignPost = async (input) => {
  const request = {
    method: "POST",
    protocol: "https:",
    hostname: input.host,
    path: "/",
    headers: { host: input.host, "content-type": "application/x-www-form-urlencoded; charset=utf-8" },
    body: input.body,
  };
  const signed = await createSigner(input, "sts").sign(request, { signingDate: new Date(input.now) });
  const { host, ...headers } = signed.headers;
  return headers;
};
