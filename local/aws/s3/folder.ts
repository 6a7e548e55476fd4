// Objects out of a folder: file names are keys, and nothing outside the folder can be named.

import { createHash } from "node:crypto";
import { createReadStream, realpathSync } from "node:fs";
import { readdir, realpath, stat } from "node:fs/promises";
import { join, sep } from "node:path";
import { pipeline } from "node:stream/promises";
import { contentTypeOf } from "./content-type.ts";
import type { StoredObject } from "./object.ts";

/** A folder read anew at each request; its state is the MD5 sums of files that have not changed since. */
export class Folder {
  readonly #root: string;
  readonly #etags = new Map<string, { readonly stamp: string; readonly etag: string }>();

  /** @throws when the folder does not exist. */
  constructor(path: string) {
    this.#root = realpathSync(path);
  }

  /** The object of a key, or undefined when no file has exactly that name. */
  async find(key: string): Promise<StoredObject | undefined> {
    const path = await this.#pathOf(key);
    if (path === undefined) return undefined;
    const { size, mtime, mtimeMs } = await stat(path);
    return {
      key,
      size,
      etag: await this.#etag(path, `${size}:${mtimeMs}`),
      lastModified: mtime,
      versionId: "null",
      headers: { "content-type": contentTypeOf(key) },
      read: (start, end) => createReadStream(path, { start, end }),
    };
  }

  /** Every key, unordered. */
  async keys(): Promise<readonly string[]> {
    const entries = await readdir(this.#root, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile())
      .map((entry) =>
        join(entry.parentPath, entry.name)
          .slice(this.#root.length + 1)
          .split(sep)
          .join("/"),
      );
  }

  /**
   * The file of a key. The real path has to be the very path that the key spells: this rules out `..`, links out of
   * the folder, doubled slashes, and another case on file systems that ignore it.
   */
  async #pathOf(key: string): Promise<string | undefined> {
    if (key === "" || key.includes("\0")) return undefined;
    const spelled = [this.#root, ...key.split("/")].join(sep);
    const found = await realpath(spelled).catch(() => undefined);
    if (found !== spelled) return undefined;
    return (await stat(found)).isFile() ? found : undefined;
  }

  async #etag(path: string, stamp: string): Promise<string> {
    const known = this.#etags.get(path);
    if (known?.stamp === stamp) return known.etag;
    const hash = createHash("md5");
    await pipeline(createReadStream(path), hash);
    const etag = hash.digest("hex");
    this.#etags.set(path, { stamp, etag });
    return etag;
  }
}
