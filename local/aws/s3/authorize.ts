// What S3 asks IAM: the action, the resource and the condition keys of one request.

import { type Decision, decide } from "../iam/decide.ts";
import type { Policy } from "../iam/policy.ts";
import type { Role } from "../iam/role.ts";
import type { Authenticated } from "./authenticate.ts";
import { S3Error } from "./errors.ts";
import type { S3Request } from "./request.ts";

/** The policies that a bucket's requests meet. */
export interface AuthorizeDeps {
  readonly roles: ReadonlyMap<string, Role>;
  readonly bucketPolicy: Policy | undefined;
  /** What `aws:SecureTransport` says: plain HTTP on loopback stands in for TLS unless a test says otherwise. */
  readonly secureTransport: boolean;
}

/** An S3 action with the resource it is asked on. */
export interface Access {
  readonly action:
    | "s3:GetObject"
    | "s3:GetObjectVersion"
    | "s3:PutObject"
    | "s3:ListBucket"
    | "s3:ListBucketVersions";
  readonly resource: string;
}

/**
 * Asks IAM.
 * @throws S3Error AccessDenied, worded as S3 words it within one account.
 */
export function authorize(
  request: S3Request,
  access: Access,
  sender: Authenticated | undefined,
  deps: AuthorizeDeps,
): void {
  const decision = decisionOn(request, access, sender, deps);
  if (decision === "allow") return;
  if (sender?.session.principal.kind !== "role") throw new S3Error("AccessDenied");
  const why =
    decision === "explicit-deny"
      ? "with an explicit deny in a policy"
      : `because no identity-based policy allows the ${access.action} action`;
  throw new S3Error(
    "AccessDenied",
    `User: ${sender.session.principal.sessionArn} is not authorized to perform: ${access.action} on resource: "${access.resource}" ${why}`,
  );
}

/** IAM's answer, for callers that only want to know (a missing key is 404 only to who may list). */
export function decisionOn(
  request: S3Request,
  access: Access,
  sender: Authenticated | undefined,
  deps: AuthorizeDeps,
): Decision {
  const principal = sender?.session.principal ?? { kind: "anonymous" };
  const role = principal.kind === "role" ? deps.roles.get(principal.arn) : undefined;
  const sessionPolicies = sender?.session.sessionPolicies;
  return decide(
    {
      principal,
      ...access,
      context: { ...requestContext(request, sender, deps), ...sender?.session.context },
    },
    {
      identity: role?.policies ?? [],
      resource: deps.bucketPolicy,
      ...(sessionPolicies && { session: sessionPolicies }),
    },
  );
}

function requestContext(
  request: S3Request,
  sender: Authenticated | undefined,
  deps: AuthorizeDeps,
): Record<string, string> {
  const optional: Record<string, string | undefined> = {
    "s3:prefix": request.query.get("prefix"),
    "s3:delimiter": request.query.get("delimiter"),
    "s3:max-keys": request.query.get("max-keys"),
    "s3:versionid": request.query.get("versionId"),
    "aws:UserAgent": request.headers.get("user-agent"),
    "aws:Referer": request.headers.get("referer"),
    ...(sender && {
      "s3:authType": sender.where === "query" ? "REST-QUERY-STRING" : "REST-HEADER",
      "s3:signatureversion": "AWS4-HMAC-SHA256",
      "s3:signatureAge": String(sender.signatureAgeMs),
    }),
  };
  const present = Object.entries(optional).flatMap(([key, value]) =>
    value === undefined ? [] : [[key, value]],
  );
  return {
    "aws:SecureTransport": String(deps.secureTransport),
    "s3:TlsVersion": "1.3",
    "aws:SourceIp": request.sourceIp,
    ...Object.fromEntries(present),
  };
}
