// Objects that are not in the cache: what CloudFront sends to S3 must be what was signed.
import { type Answer, summary } from "../answer.ts";
import { type Check, type Finding, fail, judge, pass, Skipped } from "../check.ts";
import type { ColdObject, Look } from "../cold.ts";
import { diagnosis } from "../diagnosis.ts";
import type { Asking } from "../http.ts";
import { askAsUser, type Subject } from "../subject.ts";

/** S3 takes 8,192 bytes of headers, and CloudFront more. */
const MANY_COOKIES = Array.from({ length: 4 }, (_, index) => `verify-${index}=${"c".repeat(2_200)}`).join(
  "; ",
);

async function look(subject: Subject, asking: Asking = {}): Promise<Look> {
  return await subject.cold.look((object) => read(subject, object, asking));
}

async function read(subject: Subject, { path, headers }: ColdObject, asking: Asking = {}): Promise<Answer> {
  return await askAsUser(subject, path, { ...asking, headers: { ...headers, ...asking.headers } });
}

async function get(subject: Subject): Promise<Finding> {
  const { object, answer } = await look(subject);
  return judge(
    summary(answer),
    [[`200 for ${object.path}`, answer.status === 200]],
    diagnosis(answer, subject.places),
  );
}

/** A refusal says something about the difference only if the plain GET of the same object comes. */
async function unlikeGet(subject: Subject, asking: Asking): Promise<Finding> {
  const { object, answer } = await look(subject, asking);
  if (answer.status === 200) return pass(summary(answer));
  const plain = await read(subject, object);
  if (plain.status !== 200) throw new Skipped("a plain GET does not come either, see cold.get");
  return fail(`${summary(answer)} for ${object.path}, and 200 for a plain GET; expected 200`);
}

/** In the order in which they are made. */
export const COLD: readonly Check[] = [
  {
    id: "cold.head",
    does: "asks for the head of an object that is not cached",
    means: "CloudFront asks S3 with another method than was signed",
    set: 'signing.head: "GET" (context key signingHead), or back to "HEAD" if it is that already',
    settles: "HEAD or GET at S3",
    run: async (subject) => await unlikeGet(subject, { method: "HEAD" }),
  },
  {
    id: "cold.get",
    does: "reads an object that is not cached",
    means: "S3 does not accept the signed request",
    set: 'signing.cfId: "signed" (context key signingCfId), or back to "unsigned" if it is that already',
    run: get,
  },
  {
    id: "cold.cookies",
    does: "reads one with 8,800 bytes of cookies",
    means: "cookies reach S3, which refuses that many, and learns the session",
    set: "no cookies in the origin request policy",
    run: async (subject) => await unlikeGet(subject, { headers: { cookie: MANY_COOKIES } }),
  },
];
