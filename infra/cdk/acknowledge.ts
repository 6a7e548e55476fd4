// Tells validators why a resource is as it is.
import { Validations } from "aws-cdk-lib";
import type { IConstruct } from "constructs";

/** What a validator finds, and why it is meant so. */
export interface Finding {
  readonly id: string;
  readonly reason: string;
}

/** Older versions of CDK do not have it, nor anything that would ask. */
const VALIDATIONS: typeof Validations | undefined = Validations;

/** Acknowledges findings below `scope`, where CDK has a place for that. */
export function acknowledge(scope: IConstruct, ...findings: readonly Finding[]): void {
  for (const finding of findings)
    try {
      VALIDATIONS?.of(scope).acknowledge(finding);
    } catch {
      // CDK's first versions of it refuse ids with more than one "::", which cdk-nag's have. A finding is then seen.
    }
}
