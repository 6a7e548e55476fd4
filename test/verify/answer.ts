// One answer as it came over the wire, and what checks read out of it.

/** An answer; of a long body only the start is kept. */
export interface Answer {
  readonly status: number;
  /** Lower-case names, in the order and number in which they came. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
  /** This machine's clock when the head of the answer came, in milliseconds since the epoch. */
  readonly at: number;
}

/** All lines of a field. */
export function headerLines({ headers }: Pick<Answer, "headers">, name: string): readonly string[] {
  return headers.filter(([found]) => found === name).map(([, value]) => value);
}

/** A field's lines in one, as HTTP joins them; empty when it is absent. */
export function header(answer: Pick<Answer, "headers">, name: string): string {
  return headerLines(answer, name).join(", ");
}

/** The body as text. */
export function text({ body }: Pick<Answer, "body">): string {
  return body.toString("utf8");
}

/** The gate's stable error code; undefined where the body is none of its JSON. */
export function codeOf(answer: Answer): string | undefined {
  const { code } = jsonOf(answer);
  return typeof code === "string" ? code : undefined;
}

/** The body's JSON object; empty for anything else. */
export function jsonOf(answer: Answer): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text(answer));
    return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};
  } catch {
    return {};
  }
}

/** What CloudFront says about its cache: `Hit`, `RefreshHit`, `Miss`, `Error`, …; empty where it says nothing. */
export function cacheState(answer: Answer): string {
  return /^(\w+) from cloudfront/i.exec(header(answer, "x-cache"))?.[1] ?? "";
}

/** Whether the object came out of CloudFront's cache. */
export function isHit(answer: Answer): boolean {
  return ["Hit", "RefreshHit"].includes(cacheState(answer));
}

/** Status and code, or what CloudFront says about the cache: enough to know an answer by, and nothing secret. */
export function summary(answer: Answer): string {
  const more = codeOf(answer) ?? (answer.status < 400 ? cacheState(answer) : "");
  return `${answer.status}${more && ` ${more}`}`;
}

/** What S3 writes into its errors, and what signs a request to it. */
const OF_S3 = /<\?xml|<Error>|AWS4-HMAC|X-Amz-(?:Signature|Credential|Security-Token)/i;

/** Whether the body is S3's, or repeats what was signed. */
export function showsS3(answer: Answer): boolean {
  return OF_S3.test(text(answer));
}

/** Names of fields that carry the signature or the session behind it; CloudFront's own `x-amz-cf-…` are none. */
export function leaks({ headers }: Answer): readonly string[] {
  return headers
    .filter(([name, value]) => /^x-amz-(security-token|credential|signature)/.test(name) || OF_S3.test(value))
    .map(([name]) => name);
}
