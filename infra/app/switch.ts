// A switch in CDK's context.

/** A switch comes as a boolean from `cdk.json` and as a word from the command line. */
export const SWITCH: ReadonlyMap<unknown, boolean> = new Map<unknown, boolean>([
  [undefined, false],
  [false, false],
  ["false", false],
  [true, true],
  ["true", true],
]);
