// `npm run verify`: checks any Gatehouse from outside, and says what to set.
import { HELP } from "./help.ts";
import { NoAnswer } from "./http.ts";
import { type Options, readOptions, UsageError } from "./options.ts";
import { conclusion, exitCode, json, line } from "./report.ts";
import { verify } from "./verify.ts";

try {
  const options = readOptions(process.argv.slice(2), process.env);
  if (options) await run(options);
  else console.log(HELP);
} catch (error) {
  if (!(error instanceof UsageError) && !(error instanceof NoAnswer)) throw error;
  const isUsage = error instanceof UsageError;
  console.error(
    isUsage ? `${error.message}\nnpm run verify -- --help says more` : `not reached: ${error.message}`,
  );
  process.exitCode = isUsage ? 2 : 1;
}

async function run(options: Options): Promise<void> {
  const results = await verify(options, (result) => {
    if (!options.json) console.log(line(result));
  });
  console.log(options.json ? json(options.url, results) : `\n${conclusion(results)}`);
  process.exitCode = exitCode(results);
}
