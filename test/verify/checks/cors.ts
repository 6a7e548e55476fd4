// Which other origins may read assets.
import { type Answer, header, summary } from "../answer.ts";
import { type Check, type Finding, judge } from "../check.ts";
import { ask, askAsUser, given, objectOf, type Subject } from "../subject.ts";

const STRANGER = "https://verify.invalid";

function preflightFrom(subject: Subject, origin: string): Promise<Answer> {
  const headers = {
    origin,
    "access-control-request-method": "GET",
    "access-control-request-headers": "authorization",
  };
  return ask(subject, subject.places.object.path, { method: "OPTIONS", headers });
}

function allowed(answer: Answer): string {
  return header(answer, "access-control-allow-origin");
}

async function preflight(subject: Subject): Promise<Finding> {
  const origin = given(subject.options.origin, "--origin");
  const answer = await preflightFrom(subject, origin);
  return judge(summary(answer), [
    ["204", answer.status === 204],
    [`Access-Control-Allow-Origin: ${origin}`, allowed(answer) === origin],
    ["credentials", header(answer, "access-control-allow-credentials") === "true"],
    ["the Authorization header", /\bauthorization\b/i.test(header(answer, "access-control-allow-headers"))],
  ]);
}

/** Browsers revalidate every answer, so that a `Vary` that CloudFront leaves out does no harm. */
async function answered(subject: Subject): Promise<Finding> {
  const origin = given(subject.options.origin, "--origin");
  const answer = await askAsUser(subject, objectOf(subject).path, { headers: { origin } });
  const varies = /\borigin\b/i.test(header(answer, "vary")) ? "with" : "without";
  return judge(`${summary(answer)}, ${varies} Vary: Origin`, [
    [`Access-Control-Allow-Origin: ${origin}`, allowed(answer) === origin],
    ["credentials", header(answer, "access-control-allow-credentials") === "true"],
  ]);
}

async function strangers(subject: Subject): Promise<Finding> {
  const before = await preflightFrom(subject, STRANGER);
  const answer = await askAsUser(subject, subject.places.object.path, { headers: { origin: STRANGER } });
  return judge(`${summary(before)}; ${summary(answer)}`, [
    ["403", before.status === 403],
    ["no Access-Control-Allow-Origin", allowed(before) === "" && allowed(answer) === ""],
  ]);
}

/** In the order in which they are made. */
export const CORS: readonly Check[] = [
  {
    id: "cors.preflight",
    does: "asks as a browser does before it reads from the origin",
    means: "the app's pages cannot read assets",
    set: "cors.origins (context key corsOrigins)",
    run: preflight,
  },
  {
    id: "cors.answer",
    does: "reads the object from the origin",
    means: "the app's pages cannot read assets",
    set: "cors.origins; the response headers policy",
    settles: "Vary: Origin",
    run: answered,
  },
  {
    id: "cors.strangers",
    does: "asks from an origin that nobody has configured",
    means: "any site can read what its visitors may read",
    set: "cors.origins; the response headers policy",
    run: strangers,
  },
];
