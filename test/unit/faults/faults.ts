// Every way in which an endpoint of AWS's, or the network before it, goes wrong.
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { type Call, type Fault, type FaultProxy, type Good, pass } from "./proxy.ts";

export const ENDPOINTS = ["pool", "sts", "keys", "login", "api"] as const;
/** The identity pool, STS, the key set, the managed login and the user pool's API. */
export type Endpoint = (typeof ENDPOINTS)[number];

const STRANGER = "us-east-1:99999999-9999-4999-8999-999999999999";
const HUGE = Buffer.alloc(10_000_000, " ");
const SPACES = Buffer.alloc(16_384, " ");

const raw =
  (text: string, end: (call: Call) => void): Fault =>
  (call) => {
    call.socket.write(text, () => end(call));
  };
const head = ({ good }: Call, length = Buffer.byteLength(good.body)) =>
  `HTTP/1.1 200 OK\r\nContent-Type: ${good.contentType}\r\nContent-Length: ${length}\r\n\r\n`;
const half = ({ good: { body } }: Call) => body.slice(0, body.length / 2);
const destroy = ({ socket }: Call) => void socket.destroy();
const nothing = () => {};

const saying =
  (status: number, contentType: string, bodyOf: (good: Good) => string | Buffer, headers = {}): Fault =>
  ({ response, good }) => {
    response.writeHead(status, { "content-type": contentType, ...headers }).end(bodyOf(good));
  };
const html = (status: number) => saying(status, "text/html", () => "<!doctype html><h1>eyJ secret-</h1>");
const json = (status: number, value: object | null) =>
  saying(status, "application/x-amz-json-1.1", () => JSON.stringify(value));
/** An error as the identity pool, the user pool and OAuth write it, and as STS does; of this length at least. */
const error = (status: number, type: string, oauth: string, code: string, length = 0): Fault =>
  byKind(
    saying(status, "application/x-amz-json-1.1", () =>
      JSON.stringify({ __type: type, error: oauth, message: "eyJ secret-" }).padEnd(length),
    ),
    saying(status, "text/xml", () =>
      `<ErrorResponse><Error><Code>${code}</Code><Message>eyJ secret-</Message></Error></ErrorResponse>`.padEnd(
        length,
      ),
    ),
  );

function byKind(forJson: Fault, forXml: Fault): Fault {
  return (call) => (call.good.contentType === "text/xml" ? forXml : forJson)(call);
}

/** The good answer with some of its text replaced. */
const replaced =
  (pattern: RegExp, text: string): Fault =>
  ({ response, good }) => {
    response.writeHead(200, { "content-type": good.contentType }).end(good.body.replaceAll(pattern, text));
  };

/** The good answer in this many pieces; `Infinity` for bytes. */
const drip =
  (everyMs: number, pieces: number): Fault =>
  async (call) => {
    const { body } = call.good;
    const size = Math.ceil(body.length / pieces) || 1;
    call.socket.setNoDelay().write(head(call));
    for (let at = 0; at < body.length && !call.socket.destroyed; at += size) {
      await sleep(everyMs);
      call.socket.write(body.slice(at, at + size));
    }
  };

const onlyReused =
  (fault: Fault): Fault =>
  (call) =>
    (call.nth > 1 ? fault : pass)(call);
const late =
  (ms: number): Fault =>
  async (call) => {
    await sleep(ms);
    await pass(call);
  };

/** `refuses` closes the port; all others answer, or do not, once a call has arrived. */
export const FAULTS = {
  refuses: nothing,
  hangs: nothing,
  "hangs behind the headers": (call) => raw(head(call), nothing)(call),
  "hangs in the body": (call) => raw(head(call) + half(call), nothing)(call),
  "drips a byte every 100 ms": drip(100, Number.POSITIVE_INFINITY),
  "drips for half a second": drip(50, 10),
  "answers after half a second": late(500),
  "cuts in the status line": raw("HTTP/1.", destroy),
  "cuts in a header": raw("HTTP/1.1 200 OK\r\nContent-Le", destroy),
  "cuts in the body": (call) => raw(head(call) + half(call), destroy)(call),
  "cuts in a chunk": raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n{}", destroy),
  "closes without a word": ({ socket }) => void socket.end(),
  resets: ({ socket }) => void socket.resetAndDestroy(),
  "speaks another protocol": raw("SSH-2.0-OpenSSH_9.2\r\n", nothing),
  "answers 100 and hangs": raw("HTTP/1.1 100 Continue\r\n\r\n", nothing),
  "a header of 100,000 bytes": saying(200, "application/json", ({ body }) => body, {
    x: "x".repeat(100_000),
  }),
  "a body of 65,536 bytes": padded(65_536, "at once"),
  "a body of 65,536 bytes in chunks": padded(65_536, "in chunks"),
  "a body of 65,537 bytes": padded(65_537, "at once"),
  "a body of 65,537 bytes in chunks": padded(65_537, "in chunks"),
  "a body of 10 MB": saying(200, "application/json", () => HUGE),
  "a body of 10 MB that is right": padded(HUGE.length, "at once"),
  "a body of 10 MB in chunks that is right": padded(HUGE.length, "in chunks"),
  "a body without an end": endless,
  "400, refused in 100,000 bytes": error(
    400,
    "NotAuthorizedException",
    "invalid_grant",
    "AccessDenied",
    100_000,
  ),
  "400, refused": error(400, "NotAuthorizedException", "invalid_grant", "AccessDenied"),
  "400, throttled": error(400, "TooManyRequestsException", "slow_down", "Throttling"),
  "400, not found": error(400, "ResourceNotFoundException", "invalid_client", "ValidationError"),
  "400 with nothing in it": json(400, {}),
  "400 with a text that is no type": error(400, "eyJ secret-", "eyJ secret-", "eyJ secret-"),
  "403, HTML": html(403),
  "404, HTML": html(404),
  "429": json(429, { message: "eyJ secret-" }),
  "500": error(500, "InternalErrorException", "server_error", "InternalFailure"),
  "503": error(503, "ServiceUnavailableException", "temporarily_unavailable", "ServiceUnavailable"),
  "503, HTML": html(503),
  "a redirect to itself": saying(307, "text/plain", () => "", { location: "/" }),
  "200, HTML": html(200),
  "200, empty": saying(200, "application/json", () => ""),
  "204": ({ response }) => void response.writeHead(204).end(),
  "200, null": json(200, null),
  "200, a list": json(200, []),
  "200, an empty object": json(200, {}),
  "200, half of the answer": saying(200, "application/json", ({ body }) => body.slice(0, body.length / 2)),
  "200, every text a number": replaced(/:"[^"]*"|>[^<]+</g, ":0"),
  "200, every text empty": byKind(replaced(/:"[^"]*"/g, ':""'), replaced(/>[^<]+</g, "><")),
  "200, every text a list": byKind(replaced(/:("[^"]*")/g, ":[$1]"), replaced(/>[^<]+</g, "><a/><")),
  "another user's identity id": ({ response, good }) => {
    const body = good.body.includes("Credentials")
      ? good.body.replace(/us-east-1:[\w-]+/, STRANGER)
      : good.body;
    response.writeHead(200, { "content-type": good.contentType }).end(body);
  },
  "an identity id that is a path": replaced(/us-east-1:[\w-]+/g, "../users/us-east-1:1"),
  "credentials that have expired": byKind(
    replaced(/"Expiration":\d+/g, '"Expiration":1'),
    replaced(/<Expiration>[^<]+/g, "<Expiration>2001-01-01T00:00:00Z"),
  ),
  "credentials without an end": byKind(
    replaced(/"Expiration":[\d.]+/g, '"Expiration":null'),
    replaced(/<Expiration>[^<]+<\/Expiration>/g, ""),
  ),
  "a clock an hour ahead": dated(3_600_000),
  "a clock an hour behind": dated(-3_600_000),
  "reused connections are dead": onlyReused(({ socket }) => void socket.resetAndDestroy()),
  "reused connections are mute": onlyReused(nothing),
} as const satisfies Record<string, Fault>;

export type FaultName = keyof typeof FAULTS;

/** The good answer with spaces behind it, up to a length that the headers tell, or that only the chunks do. */
function padded(length: number, how: "at once" | "in chunks"): Fault {
  return ({ response, good }) => {
    const body = Buffer.alloc(length, " ");
    body.write(good.body);
    const lengths = how === "at once" ? { "content-length": length } : { "transfer-encoding": "chunked" };
    response.writeHead(200, { "content-type": good.contentType, ...lengths }).end(body);
  };
}

/** The good answer, and spaces behind it for as long as anybody listens. */
async function endless({ response, good }: Call): Promise<void> {
  response.writeHead(200, { "content-type": good.contentType }).write(good.body);
  await pipeline(Readable.from(spaces()), response).catch(nothing);
}

function* spaces(): Generator<Buffer> {
  for (;;) yield SPACES;
}

function dated(ms: number): Fault {
  return ({ response, good }) => {
    const date = new Date(Date.now() + ms).toUTCString();
    response.writeHead(good.status, { "content-type": good.contentType, date }).end(good.body);
  };
}

/** Breaks an endpoint from now on. */
export async function breakDown(proxy: FaultProxy, name: FaultName): Promise<void> {
  proxy.fault = FAULTS[name];
  if (name === "refuses") await proxy.refuse();
}
