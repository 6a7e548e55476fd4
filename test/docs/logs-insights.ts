// Whether a query of CloudWatch Logs Insights asks for fields that our log lines have.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./pages.ts";
import { fieldsOf } from "./source.ts";

const LOG = readFileSync(join(ROOT, "edge/answer/log.ts"), "utf8");

/** What a line of ours has, and what CloudWatch finds in Lambda's own. */
const FIELDS = new Set([
  ...[...fieldsOf(LOG, "Described"), ...fieldsOf(LOG, "LogRecord")].map(({ name }) => name),
  ...["@timestamp", "@message", "@type", "@duration", "@initDuration", "@maxMemoryUsed"],
]);
/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html */
const COMMANDS = new Set(["fields", "filter", "stats", "sort", "limit"]);
const WORDS = new Set(["and", "or", "not", "in", "like", "by", "as", "asc", "desc"]);

/** What is wrong with a query. */
export function queryProblems(text: string): readonly string[] {
  const aliases = new Set([...text.matchAll(/\bas (\w+)/g)].map(([, alias]) => alias));
  const steps = text.trim().split(/\s*\|\s*/);
  return steps.flatMap((step) => {
    const [command = "", ...rest] = step.split(" ");
    if (!COMMANDS.has(command)) return [`${command} is no command`];
    // Without texts, names of functions, and lengths of time.
    const bare = rest
      .join(" ")
      .replace(/"[^"]*"/g, " ")
      .replace(/\w+(?=\()/g, " ")
      .replace(/\b\d+[mh]?\b/g, " ");
    const names = bare.match(/@?[a-z]\w*/gi) ?? [];
    return names
      .filter((name) => !WORDS.has(name) && !aliases.has(name) && !FIELDS.has(name))
      .map((name) => `${name} is no field`);
  });
}
