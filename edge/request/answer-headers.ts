// What every generated answer says, whoever generates it. Also part of the CloudFront Function.

const LOCKED_DOWN = "default-src 'none'; frame-ancestors 'self'";

/** Never stored, never sniffed, never a page's way to anything. */
export const ANSWER_HEADERS = {
  "Cache-Control": "no-store",
  "Content-Security-Policy": LOCKED_DOWN,
  "Referrer-Policy": "no-referrer",
  "Strict-Transport-Security": "max-age=63072000",
  "X-Content-Type-Options": "nosniff",
} as const;

/** The methods of everything but endpoints. */
export const READ_METHODS = "GET, HEAD, OPTIONS";

/** RFC 6750 §3: what a program has to do, what is wrong with the token that it brought, and the scopes that would do. */
export function bearerChallenge(error: string | null, message: string, scopes?: readonly string[]): string {
  const realm = 'Bearer realm="gatehouse"';
  const scope = scopes ? `, scope="${scopes.join(" ")}"` : "";
  return (error ? `${realm}, error="${error}", error_description="${message}"` : realm) + scope;
}

/** A path behind an origin. Two slashes at its start would name another host (RFC 3986 §4.2). */
export function localPath(path: string): string {
  return /^\/[/\\]/.test(path) ? `/.${path}` : path;
}
