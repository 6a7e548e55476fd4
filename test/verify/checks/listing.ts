// Lists of keys: the names are as private as the objects.
import { codeOf, summary, text } from "../answer.ts";
import { type Check, type Finding, judge, pass, Skipped } from "../check.ts";
import { parseListing } from "../listing.ts";
import { folderOf, listTarget } from "../places.ts";
import { ask, askAsUser, given, objectOf, type Subject } from "../subject.ts";

/** Refused, or there is no listing at all. */
function closed(status: number): boolean {
  return [401, 403, 404].includes(status);
}

async function anonymous(subject: Subject): Promise<Finding> {
  const folders = new Set([...subject.places.folders.slice(0, 2), folderOf(subject.places.object.path), "/"]);
  const answers = [];
  for (const folder of folders) answers.push(await ask(subject, listTarget(subject, folder)));
  answers.push(await ask(subject, "/?list-type=2"));
  const isListed = answers.some((answer) => parseListing(text(answer)));
  return judge(answers.map(summary).join(", "), [
    ["no list", !isListed],
    ["401, or 404 without listing", answers.every(({ status }) => closed(status))],
  ]);
}

async function own(subject: Subject): Promise<Finding> {
  const [folder] = subject.places.folders;
  if (folder === undefined) throw new Skipped("listing is off, or no folder of the object's can be listed");
  const answer = await askAsUser(subject, listTarget(subject, folder));
  const listing = parseListing(text(answer));
  return judge(`${listing?.keys.length ?? 0} keys in ${folder}, ${answer.status}`, [
    ["200", answer.status === 200],
    ["only keys below it", listing?.keys.every((key) => key.startsWith(listing.prefix)) === true],
  ]);
}

async function forbidden(subject: Subject): Promise<Finding> {
  const path = given(subject.options.paths.forbidden, "--forbidden-path");
  const answer = await askAsUser(subject, listTarget(subject, folderOf(path)));
  return judge(summary(answer), [
    ["no list", parseListing(text(answer)) === undefined],
    ["403 or 404", [403, 404].includes(answer.status)],
  ]);
}

async function root(subject: Subject): Promise<Finding> {
  objectOf(subject);
  const answer = await askAsUser(subject, listTarget(subject, "/"));
  if (codeOf(answer) === "access_denied") throw new Skipped("the root is not of one area");
  if (codeOf(answer) === "not_found") throw new Skipped("listing is off");
  return parseListing(text(answer)) ? pass(summary(answer)) : judge(summary(answer), [["a list", false]]);
}

/** In the order in which they are made. */
export const LISTING: readonly Check[] = [
  {
    id: "list.anonymous",
    does: "asks for lists without a token",
    means: "strangers can read the names of objects",
    set: "the function on /.gatehouse/list/*; no s3:ListBucket for everybody",
    run: anonymous,
  },
  {
    id: "list.own",
    does: "lists a folder that the user may read",
    means: "the user's role may not list, or S3 does not accept the signature",
    set: "listing, and the role's s3:ListBucket",
    run: own,
  },
  {
    id: "list.forbidden",
    does: "lists the folder of an object that the user may not read",
    means: "users can read the names of others' objects",
    set: "areas, and the role's s3:ListBucket",
    run: forbidden,
  },
  {
    id: "list.root",
    does: "lists everything, where one area is everything",
    means: "S3 does not take the empty prefix for the one that the role's policy names",
    set: "nothing: list folders instead",
    settles: "s3:prefix of an empty prefix",
    run: root,
  },
];
