// Event patterns: which events a rule of EventBridge is for.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html

import { type JsonObject, objectOf, requireArray } from "../cloudformation/json.ts";

/**
 * Whether the event has one of the listed values in every place that the pattern names.
 * @throws Error for anything but plain values: no match, and no silence, by ignorance.
 */
export function matchesPattern(pattern: JsonObject, event: JsonObject): boolean {
  return Object.entries(pattern).every(([name, expected]) => {
    const nested = objectOf(expected);
    if (nested) return matchesPattern(nested, objectOf(event[name]) ?? {});
    return requireArray(expected, `EventPattern ${name}`).some((value) => {
      if (objectOf(value)) throw new Error(`EventPattern ${name}: ${JSON.stringify(value)} is not emulated`);
      return value === event[name];
    });
  });
}
