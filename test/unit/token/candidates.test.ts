import { describe, expect, test } from "vitest";
import type { ConfigDocument } from "../../../edge/config/config.ts";
import { parseConfig } from "../../../edge/config/document.ts";
import { readEvent } from "../../../edge/request/cloudfront.ts";
import { tokenPlaces } from "../../../edge/token/candidates.ts";
import { configDocument } from "../fixtures/config.ts";
import { viewerEvent } from "../fixtures/events.ts";

const AMPLIFY = "CognitoIdentityServiceProvider.1testclient1";
const COOKIES = { names: ["one", "two"], amplify: true };
const SIGN_IN = {
  auth: { keys: { current: "1".repeat(64) } },
  endpoints: { oauth: "https://login.example.com" },
};
/** As long as the shortest token. */
const long = (letter: string) => letter.repeat(404);
const [A, B] = [long("a"), long("b")];

type Headers = Record<string, string | string[]>;

function places(headers: Headers, changes: Partial<ConfigDocument> = {}, querystring = "") {
  const config = parseConfig(configDocument({ cookies: COOKIES, ...changes }));
  const found = tokenPlaces(readEvent(viewerEvent({ headers, querystring })), config);
  return found.map(({ candidates, isHeld }) => ({ candidates, isHeld }));
}

const candidates = (headers: Headers, changes?: Partial<ConfigDocument>) =>
  places(headers, changes).flatMap((place) => place.candidates);

describe("candidates come in the order of trust", () => {
  const cases: Record<string, [Headers, string[]]> = {
    "nothing sent": [{}, []],
    "header before our cookie before the configured ones": [
      { Authorization: "Bearer h", Cookie: "two=2; one=1; __Host-gatehouse-id=own" },
      ["h", "own", "1", "2"],
    ],
    "configured ones before Amplify's": [{ Cookie: `${AMPLIFY}.x.idToken=a; one=1` }, ["1", "a"]],
    "spaces around the header's": [{ Authorization: ["Bearer   h ", " i "] }, ["h", "i"]],
    "a scheme inside a value": [{ Authorization: "aBearer h" }, ["aBearer h"]],
    "every copy of a duplicate": [{ Cookie: [`one=${A}; one=${B}`, `one=${A}c`] }, [A, B, `${A}c`]],
    "one that is there again and again, once": [{ Cookie: `one=${A}; two=${A}; one=${B}; one=${A}` }, [A, B]],
    "names that only look alike": [{ Cookie: "xone=1; one2=2; __Host-one=3; a=one=4" }, []],
    "Amplify's last user first": [
      {
        Cookie: `${AMPLIFY}.bob.idToken=${B}; ${AMPLIFY}.ada%40example.com.idToken=${A}; ${AMPLIFY}.LastAuthUser=ada@example.com`,
      },
      [A, B],
    ],
    "Amplify's doubly escaped user": [
      {
        Cookie: `${AMPLIFY}.b.idToken=${B}; ${AMPLIFY}.a%2540x.idToken=${A}; ${AMPLIFY}.LastAuthUser=a%40x`,
      },
      [A, B],
    ],
    "Amplify's user with a broken escape": [{ Cookie: `${AMPLIFY}.%E0%.idToken=a` }, ["a"]],
    "Amplify's last user among broken escapes": [
      {
        Cookie: `${AMPLIFY}.%E0%.idToken=${A}; ${AMPLIFY}.%E1%.idToken=${B}; ${AMPLIFY}.LastAuthUser=%E1%`,
      },
      [B, A],
    ],
    "Amplify's last user with dots": [
      {
        Cookie: `${AMPLIFY}.b.idToken=${B}; ${AMPLIFY}.a.b.c.idToken=${A}; ${AMPLIFY}.LastAuthUser=a.b.c`,
      },
      [A, B],
    ],
    "the second client": [{ Cookie: "CognitoIdentityServiceProvider.2testclient2.x.idToken=a" }, ["a"]],
    "the first client before the second": [
      { Cookie: `CognitoIdentityServiceProvider.2testclient2.x.idToken=b; ${AMPLIFY}.x.idToken=a` },
      ["a", "b"],
    ],
    "another client": [{ Cookie: "CognitoIdentityServiceProvider.other.x.idToken=a" }, []],
    "Amplify's other cookies": [{ Cookie: `${AMPLIFY}.x.accessToken=a; ${AMPLIFY}.x.refreshToken=r` }, []],
  };
  test.each(Object.entries(cases))("%s", (_, [headers, expected]) =>
    expect(candidates(headers)).toEqual(expected),
  );
});

test("a cookie that two settings name is one candidate", () => {
  const Cookie = `one=${A}; ${AMPLIFY}.x.idToken=${B}`;
  const names = ["one", "one", `${AMPLIFY}.x.idToken`];
  expect(candidates({ Cookie }, { cookies: { names, amplify: true } })).toEqual([A, B]);
});

test("cookies that other hosts can write are read only where they are configured", () => {
  const Cookie = `one=1; __Host-gatehouse-id=own; ${AMPLIFY}.x.idToken=a`;
  expect(candidates({ Cookie }, { cookies: {} })).toEqual(["own"]);
  expect(candidates({ Cookie }, { cookies: { names: ["one"] } })).toEqual(["own", "1"]);
  expect(candidates({ Cookie }, { cookies: { amplify: true } })).toEqual(["own", "a"]);
});

describe("beside a refresh token of ours they are not read before it has been tried", () => {
  const Cookie = "one=1; __Host-gatehouse-id=own; __Host-gatehouse-refresh=r";
  const own = { candidates: ["own"], isHeld: true };
  const rows: Record<string, [string, Partial<ConfigDocument>, string, readonly object[]]> = {
    "there is one": [Cookie, SIGN_IN, "", [own]],
    "it has just been tried": [Cookie, SIGN_IN, "x=1&gatehouse-renewed=y", [own, { candidates: ["1"] }]],
    "a name like the marker's": [Cookie, SIGN_IN, "xgatehouse-renewed=y&gatehouse-renewedx=1", [own]],
    "an empty one": [
      `${Cookie}`.replace("refresh=r", "refresh="),
      SIGN_IN,
      "",
      [{ ...own, isHeld: false }, { candidates: ["1"] }],
    ],
    "one of the other prefix": [
      Cookie.replace("__Host-gatehouse-refresh", "__Secure-gatehouse-refresh"),
      SIGN_IN,
      "",
      [{ ...own, isHeld: false }, { candidates: ["1"] }],
    ],
    "a gate that renews nothing": [Cookie, {}, "", [{ ...own, isHeld: false }, { candidates: ["1"] }]],
  };
  test.each(Object.entries(rows))("%s", (_, [cookie, changes, querystring, expected]) => {
    expect(places({ Cookie: cookie }, changes, querystring)).toEqual([{ candidates: [] }, ...expected]);
  });
});
