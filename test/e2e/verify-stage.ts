// A gate with an area of each kind, and `verify` as a person runs it who knows the deployment.

import { distributionConfig } from "../../local/gate/front.ts";
import { type Gate, type GateOptions, startGate } from "../../local/gate/gate.ts";
import { bucketOrigin } from "../../local/gate/resources.ts";
import type { Finding } from "../verify/check.ts";
import { readOptions } from "../verify/options.ts";
import { type Result, verify } from "../verify/verify.ts";
import { ASSETS } from "./stage.ts";

const ORIGIN = "https://app.example.com";

/** Context keys of the gate. */
const CONTEXT = {
  areas: [
    { path: "/team/*", groups: ["editors"] },
    { path: "/board/*", groups: ["board"] },
    { path: "/me/*", owner: "users/{identityId}/" },
    { path: "/pictures/*", public: true },
    { path: "/documents/*", downloads: true },
    { path: "/odd names/*" },
    { path: "/media/*" },
  ],
  groups: ["editors", "board"],
  listing: true,
  auth: { title: "The Gatehouse" },
  corsOrigins: ORIGIN,
};

/** What cannot be seen at this gate: it is on plain HTTP, has no area that is everything, and is given tokens. */
export const UNSEEN: readonly string[] = [
  "transport.http",
  "token.access",
  "tamper.pass",
  "list.root",
  "sign-in.renewal",
];

/** Starts the gate, with what only this user or nobody here may read in its place. */
export async function openGate({ context, ...options }: Partial<GateOptions> = {}): Promise<Gate> {
  const gate = await startGate({ port: 0, assets: ASSETS, context: { ...CONTEXT, ...context }, ...options });
  await gate.store.put(`users/${gate.identityIdOf("ada")}/diary.txt`, Buffer.from("Dear diary"));
  await gate.store.put("board/minutes.txt", Buffer.from("Present: all"));
  return gate;
}

/** Options and values. */
export function commandLine({ url, s3, stack }: Gate): readonly string[] {
  const { bucket, region } = bucketOrigin(distributionConfig(stack));
  const all = {
    url,
    path: "/documents/opening-hours.txt",
    "group-path": "/team/notes.txt",
    "owner-path": "/me/diary.txt",
    "forbidden-path": "/board/minutes.txt",
    "public-path": "/pictures/noon.webp",
    "odd-path": "/odd%20names/one%2Btwo.svg",
    "cold-path": "/media/bells.mp3",
    origin: ORIGIN,
    bucket,
    region,
    "s3-endpoint": s3.endpoint,
  };
  return Object.entries(all).flatMap(([name, value]) => [`--${name}`, value]);
}

/** Runs it in this process, by default for ada and with everything said. */
export async function verified(
  gate: Gate,
  environment?: Readonly<Record<string, string>>,
  args = commandLine(gate),
): Promise<readonly Result[]> {
  const given = environment ?? { GATEHOUSE_TOKEN: await gate.userPool.issueIdToken("ada") };
  const options = readOptions(args, given);
  if (!options) throw new Error("help was asked for");
  return await verify(options);
}

/** The checks that came to this. */
export function ids(results: readonly Result[], verdict: Finding["verdict"]): readonly string[] {
  return results.filter(({ finding }) => finding.verdict === verdict).map(({ check }) => check.id);
}
