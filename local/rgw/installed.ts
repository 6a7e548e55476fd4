// Whether this machine can run a gateway.

import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

const PROGRAMS = ["ceph", "ceph-authtool", "ceph-mon", "ceph-osd", "monmaptool", "radosgw", "radosgw-admin"];

/** Why no gateway can run here; undefined when one can. */
export function rgwMissing(): string | undefined {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  const missing = PROGRAMS.filter(
    (program) => !folders.some((folder) => isExecutable(join(folder, program))),
  );
  if (missing.length === 0) return undefined;
  return `${missing.join(", ")} not installed (Debian: apt-get install --no-install-recommends radosgw ceph-mon ceph-osd ceph-common)`;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
