// What a path selects, compiled from its decoded form: a key in IAM, a path in CloudFront.

/** A key, or every key that starts with a prefix; both with a leading slash and decoded. */
export interface Pattern {
  readonly literal: string;
  readonly isPrefix: boolean;
}

/** Characters that are spelt the same in a path, encoded or not, and mean nothing to CloudFront's patterns. */
const ONE_SPELLING = /^[\w.~/-]*$/;

/** What IAM takes in a policy. https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePolicy.html */
const POLICY_CHARACTERS = /^[\u0020-\u00ff]*$/;

/** The pattern of an area's `path`. */
export function patternOf(path: string): Pattern {
  const isPrefix = path.endsWith("/*");
  return { isPrefix, literal: isPrefix ? path.slice(0, -1) : path };
}

/** Whether every key of the inner pattern is one of the outer one. Two patterns are nested or have no key in common. */
export function contains(outer: Pattern, inner: Pattern): boolean {
  return outer.isPrefix ? inner.literal.startsWith(outer.literal) : inner.literal === outer.literal;
}

/** What follows the bucket's ARN in an IAM resource. */
export function keyResource({ literal, isPrefix }: Pattern, originPath: string): string {
  return `${iamLiteral(originPath + literal)}${isPrefix ? "*" : ""}`;
}

/**
 * Text in which IAM sees neither wildcards nor variables.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#policy-vars-specialchars
 */
export function iamLiteral(text: string): string {
  return text.replace(/[*?$]/g, (character) => `\${${character}}`);
}

/** Whether a policy can hold this text. */
export function fitsPolicies(text: string): boolean {
  return POLICY_CHARACTERS.test(text);
}

/**
 * Whether CloudFront can pick a behaviour by this path: AWS does not say whether it compares paths decoded or as they
 * were sent, and here both are the same.
 */
export function fitsBehaviors(path: string): boolean {
  return path.length <= 255 && ONE_SPELLING.test(patternOf(path).literal);
}
