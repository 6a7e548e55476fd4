// Every part of a signed request, changed: what S3 must refuse.

import type { SignedRequest } from "./rgw-signed.ts";

type Tamper = (request: SignedRequest) => SignedRequest;

const query =
  (change: (query: string) => string): Tamper =>
  (request) => ({ ...request, query: change(request.query) });

/** One parameter's value changed. */
const value = (name: string, change: (value: string) => string) =>
  query((text) =>
    text.replace(new RegExp(`(${name}=)([^&]*)`), (_all, start, old: string) => start + change(old)),
  );

const without = (name: string) => query((text) => text.replace(new RegExp(`${name}=[^&]*&?`), ""));

const flip = (text: string) => text.replace(/.$/, (last) => (last === "0" ? "1" : "0"));

/** Name, change, status and S3's code (HEAD has no code to show). */
export const TAMPERINGS: readonly (readonly [what: string, tamper: Tamper, status: number, code: string])[] =
  [
    ["another key", (r) => ({ ...r, path: r.path.replace("c.txt", "d.txt") }), 403, "SignatureDoesNotMatch"],
    ["a longer key", (r) => ({ ...r, path: `${r.path}x` }), 403, "SignatureDoesNotMatch"],
    ["a doubled slash", (r) => ({ ...r, path: r.path.replace("/c", "//c") }), 403, "SignatureDoesNotMatch"],
    ["another case", (r) => ({ ...r, path: r.path.replace("c.txt", "C.txt") }), 403, "SignatureDoesNotMatch"],
    ["the bucket itself", (r) => ({ ...r, path: "/" }), 403, "SignatureDoesNotMatch"],
    ["another algorithm", value("X-Amz-Algorithm", () => "AWS4-HMAC-SHA512"), 403, "AccessDenied"],
    ["no algorithm", without("X-Amz-Algorithm"), 403, "AccessDenied"],
    [
      "another access key",
      value("X-Amz-Credential", (v) => v.replace(/^./, (first) => (first === "Z" ? "Y" : "Z"))),
      403,
      "AccessDenied",
    ],
    [
      "another date in the scope",
      value("X-Amz-Credential", (v) => v.replace(/%2F\d{8}/, "%2F20200101")),
      403,
      "SignatureDoesNotMatch",
    ],
    [
      "another region in the scope",
      value("X-Amz-Credential", (v) => v.replace("us-east-1", "eu-west-1")),
      403,
      "SignatureDoesNotMatch",
    ],
    [
      "another service in the scope",
      value("X-Amz-Credential", (v) => v.replace("s3", "s4")),
      403,
      "SignatureDoesNotMatch",
    ],
    ["no credential", without("X-Amz-Credential"), 403, "AccessDenied"],
    [
      "another date",
      value("X-Amz-Date", (v) => v.replace(/\d\dZ$/, (s) => (s === "00Z" ? "01Z" : "00Z"))),
      403,
      "SignatureDoesNotMatch",
    ],
    ["no date", without("X-Amz-Date"), 403, "AccessDenied"],
    ["a longer life", value("X-Amz-Expires", () => "301"), 403, "SignatureDoesNotMatch"],
    ["no end of life", without("X-Amz-Expires"), 403, "AccessDenied"],
    ["a changed token", value("X-Amz-Security-Token", flip), 403, "AccessDenied"],
    ["no token", without("X-Amz-Security-Token"), 403, "AccessDenied"],
    [
      "other signed headers",
      value("X-Amz-SignedHeaders", (v) => `${v}%3Brange`),
      403,
      "SignatureDoesNotMatch",
    ],
    ["no signed headers", without("X-Amz-SignedHeaders"), 403, "AccessDenied"],
    ["a changed signature", value("X-Amz-Signature", flip), 403, "SignatureDoesNotMatch"],
    ["an empty signature", value("X-Amz-Signature", () => ""), 403, "AccessDenied"],
    ["no signature", without("X-Amz-Signature"), 403, "AccessDenied"],
    ["no query at all", query(() => ""), 403, "AccessDenied"],
    [
      "an added override",
      query((text) => `${text}&response-content-type=text%2Fhtml`),
      403,
      "SignatureDoesNotMatch",
    ],
    ["an added version", query((text) => `${text}&versionId=null`), 403, "SignatureDoesNotMatch"],
    ["an added subresource", query((text) => `${text}&acl`), 403, "SignatureDoesNotMatch"],
    [
      "GET for HEAD, HEAD for GET",
      (r) => ({ ...r, method: r.method === "GET" ? "HEAD" : "GET" }),
      403,
      "SignatureDoesNotMatch",
    ],
    ["PUT", (r) => ({ ...r, method: "PUT" }), 403, "SignatureDoesNotMatch"],
    ["DELETE", (r) => ({ ...r, method: "DELETE" }), 403, "SignatureDoesNotMatch"],
    [
      "another host for the same bucket",
      (r) => ({ ...r, host: `${r.host}:80` }),
      403,
      "SignatureDoesNotMatch",
    ],
    ["another bucket", (r) => ({ ...r, host: r.host.replace(/^/, "x") }), 403, "SignatureDoesNotMatch"],
  ];
