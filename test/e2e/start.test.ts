// `npm start` as a person meets it: what it prints works, a taken port is said, and Ctrl-C ends it.
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, expect, test } from "vitest";
import { loopback } from "../../local/aws/iam/loopback.ts";
import { curlMissing } from "../../local/record/curl.ts";
import { HELP } from "../../local/start/arguments.ts";
import { describeWith } from "./requirements.ts";

const ROOT = join(import.meta.dirname, "../..");
let child: ChildProcess | undefined;
afterEach(() => {
  child?.kill("SIGKILL");
});

/** Starts it and resolves with all it printed, at the line that says how to stop it or at its end. */
async function start(...args: string[]): Promise<string> {
  const started = spawn(process.execPath, ["local/start/main.ts", ...args], {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "pipe"],
  });
  child = started;
  let output = "";
  await new Promise<void>((resolve) => {
    const read = (chunk: Buffer) => {
      output += chunk;
      if (output.includes("Ctrl-C")) resolve();
    };
    started.stdout.on("data", read);
    started.stderr.on("data", read);
    started.on("close", () => resolve());
  });
  return output;
}

describeWith("npm start", [curlMissing()], () => {
  test.each([
    [
      "lambda",
      [
        ["200", "Miss"],
        ["200", "Hit"],
        ["401", "LambdaGeneratedResponse"],
      ],
    ],
    [
      "split",
      [
        ["200", "Miss"],
        ["200", "Miss"],
        ["401", "FunctionGeneratedResponse"],
      ],
    ],
  ] as const)(
    "prints curl lines that work, placement %s, and stops when told",
    async (placement, expected) => {
      const output = await start("--port", "0", "--placement", placement);
      const token = output.split("\n").find((line) => line.startsWith("TOKEN="));
      const lines = output.split("\n").filter((line) => line.startsWith("curl "));
      const answers = [];
      for (const line of lines) {
        const { stdout } = await promisify(execFile)("bash", [
          "-c",
          `${token}\n${line.replace("curl -i", "curl -si")}`,
        ]);
        const last = stdout.slice(stdout.lastIndexOf("HTTP/1.1 "));
        answers.push([/^HTTP\/1\.1 (\d+)/.exec(last)?.[1], /^x-cache: (\w+)/im.exec(last)?.[1]]);
      }
      expect(answers).toEqual(expected);
      if (!child) throw new Error("not started");
      child.kill("SIGINT");
      expect(await once(child, "exit")).toEqual([0, null]);
    },
  );

  test("prints one address, at which people sign in, and who may", async () => {
    const output = await start("--port", "0");
    const [address, ...others] = new Set(output.match(/http:\/\/localhost:\d+\/$/gm));
    expect(others).toEqual([]);
    expect(output).toMatch(/as ada, password ada \(in editors\)\n.*as bob, password bob \(in no group\)/);
    const asPerson = ["-s", "-o", "/dev/null", "-H", "Accept: text/html"];
    const shown = ["-w", "%{http_code} %{redirect_url}"];
    const { stdout } = await promisify(execFile)("curl", [...asPerson, ...shown, address ?? ""]);
    expect(stdout).toBe(`302 ${address}.gatehouse/login?return_to=%2F`);
  });

  test("prints curl lines only for a gate where nobody signs in", async () => {
    const config = join(mkdtempSync(join(tmpdir(), "gatehouse-start-")), "context.json");
    writeFileSync(config, '{"auth": false}');
    const output = await start("--port", "0", "--config", config);
    expect(output).toMatch(/Gatehouse is open at http:\/\/localhost:\d+\/ for requests with a token\./);
    expect(output).not.toContain("password");
    expect(output).toContain("TOKEN=");
  });

  test("says which port is taken, before anything is synthesized", async () => {
    const { port, close } = await loopback(createServer());
    const config = join(mkdtempSync(join(tmpdir(), "gatehouse-start-")), "context.json");
    // Were the port not looked at first, this would be what is said.
    writeFileSync(config, '{"aeras": []}');
    const output = await start("--port", String(port), "--config", config);
    await close();
    expect(output).toBe(
      `Port ${port} is in use. Stop what uses it, or choose another: npm start -- --port ${port + 1}\n`,
    );
  });

  test("refuses a context with a key that is spelt wrong", async () => {
    const config = join(mkdtempSync(join(tmpdir(), "gatehouse-start-")), "context.json");
    writeFileSync(config, '{"aeras": [{"path": "/team/*", "groups": ["editors"]}]}');
    const output = await start("--port", "0", "--config", config);
    expect(output).toBe("Invalid Gatehouse configuration:\n  aeras: unknown setting; did you mean areas?\n");
    expect(child?.exitCode).toBe(1);
  });

  test("--help says what there is, and starts nothing", async () => {
    expect(await start("--help", "--port", "x")).toBe(`${HELP}\n`);
    expect(child?.exitCode).toBe(0);
  });

  test.each([
    [["--port", "x"], "--port: x is no port\n"],
    [["--assets", "/nowhere"], "--assets: /nowhere is no folder\n"],
    [["--s3", "http://127.0.0.1:1"], "--s3: set S3_ADMIN_ACCESS_KEY_ID and S3_ADMIN_SECRET_ACCESS_KEY"],
  ])("says what is wrong with %j", async (args, message) => {
    expect(await start(...args)).toMatch(message);
  });
});
