// What a policy takes of a request: parameters, cookies and headers, in the viewer's order.

import type { Headers } from "./headers.ts";
import { type Selection, selects } from "./policies.ts";

/** The parts of a raw query string that the selections take together, order and spelling kept. */
export function selectedQuery(querystring: string, selections: readonly Selection[]): string {
  if (querystring === "") return "";
  return querystring
    .split("&")
    .filter((part) => selections.some((selection) => selects(selection, part.split("=", 1)[0] ?? "")))
    .join("&");
}

/** The cookies that the selections take together, as one Cookie value; empty for none. */
export function selectedCookies(headers: Headers, selections: readonly Selection[]): string {
  return (headers.get("cookie") ?? [])
    .flatMap(({ value }) => value.split(";"))
    .map((cookie) => cookie.trim())
    .filter((cookie) => cookie !== "")
    .filter((cookie) => selections.some((selection) => selects(selection, cookie.split("=", 1)[0] ?? "")))
    .join("; ");
}
