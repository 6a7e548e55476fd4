// What of a configuration goes into the function, worked out where the configuration is made: the function has 10 KB.
import { basePathOf } from "../config/aws-names.ts";
import type { Area, Config, Site } from "../config/config.ts";
import { languagesOf } from "../config/languages.ts";
import { resourcePolicyOf } from "../config/resource-policy.ts";
import { type AreaRule, foldersOf, type RuledArea, ruleOf } from "../request/area-rules.ts";
import { cookieName } from "../request/cookies.ts";
import type { FunctionConfig } from "./settings.ts";
import { shortened } from "./short-names.ts";

/** All of it with short names, but for the gate's id, which is known while deploying. */
export function functionLiteral(config: Config): object {
  return Object(shortened(longLiteral(config)));
}

function longLiteral(config: Config): Omit<FunctionConfig, "gateId"> {
  const { areas, auth, cookies, cors, userPool, userPools } = config;
  return {
    base: basePathOf(config),
    pools: [userPool, ...userPools].map(({ id, clientIds }) => ({ pool: id, clients: clientIds })),
    machines: userPool.machineClientIds,
    prefix: cookieName("", config),
    names: cookies.names,
    amplify: cookies.amplify,
    origins: cors.origins,
    allow: cors.origins.length > 0 ? cors.allowHeaders.join(", ") : "",
    expose: cors.origins.length > 0 ? cors.exposeHeaders.join(", ") : "",
    embed: resourcePolicyOf(config),
    langs: languagesOf(config),
    since: auth?.notBefore ?? 0,
    rules: areas.map(smallRule),
    folders: areas.flatMap(foldersOf),
  };
}

/** A rule with what decides, and without what is off. */
function smallRule(area: Area): AreaRule<RuledArea> {
  const { groups, scopes, owner, api, versions, downloads, site } = area;
  const small = {
    ...(groups && { groups }),
    ...(scopes && { scopes }),
    ...(owner !== undefined && { owner }),
    ...(area.public && { public: true }),
    ...(api && { api }),
    ...(versions && { versions }),
    ...(downloads && { downloads }),
    ...(site && { site: SOME }),
  };
  return { ...ruleOf(area, ""), area: small };
}

/** Where a site's pages are is for a miss to say. */
const SOME: Site = { index: "", cleanUrls: false, fallback: undefined, notFound: "" };
