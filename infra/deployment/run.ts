// One request of CloudFormation's, from its event to its answer.
import { type Limits, reasonOf } from "./attempt.ts";
import {
  answer,
  type CloudFormationRequest,
  type Outcome,
  parseRequest,
  type Result,
} from "./cloudformation.ts";

/** What a custom resource does when it is made or updated. */
export type Work = (request: CloudFormationRequest) => Promise<Result>;

/** Does the work, unless the resource is deleted, and answers in any case. */
export async function run(event: unknown, limits: Limits, work: Work): Promise<void> {
  const request = parseRequest(event);
  await answer(request, await outcomeOf(request, work), limits);
}

async function outcomeOf(request: CloudFormationRequest, work: Work): Promise<Outcome> {
  if (request.type === "Delete") return { status: "SUCCESS" };
  try {
    return { status: "SUCCESS", ...(await work(request)) };
  } catch (error) {
    const reason = reasonOf(error);
    console.error(reason);
    return { status: "FAILED", reason };
  }
}
