// What a round trip costs: three for the first request of a connection, one for each further one.

import { Agent, createServer, request } from "node:http";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Listening, loopback } from "../../../local/aws/iam/loopback.ts";
import { type SlowLink, startSlowLink } from "../../../local/gate/slow-link.ts";

const LATENCY_MS = 80;

let server: Listening;
let link: SlowLink;

beforeAll(async () => {
  server = await loopback(
    createServer((message, response) => {
      if (message.url === "/cut") message.socket.destroy();
      else message.pipe(response);
    }),
  );
  link = await startSlowLink({ to: server.port, latencyMs: LATENCY_MS });
});
afterAll(async () => {
  await link.close();
  await server.close();
});

/** The answer's text, and how many round trips it took. */
async function ask(body: string, agent?: Agent, path = "/"): Promise<{ text: string; trips: number }> {
  const start = performance.now();
  const text = await new Promise<string>((resolve, reject) => {
    const asked = request({ port: link.port, method: "POST", path, ...(agent && { agent }) }, (response) => {
      let answer = "";
      response.setEncoding("utf8").on("data", (chunk: string) => {
        answer += chunk;
      });
      response.on("end", () => resolve(answer));
    });
    asked.on("error", reject).end(body);
  });
  return { text, trips: Math.floor((performance.now() - start + 2) / LATENCY_MS) };
}

test("a new connection costs two round trips more than one that is kept", async () => {
  const trips: [number, number][] = [];
  for (let time = 0; time < 5; time += 1) {
    const agent = new Agent({ keepAlive: true });
    const first = await ask("one", agent);
    const second = await ask("two", agent);
    agent.destroy();
    expect([first.text, second.text]).toEqual(["one", "two"]);
    trips.push([first.trips, second.trips]);
  }
  expect(fewest(trips.map(([first]) => first))).toBe(3);
  expect(fewest(trips.map(([, second]) => second))).toBe(1);
});

/** A busy machine adds to a time and takes nothing away. */
function fewest(counts: readonly number[]): number {
  return Math.min(...counts);
}

test("bytes come in order and complete, both ways", async () => {
  const body = Array.from({ length: 40_000 }, (_, i) => `${i},`).join("");
  expect((await ask(body)).text).toBe(body);
});

test("a cut is a cut", async () => {
  await expect(ask("x", undefined, "/cut")).rejects.toThrow();
});
