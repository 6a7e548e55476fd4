// ListObjectsV2: prefix, delimiter, max-keys and continuation, as XML.

import { Readable } from "node:stream";
import type { Bucket } from "./bucket.ts";
import { S3Error, xmlText } from "./errors.ts";
import type { S3Response } from "./get-object.ts";
import type { S3Request } from "./request.ts";

const MAX_KEYS = 1000;

/** A key, or the common prefix of several. */
interface Entry {
  readonly name: string;
  readonly isPrefix: boolean;
}

/**
 * Lists a bucket (`list-type=2` only).
 * @throws S3Error for arguments that S3 refuses.
 */
export async function listObjects(request: S3Request, bucket: Bucket): Promise<S3Response> {
  const parameter = (name: string) => request.query.get(name) ?? "";
  if (parameter("list-type") !== "2") throw new S3Error("NotImplemented");
  const maxKeys = parseMaxKeys(request.query.get("max-keys"));
  const after = parseToken(request.query.get("continuation-token")) ?? parameter("start-after");
  const all = entriesOf(await bucket.keys(), parameter("prefix"), parameter("delimiter"), after);
  const page = all.slice(0, maxKeys);
  const last = page.at(-1)?.name;
  const next =
    all.length > page.length && last !== undefined ? Buffer.from(last).toString("base64") : undefined;
  const xml = await toXml(request, bucket, page, maxKeys, next);
  const length = String(Buffer.byteLength(xml));
  const headers = { "Content-Type": "application/xml", "Content-Length": length };
  return { status: 200, headers, body: () => Readable.from([Buffer.from(xml)]) };
}

function parseMaxKeys(text: string | undefined): number {
  if (text === undefined) return MAX_KEYS;
  if (/^\d+$/.test(text)) return Math.min(MAX_KEYS, Number(text));
  throw new S3Error("InvalidArgument", "Provided max-keys not an integer or within integer range", {
    ArgumentName: "max-keys",
    ArgumentValue: text,
  });
}

function parseToken(token: string | undefined): string | undefined {
  if (token === undefined) return undefined;
  const name = Buffer.from(token, "base64").toString();
  if (name !== "" && Buffer.from(name).toString("base64") === token) return name;
  throw new S3Error("InvalidArgument", "The continuation token provided is incorrect", {
    ArgumentName: "continuation-token",
  });
}

function entriesOf(
  keys: readonly string[],
  prefix: string,
  delimiter: string,
  after: string,
): readonly Entry[] {
  const entries = new Map<string, Entry>();
  for (const key of keys.filter((candidate) => candidate.startsWith(prefix))) {
    const at = delimiter === "" ? -1 : key.indexOf(delimiter, prefix.length);
    const name = at < 0 ? key : key.slice(0, at + delimiter.length);
    if (Buffer.compare(Buffer.from(name), Buffer.from(after)) > 0)
      entries.set(name, { name, isPrefix: at >= 0 });
  }
  return [...entries.values()];
}

async function toXml(
  request: S3Request,
  bucket: Bucket,
  page: readonly Entry[],
  maxKeys: number,
  next: string | undefined,
): Promise<string> {
  const encode = (text: string) =>
    request.query.get("encoding-type") === "url" ? encodeURIComponent(text).replaceAll("%2F", "/") : text;
  const element = (name: string, text: string | undefined) =>
    text === undefined ? "" : `<${name}>${xmlText(text)}</${name}>`;
  const contents = await Promise.all(
    page.filter((entry) => !entry.isPrefix).map((entry) => content(entry.name, bucket, encode)),
  );
  const prefixes = page
    .filter((entry) => entry.isPrefix)
    .map((entry) => `<CommonPrefixes>${element("Prefix", encode(entry.name))}</CommonPrefixes>`);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">',
    element("Name", bucket.name),
    element("Prefix", encode(request.query.get("prefix") ?? "")),
    element("StartAfter", request.query.get("start-after")),
    element("ContinuationToken", request.query.get("continuation-token")),
    element("NextContinuationToken", next),
    element("KeyCount", String(page.length)),
    element("MaxKeys", String(maxKeys)),
    element("Delimiter", request.query.get("delimiter")),
    element("EncodingType", request.query.get("encoding-type")),
    element("IsTruncated", String(next !== undefined)),
    ...contents,
    ...prefixes,
    "</ListBucketResult>",
  ].join("");
}

async function content(key: string, bucket: Bucket, encode: (text: string) => string): Promise<string> {
  const found = await bucket.find(key);
  if (found.kind !== "object") return "";
  const { lastModified, etag, size } = found.object;
  const fields = {
    Key: encode(key),
    LastModified: lastModified.toISOString(),
    ETag: `"${etag}"`,
    Size: String(size),
    StorageClass: "STANDARD",
  };
  const elements = Object.entries(fields).map(([name, text]) => `<${name}>${xmlText(text)}</${name}>`);
  return `<Contents>${elements.join("")}</Contents>`;
}
