// How much of the traffic CloudFront answers from one regional cache, by what share of it lies in which kind of area.
import { BoundedMap } from "../edge/bounded-map.ts";
import { TRAFFIC } from "./containers.ts";
import { randomFrom, zipf } from "./random.ts";

/** Shares of the requests, by kind of area; they add up to 1. */
export interface AreaMix {
  readonly signedIn: number;
  readonly group: number;
  readonly owner: number;
}

const OBJECTS = 20_000;
const GROUPS = 20;
const OWN_OBJECTS = 30;
/** Web objects follow Zipf's law with an exponent a little below one. */
const EXPONENT = 0.9;
/** Objects that one regional cache keeps. */
const CAPACITY = 500_000;
/** Requests before the first counted one; at least so many that everybody present has made a whole visit. */
const WARM_UP = 1_000_000;
const MEASURED = 500_000;
const HOUR = 3_600;

/** The share of hits when `users` come by within the hour. */
export function hitRatio(users: number, mix: AreaMix): number {
  const random = randomFrom(users);
  const [shared, own] = [zipf(OBJECTS, EXPONENT, random), zipf(OWN_OBJECTS, EXPONENT, random)];
  const present = Math.max(1, Math.round((users / TRAFFIC.regions) * (TRAFFIC.visitSeconds / HOUR)));
  const visitors = visitorsOf(present, random);
  const warmUp = Math.max(WARM_UP, present * TRAFFIC.requestsPerVisit);
  const cache = new BoundedMap<true>(CAPACITY);
  let hits = 0;
  for (let request = 0; request < warmUp + MEASURED; request += 1) {
    const user = visitors();
    const key = cacheKey(user, mix, random(), { shared, own });
    if (!cache.get(key)) cache.set(key, true);
    else if (request >= warmUp) hits += 1;
  }
  return hits / MEASURED;
}

/** The cache scope, as the function writes it, and the object. */
function cacheKey(
  user: number,
  { signedIn, group }: AreaMix,
  draw: number,
  { shared, own }: { readonly shared: () => number; readonly own: () => number },
): string {
  if (draw < signedIn) return `signed-in ${shared()}`;
  if (draw < signedIn + group) return `group:${user % GROUPS} ${shared()}`;
  return `owner:${user} ${own()}`;
}

/** Everybody who is there at the time asks in turn, at random; who has finished is replaced by somebody new. */
function visitorsOf(present: number, random: () => number): () => number {
  const visits = Array.from({ length: present }, (_, user) => ({
    user,
    left: Math.ceil(random() * TRAFFIC.requestsPerVisit),
  }));
  let next = present;
  return () => {
    const place = Math.floor(random() * present);
    const visit = visits[place] ?? { user: 0, left: 1 };
    visit.left -= 1;
    if (visit.left <= 0) {
      visits[place] = { user: next, left: TRAFFIC.requestsPerVisit };
      next += 1;
    }
    return visit.user;
  };
}
