// Who may see what: each kind of area, where the options name an object of it.
import { codeOf, header, summary, text } from "../answer.ts";
import { type Check, type Finding, fail, judge, pass, Skipped } from "../check.ts";
import { diagnosis } from "../diagnosis.ts";
import { parseListing } from "../listing.ts";
import { folderOf, listTarget } from "../places.ts";
import { ask, askAsUser, given, objectOf, type Subject } from "../subject.ts";

async function opensOnlyFor(subject: Subject, path: string): Promise<Finding> {
  objectOf(subject);
  const users = await askAsUser(subject, path);
  const strangers = await ask(subject, path);
  return judge(
    `${summary(users)}; without a token ${summary(strangers)}`,
    [
      ["200", users.status === 200],
      ["401 without a token", strangers.status === 401],
    ],
    users.status === 200 ? {} : diagnosis(users, subject.places),
  );
}

async function forbidden(subject: Subject): Promise<Finding> {
  const path = given(subject.options.paths.forbidden, "--forbidden-path");
  const answers = [await askAsUser(subject, path), await askAsUser(subject, firstEscaped(path))];
  return judge(answers.map(summary).join("; "), [
    [
      "403 access_denied",
      answers.every((answer) => answer.status === 403 && codeOf(answer) === "access_denied"),
    ],
  ]);
}

/** The listing of the user's own folder shows its real key. */
async function ownersKey(subject: Subject): Promise<Finding> {
  const path = given(subject.options.paths.owner, "--owner-path");
  const listing = parseListing(text(await askAsUser(subject, listTarget(subject, folderOf(path)))));
  const name = path.slice(folderOf(path).length);
  if (!listing?.keys.includes(listing.prefix + decodeURIComponent(name)))
    throw new Skipped("needs a listing of the user's own folder");
  const key = listing.prefix.split("/").map(encodeURIComponent).join("/");
  const answer = await askAsUser(subject, `/${key}${name}`);
  return judge(summary(answer), [["403 access_denied", codeOf(answer) === "access_denied"]]);
}

async function opensForAll(subject: Subject): Promise<Finding> {
  const answer = await ask(subject, given(subject.options.paths.public, "--public-path"));
  return judge(summary(answer), [
    ["200", answer.status === 200],
    ["Content-Security-Policy: sandbox", /\bsandbox\b/.test(header(answer, "content-security-policy"))],
  ]);
}

/** Either reading is safe as long as no other spelling opens what is signed. */
async function patterns(subject: Subject): Promise<Finding> {
  const path = subject.places.object.path.replace(/\/$/, "/index.html");
  const plain = await ask(subject, path);
  if (plain.status !== 401) throw new Skipped("strangers are not refused, see anonymous.program");
  const spelled = firstEscaped(path);
  const signed = await ask(subject, spelled);
  if (signed.status !== 401) return fail(`${summary(signed)} without a token for ${spelled}; expected 401`);
  const { public: open } = subject.options.paths;
  if (open === undefined) return pass("401; give --public-path to see which reading it is");
  const answer = await ask(subject, firstEscaped(open));
  return pass(`401; patterns match the ${answer.status === 200 ? "decoded" : "raw"} path`);
}

/** The same path with its first character escaped. */
function firstEscaped(path: string): string {
  const code = path.charCodeAt(1);
  return /^\/[\w.-]/.test(path) ? `/%${code.toString(16).toUpperCase()}${path.slice(2)}` : path;
}

const CLOSED = "the area is open to others than its own";

/** In the order in which they are made. */
export const AREAS: readonly Check[] = [
  {
    id: "areas.group",
    does: "reads an object of a group area, with and without a token",
    means: "members of the group do not get its objects, or strangers do",
    set: "groups; in a given identity pool, map the pool's roles by token",
    settles: "CustomRoleArn without a token role mapping",
    run: async (subject) => await opensOnlyFor(subject, given(subject.options.paths.group, "--group-path")),
  },
  {
    id: "areas.owner",
    does: "reads an object of the user's own, with and without a token",
    means: "users do not get their own objects, or strangers do",
    set: "owner, and the role's policy",
    run: async (subject) => await opensOnlyFor(subject, given(subject.options.paths.owner, "--owner-path")),
  },
  {
    id: "areas.owner-key",
    does: "asks for it by its real key",
    means: "what is one user's can be reached by a path of everybody's",
    set: "nothing: do not use this deployment",
    run: ownersKey,
  },
  {
    id: "areas.forbidden",
    does: "asks for an object that the user may not read, in two spellings",
    means: CLOSED,
    set: "areas: the first whose path matches decides",
    run: forbidden,
  },
  {
    id: "areas.public",
    does: "reads a public object without a token",
    means: "the public area is closed, or its pages may use their readers' sessions",
    set: "public, and the behaviour of the area",
    run: opensForAll,
  },
  {
    id: "areas.patterns",
    does: "asks without a token for objects in another spelling",
    means: "another spelling of a path leads around the function",
    set: "nothing: do not use this deployment",
    settles: "path patterns decoded or raw",
    run: patterns,
  },
];
