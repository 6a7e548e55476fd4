// One container that serves many users: reads a user a line, answers one request of each, says what memory that took.
"use strict";
const { createInterface } = require("node:readline");
const [, , file, template, checkpoints] = process.argv;
const { handler } = require(file);
const event = JSON.parse(template);
const marks = checkpoints.split(",").map(Number);

async function run() {
  let users = 0;
  report(users);
  for await (const line of createInterface({ input: process.stdin })) {
    const { request } = event.Records[0].cf;
    request.headers = { ...request.headers, cookie: [{ key: "Cookie", value: line }] };
    await handler(structuredClone(event));
    users += 1;
    if (marks.includes(users)) report(users);
  }
}

function report(users) {
  global.gc();
  const { rss, heapUsed, external } = process.memoryUsage();
  process.stdout.write(`${JSON.stringify({ users, rss, heapUsed, external })}\n`);
}

void run();
