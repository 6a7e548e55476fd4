// Objects as browsers use them: parts, conditions, heads, odd names, private copies.
import { type Answer, header, headerLines, leaks, summary } from "../answer.ts";
import { type Check, type Finding, judge, Skipped } from "../check.ts";
import { diagnosis } from "../diagnosis.ts";
import { askAsUser, objectOf, type Subject } from "../subject.ts";

const MAX_ODD = 6;

/** What S3 says of how it keeps an object; an area may ask for metadata and versions, and `x-amz-cf-` is CloudFront's. */
const S3_HEADER = /^x-amz-(?!meta-|version-id$|cf-)/;

async function range(subject: Subject): Promise<Finding> {
  const { path, answer: whole } = objectOf(subject);
  if (whole.body.length < 8) throw new Skipped("the object is too small for parts");
  const answer = await askAsUser(subject, path, { headers: { range: "bytes=2-5" } });
  return judge(`${summary(answer)} ${header(answer, "content-range")}`, [
    ["206", answer.status === 206],
    ["Content-Range: bytes 2-5", header(answer, "content-range").startsWith("bytes 2-5/")],
    ["these four bytes", answer.body.equals(whole.body.subarray(2, 6))],
  ]);
}

async function condition(subject: Subject): Promise<Finding> {
  const { path, answer: whole } = objectOf(subject);
  const etag = header(whole, "etag");
  if (etag === "") throw new Skipped("the object has no ETag");
  const answer = await askAsUser(subject, path, { headers: { "if-none-match": etag } });
  return judge(summary(answer), [
    ["304", answer.status === 304],
    ["no body", answer.body.length === 0],
  ]);
}

async function head(subject: Subject): Promise<Finding> {
  const { path, answer: whole } = objectOf(subject);
  const answer = await askAsUser(subject, path, { method: "HEAD" });
  const same = (name: string) => header(answer, name) === header(whole, name);
  return judge(summary(answer), [
    ["200", answer.status === 200],
    ["no body", answer.body.length === 0],
    ["the Content-Length and Content-Type of GET", same("content-length") && same("content-type")],
  ]);
}

/** Every odd name twice: as it is usually written, and with every byte escaped. */
async function oddKeys(subject: Subject): Promise<Finding> {
  objectOf(subject);
  const isOdd = (path: string) => !/^[\w./-]*$/.test(path);
  const paths = [...subject.options.paths.odd, ...subject.places.others.filter(isOdd)].slice(0, MAX_ODD);
  if (paths.length === 0) throw new Skipped("give --odd-path");
  const failed: [string, Answer][] = [];
  for (const path of paths) {
    const usual = await askAsUser(subject, path);
    const escaped = await askAsUser(subject, everyByteEscaped(path));
    if (usual.status !== 200) failed.push([path, usual]);
    else if (escaped.status !== 200 || header(escaped, "etag") !== header(usual, "etag"))
      failed.push([everyByteEscaped(path), escaped]);
  }
  const [first] = failed;
  const demands = failed.map(([path]) => [`200 for ${path}`, false] as const);
  return judge(
    first ? summary(first[1]) : `${paths.length} of ${paths.length}`,
    demands,
    first && diagnosis(first[1], subject.places),
  );
}

function everyByteEscaped(path: string): string {
  const escaped = (segment: string) =>
    [...Buffer.from(decodeURIComponent(segment))]
      .map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`)
      .join("");
  return path.split("/").map(escaped).join("/");
}

async function browserHeaders(subject: Subject): Promise<Finding> {
  const { path } = objectOf(subject);
  const answer = await askAsUser(subject, path);
  const caching = header(answer, "cache-control");
  const ofS3 = answer.headers.map(([name]) => name).filter((name) => S3_HEADER.test(name));
  return judge(caching, [
    [
      "private, and no-cache or a max-age",
      /\bprivate\b/.test(caching) && /\bno-cache\b|max-age=\d/.test(caching),
    ],
    ["X-Content-Type-Options: nosniff", header(answer, "x-content-type-options") === "nosniff"],
    ["Referrer-Policy", header(answer, "referrer-policy") !== ""],
    ["Cross-Origin-Resource-Policy", header(answer, "cross-origin-resource-policy") !== ""],
    [`none of S3's own headers: ${ofS3.join(", ")}`, ofS3.length === 0],
    ["no Set-Cookie", headerLines(answer, "set-cookie").length === 0],
    ["nothing of the signature or session", leaks(answer).length === 0],
  ]);
}

/** In the order in which they are made. */
export const OBJECTS: readonly Check[] = [
  {
    id: "object.range",
    does: "asks for four bytes",
    means: "video and downloads cannot seek",
    set: "nothing of the gate's; look for what changes the Range header",
    run: range,
  },
  {
    id: "object.condition",
    does: "asks again with the object's ETag",
    means: "browsers fetch again what they have",
    set: "nothing of the gate's; look for what removes ETag",
    run: condition,
  },
  {
    id: "object.head",
    does: "asks for the object's head",
    means: "HEAD and GET differ",
    set: "see cold.head",
    run: head,
  },
  {
    id: "object.odd-keys",
    does: "reads objects with odd names, in two spellings",
    means: "names reach S3 in another spelling than was signed",
    set: "nothing: rename such objects, and report what was seen",
    settles: "odd keys through CloudFront",
    run: oddKeys,
  },
  {
    id: "object.headers",
    does: "reads what browsers are told about the object",
    means:
      "a browser keeps it for its next user, guesses its type or shows it to other pages; or S3's own headers leak",
    set: "the response headers policy and the origin-response function of the behaviour; browserMaxAge of the area",
    run: browserHeaders,
  },
];
