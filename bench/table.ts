// The table: one row for each goal, and rows that say what a gain is due to.

/** One line of the table. */
export interface Row {
  readonly name: string;
  /** Undefined when it could not be measured; `note` says why. */
  readonly figure: number | undefined;
  readonly unit: "ratio" | "KB" | "MB" | "round trips" | "µs" | "ms";
  /** At most this much. */
  readonly goal?: number;
  readonly note?: string;
}

/** Where the figures come from. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly node: string;
  readonly openssl: string;
  readonly date: string;
}

/** Whether a row's goal is met; undefined without a goal or a figure. */
export function isMet({ figure, goal }: Row): boolean | undefined {
  return figure === undefined || goal === undefined ? undefined : rounded(figure) <= goal;
}

/** The table in Markdown, as issues and documents take it. */
export function markdown(rows: readonly Row[]): string {
  const cells = rows.map((row) => [row.name, shown(row), goalOf(row), verdict(row), row.note ?? ""]);
  const all = [["", "figure", "goal", "", "note"], ...cells];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...all.map((line) => line[column]?.length ?? 0), 3));
  const lines = all.map(
    (line) => `| ${line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`,
  );
  const rule = `| ${[...widths, 3].map((width) => "-".repeat(width)).join(" | ")} |`;
  return [lines[0], rule, ...lines.slice(1)].join("\n");
}

/** The rows for programs. */
export function json(machine: Machine, rows: readonly Row[]): string {
  return JSON.stringify({ machine, rows: rows.map((row) => ({ ...row, met: isMet(row) })) }, undefined, 2);
}

/** The machine in one line. */
export function machineLine({ cpu, cores, node, openssl, date }: Machine): string {
  return `${cpu}, ${cores} cores; Node.js ${node}, OpenSSL ${openssl}; ${date}`;
}

function shown({ figure, unit }: Row): string {
  if (figure === undefined) return "not measured";
  return unit === "ratio" ? String(rounded(figure)) : `${rounded(figure)} ${unit}`;
}

function goalOf({ goal, unit }: Row): string {
  if (goal === undefined) return "";
  return `≤ ${goal}${unit === "ratio" ? "" : ` ${unit}`}`;
}

function verdict(row: Row): string {
  const met = isMet(row);
  if (met === undefined) return "";
  return met ? "met" : "missed";
}

/** Two decimals below ten, one above. */
function rounded(value: number): number {
  return Math.abs(value) < 10 ? Math.round(value * 100) / 100 : Math.round(value * 10) / 10;
}
