// `node test/docs/reference.ts` writes docs/configuration.md out of the types' comments and the parser's own words.
import { readFileSync, realpathSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Config } from "../../edge/config/config.ts";
import { ConfigError, parseConfig } from "../../edge/config/document.ts";
import { ANSWERS, answerTo, type ErrorCode } from "../../edge/errors.ts";
import { DESCRIBED_KEYS } from "./context-keys.ts";
import { type Field, fieldsOf } from "./source.ts";

const ROOT = join(import.meta.dirname, "../..");
/** The page that is written. */
export const REFERENCE = join(ROOT, "docs/configuration.md");

const EDGE = readFileSync(join(ROOT, "edge/config/config.ts"), "utf8");
const PROPS = readFileSync(join(ROOT, "infra/props.ts"), "utf8");
const SIGN_IN_PROPS = readFileSync(join(ROOT, "infra/users/sign-in-props.ts"), "utf8");
const ALARMS = readFileSync(join(ROOT, "infra/delivery/alarms.ts"), "utf8");

/** The least that is a configuration, with everything in it that has fields of its own. */
const LEAST = {
  userPool: { id: "eu-west-1_Example", clientIds: ["client"], domain: "login.example.com" },
  identityPool: { id: "eu-west-1:00000000-0000-4000-8000-000000000000" },
  origin: { bucket: "my-bucket", region: "eu-west-1" },
  auth: { keys: { current: "0".repeat(64) } },
  areas: [{ path: "/*" }],
};

/** The whole page. */
export function reference(): string {
  return `${[
    `# Configuration

Every setting, its rule and its default. This page is written by \`node test/docs/reference.ts\` from the comments of
the types and from what the parser says; a test fails when it is out of date.

There are three ways to say the same things:

| you have | you write | read |
| --- | --- | --- |
| nothing yet, or no CDK app | context keys, with \`-c key=value\` or in \`cdk.json\`, for the app in this repository | [Context keys](#context-keys) |
| a CDK app | props of \`SignedInAssets\`, or of \`SignedInBehaviors\` for a distribution of your own | [Props](#props) |
| another tool than CDK | a JSON document for \`npm run build:edge\` | [The document](#the-document) |

What is wrong is said before anything is deployed, all of it at once, each line with the name of its field. A name that does
not exist is wrong too, and the nearest right one is asked for: \`aeras: unknown setting; did you mean areas?\``,
    contextKeys(),
    areas(),
    props(),
    theDocument(),
    codes(),
  ].join("\n\n")}\n`;
}

function contextKeys(): string {
  const rows = DESCRIBED_KEYS.map(({ key, text, of }) => [
    `\`${key}\``,
    text ?? (of ? sentence(docOf(...of)) : ""),
  ]);
  return `## Context keys

Lists take commas on the command line. \`areas\`, \`groups\`, \`auth\` and \`endpoints\` are JSON, as they would be in \`cdk.json\`.
There are no others: the app refuses any key that it does not read, unless it has a \`@\` or a \`:\`, as CDK's own do.

${table(["key", "what it sets"], rows)}`;
}

function docOf(source: "props" | "cookies" | "signing", name: string): string {
  const fields = {
    props: PROPS_FIELDS,
    cookies: fieldsOf(EDGE, "Cookies"),
    signing: fieldsOf(EDGE, "Signing"),
  };
  const field = fields[source].find((other) => other.name === name);
  if (!field) throw new Error(`no ${name} in ${source}`);
  return field.text;
}

const PROPS_FIELDS = [
  ...fieldsOf(PROPS, "SignedInBehaviorsProps"),
  ...fieldsOf(PROPS, "SignedInAssetsProps"),
];

function areas(): string {
  return `## Areas

An ordered list; the first area whose \`path\` matches decides, and what none matches is refused. At most one of \`groups\`,
\`owner\` and \`public\`.

Paths and owners are written decoded: \`/my docs/*\`, not \`/my%20docs/*\`. S3 tells Unicode forms apart, and so do areas: a
path with letters that have two forms, such as \`é\`, is taken as it is written, and is refused inside another area, which
would own the keys in the other form ([why](decisions.md#the-stack)).

${fieldTable("areas[0]", [...fieldsOf(EDGE, "Area"), ...inside("links", "Links"), ...inside("uploads", "Uploads")])}`;
}

function inside(name: string, type: string): readonly Field[] {
  return fieldsOf(EDGE, type).map((field) => ({ ...field, name: `${name}.${field.name}` }));
}

function props(): string {
  return [
    "## Props",
    "All are optional. `SignedInAssets` takes all of them, `SignedInBehaviors` those without a distribution.",
    ...PROPS_FIELDS.map((field) => prop(field, "###")),
    "### Fields of auth",
    ...fieldsOf(SIGN_IN_PROPS, "SignInProps").map((field) => prop(field, "####")),
    "### Fields of alarms",
    ...fieldsOf(ALARMS, "AlarmOptions").map((field) => prop(field, "####")),
  ].join("\n\n");
}

function prop({ name, type, text, fallback }: Field, level: string): string {
  const value = fallback?.replace(/^- /, "");
  const isLiteral = value !== undefined && /^("[^"]*"|true|false|\d+)$/.test(value);
  const parts = [
    `${level} ${name}`,
    TYPES[type] ?? `\`${type}\``,
    linked(text),
    value && `Default: ${isLiteral ? `\`${value}\`` : linked(value)}`,
  ];
  return parts.filter(Boolean).join("\n\n");
}

const inDocument = (field: string): string =>
  `An object, with the fields of \`${field}\` in [the document](#the-document).`;

/** Types whose names say nothing to a reader of the page. */
const TYPES: Readonly<Record<string, string>> = {
  "readonly AreaProps[]": "A list of [areas](#areas).",
  "readonly FurtherUserPoolProps[]":
    "A list of `{ userPool, userPoolClients }`, with `jwksUri` where the key set is elsewhere.",
  'ConfigDocument["listing"]': inDocument("listing"),
  'ConfigDocument["cookies"]': inDocument("cookies"),
  'ConfigDocument["cors"]': inDocument("cors"),
  'ConfigDocument["frameAncestors"]': "A list of origins, as `cors.origins` has them.",
  'ConfigDocument["log"]': inDocument("log"),
  "Partial<Logging>": inDocument("log"),
  "Partial<Signing>": inDocument("signing"),
  "Partial<Endpoints>": inDocument("endpoints"),
  SignInProps: "An object, with the [fields of auth](#fields-of-auth).",
  "boolean | AlarmOptions": "`true`, `false`, or an object with the [fields of alarms](#fields-of-alarms).",
};

function theDocument(): string {
  return `## The document

What \`npm run build:edge -- --config <file.json> --out <file.js>\` reads, and what CDK makes of its props.

\`\`\`json configuration
${JSON.stringify({ ...LEAST, areas: [{ path: "/team/*", groups: ["editors"] }, { path: "/*" }], groups: { editors: { roleArn: "arn:aws:iam::123456789012:role/editors" } } }, null, 2)}
\`\`\`

The zeros stand for a sealing key, and the build refuses them. What it writes holds the key, and only its owner may read
it:

\`\`\`sh
sed "s/0\\{64\\}/$(openssl rand -hex 32)/" gatehouse.json > keyed.json
npm run build:edge -- --config keyed.json --out dist/gatehouse.js
\`\`\`

${documentTable()}

\`areas\` are [above](#areas). \`groups\` holds each group's role by name, as in the example.`;
}

/** Where the inside of a field is described. */
const INSIDE: Readonly<Record<string, string>> = {
  signing: "Signing",
  cookies: "Cookies",
  cors: "Cors",
  auth: "Auth",
  log: "Logging",
  endpoints: "Endpoints",
  exchange: "StsExchange",
};

function documentTable(): string {
  const rows = fieldsOf(EDGE, "Config")
    .filter(({ name }) => name !== "areas" && name !== "groups")
    .flatMap((field) => rowsOf(field.name, { ...field, fields: insideOf(field) }));
  return table(["field", "what it is", "takes", "default"], rows);
}

function insideOf({ name, type, fields }: Field): readonly Field[] {
  const known = INSIDE[name];
  if (known) return fieldsOf(EDGE, known);
  if (fields.length > 0 || !type.startsWith("{")) return fields;
  throw new Error(`${name}: ${type} is described nowhere`);
}

function rowsOf(path: string, field: Field): readonly string[][] {
  if (field.fields.length === 0) return [row(path, field)];
  const head = field.text ? [[`\`${path}\``, linked(oneLine(field.text)), "", ""]] : [];
  return [...head, ...field.fields.flatMap((inner) => rowsOf(`${path}.${inner.name}`, inner))];
}

function fieldTable(path: string, fields: readonly Field[]): string {
  const rows = fields.map((field) => {
    const [, ...cells] = row(`${path}.${field.name}`, field);
    return [`\`${field.name}\``, ...cells];
  });
  return table(["field", "what it is", "takes", "default"], rows);
}

function row(path: string, { text }: Field): string[] {
  return [`\`${path}\``, linked(oneLine(text)), ruleOf(path), defaultOf(path)];
}

/** What the parser asks for when it gets something else. */
function ruleOf(path: string): string {
  const inItem = problemAt(path, [-1], `${path}[0]`);
  const problem = problemAt(path, -1, path);
  if (inItem) return `a list: ${inItem}`;
  return problem ?? "";
}

function problemAt(path: string, value: unknown, field: string): string | undefined {
  const document = path.startsWith("exchange.") ? { ...LEAST, exchange: { kind: "sts" } } : LEAST;
  try {
    parseConfig(withValue(document, path, value));
    return undefined;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const found = error.problems.find((problem) => problem.startsWith(`${field}: `));
    return found?.slice(field.length + 2).replace(/^expected /, "");
  }
}

function withValue(document: object, path: string, value: unknown): unknown {
  const copy: Record<string, unknown> = structuredClone({ ...document });
  const names = path.replaceAll(/\[(\d+)\]/g, ".$1").split(".");
  const last = names.pop() ?? "";
  let place = copy;
  for (const name of names) {
    place[name] ??= {};
    place = Object(place[name]);
  }
  place[last] = value;
  return copy;
}

const DEFAULTS: Config = parseConfig(LEAST);

/** What the parser fills in; nothing for what has to be given. */
function defaultOf(path: string): string {
  const names = path.replaceAll(/\[(\d+)\]/g, ".$1").split(".");
  const given = names.reduce<unknown>((place, name) => Object(place)[name], LEAST);
  if (path === "userPool.domain") return "none";
  if (given !== undefined || /^exchange\.|\.max(Seconds|Bytes)$/.test(path)) return "required";
  const value = names.reduce<unknown>((place, name) => Object(place)[name], DEFAULTS);
  return value === undefined ? "none" : `\`${JSON.stringify(value)}\``;
}

function codes(): string {
  const rows = (Object.keys(ANSWERS) as ErrorCode[]).map((code) => {
    const { status, message, retryAfter } = answerTo(code);
    return [`\`${code}\``, String(status), message, retryAfter === undefined ? "" : `${retryAfter} s`];
  });
  return `## Error codes

What programs get as \`{"code", "message", "requestId"}\`, and what the log says. Codes are stable.

${table(["code", "status", "message", "Retry-After"], rows)}`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cellOf).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

/** No cell ends early, and no placeholder is taken for a tag. */
function cellOf(text: string): string {
  const parts = text.replaceAll("|", "\\|").split("`");
  return parts.map((part, index) => (index % 2 === 0 ? part.replaceAll("<", "&lt;") : part)).join("`");
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ");
}

/** The first sentence. */
function sentence(text: string): string {
  const line = oneLine(text);
  return linked(/^.*?[.:](?= |$)/.exec(line)?.[0].replace(/:$/, ".") ?? line);
}

/** A page that is named becomes a link. */
function linked(text: string): string {
  return text.replace(/`docs\/([\w-]+\.md)`/g, "[$1]($1)");
}

if (process.argv[1] && realpathSync(process.argv[1]) === import.meta.filename) {
  writeFileSync(REFERENCE, reference());
  console.log(REFERENCE);
}
