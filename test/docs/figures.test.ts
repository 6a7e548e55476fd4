// Figures on the pages are those of the code that makes them.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { costOfMillion } from "../../bench/prices.ts";
import { userHash } from "../../edge/answer/log.ts";
import { CHECKS } from "../verify/checks/index.ts";
import { ROOT } from "./pages.ts";

const page = (path: string) => readFileSync(join(ROOT, path), "utf8");
const OPERATIONS = page("docs/operations.md");
const README = page("README.md");

/** A warm request fits into one. */
const BILLED_MS = 1;
const dollars = (amount: number) => amount.toLocaleString("en-US", { style: "currency", currency: "USD" });

test("prices for a million", () => {
  const { cloudFront, viewerRequest, misses } = costOfMillion(0, BILLED_MS);
  for (const price of [cloudFront, viewerRequest, misses])
    expect(OPERATIONS).toMatch(
      RegExp(`\\| a million (requests|misses) \\| ${dollars(price).replace("$", "\\$")} \\|`),
    );
  expect(OPERATIONS).toContain(
    `**R × ${dollars(cloudFront + viewerRequest)} + R × (1 − H) × ${dollars(misses)} + G × $0.085**`,
  );
  expect(README).toContain(
    `${dollars(cloudFront)} for CloudFront, ${dollars(viewerRequest)} for the viewer-request`,
  );
});

const examples = [...OPERATIONS.matchAll(/^\| ([\d,]+) million requests \| (\d+) % \| (.+) \|$/gm)];

test.each(examples.map(([line]) => line))("%s", (line) => {
  const [, millions = "", hits = "", cells = ""] =
    /^\| ([\d,]+) million requests \| (\d+) % \| (.+) \|$/.exec(line) ?? [];
  const cost = costOfMillion(Number(hits) / 100, BILLED_MS);
  const times = Number(millions.replaceAll(",", ""));
  const expected = [cost.cloudFront, cost.viewerRequest + cost.misses, cost.total].map((each) =>
    dollars(each * times),
  );
  expect(cells.split(" | ")).toEqual(expected);
});

test("there are examples", () => {
  expect(examples.length).toBeGreaterThan(2);
});

test("the word for a user in the log", () => {
  const [, sub = ""] = /printf %s (\S+) \| sha256sum/.exec(OPERATIONS) ?? [];
  expect(OPERATIONS).toContain(`filter user = "${userHash(sub)}"`);
});

test("what verify does", () => {
  expect(README).toContain(`makes ${CHECKS.length} checks from outside`);
});

test("speed and size are those of docs/performance.md", () => {
  const performance = page("docs/performance.md");
  const [, microseconds = ""] =
    /^\| warm request \/ one RSA-2048 verify .*\| ([\d.]+) µs of CPU/m.exec(performance) ?? [];
  const [, kilobytes = ""] = /^\| bundle: with everything +\| ([\d.]+) KB/m.exec(performance) ?? [];
  expect(README.replaceAll("\n", " ")).toContain(
    `takes about ${Math.round(Number(microseconds))} µs of CPU, and the bundle has about ${Math.round(Number(kilobytes))} KB`,
  );
});
