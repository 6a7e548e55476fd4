// `npm run bench -- --scale`: what 100,000 to 10,000,000 users in an hour ask of Cognito, of the cache and of the purse.
import { type Calls, simulateContainers, TRAFFIC } from "./containers.ts";
import { table } from "./document.ts";
import { type AreaMix, hitRatio } from "./hit-ratio.ts";
import { type Curve, svg } from "./plot.ts";
import { costOfMillion, costOfSplitMillion } from "./prices.ts";

const USERS = [100_000, 300_000, 1_000_000, 3_000_000, 10_000_000];
/** Default quotas of an account and region, in calls a second. */
const GET_ID_QUOTA = 25;
const GET_CREDENTIALS_QUOTA = 200;
/** A warm request takes about 0.2 ms at 1/14 vCPU: one millisecond is billed. */
const BILLED_MS = 1;

const MIXES: readonly (readonly [name: string, mix: AreaMix])[] = [
  ["everything for all signed in", { signedIn: 1, group: 0, owner: 0 }],
  ["80 % signed in, 15 % groups, 5 % own folders", { signedIn: 0.8, group: 0.15, owner: 0.05 }],
  ["50 % signed in, 30 % groups, 20 % own folders", { signedIn: 0.5, group: 0.3, owner: 0.2 }],
  ["everything in own folders", { signedIn: 0, group: 0, owner: 1 }],
];

interface Simulated {
  readonly users: number;
  readonly plain: Calls;
  readonly sealed: Calls;
}

/** Simulates; returns the figures as tables, and the plot. */
export async function scale(): Promise<{ readonly text: string; readonly plot: string }> {
  const simulated: Simulated[] = [];
  for (const users of USERS)
    simulated.push({
      users,
      plain: await simulateContainers(users, false),
      sealed: await simulateContainers(users, true),
    });
  const text = [callsTable(simulated), hitTable(), costTable()].join("\n\n");
  return { text, plot: plotOf(simulated) };
}

function callsTable(simulated: readonly Simulated[]): string {
  const rows = simulated.map(({ users, plain, sealed }) => [
    users.toLocaleString("en"),
    plain.containers.toLocaleString("en"),
    calls(plain),
    calls(sealed),
    `${Math.round(plain.getCredentials / sealed.getCredentials)} times`,
  ]);
  const head = [
    "users in the hour",
    "containers",
    "`GetId` / `GetCredentials` a second, memory only",
    "with sealed sessions",
    "fewer",
  ];
  return table(head, rows);
}

function calls({ getId, getCredentials }: Calls): string {
  return `${marked(getId, GET_ID_QUOTA)} / ${marked(getCredentials, GET_CREDENTIALS_QUOTA)}`;
}

/** In bold above the quota. */
function marked(value: number, quota: number): string {
  const text = value.toLocaleString("en", { maximumSignificantDigits: 3 });
  return value > quota ? `**${text}**` : text;
}

function hitTable(): string {
  const users = [100_000, 1_000_000, 10_000_000];
  const rows = MIXES.map(([name, mix]) => [
    name,
    ...users.map((count) => `${(hitRatio(count, mix) * 100).toFixed(1)} %`),
  ]);
  return table(
    ["hits of the cache, by area mix", ...users.map((count) => `${count.toLocaleString("en")} users`)],
    rows,
  );
}

function costTable(): string {
  const rows = MIXES.map(([name, mix]) => {
    const ratio = hitRatio(1_000_000, mix);
    const { cloudFront, viewerRequest, misses, total } = costOfMillion(ratio, BILLED_MS);
    const split = costOfSplitMillion(ratio, BILLED_MS).total;
    return [
      name,
      ...[cloudFront, viewerRequest, misses, total, split].map((value) => `$${value.toFixed(2)}`),
    ];
  });
  const parts = ["CloudFront", "viewer-request", "misses", "together"];
  return table(["a million requests, 1,000,000 users", ...parts, "together, `split`"], rows);
}

function plotOf(simulated: readonly Simulated[]): string {
  const curve = (name: string, colour: string, value: (at: Simulated) => number): Curve => ({
    name,
    colour,
    points: simulated.map((at) => [at.users, value(at)]),
  });
  const level = (name: string, colour: string, value: number): Curve => ({
    ...curve(name, colour, () => value),
    dashed: true,
  });
  return svg({
    title: "Calls to Cognito identity pools in a busy hour",
    x: { title: `users in the hour, ${TRAFFIC.requestsPerVisit} requests each`, ticks: [1e5, 1e6, 1e7] },
    y: { title: "calls a second", ticks: [1, 10, 100, 1e3, 1e4, 1e5, 1e6] },
    curves: [
      curve("credentials, memory only", "#c2410c", ({ plain }) => plain.getCredentials),
      curve("credentials, sealed", "#0f766e", ({ sealed }) => sealed.getCredentials),
      curve("GetId, sealed", "#2563eb", ({ sealed }) => sealed.getId),
      level("quota: 200 credentials", "#0f766e", GET_CREDENTIALS_QUOTA),
      level("quota: 25 GetId", "#2563eb", GET_ID_QUOTA),
    ],
  });
}
