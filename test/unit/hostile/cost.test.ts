// Requests as large as CloudFront takes them, made to cost: a viewer must not keep the function busy until its end.
import { describe, expect, test } from "vitest";
import { CLIENT_ID } from "../fixtures/config.ts";
import { REQUEST_ID } from "../fixtures/events.ts";
import { KEY, token } from "../fixtures/tokens.ts";
import { encoded, genuine } from "./forge.ts";
import { useGates } from "./gate.ts";

/** What a request's headers may hold (CloudFront's quotas). */
const MAX_HEADERS = 32_768;
/** The function's time box, for both builds together; an attack that works takes many times that. */
const MAX_MS = 4_200;
const AMPLIFY = `CognitoIdentityServiceProvider.${CLIENT_ID}.`;
/** Every place that can be read is. */
const gates = useGates({ cookies: { names: ["x"], amplify: true } });

function filled(start: string, piece: (index: number) => string): string {
  let text = start;
  for (let index = 0; text.length + piece(index).length <= MAX_HEADERS; index += 1) text += piece(index);
  return text;
}

const SIGNATURE = "A".repeat(342);
const HEAD = encoded({ kid: KEY.kid });
const cookies: Record<string, string> = {
  "one name without end": filled("", () => "__Host-gatehouse-id=; "),
  "one name, no separators": filled("", () => " __Host-gatehouse-id="),
  "one name, separators only": filled("__Host-gatehouse-id=", () => ";"),
  "shortest tokens": filled(
    "",
    (index) => `__Host-gatehouse-id=${HEAD}.${encoded({ a: `${index}`.padEnd(24) })}.${SIGNATURE}; `,
  ),
  "unknown keys": filled(
    "",
    (index) =>
      `__Host-gatehouse-id=${genuine({ alg: "RS256", kid: `key-${index}` }, { iss: "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_TestPool1" })}; `,
  ),
  "the same good token": filled("", () => `x=${token()}; `),
  "Amplify users": filled("", (index) => `${AMPLIFY}u${index}.idToken=x; `),
  "Amplify users, percent-encoded": filled("", (index) => `${AMPLIFY}%2525252525${index}.idToken=x; `),
  quotes: filled("__Host-gatehouse-id=", () => '"'),
  "equals signs": filled("__Host-gatehouse-id", () => "="),
  "deep JSON": `__Host-gatehouse-id=${HEAD}.${encoded("[".repeat(24_000))}.${SIGNATURE}`,
  "sealed cookies": filled(
    `__Host-gatehouse-id=${token()}; `,
    (index) => `__Host-gatehouse-aws=${String(index).padStart(80, "A")}; `,
  ),
  attempts: filled(
    "",
    (index) => `__Host-gatehouse-login-${String(index).padStart(9, "0")}-AAAAAAAAAAAAAAAAAAAAAA=x; `,
  ),
};

function eventOf(name: string, value: string, uri: string): object {
  const request = {
    method: "GET",
    uri,
    querystring: "",
    clientIp: "203.0.113.178",
    headers: {
      host: [{ key: "Host", value: "d111111abcdef8.cloudfront.net" }],
      [name]: [{ key: name, value }],
    },
  };
  return { Records: [{ cf: { config: { requestId: REQUEST_ID }, request } }] };
}

async function expectQuick(event: object): Promise<void> {
  const startedAt = performance.now();
  await gates().ask(event);
  expect(performance.now() - startedAt).toBeLessThan(MAX_MS);
}

describe.each(["/a.txt", "/.gatehouse/me", "/.gatehouse/login", "/.gatehouse/logout"])(
  "32 KB of cookies at %s",
  (uri) => {
    test.each(Object.entries(cookies))(
      "%s",
      async (_, cookie) => await expectQuick(eventOf("cookie", cookie, uri)),
    );
  },
);

// Decoding each level, for every user again, would take many times the function's own time.
test("Amplify's last user, percent-encoded thousands of times", async () => {
  const users = Array.from({ length: 50 }, (_, index) => `${AMPLIFY}u${index}.idToken=x`);
  const cookie = [`${AMPLIFY}LastAuthUser=%${"25".repeat(6_000)}`, ...users].join("; ");
  await expectQuick(eventOf("cookie", cookie, "/a.txt"));
});

describe("a query, a path and a header", () => {
  const long: Record<string, [string, string]> = {
    "a path of slashes": ["x", "/".repeat(8_000)],
    "a path of escapes": ["x", `/${"%41".repeat(2_600)}`],
    "a path of dots": ["x", "/.".repeat(4_000)],
    "an Authorization of spaces": ["authorization", " ".repeat(MAX_HEADERS)],
    "an Authorization of Bearer": ["authorization", "Bearer ".repeat(MAX_HEADERS / 7)],
    "an Origin": ["origin", "https://".repeat(MAX_HEADERS / 8)],
  };
  test.each(Object.entries(long))("%s", async (_, [first, second]) => {
    await expectQuick(first === "x" ? eventOf("x", "y", second) : eventOf(first, second, "/a.txt"));
  });
});
