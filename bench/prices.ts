// AWS's public list prices in US dollars, United States, first tier, without free tiers; as of 2026-11.

/** Per request; per GB-second, billed by the millisecond. https://aws.amazon.com/lambda/pricing/ (Lambda@Edge) */
export const LAMBDA_EDGE = { perRequest: 0.6 / 1e6, perGbSecond: 0.00005001, gb: 128 / 1024 };
/** CloudFront Functions, and their reads of a KeyValueStore. https://aws.amazon.com/cloudfront/pricing/ */
const FUNCTION_PER_REQUEST = 0.1 / 1e6;
const STORE_PER_READ = 0.03 / 1e6;
/** Everybody's time, and the user's. */
const READS_PER_DECISION = 2;
/** HTTPS requests: $0.0100 for 10,000. https://aws.amazon.com/cloudfront/pricing/ */
const CLOUDFRONT_PER_REQUEST = 0.01 / 1e4;
/** GET from S3 Standard: $0.0004 for 1,000. https://aws.amazon.com/s3/pricing/ */
const S3_PER_GET = 0.0004 / 1e3;

/** What a million requests cost, by who is paid. */
export interface Cost {
  readonly cloudFront: number;
  readonly viewerRequest: number;
  /** S3's GETs and the origin-response function, on misses only. */
  readonly misses: number;
  readonly total: number;
}

/** Without data transfer, which is the same with and without Gatehouse. `billedMs` is a function's whole milliseconds. */
export function costOfMillion(hitRatio: number, billedMs: number): Cost {
  const invocation = LAMBDA_EDGE.perRequest + (billedMs / 1000) * LAMBDA_EDGE.gb * LAMBDA_EDGE.perGbSecond;
  const cloudFront = CLOUDFRONT_PER_REQUEST * 1e6;
  const viewerRequest = invocation * 1e6;
  const misses = (S3_PER_GET + invocation) * 1e6 * (1 - hitRatio);
  return { cloudFront, viewerRequest, misses, total: cloudFront + viewerRequest + misses };
}

/** The same in the split placement; `viewerRequest` is the CloudFront Function, with its reads where revocation is on. */
export function costOfSplitMillion(hitRatio: number, billedMs: number, revocation = false): Cost {
  const { cloudFront, misses, viewerRequest: lambda } = costOfMillion(hitRatio, billedMs);
  const reads = revocation ? STORE_PER_READ * READS_PER_DECISION : 0;
  const viewerRequest = (FUNCTION_PER_REQUEST + reads) * 1e6;
  const missesAndLambda = misses + lambda * (1 - hitRatio);
  return {
    cloudFront,
    viewerRequest,
    misses: missesAndLambda,
    total: cloudFront + viewerRequest + missesAndLambda,
  };
}

/** How many Lambdas run for a million requests: before the cache, on misses at origin-request and at origin-response. */
export function lambdasOfMillion(placement: "lambda" | "split", hitRatio: number): number {
  const misses = Math.round(1e6 * (1 - hitRatio));
  return placement === "lambda" ? 1e6 + misses : 2 * misses;
}
