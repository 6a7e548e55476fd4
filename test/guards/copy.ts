// A copy of the repository to remove guards in, with its built bundles; the repository itself is never touched.
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type { Edit } from "./guards.ts";

const ROOT = join(import.meta.dirname, "../..");
const LEFT_OUT = new Set(["node_modules", "dist", "reports", "cdk.out", ".git", ".stryker-tmp", ".local"]);
/** What bundles are made of, and how. */
const BUNDLED = /^(edge|infra\/deployment)\/|^infra\/build\/(bundle|edge-bundles|build-edge)\.ts$/;

/** The copy; its state is the files, which are those of the repository between two removals. */
export class Copy {
  readonly #temporary = realpathSync(mkdtempSync(join(tmpdir(), "gatehouse-guards-")));
  /** Where it is. */
  readonly folder = join(this.#temporary, "repository");
  readonly #kept = join(this.#temporary, "dist");

  /** @throws Error when bundles cannot be built */
  constructor() {
    cpSync(ROOT, this.folder, { recursive: true, filter: (source) => !LEFT_OUT.has(basename(source)) });
    symlinkSync(join(ROOT, "node_modules"), join(this.folder, "node_modules"));
    // Some tests ask git which files there are.
    this.#run("git", ["init", "--quiet"]);
    this.#build();
    cpSync(join(this.folder, "dist"), this.#kept, { recursive: true });
  }

  /**
   * What `look` sees without a guard, which is put back afterwards.
   * @throws Error when there is not exactly one place for an edit, or nothing can be built without the guard
   */
  without<T>(edits: readonly Edit[], look: () => T): T {
    const files = [...new Set(edits.map(({ file }) => file))];
    const before = files.map((file) => [join(this.folder, file), this.#read(file)] as const);
    const isBundled = files.some((file) => BUNDLED.test(file));
    try {
      for (const edit of edits) this.#apply(edit);
      if (isBundled) this.#build();
      return look();
    } finally {
      for (const [path, text] of before) writeFileSync(path, text);
      if (isBundled) cpSync(this.#kept, join(this.folder, "dist"), { recursive: true, force: true });
    }
  }

  remove(): void {
    rmSync(this.#temporary, { recursive: true, force: true });
  }

  #read(file: string): string {
    return readFileSync(join(this.folder, file), "utf8");
  }

  #apply({ file, find, replace }: Edit): void {
    const [before, after, ...more] = this.#read(file).split(find);
    if (before === undefined || after === undefined || more.length > 0)
      throw new Error(`${file} does not hold exactly once: ${find}`);
    writeFileSync(join(this.folder, file), before + replace + after);
  }

  #build(): void {
    this.#run(process.execPath, ["infra/build/build-edge.ts", "--all"]);
  }

  #run(command: string, args: readonly string[]): void {
    const { status, stderr, error } = spawnSync(command, args, { cwd: this.folder, encoding: "utf8" });
    if (status !== 0) throw new Error(`${command} ${args.join(" ")}: ${error?.message ?? stderr}`);
  }
}
