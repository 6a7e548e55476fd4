// A listing of the gate's, which is S3's ListObjectsV2 as it came.

/** What a listing says. */
export interface Listing {
  /** The key prefix that was listed. */
  readonly prefix: string;
  readonly keys: readonly string[];
  readonly maxKeys: number;
}

/** Undefined for what is no listing. */
export function parseListing(xml: string): Listing | undefined {
  if (!xml.includes("<ListBucketResult")) return undefined;
  const keys = [...xml.matchAll(/<Key>([^<]*)<\/Key>/g)].map(([, key = ""]) => unescaped(key));
  return {
    prefix: unescaped(elementText(xml, "Prefix")),
    keys,
    maxKeys: Number(elementText(xml, "MaxKeys")),
  };
}

/** The paths of a listing's objects; a user's own folder has another path than its keys say. */
export function listedPaths(folder: string, { prefix, keys }: Listing): readonly string[] {
  return keys
    .filter((key) => key.startsWith(prefix) && !key.endsWith("/"))
    .map((key) => folder + key.slice(prefix.length).split("/").map(encodeURIComponent).join("/"));
}

/** The first element of that name; `Prefix` also occurs inside `CommonPrefixes`, which come later. */
function elementText(xml: string, name: string): string {
  return new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1] ?? "";
}

const NAMED: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

function unescaped(text: string): string {
  return text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (all, hex, decimal, name) => {
    if (name !== undefined) return NAMED[name] ?? all;
    return String.fromCodePoint(hex === undefined ? Number(decimal) : Number.parseInt(hex, 16));
  });
}
