// Figures on the pages are those of the code that makes them.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { costOfMillion, costOfSplitMillion, lambdasOfMillion } from "../../bench/prices.ts";
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

const placements = [...OPERATIONS.matchAll(/^\| ([\d,]+) million \| (\d+) % \| (.+) \|$/gm)];

test.each(placements.map(([line]) => line))("both placements: %s", (line) => {
  const [, millions = "", hits = "", cells = ""] =
    /^\| ([\d,]+) million \| (\d+) % \| (.+) \|$/.exec(line) ?? [];
  const [ratio, times] = [Number(hits) / 100, Number(millions.replaceAll(",", ""))];
  const expected = (["lambda", "split"] as const).flatMap((placement) => {
    const cost =
      placement === "lambda" ? costOfMillion(ratio, BILLED_MS) : costOfSplitMillion(ratio, BILLED_MS);
    const lambdas = lambdasOfMillion(placement, ratio) * times;
    return [lambdas.toLocaleString("en-US"), dollars((cost.viewerRequest + cost.misses) * times)];
  });
  expect(cells.split(" | ")).toEqual(expected);
});

test("what a million checks cost in the split placement", () => {
  const split = costOfSplitMillion(1, BILLED_MS);
  const reads = costOfSplitMillion(1, BILLED_MS, true).total - split.total;
  const miss = costOfSplitMillion(0, BILLED_MS).misses;
  expect(placements).toHaveLength(4);
  expect(OPERATIONS).toContain(`a request costs ${dollars(split.viewerRequest)} for the CloudFront Function`);
  expect(OPERATIONS).toContain(`two, ${dollars(miss)} with\nS3's GET`);
  expect(OPERATIONS).toContain(`twice, ${dollars(reads)} a million`);
});

test("which placement is cheaper, and from which hit ratio on", () => {
  const lambda = (hits: number) => costOfMillion(hits, BILLED_MS).total;
  const split = (hits: number, revocation = false) => costOfSplitMillion(hits, BILLED_MS, revocation).total;
  const even = (revocation: boolean) => {
    const [onHit, onMiss] = [lambda(1) - split(1, revocation), split(0, revocation) - lambda(0)];
    return `${Math.round((onMiss / (onHit + onMiss)) * 100)} %`;
  };
  const said = OPERATIONS.replaceAll("\n", " ");
  expect(said).toContain(
    `**R × ${dollars(split(1))} + R × (1 − H) × ${dollars(split(0) - split(1))} + G × $0.085**`,
  );
  expect(said).toContain(
    `A million hits are ${dollars(lambda(1) - split(1))} cheaper than with \`lambda\`, ` +
      `a million misses ${dollars(split(0) - lambda(0))} dearer: ` +
      `\`split\` costs less above ${even(false)} of hits, or ${even(true)} with \`revocation\`.`,
  );
});

test("there are examples", () => {
  expect(examples.length).toBeGreaterThan(2);
});

test("what the peers cost in docs/compare.md is what the bench measured", () => {
  const measured = (peer: string) =>
    RegExp(`^\\| warm request / ${peer} .*, in ([\\d.]+) µs \\|$`, "m").exec(
      page("docs/performance.md"),
    )?.[1];
  const [cae, cca] = [measured("cognito-at-edge"), measured("@henrist/cdk-cloudfront-auth")].map((figure) =>
    Math.round(Number(figure)),
  );
  expect(page("docs/compare.md").replaceAll("\n", " ")).toContain(
    `${cae} µs (cae) and ${cca} µs (cca) of CPU`,
  );
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
