// Signed calls: whose session it is, and whether that role's own policies allow the action.

import { decide } from "../iam/decide.ts";
import {
  callerOf,
  type SignatureDeps,
  SignatureError,
  type SignatureProblem,
  type SignedMessage,
} from "../iam/request-signature.ts";
import type { Role } from "../iam/role.ts";
import type { Session } from "../iam/sessions.ts";
import { ApiError } from "./error.ts";

/** What a service needs to know of callers. */
export interface CallerDeps extends Omit<SignatureDeps, "service" | "region"> {
  /** Every role by ARN, as far as it has been made: a custom resource calls while the stack is still being made. */
  readonly roles: () => ReadonlyMap<string, Role>;
}

/** What a caller wants to do. */
export interface Access {
  /** Such as `cognito-idp:UpdateUserPoolClient`. */
  readonly action: string;
  /** An ARN. */
  readonly resource: string;
}

/** The codes that JSON services share. https://docs.aws.amazon.com/awssupport/latest/APIReference/CommonErrors.html */
const CODES: Readonly<Record<SignatureProblem, string>> = {
  missing: "MissingAuthenticationTokenException",
  malformed: "IncompleteSignatureException",
  wrong: "InvalidSignatureException",
  "unknown-key": "UnrecognizedClientException",
  "expired-key": "ExpiredTokenException",
};

/**
 * The session that signed a call, which is asked before the input is looked at.
 * @throws ApiError for a signature that does not count.
 */
export async function signerOf(
  message: SignedMessage,
  scope: Pick<SignatureDeps, "service" | "region">,
  { sessions, now }: CallerDeps,
): Promise<Session> {
  try {
    return await callerOf(message, { sessions, now, ...scope });
  } catch (error) {
    if (error instanceof SignatureError) throw new ApiError(CODES[error.problem], error.message);
    throw error;
  }
}

/** @throws ApiError AccessDeniedException, unless the policies of the session's role allow it. */
export function permit(session: Session, access: Access, { roles }: CallerDeps): void {
  const { principal, context, sessionPolicies } = session;
  const role = principal.kind === "role" ? roles().get(principal.arn) : undefined;
  const policies = { identity: role?.policies ?? [], ...(sessionPolicies && { session: sessionPolicies }) };
  if (decide({ principal, ...access, context }, policies) === "allow") return;
  const who = principal.kind === "role" ? principal.sessionArn : principal.kind;
  throw new ApiError(
    "AccessDeniedException",
    `User: ${who} is not authorized to perform: ${access.action} on resource: ${access.resource} because no identity-based policy allows the ${access.action} action`,
  );
}
