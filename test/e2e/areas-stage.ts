// A gate with areas, its three users, and two ways to ask: through the edge, and past it with one's own credentials.

import { createHash } from "node:crypto";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Config } from "../../edge/config/config.ts";
import { parseConfig } from "../../edge/config/document.ts";
import { functionDefinition } from "../../local/aws/cloudformation/index.ts";
import type { Credentials } from "../../local/aws/iam/sessions.ts";
import { distributionConfig } from "../../local/gate/front.ts";
import { type AnyGate, startGate, startGateOn } from "../../local/gate/gate.ts";
import { bucketOrigin, edgeFunctionArns } from "../../local/gate/resources.ts";
import type { Rgw } from "../../local/rgw/cluster.ts";
import { type Answer, presign, send } from "../local/aws/s3/presign.ts";
import { GROUPS_OF, type Layout, NAMES, type Name, type Row } from "./areas-layouts.ts";
import { spelled } from "./rgw-keys.ts";

/** How a request differs from a plain GET. */
export interface Asking {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What is running, with everything put in its place. */
export interface Stage {
  readonly gate: AnyGate;
  /** Through CloudFront and the function; undefined asks without a token. */
  readonly ask: (
    name: Name | undefined,
    row: Pick<Row, "path" | "query">,
    asking?: Asking,
  ) => Promise<Answer>;
  /** Straight to S3, once with each of the credentials that the user can get. */
  readonly force: (name: Name, row: Pick<Row, "key" | "lists">) => Promise<readonly Answer[]>;
  /** Identity ids for their stand-ins; `{me}` is the reader's own. */
  readonly named: (text: string, reader?: Name) => string;
  readonly bytesOf: (key: string) => Buffer;
}

/** Starts a gate with these areas; `exchange` is the one line that differs. */
export async function startStage(
  layout: Pick<Layout, "areas" | "objects">,
  exchange: "identityPool" | "sts",
  rgw?: Rgw,
): Promise<Stage> {
  const assets = mkdtempSync(join(tmpdir(), "gatehouse-empty-"));
  const context = { areas: layout.areas, groups: ["editors"], listing: true, exchange };
  const options = { port: 0, assets, context };
  const gate = rgw ? await startGateOn(rgw, options) : await startGate(options);
  for (const name of NAMES)
    gate.userPool.users.add({ username: name, password: name, groups: GROUPS_OF[name] });
  const named = (text: string, reader?: Name) =>
    text.replace(/\{(\w+)\}/g, (_all, who: string) => gate.identityIdOf(who === "me" ? (reader ?? "") : who));
  for (const key of layout.objects) await gate.store.put(named(key), bytesOf(named(key)));
  return { gate, named, bytesOf, ask: await asker(gate, named), force: await forcer(gate, named) };
}

/** Some bytes that no other key has. */
function bytesOf(key: string): Buffer {
  return Buffer.from(`${createHash("sha256").update(key).digest("hex")} ${key}`);
}

async function asker({ url, userPool }: AnyGate, named: Stage["named"]): Promise<Stage["ask"]> {
  const tokens = new Map<Name | undefined, string>();
  for (const name of NAMES) tokens.set(name, await userPool.issueIdToken(name));
  const port = Number(new URL(url).port);
  return async (name, { path, query }, { method, headers } = {}) => {
    const token = tokens.get(name);
    const target = spelled(named(path, name).slice(1), "loose") + (query === undefined ? "" : `?${query}`);
    return await send(
      port,
      target,
      { host: `localhost:${port}`, ...(token && { authorization: `Bearer ${token}` }), ...headers },
      method,
    );
  };
}

async function forcer(gate: AnyGate, named: Stage["named"]): Promise<Stage["force"]> {
  const { region, domainName: host } = bucketOrigin(distributionConfig(gate.stack));
  const config = bakedConfig(gate);
  const credentials = new Map<Name, readonly Credentials[]>();
  for (const name of NAMES) credentials.set(name, await credentialsOf(name, gate, config));
  return async (name, { key, lists }) => {
    const path = lists ? "/" : spelled(named(key, name), "strict");
    const query = lists && { "list-type": "2", prefix: named(key, name) };
    const asked = (credentials.get(name) ?? []).map(async (own) => {
      const request = { host, path, region, credentials: own, now: Date.now(), ...(query && { query }) };
      return await send(gate.store.target.port, await presign(request), { host });
    });
    return await Promise.all(asked);
  };
}

/** The configuration that the deployed function holds. */
function bakedConfig({ stack }: AnyGate): Config {
  const codes = edgeFunctionArns(distributionConfig(stack)).map(
    (arn) => functionDefinition(stack.resources, arn).code,
  );
  const [, text] = /^const GATEHOUSE_CONFIG=(.+);$/m.exec(codes[0] ?? "") ?? [];
  return parseConfig(JSON.parse(text ?? ""));
}

/** In the role of every signed-in user, and in those of the user's groups. */
async function credentialsOf(name: Name, gate: AnyGate, config: Config): Promise<readonly Credentials[]> {
  const roles = GROUPS_OF[name].map((group) => config.groups[group]?.roleArn ?? "");
  if (config.exchange) {
    const identityId = gate.identityIdOf(name);
    const arns = [config.exchange.roleArn, ...roles];
    const mint = (roleArn: string) =>
      gate.store.mint({ roleArn, sessionName: identityId, durationSeconds: 3600, tags: { identityId } });
    return await Promise.all(arns.map(mint));
  }
  const logins = { [gate.userPool.providerName]: await gate.userPool.issueIdToken(name) };
  const identityId = await gate.identityPool.getId(config.identityPool?.id ?? "", logins);
  const get = (roleArn?: string) => gate.identityPool.getCredentials(identityId, logins, roleArn);
  return await Promise.all([get(), ...roles.map(get)]);
}
