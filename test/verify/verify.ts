// The run: one check after the other, each with what it came to.
import { type Check, type Finding, fail, Skipped } from "./check.ts";
import { CHECKS } from "./checks/index.ts";
import { ColdObjects, coldObjects } from "./cold.ts";
import { NoAnswer } from "./http.ts";
import type { Options } from "./options.ts";
import { findPlaces } from "./places.ts";
import type { Subject } from "./subject.ts";
import { findUser } from "./user.ts";

/** A check that has been made. */
export interface Result {
  readonly check: Check;
  readonly finding: Finding;
}

/**
 * Makes all checks; `onResult` hears of each at once.
 * @throws UsageError without a user, and NoAnswer when the gate cannot be reached at all
 */
export async function verify(
  options: Options,
  onResult: (result: Result) => void = () => {},
): Promise<readonly Result[]> {
  const subject = await examine(options);
  const results: Result[] = [];
  for (const check of CHECKS) {
    const result = { check, finding: await findingOf(check, subject) };
    onResult(result);
    results.push(result);
  }
  return results;
}

async function examine(options: Options): Promise<Subject> {
  const user = await findUser(options.user);
  const places = await findPlaces({ options, user });
  const isOdd = (path: string) => /[^\w./-]/.test(path);
  const others = [...places.others].sort((a, b) => Number(isOdd(a)) - Number(isOdd(b)));
  const cold = new ColdObjects(coldObjects([...options.paths.cold, ...others, places.object.path]));
  return { options, user, places, cold };
}

async function findingOf(check: Check, subject: Subject): Promise<Finding> {
  try {
    return await check.run(subject);
  } catch (error) {
    if (error instanceof Skipped) return { verdict: "skip", detail: error.message };
    if (error instanceof NoAnswer) return fail(`no answer: ${error.message}`);
    throw error;
  }
}
