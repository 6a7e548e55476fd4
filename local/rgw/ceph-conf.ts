// The configuration of the cluster: one monitor, one OSD, one gateway.

import { randomBytes } from "node:crypto";

/** What differs from one cluster to the next. */
export interface CephConf {
  readonly region: string;
  /** Of the gateway. */
  readonly port: number;
  readonly monPort: number;
  readonly folder: string;
  readonly fsid: string;
}

/** Small, in memory, on loopback only, with virtual hosts in AWS's form. */
export function cephConf(c: CephConf): string {
  return `[global]
fsid = ${c.fsid}
mon host = v2:127.0.0.1:${c.monPort}
ms bind msgr1 = false
public addr = 127.0.0.1
cluster addr = 127.0.0.1
keyring = ${c.folder}/keyring
osd crush chooseleaf type = 0
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 1
osd pool default pgp num = 1
osd pool default pg autoscale mode = off
mon allow pool size one = true
mon max pg per osd = 2000
mon data = ${c.folder}/mon
osd data = ${c.folder}/osd
osd objectstore = memstore
memstore device bytes = 1073741824
mon data avail crit = 1
mon data avail warn = 2
run dir = ${c.folder}/run
admin socket = ${c.folder}/run/$name.asok
log file = ${c.folder}/$name.log
pid file = ${c.folder}/run/$name.pid
crash dir = ${c.folder}
[client.admin]
rgw frontends = beast endpoint=127.0.0.1:${c.port}
rgw data = ${c.folder}/rgw
rgw sts key = ${randomBytes(8).toString("hex")}
rgw s3 auth use sts = true
rgw sts min session duration = 1
rgw dns name = s3.${c.region}.amazonaws.com
`;
}
