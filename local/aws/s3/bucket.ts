// A bucket: a folder below, objects put at run time above it, versions when they are on.

import { randomBytes } from "node:crypto";
import { Folder } from "./folder.ts";
import { objectFromBytes, type StoredObject } from "./object.ts";

/** What to serve and how. */
export interface BucketOptions {
  readonly name: string;
  /** Files that are there from the start. */
  readonly folder?: string;
  /** Key prefix under which the folder's files appear, such as `site/`. */
  readonly prefix?: string;
  readonly versioning?: boolean;
  readonly now?: () => number;
}

/** A version that says "deleted here". */
interface DeleteMarker {
  readonly deleted: true;
  readonly versionId: string;
}

type Version = StoredObject | DeleteMarker;

/** What a look-up found. */
export type Found =
  | { readonly kind: "object"; readonly object: StoredObject }
  | { readonly kind: "deleted"; readonly versionId: string }
  | { readonly kind: "no-key" }
  | { readonly kind: "no-version" };

/** The objects of one bucket; its state is what `put` and `remove` did, newest version first. */
export class Bucket {
  readonly name: string;
  readonly versioning: boolean;
  readonly #folder: Folder | undefined;
  readonly #prefix: string;
  readonly #versions = new Map<string, Version[]>();
  readonly #now: () => number;

  constructor(options: BucketOptions) {
    this.name = options.name;
    this.versioning = options.versioning ?? false;
    this.#folder = options.folder === undefined ? undefined : new Folder(options.folder);
    this.#prefix = options.prefix ?? "";
    this.#now = options.now ?? Date.now;
  }

  /** Stores an object under any key, also one that no file system could hold. */
  put(key: string, bytes: Uint8Array, headers: Readonly<Record<string, string>> = {}): StoredObject {
    const version = { versionId: this.#newVersionId(), lastModified: new Date(this.#now()) };
    const object = objectFromBytes(key, bytes, headers, version);
    this.#add(key, object);
    return object;
  }

  /** Deletes an object: by a marker when versioning is on. */
  remove(key: string): void {
    this.#add(key, { deleted: true, versionId: this.#newVersionId() });
  }

  /** The newest version of a key, or the one asked for. */
  async find(key: string, versionId?: string): Promise<Found> {
    const versions = [...(this.#versions.get(key) ?? [])];
    const file = await this.#fromFolder(key);
    if (file && (this.versioning || versions.length === 0)) versions.push(file);
    const found = versionId === undefined ? versions[0] : versions.find((v) => v.versionId === versionId);
    if (!found) return { kind: versionId === undefined ? "no-key" : "no-version" };
    if (!("deleted" in found)) return { kind: "object", object: found };
    return this.versioning ? { kind: "deleted", versionId: found.versionId } : { kind: "no-key" };
  }

  /** The keys that exist now, in S3's order: by UTF-8 bytes. */
  async keys(): Promise<readonly string[]> {
    const keys = new Set((await this.#folder?.keys())?.map((key) => this.#prefix + key));
    for (const [key, [newest]] of this.#versions)
      if (newest && !("deleted" in newest)) keys.add(key);
      else keys.delete(key);
    return [...keys].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  }

  async #fromFolder(key: string): Promise<StoredObject | undefined> {
    if (!this.#folder || !key.startsWith(this.#prefix)) return undefined;
    return await this.#folder.find(key.slice(this.#prefix.length));
  }

  #newVersionId(): string {
    return this.versioning ? randomBytes(24).toString("base64url") : "null";
  }

  #add(key: string, version: Version): void {
    const older = this.versioning ? (this.#versions.get(key) ?? []) : [];
    this.#versions.set(key, [version, ...older]);
  }
}
