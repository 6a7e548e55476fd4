// The requests of the fixture: CloudFront's viewer-request event of a browser that asks for a picture.
import { CLIENT_ID, type User } from "./users.ts";

/** The Cookie header of the fixture, in bytes. */
export const COOKIE_BYTES = 3_900;

const BROWSER =
  "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36";

/**
 * The event as text, for Lambda gives a function fresh strings each time. The header holds the same token where we look
 * for it first and where the peers look; `sealed` is our session cookie, and other cookies fill up what it leaves.
 */
export function eventText(user: User, sealed: string, ours = true): string {
  const amplify = `CognitoIdentityServiceProvider.${CLIENT_ID}`;
  const cookies = [
    "_ga=GA1.1.1029384756.1790000000",
    "consent=v2.4%3Aanalytics%3Dno%3Bmarketing%3Dno",
    `${amplify}.LastAuthUser=${user.sub}`,
    `${amplify}.${user.sub}.idToken=${user.token}`,
    ...(ours ? [`__Host-gatehouse-id=${user.token}`] : []),
    ...(sealed ? [`__Host-gatehouse-aws=${sealed}`] : []),
  ];
  const rest = COOKIE_BYTES - cookies.join("; ").length - "; app=".length;
  cookies.splice(2, 0, `app=${"x".repeat(Math.max(rest, 0))}`);
  return JSON.stringify({ Records: [{ cf: { config: CONFIG, request: request(cookies.join("; ")) } }] });
}

const CONFIG = {
  distributionDomainName: "d111111abcdef8.cloudfront.net",
  distributionId: "EDFDVBD6EXAMPLE",
  eventType: "viewer-request",
  requestId: "4TyzHTaYWb1GX1qTfsHhEqV6HUDd_BzoBZnwfnvQc_1oF26ClkoUSEQ==",
};

function request(cookie: string): object {
  const headers = {
    Host: "d111111abcdef8.cloudfront.net",
    "User-Agent": BROWSER,
    Accept: "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8",
    "Accept-Encoding": "gzip, deflate, br, zstd",
    "Accept-Language": "en-GB,en;q=0.9",
    Referer: "https://app.example.com/gallery",
    "Sec-Fetch-Dest": "image",
    "Sec-Fetch-Mode": "no-cors",
    "Sec-Fetch-Site": "same-site",
    Cookie: cookie,
  };
  return {
    clientIp: "203.0.113.178",
    method: "GET",
    uri: "/pictures/2026/holiday/photo-0001.jpg",
    querystring: "",
    headers: Object.fromEntries(
      Object.entries(headers).map(([key, value]) => [key.toLowerCase(), [{ key, value }]]),
    ),
  };
}

/** One request of a user, again and again: parsed anew for each turn. */
export class EventSupply {
  readonly #texts: readonly string[];
  #events: unknown[] = [];

  constructor(texts: readonly string[]) {
    this.#texts = texts;
  }

  /** Parses as many events as a turn needs, taking the texts in order. */
  fill(count: number, from = 0): void {
    this.#events = Array.from({ length: count }, (_, index) =>
      JSON.parse(this.#texts[(from + index) % this.#texts.length] ?? ""),
    );
  }

  get events(): readonly unknown[] {
    return this.#events;
  }
}
