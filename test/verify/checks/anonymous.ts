// Without a token nobody gets in, and everybody is told so in their own way.
import { randomUUID } from "node:crypto";
import { type Answer, codeOf, header, isHit, summary } from "../answer.ts";
import { type Check, type Demand, judge } from "../check.ts";
import { FROM_CACHE } from "../diagnosis.ts";
import { folderOf } from "../places.ts";
import { ask, type Subject } from "../subject.ts";

const MEANS =
  "the viewer-request function does not decide: it is not associated, or another answer comes first";
const SET = "the viewer-request function on every behaviour that is not a public area's";

const PROGRAM = { accept: "application/json", "sec-fetch-mode": "cors", "sec-fetch-dest": "empty" };
const PERSON = { accept: "text/html", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" };

/** Where a response headers policy applies to generated answers, theirs is `private, no-cache`. */
function isNotKept(answer: Answer): boolean {
  return /no-store|no-cache/.test(header(answer, "cache-control"));
}

/** What every refusal for want of a token has. */
function refused(answer: Answer, code: string): readonly Demand[] {
  return [
    ["401", answer.status === 401],
    [`the code ${code}`, codeOf(answer) === code],
    ["Cache-Control: no-store", isNotKept(answer)],
    ["WWW-Authenticate: Bearer", header(answer, "www-authenticate").startsWith("Bearer")],
  ];
}

async function program(subject: Subject) {
  const answer = await ask(subject, subject.places.object.path, { headers: PROGRAM });
  return judge(summary(answer), refused(answer, "token_missing"), isHit(answer) ? FROM_CACHE : {});
}

async function page(subject: Subject) {
  const answer = await ask(subject, subject.places.object.path, { headers: PERSON });
  const location = header(answer, "location");
  const isRedirect =
    answer.status === 302 && location.startsWith(`${subject.options.basePath}login?return_to=`);
  const isPage = answer.status === 401 && header(answer, "content-type").startsWith("text/html");
  return judge(isRedirect ? "302 to sign-in" : `${answer.status} ${header(answer, "content-type")}`, [
    ["a 401 page or a redirect to sign-in", isRedirect || isPage],
    ["Cache-Control: no-store", isNotKept(answer)],
  ]);
}

async function unknown(subject: Subject) {
  const path = `${folderOf(subject.places.object.path)}verify-${randomUUID()}.txt`;
  const answer = await ask(subject, path, { headers: PROGRAM });
  return judge(summary(answer), refused(answer, "token_missing"));
}

/** In the order in which they are made. */
export const ANONYMOUS: readonly Check[] = [
  {
    id: "anonymous.program",
    does: "reads the object without a token, as a program",
    means: MEANS,
    set: SET,
    run: program,
  },
  {
    id: "anonymous.page",
    does: "opens the object without a token, as a person",
    means: MEANS,
    set: SET,
    run: page,
  },
  {
    id: "anonymous.unknown",
    does: "reads a missing object without a token",
    means: "strangers learn which objects exist, or the function does not decide",
    set: SET,
    run: unknown,
  },
];
