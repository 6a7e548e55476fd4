// What the shipped app can have around its gate, out of CDK's context: a folder to upload, domain names, alarms.
import { statSync } from "node:fs";
import { resolve } from "node:path";
import { wildcardProblem } from "../delivery/domain-names.ts";
import type { Lookup } from "./context-keys.ts";
import { SWITCH } from "./switch.ts";

/** Everything is optional. */
export interface Surroundings {
  /** The absolute path of a folder whose files are uploaded. */
  readonly assets: string | undefined;
  readonly domain: { readonly names: readonly string[]; readonly certificateArn: string } | undefined;
  readonly alarms: boolean;
  readonly alarmTopicArn: string | undefined;
}

const DOMAIN_NAME = /^(\*\.)?([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,}$/i;
const CERTIFICATE_ARN = /^arn:aws:acm:us-east-1:\d{12}:certificate\/[\w-]+$/;
const TOPIC_ARN = /^arn:aws:sns:us-east-1:\d{12}:[\w-]+$/;

/** The settings, with every problem of them, each naming its key. */
export function readSurroundings(
  get: Lookup,
  auth: unknown,
): {
  readonly surroundings: Surroundings;
  readonly problems: readonly string[];
} {
  const names = get("domainNames");
  const [certificateArn, alarmTopicArn] = [text(get("certificateArn")), text(get("alarmTopicArn"))];
  const assets = text(get("assets"));
  const surroundings = {
    assets: assets && resolve(assets),
    domain: isDomainNames(names) && certificateArn ? { names, certificateArn } : undefined,
    alarms: alarmTopicArn !== undefined || SWITCH.get(get("alarms")) === true,
    alarmTopicArn,
  };
  return { surroundings, problems: problemsOf(get, auth) };
}

function problemsOf(get: Lookup, auth: unknown): readonly string[] {
  const [names, certificate, topic] = [get("domainNames"), get("certificateArn"), get("alarmTopicArn")];
  const assets = get("assets");
  const wildcard = isDomainNames(names) ? wildcardProblem(names, auth) : undefined;
  const rules: readonly (readonly [broken: boolean, problem: string])[] = [
    [assets !== undefined && !isFolder(assets), `assets: expected a folder, which "${assets}" is not`],
    [names !== undefined && !isDomainNames(names), "domainNames: expected names such as assets.example.com"],
    [wildcard !== undefined, `domainNames: ${wildcard}`],
    [
      names !== undefined && certificate === undefined,
      "certificateArn: domain names come with a certificate for them",
    ],
    [
      certificate !== undefined && !matches(certificate, CERTIFICATE_ARN),
      "certificateArn: expected a certificate of us-east-1, such as arn:aws:acm:us-east-1:123456789012:certificate/<id>",
    ],
    [
      certificate !== undefined && names === undefined,
      "domainNames: a certificate comes with the names that it is for",
    ],
    [!SWITCH.has(get("alarms")), "alarms: expected true or false"],
    [
      topic !== undefined && !matches(topic, TOPIC_ARN),
      "alarmTopicArn: expected a topic of us-east-1, such as arn:aws:sns:us-east-1:123456789012:name",
    ],
  ];
  return rules.filter(([broken]) => broken).map(([, problem]) => problem);
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function matches(value: unknown, pattern: RegExp): boolean {
  return typeof value === "string" && pattern.test(value);
}

function isDomainNames(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length > 0 && value.every((name) => matches(name, DOMAIN_NAME));
}

function isFolder(value: unknown): boolean {
  return typeof value === "string" && statSync(value, { throwIfNoEntry: false })?.isDirectory() === true;
}
