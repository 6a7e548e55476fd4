// Reads the parameters of AssumeRole and holds them against the service's own rules.

import type { AssumeRoleRequest } from "./sts.ts";
import { StsError } from "./sts-errors.ts";

const ROLE_ARN = /^arn:aws:iam::\d{12}:role\/[\w+=,.@/-]{1,512}$/;
const SESSION_NAME = /^[\w+=,.@-]{2,64}$/;
const TAG_KEY = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}$/u;
const TAG_VALUE = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$/u;
const TAG = /^Tags\.member\.([1-9]\d?)\.(Key|Value)$/;
const MAX_TAGS = 50;
const KNOWN = ["Action", "Version", "RoleArn", "RoleSessionName", "DurationSeconds"];
const DEFAULT_SECONDS = 3600;
const LEAST_SECONDS = 900;
/** "Role chaining limits your session to a maximum of one hour": a function is itself the session of a role. */
const MOST_SECONDS = 3600;

/** @throws StsError `InvalidAction` or `ValidationError`; parameters that are not implemented are refused too. */
export function readAssumeRole(body: string): AssumeRoleRequest {
  const form = new URLSearchParams(body);
  if (form.get("Action") !== "AssumeRole" || form.get("Version") !== "2011-06-15")
    throw new StsError(
      "InvalidAction",
      `Could not find operation ${form.get("Action")} for version ${form.get("Version")}`,
    );
  for (const [name] of form)
    if (form.getAll(name).length > 1 || !(KNOWN.includes(name) || TAG.test(name)))
      throw invalid(name, "is repeated, or not implemented here");
  return {
    roleArn: required(form, "RoleArn", ROLE_ARN),
    sessionName: required(form, "RoleSessionName", SESSION_NAME),
    durationSeconds: durationOf(form.get("DurationSeconds")),
    tags: tagsOf(form),
  };
}

function durationOf(text: string | null): number {
  if (text === null) return DEFAULT_SECONDS;
  const seconds = /^\d+$/.test(text) ? Number(text) : 0;
  if (seconds < LEAST_SECONDS) throw invalid("durationSeconds", "Member must have value at least 900");
  if (seconds <= MOST_SECONDS) return seconds;
  throw new StsError(
    "ValidationError",
    "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining",
  );
}

/** Keys do not differ by case alone. */
function tagsOf(form: URLSearchParams): Readonly<Record<string, string>> {
  const numbers = new Set([...form.keys()].flatMap((name) => TAG.exec(name)?.[1] ?? []));
  const tags = [...numbers].map((number): [string, string] => [
    required(form, `Tags.member.${number}.Key`, TAG_KEY),
    required(form, `Tags.member.${number}.Value`, TAG_VALUE),
  ]);
  const distinct = new Set(tags.map(([key]) => key.toLowerCase()));
  if (tags.length > MAX_TAGS || distinct.size < tags.length)
    throw new StsError(
      "ValidationError",
      "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
    );
  return Object.fromEntries(tags);
}

function required(form: URLSearchParams, name: string, rule: RegExp): string {
  const value = form.get(name);
  if (value !== null && rule.test(value)) return value;
  const field = `${name.charAt(0).toLowerCase()}${name.slice(1)}`;
  throw invalid(
    field,
    value === null ? "Member must not be null" : "Member must satisfy regular expression pattern",
  );
}

function invalid(field: string, constraint: string): StsError {
  return new StsError(
    "ValidationError",
    `1 validation error detected: Value at '${field}' failed to satisfy constraint: ${constraint}`,
  );
}
