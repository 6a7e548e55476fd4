// What fails is answered by the gate, in its own words, and kept by nobody.
import { randomUUID } from "node:crypto";
import {
  type Answer,
  cacheState,
  codeOf,
  header,
  headerLines,
  isHit,
  leaks,
  showsS3,
  summary,
} from "../answer.ts";
import { type Check, type Demand, type Finding, judge } from "../check.ts";
import { folderOf } from "../places.ts";
import { ask, askAsUser, objectOf, type Subject } from "../subject.ts";

function ours(answer: Answer): readonly Demand[] {
  return [
    ["nothing of S3's", !showsS3(answer) && leaks(answer).length === 0],
    ["Cache-Control: no-store or private", /no-store|private/.test(header(answer, "cache-control"))],
  ];
}

/** Asked twice: an error that is kept would hide an object that is uploaded now. */
async function missing(subject: Subject): Promise<Finding> {
  const path = `${folderOf(objectOf(subject).path)}verify-${randomUUID()}.txt`;
  const answers = [await askAsUser(subject, path), await askAsUser(subject, path)];
  const [answer] = answers;
  return judge(answers.map((each) => `${each.status} ${cacheState(each)}`).join(", "), [
    ["404", answers.every(({ status }) => status === 404)],
    ["no hit", !answers.some(isHit)],
    ...(answer ? ours(answer) : []),
  ]);
}

/** Paths that two readers could take for two different keys. */
const ODD_PATHS: readonly string[] = ["/a%2Fb", "/%zz", "/a/%2e%2e/b", "/a%5Cb", "/%00"];

async function path(subject: Subject): Promise<Finding> {
  const answers: Answer[] = [];
  for (const target of ODD_PATHS) answers.push(await askAsUser(subject, target));
  return judge(answers.map(({ status }) => status).join(", "), [
    ["400 for each", answers.every(({ status }) => status === 400)],
    ["nothing of S3's", !answers.some(showsS3)],
  ]);
}

async function long(subject: Subject): Promise<Finding> {
  const answer = await askAsUser(subject, `/${"a".repeat(1_100)}`);
  return judge(summary(answer), [
    ["414 uri_too_long", answer.status === 414 && codeOf(answer) === "uri_too_long"],
  ]);
}

const GENERATED: readonly string[] = [
  "cache-control",
  "content-security-policy",
  "cross-origin-resource-policy",
  "referrer-policy",
  "strict-transport-security",
  "x-content-type-options",
  "x-request-id",
];

/** `X-Frame-Options` is the policy's alone: it tells whether the policy applies to generated answers. */
async function generated(subject: Subject): Promise<Finding> {
  const answer = await ask(subject, subject.places.object.path);
  const applies = header(answer, "x-frame-options") !== "";
  const once = GENERATED.filter((name) => headerLines(answer, name).length !== 1);
  return judge(`the response headers policy ${applies ? "applies" : "does not apply"}`, [
    [`${once.join(", ")} once`, once.length === 0],
    ["Cache-Control: no-store or no-cache", /no-store|no-cache/.test(header(answer, "cache-control"))],
  ]);
}

/** In the order in which they are made. */
export const ERRORS: readonly Check[] = [
  {
    id: "errors.missing",
    does: "reads a missing object twice",
    means: "S3's errors come through, with what they say about the request; or an error is kept",
    set: "the origin-response function on every signed behaviour; error caching 0",
    run: missing,
  },
  {
    id: "errors.path",
    does: "asks for ambiguous paths",
    means: "one path can be read as two keys",
    set: "nothing: do not use this deployment",
    run: path,
  },
  {
    id: "errors.long",
    does: "asks for a key that is longer than S3's",
    means: "long paths get another answer than the gate's",
    set: "nothing; nothing is open",
    run: long,
  },
  {
    id: "errors.headers",
    does: "reads the headers of a refusal",
    means: "refusals lack what protects their reader, or say it twice",
    set: "the response headers policy",
    settles: "response headers policy on generated answers",
    run: generated,
  },
];
