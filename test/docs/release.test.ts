// A release is what its pages say: a version with its changes, and nothing on npm under a name that is another project's.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ROOT } from "./pages.ts";

const read = (file: string) => readFileSync(join(ROOT, file), "utf8");
const { name, version } = JSON.parse(read("package.json"));

describe("the changelog", () => {
  const headings = [...read("CHANGELOG.md").matchAll(/^## (.+)$/gm)].map(([, heading]) => heading);

  test("has a place for what comes, then this version with its day", () => {
    const [next, latest = ""] = headings;
    expect([next, latest.split(" - ")[0]]).toEqual(["Unreleased", version]);
    expect(latest).toMatch(/^\d+\.\d+\.\d+ - \d{4}-\d{2}-\d{2}$/);
  });

  test("says first what to do", () => {
    const [, latest = ""] = read("CHANGELOG.md").split(`\n## ${version} `);
    expect(/^### (.+)$/m.exec(latest)?.[1]).toBe("What to do when you update");
  });
});

test("the lock file is of the same version", () => {
  const lock = JSON.parse(read("package-lock.json"));
  expect([lock.version, lock.packages[""].version]).toEqual([version, version]);
});

describe("the release workflow", () => {
  const steps = read(".github/workflows/release.yml")
    .split(/^ {6}- /m)
    .slice(1);
  const publishing = steps.filter((step) => step.includes("npm publish"));

  test("publishes in one step, under a scope that the repository names, and otherwise not at all", () => {
    expect(publishing).toHaveLength(1);
    expect(publishing[0]).toMatch(/^ {8}if: startsWith\(vars\.NPM_PACKAGE, '@'\)$/m);
    expect(publishing[0]).toMatch(/npm pkg set "name=\$NPM_PACKAGE" [\s\S]*\n +npm publish --provenance /);
    expect(publishing[0]).toMatch(/^ {10}NPM_PACKAGE: \$\{\{ vars\.NPM_PACKAGE \}\}$/m);
  });

  test("is described where releases are, and README says whose the name on npm is", () => {
    expect(read("CONTRIBUTING.md")).toContain("variable `NPM_PACKAGE`");
    expect(read("README.md").replaceAll("\n", " ")).toContain(
      `not on npm, where \`${name}\` is somebody else's`,
    );
  });
});
