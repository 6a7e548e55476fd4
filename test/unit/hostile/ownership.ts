// Whose session an answer may be of, decided from the request alone: with something of the gate's own in it, nobody else's;
// and with a good token of its own, nobody is locked out.
import type { RequestResult, ResponseResult } from "../../../edge/request/cloudfront.ts";
import { Leak } from "./invariants.ts";
import type { Event } from "./requests.ts";
import { grantOf, PEOPLE, type Person, type World } from "./world.ts";

const AMPLIFY = "CognitoIdentityServiceProvider.1testclient1.";

/** @throws Leak for a foreign session, or for an own one that is refused */
export function checkOwner(
  { document }: World,
  event: Event,
  results: readonly (RequestResult | ResponseResult)[],
): void {
  const { bearer, pairs } = readTokens(event);
  const prefix = document.cookies?.domain === undefined ? "__Host" : "__Secure";
  const own = valuesOf(pairs, `${prefix}-gatehouse-id`);
  const owners = own.flatMap((value) =>
    PEOPLE.filter(({ tokens, expired }) => [...tokens, expired].includes(value)),
  );
  const holds = valuesOf(pairs, `${prefix}-gatehouse-refresh`).some((value) => value !== "");
  const bearers = bearer.flatMap((value) =>
    PEOPLE.filter(({ tokens, expired }) => [...tokens, expired].includes(value)),
  );
  for (const who of results.map(personOf)) {
    if (who === undefined) continue;
    must(
      bearers.includes(who) || bearers.every((each) => !isOver(each, bearer)),
      "the bearer's own identity",
    );
    if (bearers.includes(who)) continue;
    must(owners.length === 0 || owners.includes(who), "nobody else's identity beside an own token");
    must(!holds || owners.includes(who), "nobody's identity beside a refresh token alone");
    must(
      owners.includes(who) || isConfigured(document, pairs, who),
      "no identity from a place that is not configured",
    );
  }
  const isGood = own.some((value) => PEOPLE.some(({ tokens }) => tokens.includes(value)));
  const code = results.map(codeOf);
  // What a program sends in `Authorization` comes first; no other host can send that.
  if (isGood && bearer.length === 0)
    must(!code.some((each) => /^token_/.test(each)), "nobody with an own good token is locked out");
}

function must(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Leak(what);
}

/** Whether this person's bearer token has ended: it binds what comes behind it. */
function isOver({ expired }: Person, bearer: readonly string[]): boolean {
  return bearer.includes(expired);
}

function isConfigured(
  { cookies }: World["document"],
  pairs: readonly (readonly [string, string])[],
  { tokens }: Person,
): boolean {
  return pairs.some(
    ([name, value]) =>
      tokens.includes(value) &&
      (cookies?.names?.includes(name) || (cookies?.amplify === true && name.startsWith(AMPLIFY))),
  );
}

/** Whose credentials sign the request; undefined for an answer. */
function personOf(result: RequestResult | ResponseResult): Person | undefined {
  if ("status" in result) return undefined;
  const credential = new URLSearchParams(result.querystring).get("X-Amz-Credential") ?? "";
  return grantOf(credential.split("/")[0] ?? "")?.person;
}

function codeOf(result: RequestResult | ResponseResult): string {
  if (!("status" in result) || result.headers["content-type"]?.[0]?.value !== "application/json") return "";
  return String(JSON.parse(result.body || "{}").code ?? "");
}

function valuesOf(pairs: readonly (readonly [string, string])[], name: string): readonly string[] {
  return pairs.filter(([each]) => each === name).map(([, value]) => value);
}

/** The tokens of a request as a person would read them; of one in another shape than CloudFront's, none. */
function readTokens(event: Event) {
  const values = (name: string) => headerValues(event, name);
  const bearer = values("authorization").map((value) => value.replace(/^bearer /i, "").trim());
  const pairs = values("cookie")
    .flatMap((header) => header.split(";"))
    .map((pair) => /^ *([^=]*)=(.*)$/s.exec(pair))
    .map((match) => [match?.[1] ?? "", (match?.[2] ?? "").trim().replace(/^"(.*)"$/s, "$1")] as const);
  return { bearer, pairs };
}

function headerValues(event: Event, name: string): readonly string[] {
  const path = ["Records", "0", "cf", "request", "headers", name];
  const found = path.reduce<unknown>((value, key) => fieldOf(value, key), event);
  return Array.isArray(found) ? found.flatMap((entry) => textOf(fieldOf(entry, "value"))) : [];
}

function fieldOf(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null ? new Map(Object.entries(value)).get(key) : undefined;
}

function textOf(value: unknown): readonly string[] {
  return typeof value === "string" ? [value] : [];
}
