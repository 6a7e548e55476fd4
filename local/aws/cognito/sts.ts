// The security token service: AssumeRole by the session of another role. No HTTP in here.
// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html

import { decide, trusts } from "../iam/decide.ts";
import type { Role } from "../iam/role.ts";
import type { Credentials, Mint, Session } from "../iam/sessions.ts";
import { StsError } from "./sts-errors.ts";

/** The parameters of one call, checked for their form. */
export interface AssumeRoleRequest {
  readonly roleArn: string;
  readonly sessionName: string;
  readonly durationSeconds: number;
  readonly tags: Readonly<Record<string, string>>;
}

/** What the service knows and uses. */
export interface StsDeps {
  /** Every role by ARN: those that are assumed, and those that assume. */
  readonly roles: ReadonlyMap<string, Role>;
  readonly mint: Mint;
}

/**
 * Credentials of the role, when its trust policy lets the caller in and the caller's own policies allow the call.
 * Within one account AWS lets a trust policy that names the caller stand alone; the harsher reading asks for both.
 * @throws StsError `AccessDenied`, for a role that does not exist too.
 */
export async function assumeRole(
  caller: Session,
  request: AssumeRoleRequest,
  { roles, mint }: StsDeps,
): Promise<Credentials> {
  const actions = ["sts:AssumeRole", ...(Object.keys(request.tags).length > 0 ? ["sts:TagSession"] : [])];
  for (const action of actions)
    if (!mayCall(action, caller, request, roles)) throw denied(action, caller, request.roleArn);
  const { roleArn, sessionName, durationSeconds, tags } = request;
  return await mint({ roleArn, sessionName, durationSeconds, tags });
}

function mayCall(
  action: string,
  { principal, context, sessionPolicies }: Session,
  request: AssumeRoleRequest,
  roles: StsDeps["roles"],
): boolean {
  const role = roles.get(request.roleArn);
  const own = principal.kind === "role" ? roles.get(principal.arn) : undefined;
  if (!role || !own) return false;
  const asked = {
    principal,
    action,
    resource: request.roleArn,
    context: { ...context, ...contextOf(request) },
  };
  const identity = { identity: own.policies, ...(sessionPolicies && { session: sessionPolicies }) };
  return trusts(role.trust, asked) && decide(asked, identity) === "allow";
}

function contextOf({
  tags,
  sessionName,
}: AssumeRoleRequest): Readonly<Record<string, string | readonly string[]>> {
  const requestTags = Object.entries(tags).map(([key, value]) => [`aws:RequestTag/${key}`, value]);
  return {
    "sts:RoleSessionName": sessionName,
    ...(requestTags.length > 0 && { "aws:TagKeys": Object.keys(tags) }),
    ...Object.fromEntries(requestTags),
  };
}

function denied(action: string, { principal }: Session, roleArn: string): StsError {
  const who = principal.kind === "role" ? principal.sessionArn : principal.kind;
  return new StsError(
    "AccessDenied",
    `User: ${who} is not authorized to perform: ${action} on resource: ${roleArn}`,
  );
}
