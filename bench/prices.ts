// AWS's public list prices in US dollars, United States, first tier, without free tiers; as of 2026-11.

/** Per request; per GB-second, billed by the millisecond. https://aws.amazon.com/lambda/pricing/ (Lambda@Edge) */
export const LAMBDA_EDGE = { perRequest: 0.6 / 1e6, perGbSecond: 0.00005001, gb: 128 / 1024 };
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
