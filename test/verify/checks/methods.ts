// Reading is all there is.
import { randomUUID } from "node:crypto";
import type { Answer } from "../answer.ts";
import { type Check, type Finding, judge } from "../check.ts";
import { askAsUser, type Subject } from "../subject.ts";

/** On a path where nothing is: should one get through, nothing is lost. */
async function write(subject: Subject): Promise<Finding> {
  const answers: Answer[] = [];
  for (const method of ["POST", "PUT", "PATCH", "DELETE"])
    answers.push(await askAsUser(subject, `/verify-${randomUUID()}`, { method }));
  const statuses = answers.map(({ status }) => status);
  return judge(statuses.join(", "), [
    ["403 or 405 for each", statuses.every((status) => status === 403 || status === 405)],
  ]);
}

/** In the order in which they are made. */
export const METHODS: readonly Check[] = [
  {
    id: "methods.write",
    does: "tries POST, PUT, PATCH and DELETE",
    means: "requests that write are let through",
    set: "the allowed methods of the behaviours: GET, HEAD, OPTIONS",
    run: write,
  },
];
