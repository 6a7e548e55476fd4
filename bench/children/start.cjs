// A fresh process: loads one file as Lambda does, has it answer one event if there is one, and says what that took.
"use strict";
const { readFileSync, writeSync } = require("node:fs");
const [, , file, eventFile] = process.argv;
const event = eventFile ? JSON.parse(readFileSync(eventFile, "utf8")) : undefined;

// The clock loads modules of Node's when it is first read, which is nobody's cost but its own.
performance.now();
// A refusal's log line would stand before the report.
console.log = () => {};
const { handler } = require(file);
const ready = { ...spent(), memory: process.memoryUsage() };
if (event) handler(event).then(report);
else report(undefined);

function report(result) {
  const answered = spent();
  const signed = typeof result?.querystring === "string" && result.querystring.includes("X-Amz-Signature=");
  const modules = process.moduleLoadList.filter((name) => /^NativeModule (https|tls|http2|zlib)$/.test(name));
  writeSync(1, JSON.stringify({ ready, answered, signed, modules }));
  process.exit();
}

/** CPU and wall-clock milliseconds since the process started. */
function spent() {
  const { user, system } = process.cpuUsage();
  return { cpuMs: (user + system) / 1000, wallMs: performance.now() };
}
