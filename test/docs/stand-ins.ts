// Stand-ins for programs that need an account or would change this machine: they note what was asked, and answer.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { AWS_COMMANDS } from "./aws-commands.ts";
import { ROOT } from "./pages.ts";
import { REAL_SCRIPTS } from "./shell-plan.ts";

/** One call of a stand-in. */
export interface Call {
  readonly program: string;
  readonly args: readonly string[];
  /** What was in a file that it was given by `file://`. */
  readonly file: string | undefined;
}

/** Between the arguments of a call. */
const SEPARATOR = "\u001f";

/** Notes the call, with the files in it. In plain sh, since every call would otherwise start a Node.js. */
const NOTE = `printf '%s${SEPARATOR}' "$(basename "$0")" "$@" >> "$STAND_IN_LOG"
for arg in "$@"; do
  case "$arg" in file://*) printf 'file=%s' "$(cat "\${arg#file://}")" >> "$STAND_IN_LOG" ;; esac
done
printf '\\n' >> "$STAND_IN_LOG"
`;

const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;

/** What AWS would print. */
function awsScript(): string {
  const answers = Object.entries(AWS_COMMANDS).flatMap(([name, { prints = {} }]) =>
    Object.entries(prints).map(
      ([word, text]) => `  ${quoted(name)}*${quoted(word)}*) echo ${quoted(text)} ;;`,
    ),
  );
  return `case "$*" in\n${answers.join("\n")}\nesac\n`;
}

/** Some scripts are really run; a bucket that is not here would be looked for on the internet. */
function npmScript(): string {
  const runs = Object.entries(REAL_SCRIPTS).map(
    ([script, file]) =>
      `  "run ${script} -- "*) shift 3; exec "${process.execPath}" "${join(ROOT, file)}" "$@" ;;`,
  );
  return `case "$*" in\n  *" --bucket "*) ;;\n${runs.join("\n")}\nesac\n`;
}

/** A script of ours that writes into the repository is only noted. */
const NODE_SCRIPT = `case "$1" in *.ts) ;; *) exec "${process.execPath}" "$@" ;; esac\n`;

const SCRIPTS: Readonly<Record<string, string>> = {
  aws: awsScript(),
  git: "",
  node: NODE_SCRIPT,
  npm: npmScript(),
  npx: "",
  sam: "",
  sudo: "",
};

/** The programs that have one. */
export const STAND_INS: readonly string[] = Object.keys(SCRIPTS);

/** Writes them into a folder. */
export function writeStandIns(folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const [name, script] of Object.entries(SCRIPTS))
    writeFileSync(join(folder, name), `#!/bin/sh\n${NOTE}${script}`, { mode: 0o755 });
}

/** What they noted. */
export function parseCalls(log: string): readonly Call[] {
  const lines = log.split("\n").filter((line) => line.includes(SEPARATOR));
  return lines.map((line) => {
    const [program = "", ...args] = line.split(SEPARATOR);
    const [, file] = /^file=(.*)$/s.exec(args.pop() ?? "") ?? [];
    return { program, args, file };
  });
}
