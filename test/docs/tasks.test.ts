// What the pages of docs/tasks say of AWS's log: the question finds the reader in the events that the page shows.
import { describe, expect, test } from "vitest";
import { blocksOf } from "./pages.ts";

const AUDIT = "docs/tasks/who-downloaded-what.md";
const onPage = (language: string) => blocksOf(language).filter(({ path }) => path === AUDIT);
const [TABLE = "", QUESTION = ""] = onPage("sql").map(({ text }) => text);

test("there is one table, and one question", () => {
  expect(onPage("sql")).toHaveLength(2);
});

/** Columns with the fields of their structures, in a list of pairs of name and type. */
function columnsOf(table: string): ReadonlySet<string> {
  const [columns = ""] = /\(\n([\s\S]*?)\n\)\n/.exec(table)?.slice(1) ?? [];
  const partitions = /PARTITIONED BY \((.*)\)/.exec(table)?.[1] ?? "";
  const words = `${columns},${partitions}`.matchAll(/(\w+)(?::| ) ?(?:STRING|STRUCT|MAP)/g);
  return new Set([...words].map(([, name = ""]) => name));
}

describe("the question", () => {
  const columns = columnsOf(TABLE);

  test("asks for columns that the table has", () => {
    const bare = QUESTION.replace(/'[^']*'/g, "").replace(/\bAS \w+/g, "");
    const named = [...bare.matchAll(/\b[a-z]\w*(?:\.\w+)*\b(?!\()/g)].flatMap(([name]) => name.split("."));
    expect(named.filter((name) => !columns.has(name) && name !== "gatehouse_reads")).toEqual([]);
    expect(columns.size).toBeGreaterThan(20);
  });

  test.each([
    ["sts-event", "a session's name"],
    ["identity-pool-event", "what the provider said"],
  ])("finds the reader of an event: %s, by %s", (kind) => {
    const [event] = onPage("json").filter((block) => block.kind === kind);
    expect(readerOf(JSON.parse(event?.text ?? ""))).toBe("11111111-2222-4333-8444-555555555555");
  });
});

/** What Athena makes of an event by the question's own attribute, pattern and separator. */
function readerOf({ userIdentity }: { userIdentity: Identity }): string | undefined {
  const [, attribute = ""] = /element_at\([\w.]+attributes, '([^']+)'\)/.exec(QUESTION) ?? [];
  const [, pattern = ""] = /'(:CognitoSignIn:[^']+)', 1\)/.exec(QUESTION) ?? [];
  const said = userIdentity.sessionContext?.webIdFederationData.attributes[attribute] ?? "";
  return new RegExp(pattern).exec(said)?.[1] ?? userIdentity.principalId.split(":")[1];
}

interface Identity {
  readonly principalId: string;
  readonly sessionContext?: {
    readonly webIdFederationData: { readonly attributes: Readonly<Record<string, string>> };
  };
}
