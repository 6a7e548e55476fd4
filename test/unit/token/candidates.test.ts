import { describe, expect, test } from "vitest";
import { parseConfig } from "../../../edge/config/document.ts";
import { readEvent } from "../../../edge/request/cloudfront.ts";
import { tokenCandidates } from "../../../edge/token/candidates.ts";
import { configDocument } from "../fixtures/config.ts";
import { viewerEvent } from "../fixtures/events.ts";

const CONFIG = parseConfig(configDocument({ cookies: { names: ["one", "two"] } }));
const AMPLIFY = "CognitoIdentityServiceProvider.1testclient1";

const candidates = (headers: Record<string, string | string[]>) => [
  ...tokenCandidates(readEvent(viewerEvent({ headers })), CONFIG),
];

describe("tokenCandidates come in the order of trust", () => {
  const cases: Record<string, [Record<string, string | string[]>, string[]]> = {
    "nothing sent": [{}, []],
    "header before our cookie before the configured ones": [
      { Authorization: "Bearer h", Cookie: "two=2; one=1; __Host-gatehouse-id=own" },
      ["h", "own", "1", "2"],
    ],
    "spaces around the header's": [{ Authorization: ["Bearer   h ", " i "] }, ["h", "i"]],
    "a scheme inside a value": [{ Authorization: "aBearer h" }, ["aBearer h"]],
    "every copy of a duplicate": [{ Cookie: ["one=a; one=b", "one=c"] }, ["a", "b", "c"]],
    "names that only look alike": [{ Cookie: "xone=1; one2=2; __Host-one=3; a=one=4" }, []],
    "Amplify's last user first": [
      {
        Cookie: `${AMPLIFY}.bob.idToken=b; ${AMPLIFY}.ada%40example.com.idToken=a; ${AMPLIFY}.LastAuthUser=ada@example.com`,
      },
      ["a", "b"],
    ],
    "Amplify's doubly escaped user": [
      { Cookie: `${AMPLIFY}.b.idToken=b; ${AMPLIFY}.a%2540x.idToken=a; ${AMPLIFY}.LastAuthUser=a%40x` },
      ["a", "b"],
    ],
    "Amplify's user with a broken escape": [{ Cookie: `${AMPLIFY}.%E0%.idToken=a` }, ["a"]],
    "Amplify's last user among broken escapes": [
      { Cookie: `${AMPLIFY}.%E0%.idToken=a; ${AMPLIFY}.%E1%.idToken=b; ${AMPLIFY}.LastAuthUser=%E1%` },
      ["b", "a"],
    ],
    "the second client": [{ Cookie: "CognitoIdentityServiceProvider.2testclient2.x.idToken=a" }, ["a"]],
    "another client": [{ Cookie: "CognitoIdentityServiceProvider.other.x.idToken=a" }, []],
    "Amplify's other cookies": [{ Cookie: `${AMPLIFY}.x.accessToken=a; ${AMPLIFY}.x.refreshToken=r` }, []],
  };
  test.each(Object.entries(cases))("%s", (_, [headers, expected]) =>
    expect(candidates(headers)).toEqual(expected),
  );
});
