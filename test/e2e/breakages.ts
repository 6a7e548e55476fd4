// Ten gates that must not pass: each with what is wrong in its template, and the lines that say so.

import { type JsonObject, requireArray, requireObject } from "../../local/aws/cloudformation/json.ts";
import type { GateOptions } from "../../local/gate/gate.ts";

/** One way to be wrong, with exactly the checks that fail. */
export interface Breakage {
  readonly name: string;
  readonly fails: readonly string[];
  /** The one of them that names the fault. */
  readonly line: string;
  /** What it means, or what to set. */
  readonly says: RegExp;
  readonly template?: (template: unknown) => unknown;
  readonly options?: Partial<GateOptions>;
}

/** A gate that is broken in one place each. */
export const BREAKAGES: readonly Breakage[] = [
  {
    name: "function off",
    fails: [
      "anonymous.program",
      "anonymous.page",
      "anonymous.unknown",
      "token.header",
      "cold.get",
      "areas.forbidden",
      "errors.path",
      "errors.long",
      "sign-in.login",
      "sign-in.me",
      "sign-in.session",
      "sign-out.link",
      "sign-out.foreign",
      "sign-out.form",
      "cors.preflight",
      "cors.strangers",
    ],
    line: "anonymous.program",
    says: /viewer-request function does not decide/,
    template: (template) => changed(template, "LambdaFunctionAssociations", without("viewer-request")),
  },
  {
    name: "no cache scope",
    fails: ["cache.lists"],
    line: "cache.lists",
    says: /cache scope is not in the cache key/,
    template: (template) => changed(template, "HeadersConfig", () => ({ HeaderBehavior: "none" })),
  },
  {
    name: "cookies forwarded",
    fails: ["cold.cookies", "cache.cookies"],
    line: "cold.cookies",
    says: /no cookies in the origin request policy/,
    template: (template) =>
      wrapped(
        changed(template, "CookiesConfig", () => ({ CookieBehavior: "all" })),
        "const { cookie } = given.headers; const answer = await inner(event);" +
          "return answer.status || !cookie ? answer : { ...answer, headers: { ...answer.headers, cookie } };",
      ),
  },
  {
    name: "listing open",
    fails: ["list.anonymous"],
    line: "list.anonymous",
    says: /strangers can read the names/,
    template: (template) =>
      wrapped(
        template,
        "if (given.headers.authorization) kept.last = given.headers.authorization;" +
          'else if (given.uri.startsWith("/.gatehouse/list/")) given.headers.authorization = kept.last;' +
          "return inner(event);",
      ),
  },
  {
    name: "bucket public",
    fails: ["bucket.object"],
    line: "bucket.object",
    says: /Block Public Access/,
    template: (template) => changed(template, "PolicyDocument", opened, "AWS::S3::BucketPolicy"),
  },
  {
    name: "wrong region in the signature",
    fails: ["token.header", "cold.get"],
    line: "cold.get",
    says: /origin\.region/,
    template: (template) =>
      recoded(template, (code) =>
        code.replace('"region":"us-east-1","path"', '"region":"eu-central-1","path"'),
      ),
  },
  {
    name: "HEAD turned into GET",
    fails: ["cold.head"],
    line: "cold.head",
    says: /signing\.head: "GET"/,
    options: { readings: { headOnMiss: "GET" } },
  },
  {
    name: "cache ignoring the function",
    fails: [
      "anonymous.program",
      "tamper.signature",
      "tamper.claims",
      "tamper.none",
      "cache.anonymous",
      "areas.group",
      "areas.owner",
      "list.anonymous",
      "errors.headers",
    ],
    line: "cache.anonymous",
    says: /cached objects are open to everybody/,
    template: (template) =>
      wrapped(
        template,
        "const answer = await inner(event); if (!answer.status) kept[given.uri] = answer;" +
          'return answer.status === "401" && kept[given.uri] ? { ...kept[given.uri], method: given.method } : answer;',
      ),
  },
  {
    name: "S3 errors passed through",
    fails: ["object.headers", "errors.missing"],
    line: "errors.missing",
    says: /origin-response function on every signed behaviour/,
    template: (template) => changed(template, "LambdaFunctionAssociations", without("origin-response")),
  },
  {
    name: "clock skew",
    fails: ["clock.date", "token.header", "cold.get"],
    line: "clock.date",
    says: /clocks that differ/,
    template: (template) =>
      wrapped(
        recoded(template, (code, isFirst) => (isFirst ? LATE + code : code)),
        "const answer = await inner(event); const value = new Date(Date.now()).toUTCString();" +
          "return answer.status ? { ...answer, headers: { ...answer.headers, date: [{ value }] } } : answer;",
      ),
  },
];

/** Settings that do not fit what CloudFront and S3 do. */
export const MISFITS: readonly Breakage[] = [
  // With public areas: CloudFront's own signature for them does not cover the header here.
  {
    name: "S3 wants x-amz-cf-id signed",
    fails: ["token.header", "cold.get"],
    line: "cold.get",
    says: /signing\.cfId: "signed"/,
    options: { cfIdMayBeUnsigned: false },
  },
  {
    name: "x-amz-cf-id is signed and withheld",
    fails: ["token.header", "cold.get"],
    line: "cold.get",
    says: /back to "unsigned"/,
    options: { context: { signingCfId: "signed" }, readings: { cfIdHeader: "withheld" } },
  },
  {
    name: "HEAD as HEAD, signed as GET",
    fails: ["cold.head"],
    line: "cold.head",
    says: /back to "HEAD"/,
    options: { context: { signingHead: "GET" } },
  },
];

/** What AWS may do otherwise than the stack expects, where no setting but the template's own follows it. */
export const SURPRISES: readonly Breakage[] = [
  {
    name: "the managed login has no page for the client",
    fails: ["sign-in.page"],
    line: "sign-in.page",
    says: /a branding style for it/,
    template: (template) =>
      changed(template, "ClientId", () => "another", "AWS::Cognito::ManagedLoginBranding"),
  },
  {
    name: "references to secrets are not resolved in code",
    fails: ["sign-in.login"],
    line: "sign-in.login",
    says: /keys were not resolved/,
    template: (template) => recoded(template, (code) => code.replaceAll("{{resolve:", "{{reference:")),
  },
];

/** The edge's clock, twenty minutes behind; generated answers show it. */
const LATE = "{ const now = Date.now; Date.now = () => now() - 20 * 60 * 1000; }\n";

function without(eventType: string): (associations: unknown) => unknown {
  return (associations) =>
    requireArray(associations, "associations").filter(
      (association) => requireObject(association, "association")["EventType"] !== eventType,
    );
}

function opened(document: unknown): unknown {
  const policy = requireObject(document, "policy");
  const everybody = { Effect: "Allow", Principal: "*", Action: "s3:GetObject", Resource: "arn:aws:s3:::*/*" };
  return { ...policy, Statement: [...requireArray(policy["Statement"], "Statement"), everybody] };
}

/** Runs a body around the handler: `inner` is what was built, `given` the request, `kept` an object that stays. */
function wrapped(template: unknown, body: string): unknown {
  const code =
    "{ const inner = module.exports.handler; const kept = {};" +
    `const handler = async (event) => { const given = event.Records[0].cf.request; ${body} };` +
    "module.exports = { ...module.exports, handler }; }\n";
  return withParts(template, (parts) => [...parts, `\n${code}`]);
}

type Recode = (code: string, isFirst: boolean) => string;

/** Changes the text of the functions at the edge. */
function recoded(template: unknown, recode: Recode): unknown {
  const change = (part: unknown, index: number) =>
    typeof part === "string" ? recode(part, index === 0) : part;
  return withParts(template, (parts) => parts.map(change));
}

/** Changes the parts that the functions at the edge are joined from. */
function withParts(template: unknown, change: (parts: readonly unknown[]) => readonly unknown[]): unknown {
  return changed(template, "ZipFile", (code) => {
    if (typeof code === "string") return code;
    const [separator, parts] = requireArray(requireObject(code, "ZipFile")["Fn::Join"], "Fn::Join");
    return { "Fn::Join": [separator, change(requireArray(parts, "parts"))] };
  });
}

/** The template with every value of that name changed, in resources of a type or in all. */
function changed(
  template: unknown,
  name: string,
  change: (value: unknown) => unknown,
  type?: string,
): JsonObject {
  const { Resources, ...rest } = requireObject(template, "template");
  const resources = Object.entries(requireObject(Resources, "Resources")).map(([id, resource]) => {
    const isMeant = type === undefined || requireObject(resource, id)["Type"] === type;
    return [id, isMeant ? changedIn(resource, name, change) : resource];
  });
  return { ...rest, Resources: Object.fromEntries(resources) };
}

function changedIn(value: unknown, name: string, change: (value: unknown) => unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => changedIn(item, name, change));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      key === name ? change(inner) : changedIn(inner, name, change),
    ]),
  );
}
