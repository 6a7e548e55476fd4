// One statement of a policy on the assets, before CDK knows the bucket.

/** A statement in IAM's words; each resource is what follows the bucket's ARN. */
export interface Statement {
  readonly effect: "Allow" | "Deny";
  readonly actions: readonly string[];
  /** Either these or `notResources`. */
  readonly resources?: readonly string[];
  readonly notResources?: readonly string[];
  /** Values by operator and key. */
  readonly conditions?: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
}
