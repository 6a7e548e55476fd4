// The cache scope of the split placement: nobody can write one without its key. Also part of the CloudFront Function.
import { uriEncode } from "./path.ts";

/** What an answer depends on besides whom it may be shared by. */
export interface ScopeSaying {
  /** Of the pages, for people who navigate; empty for everybody else. */
  readonly language: string;
  /** Of what is asked for, encoded, where it may be carried to another place: in sites. */
  readonly query: string;
}

const KEYED = /^[\w-]{43};([a-z]*);([^;]*)$/;

/** The scope as it is in the cache key: an HMAC of it all, and in clear what the miss cannot know by itself. */
export function keyedScope(base: string, saying: ScopeSaying, hmac: (text: string) => string): string {
  const said = `;${saying.language};${saying.query}`;
  return hmac(base + said) + said;
}

/** What a keyed scope says, whoever wrote it; undefined for what is none. */
export function sayingOf(scope: string): ScopeSaying | undefined {
  const found = KEYED.exec(scope);
  return found ? { language: found[1] ?? "", query: found[2] ?? "" } : undefined;
}

/** What programs' entries are shared by: nobody, for only a token that is the same to the last byte has this scope. */
export function tokenScope(scope: string, tokenHash: string): string {
  return `${scope}:token:${tokenHash}`;
}

/** S3 refuses 8,192 bytes of headers. */
const MAX_QUERY_LENGTH = 1_024;

/** A query as a scope carries it; one that is too long for a header is left behind. */
export function carriedQuery(querystring: string): string {
  const query = uriEncode(querystring);
  return query.length <= MAX_QUERY_LENGTH ? query : "";
}
