// Generated requests that both placements answer, in a form in which the answers can be compared.
import { expect } from "vitest";
import type { ConfigDocument } from "../../../edge/config/config.ts";
import type { RequestResult, ResponseResult } from "../../../edge/request/cloudfront.ts";
import { type BundleName, loadBundle } from "../fixtures/bundle.ts";
import { type EventOptions, viewerEvent } from "../fixtures/events.ts";
import { type Decision, ENGINES, engineEvent, functionText } from "../fixtures/function-engine.ts";
import { missEvent } from "../fixtures/split.ts";

/** njs takes its events from a file: of each layout so many. */
const REQUESTS_IN_NJS = 200;

/** Numbers from 0 to 1 that are the same in every run (mulberry32). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** One of several. */
export type Pick = <T>(from: readonly T[]) => T;

/** Picks the same in every run. */
function picker(seed: number): Pick {
  const next = random(seed);
  return (from) => {
    const found = from[Math.floor(next() * from.length)];
    if (found === undefined) throw new Error("nothing to pick");
    return found;
  };
}

/** The first of many layouts that is one. */
function firstLayout(seed: number, documentOf: (pick: Pick) => ConfigDocument): ConfigDocument {
  for (let attempt = 0; ; attempt += 1) {
    const document = documentOf(picker(seed * 1_000 + attempt));
    try {
      functionText(document);
      return document;
    } catch {
      // Areas that no configuration may have together.
    }
  }
}

/** Of an answer its status and code or place, of a request its key and what selects its bytes. */
function outcome(result: RequestResult | ResponseResult): string {
  if ("status" in result) {
    const body = result.body?.startsWith("{") ? JSON.parse(result.body).code : "";
    return [result.status, body, result.headers["location"]?.[0]?.value].filter(Boolean).join(" ");
  }
  const query = new URLSearchParams(result.querystring);
  const scope = result.headers["x-gatehouse-cache-scope"]?.[0]?.value.replace(/\?.*/, "");
  return [
    result.method,
    result.uri,
    query.get("versionId"),
    query.get("response-content-disposition"),
    scope,
  ].join(" ");
}

async function split(decision: Decision, originRequest: ReturnType<typeof loadBundle>): Promise<string> {
  if (!("statusCode" in decision)) return outcome(await originRequest(missEvent(decision)));
  const code = decision.body ? JSON.parse(decision.body.data).code : "";
  return [decision.statusCode, code, decision.headers["location"]?.value].filter(Boolean).join(" ");
}

/** What one caller sends along. */
export type Headers = Readonly<Record<string, string>>;

/** How layouts and their requests are made. */
export interface Made {
  readonly documentOf: (pick: Pick) => ConfigDocument;
  /** Those of all callers. */
  readonly headersOf: (document: ConfigDocument) => readonly Headers[];
  readonly requestOf: (pick: Pick, headers: readonly Headers[]) => EventOptions;
  readonly layouts: number;
  /** For each layout. */
  readonly requests: number;
}

/** Asks both placements for the same; returns how often each kind of outcome was there. */
export async function expectAlike(bundle: BundleName, made: Made): Promise<ReadonlyMap<string, number>> {
  const outcomes = new Map<string, number>();
  for (let seed = 0; seed < made.layouts; seed += 1) {
    const document = firstLayout(seed, made.documentOf);
    const pick = picker(seed + 0.5);
    const headers = made.headersOf(document);
    const requests = Array.from({ length: made.requests }, () => made.requestOf(pick, headers));
    for (const expected of await outcomesOf(bundle, document, requests)) {
      const [kind = ""] = expected.split(" ");
      outcomes.set(kind, (outcomes.get(kind) ?? 0) + 1);
    }
  }
  return outcomes;
}

/** What both placements make of each request of a layout. */
async function outcomesOf(
  bundle: BundleName,
  document: ConfigDocument,
  requests: readonly EventOptions[],
): Promise<readonly string[]> {
  const text = functionText(document);
  const events = requests.map(engineEvent);
  const handler = loadBundle(bundle, { ...document, placement: "lambda" });
  const originRequest = loadBundle(bundle, document, "originRequest");
  const [[, vm], njs] = ENGINES;
  const decisions = await vm(text, events);
  if (njs)
    expect(await njs[1](text, events.slice(0, REQUESTS_IN_NJS))).toEqual(decisions.slice(0, REQUESTS_IN_NJS));
  const outcomes: string[] = [];
  for (const [index, request] of requests.entries()) {
    const decision = decisions[index];
    const expected = outcome(await handler(viewerEvent(request)));
    const found = decision && (await split(decision, originRequest));
    const { areas } = document;
    if (found !== expected) expect({ areas, request, found }).toEqual({ areas, request, found: expected });
    outcomes.push(expected);
  }
  return outcomes;
}
