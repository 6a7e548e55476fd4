// A RADOS Gateway as others see it: where it is, and the keys of its two users.

/** The keys of a user of the gateway; they do not expire. */
export interface RgwKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** A gateway that runs somewhere, with `rgw dns name = s3.<region>.amazonaws.com` and STS switched on. */
export interface RgwServer {
  /** `http://127.0.0.1:<port>`; the Host header says which bucket. */
  readonly endpoint: string;
  readonly region: string;
  /** Of the user `gatehouse`, who owns buckets and roles. */
  readonly admin: RgwKeys;
  /** Of the user `cloudfront`, who stands for CloudFront's service principal where a bucket policy names it. */
  readonly cloudfront?: RgwKeys;
}

/** Where an endpoint's connections go. */
export function targetOf(endpoint: string): {
  readonly protocol: "http" | "https";
  readonly host: string;
  readonly port: number;
} {
  const { protocol, hostname, port } = new URL(endpoint);
  const isTls = protocol === "https:";
  return { protocol: isTls ? "https" : "http", host: hostname, port: Number(port || (isTls ? 443 : 80)) };
}
