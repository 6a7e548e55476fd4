// What `npm start` prints: where to go, who may sign in there, and what to try from a shell.

import { Folder } from "../aws/s3/folder.ts";
import { DEMO_USERS } from "../gate/accounts.ts";
import { distributionConfig } from "../gate/front.ts";
import type { AnyGate } from "../gate/gate.ts";
import { loginBasePath } from "../gate/login.ts";
import { ofType } from "../gate/resources.ts";

/** A file of the sample set that shows in a terminal. */
const SAMPLE = "documents/opening-hours.txt";

/** The text; `assets` is the folder behind the bucket. */
export async function introduction(gate: AnyGate, assets: string): Promise<string> {
  const { url, userPool } = gate;
  const file = `${url}/${encodeURI(await fileIn(assets)).replace(/[?#]/g, encodeURIComponent)}`;
  return `
${isSignInOn(gate) ? people(gate) : `Gatehouse is open at ${url}/ for requests with a token.`}

From a shell, with a token of ada's that is good for an hour:

TOKEN=${await userPool.issueIdToken("ada")}

curl -i -H "Authorization: Bearer $TOKEN" "${file}"        # by header
${byCookie(gate, file)}
curl -i "${file}"                                          # without a token

Stop it with Ctrl-C.
`;
}

/** In the split placement a cookie gets its pass first, by way of an endpoint. */
function byCookie({ stack }: AnyGate, file: string): string {
  const cookie = '-H "Cookie: __Host-gatehouse-id=$TOKEN"';
  return ofType(stack.resources, "AWS::CloudFront::Function").length > 0
    ? `curl -i -L -b "" ${cookie} "${file}"  # by cookie, with a pass`
    : `curl -i ${cookie} "${file}"  # by cookie, from the cache`;
}

/** Whether the gate has endpoints to sign in at. */
function isSignInOn({ stack }: AnyGate): boolean {
  return loginBasePath(distributionConfig(stack)) !== undefined;
}

function people(gate: AnyGate): string {
  const lines = DEMO_USERS.map(({ username, password }) => personOf(gate, username, password));
  return `Gatehouse is open. Sign in at

  ${gate.url}/

${lines.map((line) => `  as ${line}`).join("\n")}`;
}

function personOf({ userPool }: AnyGate, username: string, password: string): string {
  const { groups } = userPool.users.get(username);
  const place = groups.length === 0 ? "in no group" : `in ${groups.join(", ")}`;
  return `${username}, password ${password} (${place})`;
}

async function fileIn(assets: string): Promise<string> {
  const keys = [...(await new Folder(assets).keys())].sort();
  return keys.find((key) => key === SAMPLE) ?? keys[0] ?? "index.html";
}
