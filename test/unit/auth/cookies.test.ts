// Cookies through sign-in and after it: nobody is locked out by what others plant, and nothing is set that we do not mean.
import { describe, expect, test } from "vitest";
import type { ConfigDocument } from "../../../edge/config/config.ts";
import { type Answer, type Browser, HOST, ORIGIN } from "../fixtures/browser.ts";
import { AUTH_BUNDLES } from "../fixtures/bundle.ts";
import { NOW } from "../fixtures/config.ts";
import { ID_COOKIE, KEYS, REFRESH_COOKIE, useGate } from "../fixtures/gate.ts";
import { OTHER_KEY, token } from "../fixtures/tokens.ts";

const MANY = Array.from({ length: 100 }, (_, index) => `cookie${index}=value${index}`).join("; ");
const EXPIRED = token({ exp: NOW / 1000 - 1 });

describe.each(AUTH_BUNDLES)("%s", (bundle) => {
  const gate = useGate(bundle);

  describe("with the genuine cookie anywhere, the request is signed", () => {
    const headers: Record<string, (pair: string, browser: Browser) => string | string[]> = {
      alone: (pair) => pair,
      "in its jar": (_, { cookie }) => cookie,
      "behind a duplicate of nonsense": (pair) => `${ID_COOKIE}=nonsense; ${pair}`,
      "before a duplicate of nonsense": (pair) => `${pair}; ${ID_COOKIE}=nonsense`,
      "between empty duplicates": (pair) => `${ID_COOKIE}=; ${pair}; ${ID_COOKIE}=`,
      "behind an expired one": (pair) => `${ID_COOKIE}=${EXPIRED}; ${pair}`,
      "behind 20 expired ones": (pair) => `${`${ID_COOKIE}=${EXPIRED}; `.repeat(20)}${pair}`,
      "behind 20 of another key": (pair) => `${`${ID_COOKIE}=${token({}, OTHER_KEY)}; `.repeat(20)}${pair}`,
      "behind an access token": (pair) => `${ID_COOKIE}=${token({ token_use: "access" })}; ${pair}`,
      "behind another client's": (pair) => `${ID_COOKIE}=${token({ aud: "stranger" })}; ${pair}`,
      "beside duplicates of every other cookie": (pair, { cookie }) => {
        const junk = cookie.replace(/=[^;]*/g, "=junk");
        return `${junk}; ${junk.replaceAll("junk", "")}; ${pair}; ${cookie}; ${junk}`;
      },
      "behind the other prefix": (pair) => `__Secure-gatehouse-id=${EXPIRED}; ${pair}`,
      "behind lower-case look-alikes": (pair) =>
        `__host-gatehouse-id=${EXPIRED}; __HOST-GATEHOUSE-ID=x; ${pair}`,
      "behind a name that ends like it": (pair) => `x${ID_COOKIE}=${EXPIRED}; ${pair}`,
      "behind a name that starts like it": (pair) => `${ID_COOKIE}entity=${EXPIRED}; ${pair}`,
      "inside what looks like a value": (pair) => `a="${ID_COOKIE}=x; b="; ${pair}`,
      "behind 100 cookies": (pair) => `${MANY}; ${pair}`,
      "before 100 cookies": (pair) => `${pair}; ${MANY}`,
      "behind a value of 8 KB": (pair) => `big=${"x".repeat(8_192)}; ${pair}`,
      "behind its own name with 8 KB": (pair) => `${ID_COOKIE}=${"x".repeat(8_192)}; ${pair}`,
      "behind malformed pairs": (pair) => `;;; ; =; =x; a; a=b=c; %E0%A4%A=%zz; "; "=";${pair}`,
      "behind control characters": (pair) => `a=\u0000\u0001\t\u007f; ${pair}`,
      "behind letters beyond ASCII": (pair) => `é=ü; 名=前; ${pair}`,
      "without spaces": (pair) => `a=b;${pair};c=d`,
      "with more spaces": (pair) => `a=b;    ${pair}   ; c=d`,
      quoted: (pair) => pair.replace(/=(.*)/, '="$1"'),
      "in the second of two headers": (pair) => [`${ID_COOKIE}=nonsense`, pair],
      "in the first of two headers": (pair) => [pair, `${ID_COOKIE}=nonsense; ${MANY}`],
      "beside a marker of the attempts": (pair) => `__Host-gatehouse-login-x=y; ${pair}`,
    };
    test.each(Object.entries(headers))("%s", async (_, headerOf) => {
      const browser = await gate().signedIn();
      const pair = `${ID_COOKIE}=${browser.jar.get(ID_COOKIE)}`;
      const answer = await browser.ask("/a.txt", {
        dest: "image",
        headers: { Cookie: headerOf(pair, browser) },
      });
      expect(answer).toMatchObject({ status: "signed", cookies: [] });
      expect(gate().logged).toEqual([]);
    });
  });

  describe("what only looks like the cookie is none", () => {
    const lookAlikes: Record<string, (value: string) => string> = {
      "the other prefix": (value) => `__Secure-gatehouse-id=${value}`,
      "no prefix": (value) => `gatehouse-id=${value}`,
      "lower case": (value) => `__host-gatehouse-id=${value}`,
      "a longer name": (value) => `${ID_COOKIE}2=${value}`,
      "a name before it": (value) => `x${ID_COOKIE}=${value}`,
      "a space in the name": (value) => `${ID_COOKIE} =${value}`,
      "a tab in front": (value) => `a\t${ID_COOKIE}=${value}`,
      "a cookie without a name": (value) => `=${ID_COOKIE}=${value}`,
      "another cookie's value": (value) => `a=${ID_COOKIE}=${value}`,
      "another cookie's value, behind a space": (value) => `a=x ${ID_COOKIE}=${value}`,
      "another cookie's value, behind several": (value) => `a="x   ${ID_COOKIE}=${value}"; b=c`,
      "another cookie's name": (value) => `${ID_COOKIE}; ${value}`,
    };
    test.each(Object.entries(lookAlikes))("%s", async (_, headerOf) => {
      const browser = await gate().signedIn();
      const Cookie = headerOf(browser.jar.get(ID_COOKIE) ?? "");
      const answer = await browser.ask("/a.txt", { dest: "image", headers: { Cookie } });
      expect(answer).toMatchObject({ status: 401, code: "token_missing", cookies: [] });
    });
  });

  test("another host's cookie with ours in its value does not get around the prefix", async () => {
    const browser = await gate().signedIn({ sub: "victim" });
    const planted = `a=x ${ID_COOKIE}=${gate().idToken({ sub: "attacker" })}`;
    const headers = { Cookie: `${planted}; ${browser.cookie}` };
    const { body } = await browser.ask("/.gatehouse/me", { dest: "empty", headers });
    expect(JSON.parse(body)).toMatchObject({ sub: "victim" });
  });
});

describe("attributes", () => {
  const gate = useGate("gatehouse-auth");
  const auth = { keys: KEYS, maxAge: 1_234 };
  const forms: Record<
    string,
    [Partial<ConfigDocument>, prefix: string, attributes: string, domain?: string]
  > = {
    "as they are": [{ auth }, "__Host-", "SameSite=Lax"],
    "for other sites": [{ auth, cookies: { sameSite: "None" } }, "__Host-", "SameSite=None"],
    "for each embedding site": [
      { auth, cookies: { sameSite: "None", partitioned: true } },
      "__Host-",
      "SameSite=None; Partitioned",
    ],
    "for a domain": [
      { auth, cookies: { domain: "example.com" } },
      "__Secure-",
      "SameSite=Lax",
      "; Domain=example.com",
    ],
    "for a domain, each embedding site": [
      { auth, cookies: { sameSite: "None", domain: "example.com", partitioned: true } },
      "__Secure-",
      "SameSite=None",
      "; Domain=example.com; Partitioned",
    ],
  };

  test.each(Object.entries(forms))("of every line, %s", async (_, [changes, prefix, sameSite, rest = ""]) => {
    const browser = gate().browser(changes);
    const [login, callback, finish] = await gate().follow(browser, "/.gatehouse/login");
    const logout = await browser.ask("/.gatehouse/logout", { method: "POST", headers: { Origin: ORIGIN } });
    const state = new URL(login?.location ?? "").searchParams.get("state")?.split(".")[0];
    const line = (name: string, maxAge: number) =>
      `${prefix}gatehouse-${name}=${maxAge ? "*" : ""}; Max-Age=${maxAge}; Path=/; Secure; HttpOnly; ${sameSite}${rest}`;
    // Those of an attempt stay with the host, or another one of the domain could put its own in their place.
    const attempt = (maxAge: number) =>
      line(`login-${state}`, maxAge).replace("__Secure-", "__Host-").replace("; Domain=example.com", "");
    expect(shapesOf(login)).toEqual([attempt(900)]);
    expect(shapesOf(callback)).toEqual([attempt(0), line("id", 1_234), line("refresh", 1_234)]);
    expect(shapesOf(finish)).toEqual([line("aws", 1_234)]);
    const ended = [line("id", 0), line("refresh", 0), line("aws", 0)];
    // Of the domains that the host is in, one may have been the setting when the cookie was set.
    const former = rest ? [HOST, "cloudfront.net"] : [];
    const everywhere = former.flatMap((each) => ended.map((text) => text.replace("example.com", each)));
    expect(shapesOf(logout)).toEqual([...ended, ...everywhere]);
    expect(browser.jar.size).toBe(0);
  });

  function shapesOf(answer: Answer | undefined): readonly string[] {
    return (answer?.cookies ?? []).map((line) => line.replace(/^([^=]+)=[^;]+/, "$1=*"));
  }

  test("cookies of the other prefix are none of this gate's", async () => {
    const browser = await gate().signedIn();
    const answer = await browser.ask("/a.txt", {
      dest: "image",
      headers: { Cookie: browser.cookie.replaceAll("__Host-", "__Secure-") },
    });
    expect(answer).toMatchObject({ status: 401, code: "token_missing" });
    browser.handler = gate().coldStart({ cookies: { domain: "example.com" } });
    expect(await browser.ask("/a.txt", { dest: "image" })).toMatchObject({ status: 401 });
    const shared = { headers: { Cookie: browser.cookie.replaceAll("__Host-", "__Secure-") } };
    expect(await browser.ask("/a.txt", shared)).toMatchObject({ status: "signed" });
  });
});

describe("nothing of a viewer's cookies is written back unless it is ours", () => {
  const gate = useGate("gatehouse-auth");
  const strange = [
    "__Host-gatehouse-",
    "__Host-gatehouse-evil",
    "__Host-gatehouse-id2",
    "__Host-gatehouse-ID",
    "__Host-gatehouse-aws-",
    "__Host-gatehouse-aws-xyzwxyzw",
    "__Host-gatehouse-aws-0123456789",
    "__Host-gatehouse-login-",
    "__Host-gatehouse-login-<script>",
    "__Host-gatehouse-login-a b",
    "__Host-gatehouse-login-a,b",
    "__Host-gatehouse-login-a\u0000",
    `__Host-gatehouse-login-${"a".repeat(65)}`,
    "__Host-gatehouse-id, x",
    "__Secure-gatehouse-evil",
    "__Secure-gatehouse-login-0mjx5bq5k-AAAAAAAAAAAAAAAAAAAAAA",
    "other",
  ];
  const Cookie = strange.map((name) => `${name}=1`).join("; ");

  test("at sign-out", async () => {
    const browser = await gate().signedIn();
    const { cookies } = await browser.ask("/.gatehouse/logout", {
      method: "POST",
      headers: { Origin: ORIGIN, Cookie: `${Cookie}; ${browser.cookie}` },
    });
    expect(cookies.map((line) => line.split("=")[0])).toEqual([
      ID_COOKIE,
      REFRESH_COOKIE,
      "__Host-gatehouse-aws",
    ]);
  });

  test("at sign-in", async () => {
    const many = Array.from({ length: 30 }, (_, index) => `__Host-gatehouse-login-planted${index}=1`).join(
      "; ",
    );
    const { cookies } = await gate()
      .browser()
      .ask("/.gatehouse/login", { headers: { Cookie: `${Cookie}; ${many}` } });
    expect(cookies).toEqual([expect.stringMatching(/^__Host-gatehouse-login-[0-9a-z]{9}-[\w-]{22}=[\w-]+;/)]);
  });

  test("at its last hop", async () => {
    const browser = await gate().signedIn();
    const { cookies } = await browser.ask("/.gatehouse/finish", {
      headers: { Cookie: `${Cookie}; ${browser.cookie}; __Host-gatehouse-aws-01234567=old` },
    });
    expect(cookies.map((line) => line.replace(/=[\w-]{50,}/, "=*"))).toEqual([
      "__Host-gatehouse-aws-01234567=; Max-Age=0; Path=/; Secure; HttpOnly; SameSite=Lax",
      "__Host-gatehouse-aws=*; Max-Age=2592000; Path=/; Secure; HttpOnly; SameSite=Lax",
    ]);
  });

  test("in a refusal", async () => {
    const answer = await gate().browser().ask("/a.txt", { dest: "image", headers: { Cookie } });
    expect(answer).toMatchObject({ status: 401, code: "token_missing", cookies: [] });
    expect(JSON.stringify(answer.headers) + answer.body).not.toMatch(/evil|script|planted/);
  });
});

describe("on a domain that is shared, where other hosts can plant cookies of our names", () => {
  const gate = useGate("gatehouse-auth", { cookies: { domain: "example.com" } });

  test("planted ones of every name do not lock anybody out", async () => {
    const browser = await gate().signedIn();
    const planted = browser.cookie.replace(/=[^;]*/g, "=planted");
    const headers = { Cookie: `${planted}; ${browser.cookie}; ${planted}` };
    browser.handler = gate().coldStart();
    expect(await browser.ask("/a.txt", { headers })).toMatchObject({ status: "signed" });
    expect(gate().actions).toEqual([]);
  });

  test("planted attempts do not keep a sign-in from its end", async () => {
    const browser = gate().browser();
    const { location } = await browser.ask("/.gatehouse/login?return_to=/a");
    const planted = browser.cookie.replace(/=.*/, "=planted");
    const query = gate().pool.signIn(location);
    const answer = await browser.ask(`/.gatehouse/callback?${query}`, {
      headers: { Cookie: `${planted}; ${planted}; ${browser.cookie}` },
    });
    expect(answer).toMatchObject({ status: 303, location: "/.gatehouse/finish?return_to=%2Fa" });
  });
});
