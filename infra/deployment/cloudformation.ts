// CloudFormation's side of a custom resource: what it sends, and the one answer it waits for.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref.html
import { attempt, type Limits } from "./attempt.ts";
import { isRecord } from "./json.ts";

/** A request that CloudFormation sent to this custom resource. */
export interface CloudFormationRequest {
  readonly type: "Create" | "Update" | "Delete";
  readonly responseUrl: string;
  readonly stackId: string;
  readonly requestId: string;
  readonly logicalResourceId: string;
  /** What this resource answered the last time; none before it is made. */
  readonly physicalResourceId: string | undefined;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** What became of a request: attributes for the template, or the reason that people read in the stack's events. */
export type Outcome =
  | ({ readonly status: "SUCCESS" } & Result)
  | { readonly status: "FAILED"; readonly reason: string };

/** What a custom resource is once it is made or updated. */
export interface Result {
  readonly data?: Readonly<Record<string, string>>;
  /**
   * Another one than before makes CloudFormation delete the "old" resource at the end, or this one after a rollback.
   * @default - the same as before
   */
  readonly physicalResourceId?: string;
}

/** CloudFormation drops longer answers, and the deployment then hangs until its timeout. */
const MAX_ANSWER_BYTES = 4_096;
const MAX_REASON_CHARACTERS = 1_000;

/** What a resource without an id of its own is called, and one that could not be made. */
const PHYSICAL_RESOURCE_ID = "gatehouse-deployment";

/** @throws Error when the event is none of CloudFormation's: then there is no one to answer. */
export function parseRequest(event: unknown): CloudFormationRequest {
  const fields = isRecord(event) ? event : {};
  const type = fields["RequestType"];
  if (type !== "Create" && type !== "Update" && type !== "Delete")
    throw new Error("not a custom resource request: RequestType is missing");
  const properties = fields["ResourceProperties"];
  const physicalResourceId = fields["PhysicalResourceId"];
  return {
    type,
    responseUrl: text(fields, "ResponseURL"),
    stackId: text(fields, "StackId"),
    requestId: text(fields, "RequestId"),
    logicalResourceId: text(fields, "LogicalResourceId"),
    physicalResourceId: typeof physicalResourceId === "string" ? physicalResourceId : undefined,
    properties: isRecord(properties) ? properties : {},
  };
}

/** The body of the answer: an outcome that is too long becomes a failure that says so. */
export function answerBody(request: CloudFormationRequest, outcome: Outcome): string {
  const result: Result = outcome.status === "SUCCESS" ? outcome : {};
  const body = JSON.stringify({
    Status: outcome.status,
    Reason: outcome.status === "FAILED" ? outcome.reason.slice(0, MAX_REASON_CHARACTERS) : undefined,
    PhysicalResourceId: result.physicalResourceId ?? request.physicalResourceId ?? PHYSICAL_RESOURCE_ID,
    StackId: request.stackId,
    RequestId: request.requestId,
    LogicalResourceId: request.logicalResourceId,
    Data: result.data,
  });
  const bytes = Buffer.byteLength(body);
  if (bytes <= MAX_ANSWER_BYTES) return body;
  const reason = `The answer is ${bytes} bytes long; CloudFormation takes ${MAX_ANSWER_BYTES}.`;
  return answerBody(request, { status: "FAILED", reason });
}

/** Further tries of an answer: the work has had its time, and the function's own ends soon. */
const ANSWER_PAUSES = 2;

/** Puts the answer where CloudFormation waits for it. */
export async function answer(
  request: CloudFormationRequest,
  outcome: Outcome,
  limits: Limits,
): Promise<void> {
  const body = Buffer.from(answerBody(request, outcome));
  const { timeoutMs, pausesMs } = limits;
  await attempt({ timeoutMs, pausesMs: pausesMs.slice(0, ANSWER_PAUSES) }, async (signal) => {
    const response = await fetch(request.responseUrl, {
      method: "PUT",
      body,
      // The presigned URL allows for no type, as in AWS's own cfn-response module.
      headers: { "content-type": "" },
      redirect: "error",
      signal,
    });
    await response.body?.cancel();
    if (!response.ok) throw new Error(`CloudFormation's answer URL replied ${response.status}`);
  });
}

function text(fields: Record<string, unknown>, name: string): string {
  const value = fields[name];
  if (typeof value !== "string") throw new Error(`not a custom resource request: ${name} is missing`);
  return value;
}
