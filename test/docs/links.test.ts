// Every internal link leads somewhere, and every npm script that a page names is there.
import { readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { describe, expect, test } from "vitest";
import { parseMarkdown, slugOf } from "./markdown.ts";
import { blocksOf, exists, PAGES, ROOT } from "./pages.ts";

const { scripts }: { scripts: Record<string, string> } = JSON.parse(
  readFileSync(join(ROOT, "package.json"), "utf8"),
);

/** What is wrong with a link; undefined for a good one. */
function problemOf(path: string, target: string): string | undefined {
  const [file = "", anchor] = target.split("#");
  const place = file === "" ? path : posix.join(posix.dirname(path), decodeURI(file));
  if (place.startsWith("..")) return `${target} leaves the repository`;
  if (!exists(place)) return `${target} is not there`;
  if (anchor === undefined) return undefined;
  return PAGES.get(place)?.anchors.has(anchor) ? undefined : `${target} has no such heading`;
}

describe("links", () => {
  test.each([...PAGES])("%s", (path, { links }) => {
    const internal = links.filter(({ target }) => !/^[a-z]+:/.test(target));
    const problems = internal.map(({ target, line }) => [line, problemOf(path, target)]);
    expect(problems.filter(([, problem]) => problem !== undefined)).toEqual([]);
  });

  test.each([...PAGES])("%s leads to the web by https alone", (_, { links }) => {
    const plain = links.filter(
      ({ target }) => /^http:/.test(target) && !/^http:\/\/localhost[:/]/.test(target),
    );
    expect(plain).toEqual([]);
  });

  test.each([
    ["Two  words", "two--words"],
    ["`code` and **bold**", "code-and-bold"],
    ["What's new? (v1.2)", "whats-new-v12"],
    ["A [link](x.md) in it", "a-link-in-it"],
    ["Größe", "größe"],
  ])("the anchor of %j", (heading, anchor) => {
    expect(slugOf(heading)).toBe(anchor);
  });

  test("two headings of one name get two anchors", () => {
    expect([...parseMarkdown("# A\n\n## A\n").anchors]).toEqual(["a", "a-1"]);
  });
});

describe("npm scripts", () => {
  const named = [...PAGES].flatMap(([path, { prose }]) => [
    ...prose.flatMap((line) => namesIn(path, line)),
    ...blocksOf("sh", "bash", "yaml")
      .filter((block) => block.path === path)
      .flatMap(({ text }) => namesIn(path, text)),
  ]);

  test.each([...new Set(named)])("%s", (name) => {
    const [, script = ""] = name.split(": npm run ");
    expect(Object.keys(scripts)).toContain(script);
  });
});

function namesIn(path: string, text: string): readonly string[] {
  const names = [...text.matchAll(/npm run (?:--silent )?([\w:-]+)/g)].map(([, script]) => script);
  const short = [...text.matchAll(/npm (start|test)\b/g)].map(([, script]) => script);
  return [...names, ...short].map((script) => `${path}: npm run ${script}`);
}
