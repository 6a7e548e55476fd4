// Origin access control: CloudFront signs the request to S3 with header signatures (SigV4).
// docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html

import { AwsV4Signer } from "aws4fetch";
import type { OriginRequest } from "./forward.ts";
import { type Header, setHeader } from "./headers.ts";
import type { Origin } from "./origin-config.ts";

/** Gives the header fields that sign a request to an origin. */
export type OacSigner = (request: {
  readonly method: string;
  /** `https://<Host>/<path>?<query>`. */
  readonly url: string;
  readonly region: string;
  /** The fields in CloudFront's own request that S3 wants signed. */
  readonly headers: Readonly<Record<string, string>>;
}) => Promise<Readonly<Record<string, string>>>;

/** Signs with the given keys: the local stand-in for the CloudFront service principal. */
export function createOacSigner(keys: {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}): OacSigner {
  return async ({ method, url, region, headers }) => {
    const signedHeaders = { ...headers, "x-amz-content-sha256": "UNSIGNED-PAYLOAD" };
    const signer = new AwsV4Signer({ ...keys, method, url, headers: signedHeaders, service: "s3", region });
    const signed = await signer.sign();
    const names = ["authorization", "x-amz-date", "x-amz-content-sha256", "x-amz-security-token"];
    return Object.fromEntries(
      names.flatMap((name) => [[name, signed.headers.get(name) ?? ""]]).filter(([, value]) => value !== ""),
    );
  };
}

/** Adds the signature where the origin's access control asks for one. */
export async function signForOrigin(
  request: OriginRequest,
  origin: Origin,
  signer: OacSigner | undefined,
): Promise<OriginRequest> {
  const isOverridden = origin.signing === "no-override" && request.headers.has("authorization");
  if (origin.signing === undefined || origin.signing === "never" || isOverridden) return request;
  if (signer === undefined)
    throw new Error(`${origin.domainName}: has an origin access control, but no oac signer was given`);
  const headers = new Map<string, readonly Header[]>(request.headers);
  setHeader(headers, "Host", origin.domainName);
  const region = /\.s3[.-]([a-z0-9-]+)\.amazonaws\.com$/.exec(origin.domainName)?.[1] ?? "us-east-1";
  const url = `https://${origin.domainName}${request.path}`;
  const signed = await signer({ method: request.method, url, region, headers: amzHeaders(request) });
  for (const [key, value] of Object.entries(signed)) setHeader(headers, key, value);
  return { ...request, headers };
}

/** S3 refuses `x-amz-*` fields that are not signed, where it does not know them for CloudFront's own. */
function amzHeaders({ headers }: OriginRequest): Readonly<Record<string, string>> {
  const own = [...headers].filter(([name]) => name.startsWith("x-amz-"));
  return Object.fromEntries(own.map(([name, values]) => [name, values.map(({ value }) => value).join(",")]));
}
