// What `npm start` prints: where to sign in, where to go, and what to try from a shell.
import { DEMO_USERS } from "./accounts.ts";
import type { Demo } from "./demo.ts";
import type { AnyGate } from "./gate.ts";
import { Folder } from "./s3/folder.ts";

/** A file of the sample set that shows in a terminal. */
const SAMPLE = "documents/opening-hours.txt";

/** The text; `assets` is the folder behind the bucket. */
export async function introduction(gate: AnyGate, { signInUrl }: Demo, assets: string): Promise<string> {
  const { url, userPool } = gate;
  const file = `${url}/${encodeURI(await fileIn(assets)).replace(/[?#]/g, encodeURIComponent)}`;
  return `
Gatehouse is open at ${url}/

  sign in here   ${signInUrl}
  as             ${DEMO_USERS.map(({ username, password }) => personOf(gate, username, password)).join("\n                 ")}
  then see       ${url}/

Or from a shell, with a token of ada's that is good for an hour:

TOKEN=${await userPool.issueIdToken("ada")}

curl -i -H "Authorization: Bearer $TOKEN" "${file}"        # by header
curl -i -H "Cookie: __Host-gatehouse-id=$TOKEN" "${file}"  # by cookie, from the cache
curl -i "${file}"                                          # without a token

Stop it with Ctrl-C.
`;
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
