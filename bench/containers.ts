// How often the containers of a busy hour ask Cognito: one of them is simulated with the real session store.
import type { ViewerRequest } from "../edge/request/cloudfront.ts";
import type { Session } from "../edge/session/exchange.ts";
import { SessionStore } from "../edge/session/session-store.ts";
import type { VerifiedToken } from "../edge/token/token.ts";
import { randomFrom } from "./random.ts";

/** What the traffic is like; every figure is a setting of the simulation and no measurement. */
export const TRAFFIC = {
  /** CloudFront's regional edge caches, where the functions run. */
  regions: 13,
  /** One visit of each user within the hour. */
  requestsPerVisit: 40,
  visitSeconds: 600,
  /** Of them, who still holds the cookie of an earlier session, which names the identity. */
  returning: 0.7,
  /** How long one request keeps a container, and how many more there are for bursts. */
  secondsPerRequest: 0.005,
  burst: 3,
} as const;

const HOUR = 3_600;

/** Calls a second to Cognito identity pools, of the whole world. */
export interface Calls {
  readonly containers: number;
  readonly getId: number;
  readonly getCredentials: number;
}

/** Simulates `users` in an hour; without sealed sessions each container exchanges by itself. */
export async function simulateContainers(users: number, isSealed: boolean): Promise<Calls> {
  const usersOfRegion = users / TRAFFIC.regions;
  const requests = usersOfRegion * TRAFFIC.requestsPerVisit;
  const containersOfRegion = Math.max(
    2,
    Math.ceil((requests / HOUR) * TRAFFIC.secondsPerRequest * TRAFFIC.burst),
  );
  const visits = visitsTo(usersOfRegion, Math.round(requests / containersOfRegion));
  const { getId, getCredentials } = await serve(visits, isSealed);
  const containers = containersOfRegion * TRAFFIC.regions;
  return {
    containers,
    getId: (getId * containers) / HOUR,
    getCredentials: (getCredentials * containers) / HOUR,
  };
}

/** One request that reaches the simulated container. */
interface Arrival {
  readonly user: number;
  /** The first of its visit: with sealed sessions, the one that seals. */
  readonly isFirst: boolean;
  /** Seconds from the start of the hour. */
  readonly at: number;
}

/** Requests are spread over the containers at random, so that one gets its share of everybody's. */
function visitsTo(users: number, count: number): readonly Arrival[] {
  const random = randomFrom(users);
  const arrivals = Array.from({ length: count }, () => {
    const user = Math.floor(random() * users);
    const number = Math.floor(random() * TRAFFIC.requestsPerVisit);
    const startedAt = randomFrom(user)() * HOUR;
    const at = startedAt + (number * TRAFFIC.visitSeconds) / TRAFFIC.requestsPerVisit;
    return { user, isFirst: number === 0, at };
  });
  return arrivals.sort((a, b) => a.at - b.at);
}

async function serve(arrivals: readonly Arrival[], isSealed: boolean) {
  const calls = { getId: 0, getCredentials: 0 };
  let now = 0;
  let cookie: Session | undefined;
  const exchange = async ({ token, identityId }: { token: VerifiedToken; identityId?: string }) => {
    if (identityId === undefined) calls.getId += 1;
    calls.getCredentials += 1;
    return sessionOf(token.sub, now + HOUR);
  };
  const store = new SessionStore(
    exchange,
    () => cookie,
    () => now * 1000,
  );
  for (const { user, isFirst, at } of arrivals) {
    now = at;
    cookie = isSealed ? sealedOf(user, isFirst, at) : undefined;
    await store.get({ token: tokenOf(user), roleArn: undefined, request: NO_REQUEST, deadline: 0 });
  }
  return calls;
}

/** A live session after the first request; before it, what is left of the last visit. */
function sealedOf(user: number, isFirst: boolean, at: number): Session | undefined {
  if (!isFirst) return sessionOf(String(user), at + HOUR);
  return randomFrom(user + 1)() < TRAFFIC.returning ? sessionOf(String(user), 0) : undefined;
}

function sessionOf(sub: string, expiresAt: number): Session {
  const credentials = { accessKeyId: "", secretAccessKey: "", sessionToken: "", expiresAt };
  return { identityId: `identity of ${sub}`, credentials };
}

/** The store reads a token's `sub` and `raw` and nothing else. */
function tokenOf(user: number): VerifiedToken {
  return { sub: String(user), raw: String(user) } as VerifiedToken;
}

/** Nobody reads it: the cookie is given directly. */
const NO_REQUEST = {} as ViewerRequest;
