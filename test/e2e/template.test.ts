// What `npm run template` writes into an empty folder deploys by itself onto the local stack, and serves.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startGate } from "../../local/gate/gate.ts";
import { ASSETS } from "./stage.ts";

const SCRIPT = join(import.meta.dirname, "../../infra/app/template.ts");

/** Out of a file that lies alone in a folder. */
function unpacked(context: Readonly<Record<string, unknown>>): unknown {
  const folder = mkdtempSync(join(tmpdir(), "gatehouse-template-"));
  writeFileSync(join(folder, "context.json"), JSON.stringify(context));
  execFileSync(process.execPath, [SCRIPT, "--config", "context.json"], { cwd: folder });
  rmSync(join(folder, "context.json"));
  expect(readdirSync(folder)).toEqual(["gatehouse.template.json"]);
  const template: unknown = JSON.parse(readFileSync(join(folder, "gatehouse.template.json"), "utf8"));
  rmSync(folder, { recursive: true });
  return template;
}

test("the template alone deploys, and serves those who are signed in", { timeout: 180_000 }, async () => {
  const gate = await startGate({ port: 0, assets: ASSETS, synthesize: unpacked });
  try {
    const token = await gate.userPool.issueIdToken("ada");
    const get = (headers: Record<string, string>) =>
      fetch(`${gate.url}/documents/opening-hours.txt`, { headers });
    const answer = await get({ authorization: `Bearer ${token}` });
    expect([answer.status, await answer.text()]).toEqual([
      200,
      readFileSync(join(ASSETS, "documents/opening-hours.txt"), "utf8"),
    ]);
    const refused = await get({});
    expect([refused.status, await refused.json()]).toEqual([
      401,
      expect.objectContaining({ code: "token_missing" }),
    ]);
  } finally {
    await gate.close();
  }
});
