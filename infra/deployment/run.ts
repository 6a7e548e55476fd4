// One request of CloudFormation's, from its event to its answer.
import { type Limits, reasonOf } from "./attempt.ts";
import { answer, type CloudFormationRequest, type Outcome, parseRequest } from "./cloudformation.ts";

/** What a custom resource does when it is made or updated; returns its attributes. */
export type Work = (
  properties: CloudFormationRequest["properties"],
) => Promise<Readonly<Record<string, string>>>;

/** Does the work, unless the resource is deleted, and answers in any case. */
export async function run(event: unknown, limits: Limits, work: Work): Promise<void> {
  const request = parseRequest(event);
  await answer(request, await outcomeOf(request, work), limits);
}

async function outcomeOf({ type, properties }: CloudFormationRequest, work: Work): Promise<Outcome> {
  if (type === "Delete") return { status: "SUCCESS" };
  try {
    return { status: "SUCCESS", data: await work(properties) };
  } catch (error) {
    const reason = reasonOf(error);
    console.error(reason);
    return { status: "FAILED", reason };
  }
}
