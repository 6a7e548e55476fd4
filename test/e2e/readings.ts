// What AWS leaves open, played either way.
import type { GateOptions } from "../../local/gate/gate.ts";

/** The readings of what AWS leaves open, each with the settings that a deployment under it needs. */
export const READINGS: readonly [string, Partial<GateOptions>][] = [
  ["the default readings", {}],
  ["HEAD asked as GET", { readings: { headOnMiss: "GET" }, context: { signingHead: "GET" } }],
  ["x-amz-cf-id signed", { cfIdMayBeUnsigned: false, context: { signingCfId: "signed" } }],
  ["x-amz-cf-id withheld", { cfIdMayBeUnsigned: false, readings: { cfIdHeader: "withheld" } }],
  ["response headers policy on generated answers", { readings: { responseHeadersPolicyOnGenerated: true } }],
  ["patterns match raw paths", { readings: { patternPath: "raw" } }],
  ["waiting requests do not share errors", { readings: { collapseUncacheable: false } }],
];
