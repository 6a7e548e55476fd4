// `npm run bench -- --hostile`: the most expensive request that CloudFront can deliver, in RSA-2048 verifies of CPU; and what
// padding around tokens leaves behind in memory.
import { spawn } from "node:child_process";
import { verify } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ConfigDocument } from "../edge/config/config.ts";
import { parseConfig } from "../edge/config/document.ts";
import { bundle } from "../infra/build/bundle.ts";
import { completeDocument } from "./builds.ts";
import { eventText } from "./events.ts";
import { loadHandler } from "./handlers.ts";
import { CONFIGURED_NAME, type HostileRequest, hostileRequests } from "./hostile-requests.ts";
import { childFile, output, start } from "./process.ts";
import { median } from "./statistics.ts";
import type { Row } from "./table.ts";
import { type User, Users } from "./users.ts";

/** Nobody answers there: none of these requests needs anybody. */
const NOWHERE = "http://127.0.0.1:1";
const BUILDS = ["gatehouse", "gatehouse-auth", "gatehouse-sdk", "gatehouse-sdk-auth"] as const;
const CLIENTS = [1, 20];
const BUDGET = 100;
/** V8 has compiled by then what it will; the first requests of a container are the cold rows. */
const WARM_UP = 20;
const ROUNDS = 9;
const STARTS = 5;
const PADDED_USERS = 1_000;
const PADDING = 17_000;

interface Gate {
  readonly name: string;
  readonly file: string;
  readonly hasSignIn: boolean;
}

/** The rows of the budget: the worst of the table for each build, warm and cold, and the memory. */
export async function measureHostile(): Promise<readonly Row[]> {
  const folder = mkdtempSync(join(tmpdir(), "gatehouse-hostile-"));
  const { log } = console;
  try {
    const users = new Users();
    const user = await users.user(0);
    const requests = hostileRequests(users, user);
    const gates = await makeGates(folder, users);
    console.log = () => {};
    const warm = await worstWarm(gates, requests, rsaVerify(users, user));
    const cold = await worstCold(folder, gates, requests, warm.rsa);
    return [...warm.rows, ...cold, await paddingRow(gates, users)];
  } finally {
    console.log = log;
    rmSync(folder, { recursive: true });
  }
}

async function makeGates(folder: string, users: Users): Promise<readonly Gate[]> {
  const gates: Gate[] = [];
  for (const build of BUILDS) {
    const source = await bundle(build);
    for (const count of CLIENTS) {
      const name = `${build}, ${count === 1 ? "1 client" : `${count} clients`}`;
      const file = join(folder, `${build}-${count}.cjs`);
      const hasSignIn = build.endsWith("-auth");
      const literal = JSON.stringify(parseConfig(documentOf(users, count, hasSignIn)));
      writeFileSync(file, `const GATEHOUSE_CONFIG=${literal};\n${source}`);
      gates.push({ name, file, hasSignIn });
    }
  }
  return gates;
}

/** Everything that lets a request cost: places for tokens, clients, and a second sealing key. */
function documentOf(users: Users, clients: number, hasSignIn: boolean): ConfigDocument {
  const { auth: _, ...document } = completeDocument(users, NOWHERE);
  const others = Array.from({ length: clients - 1 }, (__, index) => `client${index}`);
  return {
    ...document,
    userPool: { ...document.userPool, clientIds: [...others, ...document.userPool.clientIds] },
    cookies: { names: [CONFIGURED_NAME], amplify: true },
    ...(hasSignIn && { auth: { keys: { current: users.sealingKey, previous: "6f".repeat(32) } } }),
  };
}

function rsaVerify({ publicKey }: Users, { token }: User): () => void {
  const at = token.lastIndexOf(".");
  const signed = Buffer.from(token.slice(0, at));
  const signature = Buffer.from(token.slice(at + 1), "base64url");
  return () => {
    for (let count = 0; count < 50; count += 1) verify("RSA-SHA256", signed, publicKey, signature);
  };
}

/** In turns with the yardstick, so that a busy machine slows both. */
async function worstWarm(gates: readonly Gate[], requests: readonly HostileRequest[], rsa: () => void) {
  const rows: Row[] = [];
  const yardsticks: number[] = [];
  for (const gate of gates) {
    const handler = loadHandler(gate.file);
    let worst = { name: "", figure: 0 };
    for (const { name, text } of requestsOf(gate, requests)) {
      const ratios: number[] = [];
      for (let round = -WARM_UP; round < ROUNDS; round += 1) {
        const event: unknown = JSON.parse(text);
        const spent = await cpuOf(() => handler(event));
        const yardstick = (await cpuOf(rsa)) / 50;
        if (round >= 0) ratios.push(spent / yardstick);
        if (round >= 0) yardsticks.push(yardstick);
      }
      if (median(ratios) > worst.figure) worst = { name, figure: median(ratios) };
    }
    rows.push(budgetRow(`worst warm request, ${gate.name}`, worst));
  }
  return { rows, rsa: median(yardsticks) };
}

/** In processes of their own, over an ordinary first request. */
async function worstCold(
  folder: string,
  gates: readonly Gate[],
  requests: readonly HostileRequest[],
  rsa: number,
): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const gate of gates.filter(({ name }) => name.includes("20"))) {
    const spent = new Map<string, number>();
    const assets = requestsOf(gate, requests).filter(({ ordinary }) => ordinary !== "");
    for (const { name, text } of assets) spent.set(name, await coldCpu(folder, gate.file, text));
    const over = assets.map(({ name, ordinary }) => ({
      name,
      figure: ((spent.get(name) ?? 0) - (spent.get(ordinary) ?? 0)) / rsa,
    }));
    const worst = over.reduce((a, b) => (b.figure > a.figure ? b : a));
    rows.push(budgetRow(`worst first request, over an ordinary one, ${gate.name}`, worst));
    for (const ordinary of new Set(assets.map((asset) => asset.ordinary))) {
      const figure = (spent.get(ordinary) ?? 0) / rsa;
      rows.push({
        name: `cause: ordinary first request, ${gate.name} / RSA verify`,
        figure,
        unit: "ratio",
        note: ordinary,
      });
    }
  }
  return rows;
}

async function coldCpu(folder: string, file: string, text: string): Promise<number> {
  const eventFile = join(folder, "event.json");
  writeFileSync(eventFile, text);
  const figures: number[] = [];
  for (let count = 0; count < STARTS; count += 1) {
    const { ready, answered } = await start({ file, eventFile, env: {} });
    figures.push((answered.cpuMs - ready.cpuMs) * 1_000);
  }
  return median(figures);
}

function budgetRow(name: string, worst: { readonly name: string; readonly figure: number }): Row {
  return {
    name: `${name} / RSA verify`,
    figure: worst.figure,
    unit: "ratio",
    goal: BUDGET,
    note: worst.name,
  };
}

function requestsOf({ hasSignIn }: Gate, requests: readonly HostileRequest[]): readonly HostileRequest[] {
  return requests.filter(({ needsSignIn }) => hasSignIn || !needsSignIn);
}

/** CPU microseconds of this process. */
async function cpuOf(run: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await run();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

/** What a container keeps of tokens that came in long headers, over the same tokens in short ones. */
async function paddingRow(gates: readonly Gate[], users: Users): Promise<Row> {
  const gate = gates.find(({ hasSignIn }) => hasSignIn);
  const template = eventText(await users.user(0), "");
  const [padded, plain] = [
    await heapAfter(gate?.file ?? "", template, users, PADDING),
    await heapAfter(gate?.file ?? "", template, users, 0),
  ];
  const megabytes = (bytes: number) => `${(bytes / 1_048_576).toFixed(1)} MB`;
  return {
    name: `heap after ${PADDED_USERS} tokens with ${PADDING / 1_000} KB beside each / without`,
    figure: padded / plain,
    unit: "ratio",
    goal: 1.2,
    note: `${megabytes(padded)} / ${megabytes(plain)} over what there was before`,
  };
}

async function heapAfter(file: string, template: string, users: Users, padding: number): Promise<number> {
  const flags = ["--expose-gc", childFile("users"), file, template, String(PADDED_USERS)];
  const child = spawn(process.execPath, flags, { stdio: ["pipe", "pipe", "inherit"] });
  const printed = output(child);
  for (let number = 0; number < PADDED_USERS; number += 1) {
    const user = await users.user(number);
    const cookie = `__Host-gatehouse-id=${user.token}; __Host-gatehouse-aws=${users.sealed(user, "live")}`;
    child.stdin.write(`${cookie}; padding=${"x".repeat(padding)}\n`);
  }
  child.stdin.end();
  const [before, after] = (await printed).trim().split("\n").map(heapIn);
  return (after ?? 0) - (before ?? 0);
}

function heapIn(line: string): number {
  const report: { readonly heapUsed: number; readonly external: number } = JSON.parse(line);
  return report.heapUsed + report.external;
}
