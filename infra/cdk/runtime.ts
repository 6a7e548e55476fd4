// The runtime of all functions.
import { Runtime, RuntimeFamily } from "aws-cdk-lib/aws-lambda";

/** Older versions of CDK do not have it, and hand a runtime's name through. */
const KNOWN: Runtime | undefined = Runtime.NODEJS_24_X;

/** Lambda's Node.js 24. */
export const NODEJS_24 =
  KNOWN ?? new Runtime("nodejs24.x", RuntimeFamily.NODEJS, { supportsInlineCode: true });
