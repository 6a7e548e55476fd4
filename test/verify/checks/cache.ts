// The cache gives every object to everybody who may read it, and to nobody else.
import { randomUUID } from "node:crypto";
import { type Answer, cacheState, codeOf, header, isHit, summary, text } from "../answer.ts";
import { type Check, type Finding, fail, judge, pass, Skipped } from "../check.ts";
import { FROM_CACHE } from "../diagnosis.ts";
import { parseListing } from "../listing.ts";
import { listTarget } from "../places.ts";
import { ask, askAsUser, objectOf, type Subject } from "../subject.ts";

/** A distribution has more than one cache: a point of presence spreads requests over several. */
const TRIES = 4;

/** Asks until the answer comes out of the cache; undefined when none does. */
async function hit(subject: Subject, path: string, headers: Readonly<Record<string, string>> = {}) {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const answer = await askAsUser(subject, path, { headers });
    if (answer.status === 200 && isHit(answer)) return answer;
  }
  return undefined;
}

async function hitOrSkip(subject: Subject): Promise<string> {
  const { path } = objectOf(subject);
  if (!(await hit(subject, path))) throw new Skipped("the object is never in the cache, see cache.hit");
  return path;
}

async function comes(subject: Subject): Promise<Finding> {
  const answer = await hit(subject, objectOf(subject).path);
  return answer ? pass(summary(answer)) : fail(`no hit in ${TRIES} requests`);
}

/** Programs of the same object without a token, and one whose token is only nearly right. */
async function refusesStrangers(subject: Subject): Promise<Finding> {
  const path = await hitOrSkip(subject);
  const spoiled = `${subject.user.idToken.slice(0, -10)}AAAAAAAAAA`;
  const answers = [
    await ask(subject, path),
    await ask(subject, path, { method: "HEAD" }),
    await ask(subject, path, { headers: { authorization: `Bearer ${spoiled}` } }),
    await ask(subject, path, { headers: { "x-gatehouse-cache-scope": "signed-in" } }),
  ];
  const statuses = answers.map(({ status }) => status);
  return judge(statuses.join(", "), [["401 each time", statuses.every((status) => status === 401)]]);
}

async function sharesDespite(subject: Subject, headers: () => Record<string, string>): Promise<Finding> {
  const path = await hitOrSkip(subject);
  for (let tries = 0; tries < TRIES; tries += 1) {
    const answer = await askAsUser(subject, path, { headers: headers() });
    if (answer.status !== 200) return fail(`${summary(answer)}; expected 200`);
    if (isHit(answer)) return pass(summary(answer));
  }
  return fail(`no hit in ${TRIES} requests; expected one, as without`);
}

/** Lists are all of one path at S3: only the scope tells them apart. */
async function tellsListsApart(subject: Subject): Promise<Finding> {
  const [folder] = subject.places.folders;
  if (folder === undefined) throw new Skipped("needs a listing, where the scope can be seen from outside");
  const answers: Answer[] = [];
  for (const maxKeys of [3, 2, 1])
    answers.push(await askAsUser(subject, listTarget(subject, folder, `max-keys=${maxKeys}`)));
  const sizes = answers.map(
    (answer) => parseListing(text(answer))?.maxKeys ?? codeOf(answer) ?? answer.status,
  );
  return judge(`lists of at most ${sizes.join(", ")} keys, ${answers.map(cacheState).join(", ")}`, [
    ["at most 3, 2, 1", sizes.join() === "3,2,1"],
  ]);
}

/** What the viewer asks for of S3, or plants beside the function's signature. */
const PLANTED = new URLSearchParams({
  "response-content-type": "text/x-verify",
  "response-content-disposition": "attachment; filename=verify",
  "response-cache-control": "public, max-age=31536000",
  "X-Amz-Signature": "0".repeat(64),
  "X-Amz-Security-Token": "verify",
  "X-Amz-Expires": "604800",
});

async function ignoresQuery(subject: Subject): Promise<Finding> {
  const { path, answer: plain } = objectOf(subject);
  const answer = await askAsUser(subject, `${path}?${PLANTED}`);
  const same = (name: string): [string, boolean] => [
    `the same ${name}`,
    header(answer, name) === header(plain, name),
  ];
  return judge(summary(answer), [
    ["200", answer.status === 200],
    same("content-type"),
    same("content-disposition"),
    same("cache-control"),
  ]);
}

/** In the order in which they are made. */
export const CACHE: readonly Check[] = [
  {
    id: "cache.hit",
    does: "reads the object again",
    means: "CloudFront asks S3 every time: the cache key holds too much, or the object says no-store",
    set: "the cache policy: path, x-gatehouse-cache-scope, and nothing of the viewer's",
    run: comes,
  },
  {
    id: "cache.anonymous",
    does: "reads the cached object without a valid token",
    ...FROM_CACHE,
    run: refusesStrangers,
  },
  {
    id: "cache.cookies",
    does: "reads the cached object with another cookie each time",
    means: "cookies are part of the cache key: nothing is shared, and a session may be forwarded",
    set: "no cookies in the cache policy and the origin request policy",
    run: async (subject) => await sharesDespite(subject, () => ({ cookie: `verify=${randomUUID()}` })),
  },
  {
    id: "cache.scope",
    does: "reads the cached object with a cache scope of the viewer's own",
    means: "viewers choose whose cached objects they see",
    set: "nothing: do not use this deployment; the function overwrites x-gatehouse-cache-scope",
    run: async (subject) => await sharesDespite(subject, () => ({ "x-gatehouse-cache-scope": randomUUID() })),
  },
  {
    id: "cache.lists",
    does: "asks for three different lists of one folder",
    means: "one user's answer is served to others: the cache scope is not in the cache key",
    set: "x-gatehouse-cache-scope in the cache policy's headers",
    run: tellsListsApart,
  },
  {
    id: "query.ignored",
    does: "plants response-content-type and a signature in the query",
    means: "viewers decide what browsers take an object for, or what is sent to S3",
    set: "nothing: do not use this deployment; the function rebuilds the query",
    run: ignoresQuery,
  },
];
