// Conditions in the form that RADOS Gateway 16.2 evaluates as IAM does.

import { type Condition, PolicyError } from "../aws/iam/policy.ts";

const KEYS = /^(s3:(prefix|delimiter|max-keys)|aws:(useragent|referer|sourceip))$/i;
const OPERATORS = /^(String(Equals|EqualsIgnoreCase|Like)|Numeric(LessThan|GreaterThan)(Equals)?|IpAddress)$/;
const NEGATED = /^StringNot(Equals|Like)$/;

/**
 * The `Condition` of a statement; `#1` behind a key says that it comes once more.
 * @throws PolicyError for what the gateway evaluates differently from IAM.
 */
export function conditionsOf(
  conditions: readonly Condition[],
): Record<string, Record<string, readonly string[]>> {
  const result: Record<string, Record<string, readonly string[]>> = {};
  for (const condition of conditions) {
    const { operator, key } = condition;
    const isNegated = NEGATED.test(operator) && isRequired(key, conditions);
    if (!KEYS.test(key) || !(isNegated || OPERATORS.test(operator)))
      throw new PolicyError(`RADOS Gateway does not evaluate ${operator} on ${key} as IAM does`);
    const entries = isNegated ? eachAlone(condition) : [[key, likeValues(condition)]];
    result[operator] = { ...result[operator], ...Object.fromEntries(entries) };
  }
  return result;
}

/** A negated operator holds for a missing key in IAM, and not at the gateway: the key must be there anyway. */
function isRequired(key: string, conditions: readonly Condition[]): boolean {
  return conditions.some((other) => other.key === key && OPERATORS.test(other.operator));
}

/** Of several values a negated operator wants none in IAM, and not all at the gateway: each gets its own condition. */
function eachAlone({ key, values }: Condition): [string, readonly string[]][] {
  return values.map((value, index) => [index === 0 ? key : `${key}#${index}`, [value]]);
}

/** How many folders deep a `*` in the middle of a pattern reaches. */
const DEPTH = 8;

/** The gateway's `*` ends at the first character that goes on, so that `a/*` + `/` means one folder only. */
function likeValues({ operator, values }: Condition): readonly string[] {
  if (operator !== "StringLike") return values;
  return values.flatMap((value) => {
    const [, start] = /^([^*?]*)\*\/$/.exec(value) ?? [];
    if (start === undefined && /[*?].*[^*]$/.test(value))
      throw new PolicyError(`RADOS Gateway does not match ${value} as IAM does`);
    return start === undefined
      ? [value]
      : Array.from({ length: DEPTH }, (_, n) => start + "*/".repeat(n + 1));
  });
}
