// What a command of package.json is told, and what a person hears of a slip of the keyboard: a line, and how it is used.
import { type ParseArgsOptionsConfig, parseArgs } from "node:util";

/** A mistake of the person at the keyboard: told without a stack trace. */
export class UsageError extends Error {}

/** The options of a command line. @throws UsageError naming what the command does not know, and its usage */
export function readCommandLine<const Options extends ParseArgsOptionsConfig>(
  options: Options,
  usage: string,
  args: readonly string[] = process.argv.slice(2),
): ReturnType<typeof parseArgs<{ readonly options: Options }>>["values"] {
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    const [problem] = (error instanceof Error ? error.message : String(error)).split("\n");
    throw new UsageError(`${problem}\n${usage}`);
  }
}

/** Runs a command, or says what is wrong with how it was called; what it cannot do is an error as ever. */
export async function runCommand(command: () => void | Promise<void>): Promise<void> {
  try {
    await command();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}
