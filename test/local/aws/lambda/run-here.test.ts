// A function in this process: its pauses take no time, its clock is the caller's.
import { expect, test } from "vitest";
import { parseFunctionProperties } from "../../../../local/aws/lambda/index.ts";
import { runHere } from "../../../../local/aws/lambda/run-here.ts";

const START = Date.UTC(2026, 0, 1);

async function run(code: string, Timeout = 30): Promise<{ lines: string[]; passedMs: number }> {
  const lines: string[] = [];
  let nowMs = START;
  const definition = parseFunctionProperties(
    { Code: { ZipFile: code }, Timeout, Environment: { Variables: { WHO: "me" } } },
    { functionName: "f", functionArn: "arn:aws:lambda:us-east-1:123456789012:function:f" },
  );
  const clock = {
    now: () => nowMs,
    pass: (ms: number) => {
      nowMs += ms;
    },
  };
  await runHere(definition, { a: 1 }, ({ level, message }) => lines.push(`${level} ${message}`), {
    clock,
    fetch: async (input) => new Response(`fetched ${String(input)}`),
  });
  return { lines, passedMs: nowMs - START };
}

test.each([
  ["the event", "console.log(event.a)", "INFO 1"],
  [
    "its environment, and nothing of ours",
    "console.log(process.env.WHO, process.env.HOME)",
    "INFO me undefined",
  ],
  [
    "the clock",
    "console.log(Date.now(), new Date().toISOString(), new Date(0).getTime())",
    `INFO ${START} 2026-01-01T00:00:00.000Z 0`,
  ],
  [
    "the network that it is given",
    "console.error(await (await fetch('http://x/')).text())",
    "ERROR fetched http://x/",
  ],
  ["Node's modules", "console.log(typeof require('node:crypto').createHash)", "INFO function"],
])("it sees %s", async (_name, code, line) => {
  expect((await run(`exports.handler = async (event) => { ${code} }`)).lines).toEqual([line]);
});

test.each([
  ["node:timers/promises", "await require('node:timers/promises').setTimeout(20000)"],
  ["setTimeout", "await new Promise((resolve) => setTimeout(resolve, 20000))"],
])("a pause by %s passes the clock on at once", async (_name, pause) => {
  const { lines, passedMs } = await run(
    `exports.handler = async () => { ${pause}; console.log(Date.now()) }`,
  );
  expect([lines, passedMs]).toEqual([[`INFO ${START + 20_000}`], 20_000]);
});

test("a pause over its time-out ends it, whatever it would catch", async () => {
  const code = `exports.handler = async () => {
    try { await require('node:timers/promises').setTimeout(20000) } finally { console.log('went on') }
  }`;
  await expect(run(code, 15)).rejects.toThrow("Task timed out after 15.00 seconds");
});

test("its errors are the caller's; a handler has to be there", async () => {
  await expect(run("exports.handler = async () => { throw new Error('broken') }")).rejects.toThrow("broken");
  await expect(run("exports.other = 1")).rejects.toThrow("index.handler is undefined or not exported");
});

test("modules' state is made anew for every event", async () => {
  const code = "let count = 0; exports.handler = async () => console.log(++count)";
  expect([(await run(code)).lines, (await run(code)).lines]).toEqual([["INFO 1"], ["INFO 1"]]);
});
