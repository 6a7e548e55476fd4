// A real S3: one Ceph monitor, one in-memory OSD and one RADOS Gateway on loopback, out of Debian's packages.

import { type ChildProcess, execFile, spawn } from "node:child_process";
import { randomBytes, randomUUID } from "node:crypto";
import { rmSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { promisify } from "node:util";
import { cephConf } from "./ceph-conf.ts";
import { rgwMissing } from "./installed.ts";
import { accepts, freePort } from "./ports.ts";
import type { RgwKeys, RgwServer } from "./server.ts";

/** A gateway that was started here. */
export interface Rgw extends RgwServer {
  readonly port: number;
  readonly cloudfront: RgwKeys;
  /** Stops the three processes that were started here and deletes their folder. */
  close(): Promise<void>;
}

/** Where the gateway pretends to be. */
export interface RgwOptions {
  /** The region in `<bucket>.s3.<region>.amazonaws.com`. */
  readonly region: string;
}

/**
 * Starts a gateway in a temporary folder; about 15 seconds and 200 MB of memory.
 * @throws when a program is missing or does not come up.
 */
export async function startRgw({ region }: RgwOptions): Promise<Rgw> {
  const missing = rgwMissing();
  if (missing !== undefined) throw new Error(`RADOS Gateway: ${missing}`);
  const folder = await mkdtemp(join(tmpdir(), "gatehouse-rgw-"));
  const cluster = new Cluster(folder);
  try {
    const [port, monPort] = [await freePort(), await freePort()];
    await cluster.configure({ region, port, monPort });
    await cluster.startStorage(monPort);
    const admin = await cluster.createUser("gatehouse", ["--caps", "roles=*;user-policy=*"]);
    const cloudfront = await cluster.createUser("cloudfront");
    await cluster.startGateway(port);
    return {
      endpoint: `http://127.0.0.1:${port}`,
      port,
      region,
      admin,
      cloudfront,
      close: () => cluster.stop(),
    };
  } catch (error) {
    await cluster.stop();
    throw error;
  }
}

/** The processes of one cluster; its state is which ones run. */
class Cluster {
  readonly #folder: string;
  readonly #running: ChildProcess[] = [];
  readonly #fsid = randomUUID();

  constructor(folder: string) {
    this.#folder = folder;
    process.once("exit", this.#kill);
  }

  async configure(options: { region: string; port: number; monPort: number }): Promise<void> {
    for (const name of ["mon", "osd", "run", "rgw"]) await mkdir(this.#path(name));
    await writeFile(
      this.#path("ceph.conf"),
      cephConf({ ...options, folder: this.#folder, fsid: this.#fsid }),
    );
  }

  /** Keys, monitor, and an OSD that keeps everything in memory. */
  async startStorage(monPort: number): Promise<void> {
    const keyring = this.#path("keyring");
    const all = ["--cap", "mon", "allow *", "--cap", "osd", "allow *", "--cap", "mgr", "allow *"];
    await this.#run("ceph-authtool", ["-C", keyring, "--gen-key", "-n", "mon.", "--cap", "mon", "allow *"]);
    await this.#run("ceph-authtool", [keyring, "--gen-key", "-n", "client.admin", ...all]);
    const profile = ["--cap", "mon", "allow profile osd", "--cap", "osd", "allow *"];
    await this.#run("ceph-authtool", [keyring, "--gen-key", "-n", "osd.0", ...profile]);
    const [map, address] = [this.#path("monmap"), `[v2:127.0.0.1:${monPort}]`];
    await this.#run("monmaptool", [
      "--create",
      "--clobber",
      "--fsid",
      this.#fsid,
      "--addv",
      "a",
      address,
      map,
    ]);
    await this.#run("ceph-mon", ["-i", "a", "--mkfs", "--monmap", map, "--keyring", keyring]);
    this.#start("ceph-mon", ["-f", "-i", "a"]);
    const osd = randomUUID();
    await this.#run("ceph", ["osd", "new", osd]);
    await this.#run("ceph", ["auth", "import", "-i", keyring]);
    await this.#run("ceph-osd", ["-i", "0", "--mkfs", "--osd-uuid", osd, "--keyring", keyring]);
    this.#start("ceph-osd", ["-f", "-i", "0"]);
  }

  /** Makes a user, with keys that nobody could take for AWS's. */
  async createUser(uid: string, more: readonly string[] = []): Promise<RgwKeys> {
    const accessKeyId = `LOCALUSER${randomBytes(6).toString("hex").toUpperCase()}`;
    const secretAccessKey = `local-secret-${randomBytes(20).toString("base64url")}`;
    const keys = ["--access-key", accessKeyId, "--secret", secretAccessKey];
    const user = ["user", "create", "--uid", uid, "--display-name", uid];
    await this.#run("radosgw-admin", ["-n", "client.admin", ...user, ...keys, ...more]);
    return { accessKeyId, secretAccessKey };
  }

  async startGateway(port: number): Promise<void> {
    const gateway = this.#start("radosgw", ["-f", "-n", "client.admin"]);
    for (let attempt = 0; attempt < 600; attempt += 1) {
      if (gateway.exitCode !== null) break;
      if (await accepts(port)) return;
      await wait(100);
    }
    throw new Error(`radosgw did not come up; see ${this.#path("client.admin.log")}`);
  }

  async stop(): Promise<void> {
    process.off("exit", this.#kill);
    await Promise.all(this.#running.map(stopped));
    await rm(this.#folder, { recursive: true, force: true });
  }

  readonly #kill = () => {
    for (const child of this.#running) child.kill("SIGKILL");
    rmSync(this.#folder, { recursive: true, force: true });
  };

  #start(program: string, args: readonly string[]): ChildProcess {
    const child = spawn(program, args, { stdio: "ignore", env: this.#env() });
    this.#running.push(child);
    return child;
  }

  async #run(program: string, args: readonly string[]): Promise<void> {
    await promisify(execFile)(program, args, { env: this.#env(), timeout: 60_000 });
  }

  #env(): NodeJS.ProcessEnv {
    return { ...process.env, CEPH_CONF: this.#path("ceph.conf") };
  }

  #path(name: string): string {
    return join(this.#folder, name);
  }
}

/** Nothing of it is kept, so there is nothing to flush. */
async function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await exit;
}
