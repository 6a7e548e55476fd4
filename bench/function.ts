// The CloudFront Function in the engine that CloudFront's comes from, as a ratio to what no such function can do without.
import { execFileSync } from "node:child_process";
import { createHash, createHmac } from "node:crypto";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ConfigDocument } from "../edge/config/config.ts";
import { parseConfig } from "../edge/config/document.ts";
import { functionKeys } from "../edge/config/function-keys.ts";
import { gateIdOf } from "../edge/config/gate-id.ts";
import { passStart } from "../edge/request/pass.ts";
import { functionBuild, functionCode, functionLiteral } from "../infra/build/function-code.ts";
import { functionSecret } from "../infra/build/function-secret.ts";
import { median } from "./statistics.ts";
import type { Row } from "./table.ts";
import type { User } from "./users.ts";

const NJS = "/usr/bin/njs";
/** Of each in a process: the engine gives no memory back, for it is made anew for every request. */
const TIMES = 50;
const ROUNDS = 20;
const KILOBYTE = 1_000;
const ROLE = "arn:aws:iam::123456789012:role/readers";

/** Ten areas of the kinds that gates have. */
const AREAS: ConfigDocument["areas"] = [
  ...Array.from({ length: 7 }, (_, index) => ({ path: `/area-${index}/*` })),
  { path: "/team/*", groups: ["editors"] },
  { path: "/me/*", owner: "users/{identityId}/" },
  { path: "/*" },
];

/** Size and time of the function for ten areas; the time only where njs is installed. */
export function measureFunction(document: ConfigDocument, user: Pick<User, "token">): readonly Row[] {
  const split: ConfigDocument = {
    ...document,
    placement: "split",
    areas: AREAS ?? [],
    groups: { editors: { roleArn: ROLE } },
    cookies: {},
    userPool: { ...document.userPool, domain: "login.example.com" },
    auth: { keys: { current: "5e".repeat(32) } },
  };
  const everything: ConfigDocument = {
    ...split,
    revocation: true,
    cookies: { amplify: true },
    cors: { origins: ["https://app.example.com"] },
    areas: (AREAS ?? []).map((area, index) =>
      index > 0 ? area : { ...area, site: true, versions: true, downloads: true },
    ),
  };
  // With one of these parts all are in: folders by claim and by group, further user pools, machines.
  const claimed: ConfigDocument = {
    ...split,
    areas: (AREAS ?? []).map((area) =>
      area.owner ? { ...area, owner: "tenants/{claim:custom:tenant}/" } : area,
    ),
  };
  const size = (of: string) => Buffer.byteLength(of) / KILOBYTE;
  return [
    { name: "CloudFront Function for ten areas", figure: size(textOf(split)), unit: "KB", goal: 6 },
    { name: "the same with a folder by claim", figure: size(textOf(claimed)), unit: "KB", goal: 10.24 },
    {
      name: "the same with sites, CORS, others' cookies, queries and revocation instead",
      figure: size(textOf(everything)),
      unit: "KB",
      goal: 10.24,
    },
    ratioRow(A_PASS, split, user.token),
    ratioRow(`${A_PASS}, with a folder by claim`, claimed, user.token),
  ];
}

function textOf(document: ConfigDocument): string {
  const config = parseConfig(document);
  const keys = functionSecret(config.auth?.keys ?? { current: "", previous: "none" });
  const literal = { ...functionLiteral(config), gateId: gateIdOf(config) };
  return functionCode(functionBuild(config), JSON.stringify(literal), JSON.stringify(keys));
}

const A_PASS = "a request with a pass, beside one HMAC and one JSON.parse of a pass";

function ratioRow(name: string, document: ConfigDocument, token: string): Row {
  if (!existsSync(NJS))
    return { name, figure: undefined, unit: "ratio", goal: 3, note: "njs is not installed" };
  const folder = mkdtempSync(join(tmpdir(), "gatehouse-njs-"));
  try {
    const pass = passOf(document, token);
    writeFileSync(join(folder, "run.js"), `${textOf(document)}\n${driver(pass, token)}`);
    const rounds = Array.from({ length: ROUNDS }, () =>
      timesIn(execFileSync(NJS, [join(folder, "run.js")], { encoding: "utf8" })),
    );
    const ratio = median(rounds.map(([decided, least]) => decided / least));
    const microseconds = median(rounds.map(([decided]) => decided)) * (1_000 / TIMES);
    return {
      name,
      figure: ratio,
      unit: "ratio",
      goal: 3,
      note: `${microseconds.toFixed(0)} µs a request in njs`,
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** As edge/auth/pass.ts makes it, for a day. */
function passOf(document: ConfigDocument, token: string): string {
  const config = parseConfig(document);
  const iat = Math.floor(Date.now() / 1_000);
  const id_hash = createHash("sha256").update(token).digest("base64url").slice(0, 22);
  const claims = {
    iss: gateIdOf(config),
    sub: "x".repeat(36),
    iat,
    exp: iat + 86_400,
    groups: ["editors"],
    id_hash,
  };
  const signed = passStart(token) + Buffer.from(JSON.stringify(claims)).toString("base64url");
  const { pass } = functionKeys(config.auth?.keys ?? { current: "", previous: "none" });
  return `${signed}.${createHmac("sha256", pass).update(signed).digest("base64url")}`;
}

/** Both in one process, again and again: the machine's moods meet both. */
function driver(pass: string, token: string): string {
  const cookies = { "__Host-gatehouse-id": { value: token }, "__Host-gatehouse-pass": { value: pass } };
  const headers = { host: { value: "d111111abcdef8.cloudfront.net" }, accept: { value: "*/*" } };
  const request = { method: "GET", uri: "/team/plan.pdf", querystring: {}, headers, cookies };
  return `
var event = ${JSON.stringify({ context: { requestId: "x" }, request })};
event.request.rawQueryString = function () { return ''; };
if (!handler(event).uri) throw new Error('the pass is refused');
var pass = ${JSON.stringify(pass)};
var signed = pass.slice(0, pass.lastIndexOf('.'));
var said = Buffer.from(pass.split('.')[1], 'base64url').toString();
function decide() { handler(event); }
function least() { GATEHOUSE_CRYPTO.createHmac('sha256', 'key').update(signed).digest('base64url'); JSON.parse(said); }
function timed(name, run) {
  console.time(name);
  for (var i = 0; i < ${TIMES}; i++) run();
  console.timeEnd(name);
}
timed('decide', decide);
timed('least', least);
`;
}

/** In milliseconds. */
function timesIn(printed: string): readonly [decided: number, least: number] {
  const [decided = 0, least = 0] = [...printed.matchAll(/: ([\d.]+)ms/g)].map(([, time]) => Number(time));
  return [decided, least];
}
