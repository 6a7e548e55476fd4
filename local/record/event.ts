// The parts of an event by which a recording knows it.

import { requireArray, requireObject, requireString } from "../aws/cloudformation/json.ts";

/** What kind of event, what it asks for, and what was answered. */
export interface EventView {
  readonly type: string;
  readonly method: string;
  readonly uri: string;
  /** The first value of a header of the request; undefined when there is none. */
  readonly header: (name: string) => string | undefined;
  /** Of the request, and then of the response. */
  readonly headerNames: readonly string[];
  /** Of the origin's response; undefined on viewer-request. */
  readonly status: string | undefined;
}

/** Reads an event; throws when it is none. */
export function viewOf(event: unknown): EventView {
  const [record] = requireArray(requireObject(event, "event")["Records"], "Records");
  const cf = requireObject(requireObject(record, "record")["cf"], "cf");
  const request = requireObject(cf["request"], "request");
  const headers = requireObject(request["headers"], "headers");
  const response = cf["response"] === undefined ? undefined : requireObject(cf["response"], "response");
  return {
    type: requireString(requireObject(cf["config"], "config")["eventType"], "eventType"),
    method: requireString(request["method"], "method"),
    uri: requireString(request["uri"], "uri"),
    header: (name) => firstValue(headers[name]),
    headerNames: [
      ...Object.keys(headers),
      ...Object.keys(response ? requireObject(response["headers"], "headers") : {}),
    ],
    status: response && requireString(response["status"], "status"),
  };
}

function firstValue(entries: unknown): string | undefined {
  if (entries === undefined) return undefined;
  const [first] = requireArray(entries, "header");
  return requireString(requireObject(first, "header")["value"], "value");
}
