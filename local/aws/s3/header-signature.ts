// The `Authorization` form of Signature Version 4, as origin access control and command-line tools send it.
// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-auth-using-authorization-header.html

import { createHash } from "node:crypto";
import { S3Error } from "./errors.ts";
import type { S3Request } from "./request.ts";
import type { UnverifiedSignature } from "./signature.ts";

const FORM =
  /^AWS4-HMAC-SHA256\s+Credential=([^/,]+)\/(\d{8})\/([^/,]+)\/([^/,]+)\/aws4_request,\s*SignedHeaders=([^,]+),\s*Signature=([0-9a-f]+)$/;
const EMPTY_PAYLOAD = createHash("sha256").digest("hex");

/**
 * Reads the `Authorization` header.
 * @throws S3Error for one that S3 would not parse, or whose payload hash is not that of no payload.
 */
export function claimedByHeader(request: S3Request, region: string): UnverifiedSignature {
  const authorization = request.headers.get("authorization") ?? "";
  const parts = FORM.exec(authorization);
  if (!parts) throw malformed(authorization);
  const [, accessKeyId = "", scopeDate = "", scopeRegion = "", service = "", headers = "", signature = ""] =
    parts;
  const dateTime = request.headers.get("x-amz-date") ?? "";
  if (!/^\d{8}T\d{6}Z$/.test(dateTime))
    throw new S3Error("AccessDenied", "AWS authentication requires a valid Date or x-amz-date header");
  if (scopeRegion !== region)
    throw new S3Error(
      "AuthorizationHeaderMalformed",
      `The authorization header is malformed; the region '${scopeRegion}' is wrong; expecting '${region}'`,
      { Region: region },
    );
  if (service !== "s3" || scopeDate !== dateTime.slice(0, 8)) throw malformed(authorization);
  refuseWrongPayload(request);
  return {
    where: "header",
    accessKeyId,
    scopeDate,
    region: scopeRegion,
    service,
    dateTime,
    signedHeaders: headers.split(";"),
    signature,
    sessionToken: request.headers.get("x-amz-security-token"),
  };
}

function malformed(authorization: string): S3Error {
  if (!authorization.startsWith("AWS"))
    return new S3Error("InvalidArgument", "Unsupported Authorization Type", {
      ArgumentName: "Authorization",
      ArgumentValue: authorization,
    });
  return new S3Error("AuthorizationHeaderMalformed");
}

/** Only requests without a body are served, so their payload hash is known. */
function refuseWrongPayload(request: S3Request): void {
  const hash = request.headers.get("x-amz-content-sha256");
  if (hash === undefined)
    throw new S3Error("InvalidRequest", "Missing required header for this request: x-amz-content-sha256");
  if (hash !== "UNSIGNED-PAYLOAD" && hash !== EMPTY_PAYLOAD)
    throw new S3Error("XAmzContentSHA256Mismatch", undefined, {
      ClientComputedContentSHA256: hash,
      S3ComputedContentSHA256: EMPTY_PAYLOAD,
    });
}
