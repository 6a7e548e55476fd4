// Token attacks, table by table, through both built bundles: refused with the same words, and nothing leaves.
import { constants, createHash, createPublicKey, sign } from "node:crypto";
import { describe, expect, test, vi } from "vitest";
import { CLIENT_ID, NOW, SECOND_CLIENT_ID, USER_POOL_ID } from "../fixtures/config.ts";
import { ID_CLAIMS, JWKS, KEY, OTHER_KEY, token } from "../fixtures/tokens.ts";
import {
  block,
  encoded,
  GOOD_HEADER,
  genuine,
  hmacSigned,
  rsaKey,
  signingInput,
  withBlock,
  withSignature,
} from "./forge.ts";
import { REFUSED, useGates, type Verdict } from "./gate.ts";

type Table = Readonly<Record<string, string>>;

const SECONDS = NOW / 1000;
const GOOD = token();
const [HEAD = "", BODY = "", SIGNATURE = ""] = GOOD.split(".");
const PUBLIC_KEY = createPublicKey(KEY.privateKey);
const SIGNED: Verdict = { status: "signed" };
const gates = useGates();

async function expectBoth(attack: string, verdict: Verdict): Promise<void> {
  expect(await gates().verdicts(attack)).toEqual([verdict, verdict]);
}

/** Every row is refused in the same way by both builds, without a call and without a word of it in the log. */
function refused(name: string, table: Table, verdict: Verdict = REFUSED.token_invalid): void {
  test.each(Object.entries(table))(`${name}: %s`, async (_, attack) => {
    await expectBoth(attack, verdict);
    expect(gates().actions).toEqual([]);
    expect(gates().logged).toHaveLength(2);
    expect(gates().logged.join("\n")).not.toContain(attack.slice(0, 40) || "never empty");
  });
}

test("the token that all of these are made from is a good one", async () => {
  await expectBoth(GOOD, SIGNED);
  await expectBoth(genuine(GOOD_HEADER, ID_CLAIMS), SIGNED);
  await expectBoth(
    withBlock((input) => block(digestInfo(input))),
    SIGNED,
  );
});

/** The digest info of SHA-256 (RFC 8017 §9.2, note 1). */
const SHA_256 = "3031300d060960864801650304020105000420";

function digestInfo(input: Buffer, prefix = SHA_256): Buffer {
  return Buffer.concat([Buffer.from(prefix, "hex"), sha("sha256", input)]);
}

function sha(name: string, input: Buffer): Buffer {
  return createHash(name).update(input).digest();
}

describe("alg", () => {
  const pss = { key: KEY.privateKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 };
  const rs = (hash: string, alg: unknown) =>
    withSignature({ ...GOOD_HEADER, alg }, ID_CLAIMS, (input) => sign(hash, input, KEY.privateKey));
  const none = (alg: string, signature: string) =>
    `${signingInput({ ...GOOD_HEADER, alg }, ID_CLAIMS)}.${signature}`;
  const jwk = JSON.stringify(KEY.jwk);
  refused("is refused", {
    "none without a signature": none("none", ""),
    "None without a signature": none("None", ""),
    "NONE with a signature of another token": none("NONE", SIGNATURE),
    "nOnE with zeros": none("nOnE", "A".repeat(342)),
    "none, signed": genuine({ ...GOOD_HEADER, alg: "none" }, ID_CLAIMS),
    "empty, signed": genuine({ ...GOOD_HEADER, alg: "" }, ID_CLAIMS),
    "missing, signed": genuine({ kid: KEY.kid }, ID_CLAIMS),
    "null, signed": genuine({ ...GOOD_HEADER, alg: null }, ID_CLAIMS),
    "a list, signed": genuine({ ...GOOD_HEADER, alg: ["RS256"] }, ID_CLAIMS),
    "rs256 in lower case": genuine({ ...GOOD_HEADER, alg: "rs256" }, ID_CLAIMS),
    "RS256 with a space": genuine({ ...GOOD_HEADER, alg: "RS256 " }, ID_CLAIMS),
    "RS256 in full-width digits": genuine({ ...GOOD_HEADER, alg: "RS２５６" }, ID_CLAIMS),
    "RS256 with a zero byte": genuine({ ...GOOD_HEADER, alg: "RS256\u0000" }, ID_CLAIMS),
    "HS256 with the public key as PEM": hmacSigned(
      "HS256",
      String(PUBLIC_KEY.export({ format: "pem", type: "spki" })),
    ),
    "HS256 with the public key as DER": hmacSigned(
      "HS256",
      PUBLIC_KEY.export({ format: "der", type: "spki" }),
    ),
    "HS256 with the public key as PKCS #1": hmacSigned(
      "HS256",
      PUBLIC_KEY.export({ format: "der", type: "pkcs1" }),
    ),
    "HS256 with the JWK": hmacSigned("HS256", jwk),
    "HS256 with the modulus": hmacSigned("HS256", String(KEY.jwk["n"])),
    "HS256 with nothing": hmacSigned("HS256", ""),
    "HS512 with the public key as PEM": hmacSigned(
      "HS512",
      String(PUBLIC_KEY.export({ format: "pem", type: "spki" })),
    ),
    "ES256 over a good signature": genuine({ ...GOOD_HEADER, alg: "ES256" }, ID_CLAIMS),
    "EdDSA over a good signature": genuine({ ...GOOD_HEADER, alg: "EdDSA" }, ID_CLAIMS),
    "PS256, correctly signed": withSignature({ ...GOOD_HEADER, alg: "PS256" }, ID_CLAIMS, (input) =>
      sign("sha256", input, pss),
    ),
    "PS256's signature under RS256": withSignature(GOOD_HEADER, ID_CLAIMS, (input) =>
      sign("sha256", input, pss),
    ),
    "RS384, correctly signed": rs("sha384", "RS384"),
    "RS512, correctly signed": rs("sha512", "RS512"),
    "SHA-384 under RS256": rs("sha384", "RS256"),
    "SHA-1 under RS256": rs("sha1", "RS256"),
  });
});

describe("PKCS #1 padding, read strictly (as Wycheproof's ModifiedPadding)", () => {
  const of = (prefix: string) => withBlock((input) => block(digestInfo(input, prefix)));
  const around = (change: (info: Buffer) => Buffer) => withBlock((input) => block(change(digestInfo(input))));
  const bytes = (...list: number[]) => Buffer.from(list);
  refused("is refused", {
    "a length in long form": of("308131300d060960864801650304020105000420"),
    "a length with a leading zero": of("30820031300d060960864801650304020105000420"),
    "a length one more": of("3032300d060960864801650304020105000420"),
    "a length one less": of("3030300d060960864801650304020105000420"),
    "a length of 2^31": of("308480000000300d060960864801650304020105000420"),
    "an indefinite length": of("3080300d060960864801650304020105000420"),
    "no NULL parameter": of("302f300b0609608648016503040201" + "0420"),
    "the digest without its info": withBlock((input) => block(sha("sha256", input))),
    "SHA-1's info before SHA-256's digest": of("3021300906052b0e03021a05000420"),
    "SHA-512's info before SHA-256's digest": of("3031300d060960864801650304020305000420"),
    "zeros behind": around((info) => Buffer.concat([info, bytes(0, 0)])),
    "a NULL behind": around((info) => Buffer.concat([info, bytes(5, 0)])),
    "garbage behind a short padding": withBlock((input) =>
      Buffer.concat([
        bytes(0, 1, 255, 255, 255, 255, 255, 255, 255, 255, 0),
        digestInfo(input),
        Buffer.alloc(194, 7),
      ]),
    ),
    "block type 2": withBlock((input) => Buffer.concat([bytes(0, 2), block(digestInfo(input)).subarray(2)])),
    "block type 0": withBlock((input) => Buffer.concat([bytes(0, 0), block(digestInfo(input)).subarray(2)])),
    "a zero within the padding": withBlock((input) => {
      const changed = block(digestInfo(input));
      changed[40] = 0;
      return changed;
    }),
    "no zero behind the padding": withBlock((input) => {
      const changed = block(digestInfo(input));
      changed[256 - 52] = 255;
      return changed;
    }),
    "the signature 0": withSignature(GOOD_HEADER, ID_CLAIMS, () => Buffer.alloc(256)),
    "the signature 1": withSignature(GOOD_HEADER, ID_CLAIMS, () =>
      Buffer.concat([Buffer.alloc(255), bytes(1)]),
    ),
    "the modulus": withSignature(GOOD_HEADER, ID_CLAIMS, () =>
      Buffer.from(String(KEY.jwk["n"]), "base64url"),
    ),
    "as large as 256 bytes can be": withSignature(GOOD_HEADER, ID_CLAIMS, () => Buffer.alloc(256, 255)),
    "the signature plus the modulus": withSignature(GOOD_HEADER, ID_CLAIMS, (input) => {
      const modulus = BigInt(`0x${Buffer.from(String(KEY.jwk["n"]), "base64url").toString("hex")}`);
      const value = BigInt(`0x${sign("RSA-SHA256", input, KEY.privateKey).toString("hex")}`);
      return Buffer.from((value + modulus).toString(16).padStart(514, "0"), "hex");
    }),
  });
});

describe("kid", () => {
  const of = (kid: unknown) => genuine({ alg: "RS256", kid }, ID_CLAIMS);
  refused("is refused without asking anybody", {
    missing: of(undefined),
    empty: of(""),
    null: of(null),
    "a number": of(1),
    "a list": of([KEY.kid]),
    "an object": of({ toString: KEY.kid }),
  });

  test.each(
    Object.entries({
      unknown: "key-9",
      "a path": "../../../../dev/null",
      "a URL": "https://evil.example/jwks.json",
      SQL: "key-1' OR '1'='1",
      "with a zero byte": "key-1\u0000",
      "in another case": "KEY-1",
      "with a space": "key-1 ",
      "with another hyphen": "key\u20111",
      "a name of every object": "constructor",
      "the prototype": "__proto__",
      "1,000 characters": "k".repeat(1_000),
    }),
  )("is asked for once, at the pool alone: %s", async (_, kid) => {
    await expectBoth(of(kid), REFUSED.token_invalid);
    await expectBoth(of(kid), REFUSED.token_invalid);
    expect(gates().cognito.calls.map(({ action }) => action)).toEqual(["Jwks", "Jwks"]);
    expect(JSON.stringify(gates().logged)).not.toContain("evil.example");
  });

  test("of a token of another pool is not asked for", async () => {
    await expectBoth(
      genuine({ alg: "RS256", kid: "key-9" }, { ...ID_CLAIMS, iss: "https://evil.example" }),
      REFUSED.token_invalid,
    );
    expect(gates().actions).toEqual([]);
  });

  test("is in the key set twice: the first one counts", async () => {
    const twin = rsaKey(KEY.kid, 2048);
    gates().coldStart({ keys: [KEY.jwk, twin.jwk] });
    await expectBoth(GOOD, SIGNED);
    await expectBoth(genuine(GOOD_HEADER, ID_CLAIMS, twin), REFUSED.token_invalid);
  });
});

describe("headers that name another key or other rules", () => {
  const evil = rsaKey("key-1", 2048);
  const { publicKey } = {
    publicKey: createPublicKey(evil.privateKey).export({ format: "der", type: "spki" }),
  };
  const of = (more: object) => genuine({ ...GOOD_HEADER, ...more }, ID_CLAIMS, evil);
  refused("do not help somebody else's key", {
    jwk: of({ jwk: evil.jwk }),
    jku: of({ jku: "https://evil.example/jwks.json" }),
    x5u: of({ x5u: "https://evil.example/cert.pem" }),
    x5c: of({ x5c: [Buffer.from(publicKey).toString("base64")] }),
    x5t: of({ x5t: sha("sha1", publicKey).toString("base64url") }),
    "all of them": of({ jwk: evil.jwk, jku: "https://evil.example/", x5u: "https://evil.example/" }),
  });
  const good = (more: object) => genuine({ ...GOOD_HEADER, ...more }, ID_CLAIMS);
  refused("that must be understood are refused", {
    "crit with an extension": good({ crit: ["exp"], exp: SECONDS + 60 }),
    "crit with b64": good({ crit: ["b64"], b64: false }),
    "an empty crit": good({ crit: [] }),
    "crit null": good({ crit: null }),
    "crit as a text": good({ crit: "b64" }),
  });
  test.each([
    ["jku", { jku: "https://evil.example/" }],
    ["b64 alone, which nothing makes critical (RFC 7797 §6)", { b64: false }],
    ["typ and cty", { typ: "JWT", cty: "JWT" }],
  ])("that mean nothing here change nothing: %s", async (_, more) => {
    await expectBoth(good(more), SIGNED);
    expect(gates().actions).not.toContain("Jwks");
  });
});

describe("claims", () => {
  const of = (claims: object) => token(claims);
  const iss = ID_CLAIMS.iss;
  refused("of another issuer", {
    missing: of({ iss: undefined }),
    null: of({ iss: null }),
    empty: of({ iss: "" }),
    "a list": of({ iss: [iss] }),
    "a slash more": of({ iss: `${iss}/` }),
    "another case": of({ iss: iss.toUpperCase() }),
    "another case of the pool": of({ iss: iss.replace(USER_POOL_ID, USER_POOL_ID.toLowerCase()) }),
    "a longer pool": of({ iss: `${iss}x` }),
    "a shorter pool": of({ iss: iss.slice(0, -1) }),
    "another pool": of({ iss: iss.replace(USER_POOL_ID, "us-east-1_Other") }),
    "another region": of({ iss: iss.replace("idp.us-east-1", "idp.eu-west-1") }),
    "another host": of({ iss: iss.replace("amazonaws.com", "amazonaws.com.evil.example") }),
    "no TLS": of({ iss: iss.replace("https:", "http:") }),
    "a query": of({ iss: `${iss}?` }),
    "a fragment": of({ iss: `${iss}#` }),
    "a Cyrillic letter": of({ iss: iss.replace("cognito", "c\u043egnito") }),
    "a port": of({ iss: iss.replace(".com/", ".com:443/") }),
    "a space": of({ iss: ` ${iss}` }),
    "the pool's id alone": of({ iss: USER_POOL_ID }),
  });
  refused("of another audience", {
    missing: of({ aud: undefined }),
    null: of({ aud: null }),
    empty: of({ aud: "" }),
    "another client": of({ aud: "3otherclient3" }),
    "another case": of({ aud: CLIENT_ID.toUpperCase() }),
    "a longer one": of({ aud: `${CLIENT_ID}1` }),
    "a list of our client": of({ aud: [CLIENT_ID] }),
    "a list of both clients": of({ aud: [CLIENT_ID, SECOND_CLIENT_ID] }),
    "both in one text": of({ aud: `${CLIENT_ID} ${SECOND_CLIENT_ID}` }),
    "a number": of({ aud: 1 }),
    "an object": of({ aud: { [CLIENT_ID]: true } }),
    "client_id in its place": of({ aud: undefined, client_id: CLIENT_ID }),
    "a Cyrillic letter": of({ aud: CLIENT_ID.replace("c", "\u0441") }),
  });
  refused("of another use", {
    missing: of({ token_use: undefined }),
    null: of({ token_use: null }),
    ID: of({ token_use: "ID" }),
    "a list": of({ token_use: ["id"] }),
    refresh: of({ token_use: "refresh" }),
    "id with a space": of({ token_use: "id " }),
  });
  refused(
    "of an access token",
    {
      "with an audience": of({ token_use: "access" }),
      "as the pool makes them": of({
        token_use: "access",
        aud: undefined,
        client_id: CLIENT_ID,
        scope: "openid",
      }),
    },
    REFUSED.id_token_required,
  );
  refused("of nobody", {
    missing: of({ sub: undefined }),
    empty: of({ sub: "" }),
    null: of({ sub: null }),
    "a number": of({ sub: 1 }),
    "a list": of({ sub: [ID_CLAIMS.sub] }),
  });
  const exp = (value: string) =>
    genuine(GOOD_HEADER, JSON.stringify(ID_CLAIMS).replace(/"exp":\d+/, `"exp":${value}`));
  refused("without an end that is a number", {
    missing: of({ exp: undefined }),
    null: exp("null"),
    "a text": exp(`"${SECONDS + 60}"`),
    "NaN, which is no JSON": exp("NaN"),
    "beyond all numbers": exp("1e999"),
    "a list": exp(`[${SECONDS + 60}]`),
    true: exp("true"),
    hexadecimal: exp("0x7fffffff"),
    "before all dates": exp("-1e308"),
  });
  refused(
    "that have ended",
    {
      "now, by 0 seconds": of({ exp: SECONDS }),
      "by 1 second": of({ exp: SECONDS - 1 }),
      "by a millisecond": exp(String(SECONDS - 0.001)),
      "in 1970": exp("0"),
      "before 1970": exp("-1"),
      "minus zero": exp("-0"),
      "in milliseconds since 2000": exp("1e-9"),
    },
    REFUSED.token_expired,
  );
  test.each([
    ["in 1 second", of({ exp: SECONDS + 1 })],
    ["in a millisecond", exp(String(SECONDS + 0.001))],
    ["after the end of the world", exp("1e308")],
    ["written with an exponent", exp(`${SECONDS + 60}e0`)],
  ])("that end %s are good", async (_, attack) => await expectBoth(attack, SIGNED));
  refused("that are not good yet", {
    "by a second": of({ nbf: SECONDS + 1 }),
    "by a millisecond": of({ nbf: SECONDS + 0.001 }),
    "for ever": of({ nbf: 1e308 }),
    "a text": of({ nbf: String(SECONDS - 60) }),
    null: of({ nbf: null }),
    "iat missing": of({ iat: undefined }),
    "iat as a text": of({ iat: String(SECONDS) }),
    "iat beyond all numbers": genuine(
      GOOD_HEADER,
      JSON.stringify(ID_CLAIMS).replace(/"iat":\d+/, '"iat":1e999'),
    ),
  });
  test("nbf now is good", async () => await expectBoth(of({ nbf: SECONDS }), SIGNED));
});

describe("the compact form", () => {
  const at = (part: number, change: (text: string) => string) =>
    GOOD.split(".")
      .map((text, index) => (index === part ? change(text) : text))
      .join(".");
  const base64 = (text: string) => text.replaceAll("-", "+").replaceAll("_", "/");
  refused("is refused", {
    "no signature": `${HEAD}.${BODY}.`,
    "no signature and no dot": `${HEAD}.${BODY}`,
    "a signature cut by a character": GOOD.slice(0, -1),
    "a signature cut by a byte": withSignature(GOOD_HEADER, ID_CLAIMS, (input) =>
      sign("RSA-SHA256", input, KEY.privateKey).subarray(1),
    ),
    "half a signature": GOOD.slice(0, -171),
    "a byte more": withSignature(GOOD_HEADER, ID_CLAIMS, (input) =>
      Buffer.concat([sign("RSA-SHA256", input, KEY.privateKey), Buffer.alloc(1)]),
    ),
    "a zero byte before": withSignature(GOOD_HEADER, ID_CLAIMS, (input) =>
      Buffer.concat([Buffer.alloc(1), sign("RSA-SHA256", input, KEY.privateKey)]),
    ),
    "a signature twice": `${GOOD}${SIGNATURE}`,
    "padding behind the signature": `${GOOD}==`,
    "one padding character": `${GOOD}=`,
    "padding behind the header": at(0, (text) => `${text}=`),
    "padding behind the payload": at(1, (text) => `${text}=`),
    "other unused bits in the signature": at(2, respelt),
    "base64 in the header, signed so": `${base64(encoded({ ...GOOD_HEADER, x: "\u00ff\u00fe?>~" }))}.${BODY}.${SIGNATURE}`,
    "base64 in the signature": inBase64(),
    "a line break in the signature": at(2, (text) => `${text.slice(0, 76)}\n${text.slice(76)}`),
    "a space in the signature": at(2, (text) => `${text.slice(0, 76)} ${text.slice(76)}`),
    "a tab in the payload": at(1, (text) => `${text.slice(0, 8)}\t${text.slice(8)}`),
    "a zero byte behind": `${GOOD}\u0000`,
    "a dot behind": `${GOOD}.`,
    "a dot before": `.${GOOD}`,
    "two dots between": `${HEAD}..${BODY}.${SIGNATURE}`,
    "five parts, as in JWE": `${HEAD}.${BODY}.${SIGNATURE}.${BODY}.${SIGNATURE}`,
    "no header": `.${BODY}.${SIGNATURE}`,
    "no payload": `${HEAD}..${SIGNATURE}`,
    "full-width dots": GOOD.replaceAll(".", "\uff0e"),
    "a letter in full width": at(2, (text) => `\uff21${text.slice(1)}`),
    "another token's payload": at(1, () => encoded({ ...ID_CLAIMS, sub: "somebody-else" })),
    "another token's header": at(0, () => encoded({ ...GOOD_HEADER, typ: "JWT" })),
    "reversed parts": GOOD.split(".").reverse().join("."),
    "the JSON form": JSON.stringify({ protected: HEAD, payload: BODY, signature: SIGNATURE }),
    "two tokens": `${GOOD},${GOOD}`,
    "two schemes": `Bearer Bearer ${GOOD}`,
    "another scheme": `Basic ${GOOD}`,
    "in quotes": `"${GOOD}"`,
    "percent-encoded": encodeURIComponent(GOOD).replaceAll(".", "%2E"),
  });

  test("any two neighbouring characters of a token exchanged", async () => {
    for (let index = 1; index < GOOD.length; index += 1) {
      const changed =
        GOOD.slice(0, index - 1) + GOOD.charAt(index) + GOOD.charAt(index - 1) + GOOD.slice(index + 1);
      if (changed !== GOOD) expect(await gates().verdicts(changed), changed).not.toContainEqual(SIGNED);
    }
    expect(gates().actions.filter((action) => action !== "Jwks")).toEqual([]);
  });
});

/** The same bytes with other unused bits. */
function respelt(text: string): string {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  return text.slice(0, -1) + alphabet.charAt(alphabet.indexOf(text.slice(-1)) + 1);
}

/** A token whose signature base64 writes in other characters than base64url. */
function inBase64(): string {
  for (let count = 0; ; count += 1) {
    const text = genuine(GOOD_HEADER, { ...ID_CLAIMS, count });
    const signature = text.split(".")[2] ?? "";
    if (/[-_]/.test(signature))
      return text.slice(0, -signature.length) + signature.replaceAll("-", "+").replaceAll("_", "/");
  }
}

describe("JSON that readers take in two ways", () => {
  const doubled = (name: string, first: unknown, second: unknown) =>
    genuine(
      GOOD_HEADER,
      `${JSON.stringify({ ...ID_CLAIMS, [name]: undefined }).slice(0, -1)},"${name}":${JSON.stringify(first)},"${name}":${JSON.stringify(second)}}`,
    );
  const doubledHeader = (header: string) => genuine(header, ID_CLAIMS);
  const alsoAs = (name: string, value: unknown) =>
    genuine(GOOD_HEADER, `${JSON.stringify(ID_CLAIMS).slice(0, -1)},"${name}":${JSON.stringify(value)}}`);
  const last: Record<string, [string, object | string]> = {
    sub: [doubled("sub", "first", "second"), { sub: "second" }],
    "sub, the second one escaped": [alsoAs("s\\u0075b", "second"), { sub: "second" }],
    exp: [doubled("exp", SECONDS - 1, SECONDS + 60), { expiresAt: SECONDS + 60 }],
    "exp, the last one over": [doubled("exp", SECONDS + 60, SECONDS - 1), "token_expired"],
    aud: [doubled("aud", "3otherclient3", CLIENT_ID), { sub: ID_CLAIMS.sub }],
    "aud, the last one another's": [doubled("aud", CLIENT_ID, "3otherclient3"), "token_invalid"],
    token_use: [doubled("token_use", "access", "id"), { sub: ID_CLAIMS.sub }],
    "token_use, the last one access": [doubled("token_use", "id", "access"), "id_token_required"],
    groups: [doubled("cognito:groups", ["admins"], ["readers"]), { groups: ["readers"] }],
    "iss, the last one another's": [doubled("iss", ID_CLAIMS.iss, "https://evil.example"), "token_invalid"],
    alg: [doubledHeader('{"alg":"none","kid":"key-1","alg":"RS256"}'), { sub: ID_CLAIMS.sub }],
    "alg, the last one none": [doubledHeader('{"alg":"RS256","kid":"key-1","alg":"none"}'), "token_invalid"],
    kid: [doubledHeader('{"alg":"RS256","kid":"key-9","kid":"key-1"}'), { sub: ID_CLAIMS.sub }],
    "crit, escaped": [doubledHeader('{"alg":"RS256","kid":"key-1","cr\\u0069t":["x"]}'), "token_invalid"],
  };
  test.each(Object.entries(last))(
    "the last of two counts in both builds: %s",
    async (_, [attack, expected]) => {
      const profiles = await gates().profiles(attack);
      const wanted = typeof expected === "string" ? expected : expect.objectContaining(expected);
      expect(profiles).toEqual([wanted, wanted]);
      expect(gates().actions).toEqual([]);
    },
  );

  refused("is refused", {
    "a byte order mark before the payload": genuine(GOOD_HEADER, `\ufeff${JSON.stringify(ID_CLAIMS)}`),
    "a byte order mark before the header": genuine(`\ufeff${JSON.stringify(GOOD_HEADER)}`, ID_CLAIMS),
    "UTF-16": genuine(GOOD_HEADER, Buffer.from(JSON.stringify(ID_CLAIMS), "utf16le")),
    "a list for a payload": genuine(GOOD_HEADER, [ID_CLAIMS]),
    "a text for a payload": genuine(GOOD_HEADER, JSON.stringify(JSON.stringify(ID_CLAIMS))),
    "null for a payload": genuine(GOOD_HEADER, `${" ".repeat(60)}null`),
    "a list for a header": genuine([GOOD_HEADER], ID_CLAIMS),
    "null for a header": genuine(`${" ".repeat(60)}null`, ID_CLAIMS),
    "JSON behind JSON": genuine(GOOD_HEADER, `${JSON.stringify(ID_CLAIMS)}{}`),
    "a comma behind the last claim": genuine(GOOD_HEADER, JSON.stringify(ID_CLAIMS).replace(/}$/, ",}")),
    "single quotes": genuine(GOOD_HEADER, JSON.stringify(ID_CLAIMS).replaceAll('"', "'")),
    "a comment": genuine(GOOD_HEADER, `/**/${JSON.stringify(ID_CLAIMS)}`),
    "claims of the prototype": genuine(GOOD_HEADER, `{"__proto__":${JSON.stringify(ID_CLAIMS)}}`),
    "a header of the prototype": genuine(`{"__proto__":${JSON.stringify(GOOD_HEADER)}}`, ID_CLAIMS),
    "an audience that is not UTF-8": genuine(
      GOOD_HEADER,
      Buffer.from(JSON.stringify({ ...ID_CLAIMS, aud: `${CLIENT_ID}\u00ff` }), "latin1"),
    ),
    "a deep header": genuine(`{"alg":"RS256","kid":"key-1","x":${nested(100_000)}}`, ID_CLAIMS),
    "a deep payload": genuine(
      GOOD_HEADER,
      `${JSON.stringify(ID_CLAIMS).slice(0, -1)},"x":${nested(100_000)}}`,
    ),
    "a deep payload that is not signed": `${HEAD}.${encoded(nested(100_000))}.${SIGNATURE}`,
  });

  test("a name that is not UTF-8 is the same replacement character in both builds", async () => {
    const payload = Buffer.from(JSON.stringify({ ...ID_CLAIMS, sub: "ab\u00ff" }), "latin1");
    const profile = expect.objectContaining({ sub: "ab\ufffd" });
    expect(await gates().profiles(genuine(GOOD_HEADER, payload))).toEqual([profile, profile]);
  });
});

function nested(levels: number): string {
  return `${'{"a":['.repeat(levels / 2)}1${"]}".repeat(levels / 2)}`;
}

describe("1 MB", () => {
  const MB = 1_048_576;
  const long = "x".repeat(MB);
  const attacks: Record<string, [string, Verdict]> = {
    "of letters": [long, REFUSED.token_invalid],
    "of dots": [".".repeat(MB), REFUSED.token_invalid],
    "of padding": [`${GOOD}${"=".repeat(MB)}`, REFUSED.token_invalid],
    "of spaces before another token": [`${" ".repeat(MB)}x`, REFUSED.token_invalid],
    "of Bearer": ["Bearer ".repeat(MB / 7), REFUSED.token_invalid],
    "of signature": [`${HEAD}.${BODY}.${"A".repeat(MB)}`, REFUSED.token_invalid],
    "of header": [`${encoded({ ...GOOD_HEADER, long })}.${BODY}.${SIGNATURE}`, REFUSED.token_invalid],
    "of payload": [`${HEAD}.${encoded({ ...ID_CLAIMS, long })}.${SIGNATURE}`, REFUSED.token_invalid],
    "of the pool's own, whatever for": [token({ long }), SIGNED],
  };
  test.each(Object.entries(attacks))("%s is decided within a second", async (_, [attack, verdict]) => {
    const startedAt = performance.now();
    await expectBoth(attack, verdict);
    expect(performance.now() - startedAt).toBeLessThan(2_000);
  });
});

describe("weak keys in the pool's own key set", () => {
  const jwkOf = (change: object) => ({ ...KEY.jwk, ...change });
  const modulus = Buffer.from(String(KEY.jwk["n"]), "base64url");
  const even = Buffer.from(modulus);
  even.writeUInt8(even.readUInt8(255) & 0xfe, 255);
  const small = rsaKey(KEY.kid, 1024);
  const padded = Buffer.concat([Buffer.alloc(128), Buffer.from(String(small.jwk["n"]), "base64url")]);
  const bare = withSignature(GOOD_HEADER, ID_CLAIMS, (input) => block(digestInfo(input)));
  const smallSigned = genuine(GOOD_HEADER, ID_CLAIMS, small);
  const longSigned = withSignature(GOOD_HEADER, ID_CLAIMS, (input) =>
    Buffer.concat([Buffer.alloc(128), sign("RSA-SHA256", input, small.privateKey)]),
  );
  const attacks: Record<string, [object, string]> = {
    "1,024 bits": [small.jwk, smallSigned],
    "1,024 bits, the signature as long as a good one": [small.jwk, longSigned],
    "1,024 bits, as long as 2,048": [{ ...small.jwk, n: padded.toString("base64url") }, longSigned],
    "an even modulus": [jwkOf({ n: even.toString("base64url") }), GOOD],
    "no modulus": [jwkOf({ n: "" }), GOOD],
    "the modulus 1": [jwkOf({ n: "AQ" }), GOOD],
    "no exponent": [jwkOf({ e: "" }), bare],
    "the exponent 0": [jwkOf({ e: "AA" }), bare],
    "the exponent 1, where every block is its own signature": [jwkOf({ e: "AQ" }), bare],
    "the exponent 2": [jwkOf({ e: "Ag" }), GOOD],
    "a modulus that is no base64": [jwkOf({ n: "\u00e4".repeat(400) }), GOOD],
  };
  const expectUseless = async (jwk: object, attack: string) => {
    gates().coldStart({ keys: [OTHER_KEY.jwk] });
    gates().published = { keys: [jwk, OTHER_KEY.jwk] };
    await expectBoth(attack, REFUSED.token_invalid);
    await expectBoth(token({}, OTHER_KEY), SIGNED);
  };
  test.each(Object.entries(attacks))("%s: nothing verifies with it", async (_, [jwk, attack]) => {
    await expectUseless(jwk, attack);
  });

  test.each([
    ["with a zero before", "AAE"],
    ["with two zeros before", "AAAB"],
    ["with padding", "AQ=="],
    ["with other unused bits", "AR"],
  ])("the exponent 1 %s: nothing verifies with it", async (_, e) => {
    await expectUseless(jwkOf({ e }), bare);
  });

  test.each([
    ["for encryption", { use: "enc" }],
    ["for another algorithm", { alg: "RS512" }],
    ["of another type", { kty: "oct", k: "c2VjcmV0" }],
    ["without a name", { kid: undefined }],
  ])("a key %s is none of them", async (_, change) => {
    gates().coldStart({ keys: [jwkOf(change), OTHER_KEY.jwk] });
    gates().published = { keys: [jwkOf(change), OTHER_KEY.jwk] };
    await expectBoth(GOOD, REFUSED.token_invalid);
  });
});

describe("what was good once", () => {
  test("ends with its second, remembered or not", async () => {
    const short = token({ exp: SECONDS + 10 });
    await expectBoth(short, SIGNED);
    vi.setSystemTime(NOW + 9_999);
    await expectBoth(short, SIGNED);
    vi.setSystemTime(NOW + 10_000);
    await expectBoth(short, REFUSED.token_expired);
    vi.setSystemTime(NOW + 11_000);
    await expectBoth(short, REFUSED.token_expired);
  });

  test("goes with the key that the pool has withdrawn, at the next fetch", async () => {
    await expectBoth(GOOD, SIGNED);
    gates().published = { keys: [OTHER_KEY.jwk] };
    await expectBoth(GOOD, SIGNED);
    await expectBoth(genuine({ alg: "RS256", kid: "key-9" }, ID_CLAIMS, OTHER_KEY), REFUSED.token_invalid);
    await expectBoth(GOOD, REFUSED.token_invalid);
    await expectBoth(genuine({ alg: "RS256", kid: OTHER_KEY.kid }, ID_CLAIMS, OTHER_KEY), SIGNED);
    expect(gates().actions.filter((action) => action === "Jwks")).toHaveLength(2);
  });

  test("goes with the key when the fetch that replaces it is of the same name", async () => {
    await expectBoth(GOOD, SIGNED);
    gates().published = { keys: [{ ...OTHER_KEY.jwk, kid: KEY.kid }] };
    await expectBoth(genuine({ alg: "RS256", kid: "key-9" }, ID_CLAIMS, OTHER_KEY), REFUSED.token_invalid);
    await expectBoth(GOOD, REFUSED.token_invalid);
    await expectBoth(genuine(GOOD_HEADER, ID_CLAIMS, OTHER_KEY), SIGNED);
  });

  test("stays when the pool publishes nothing usable", async () => {
    await expectBoth(GOOD, SIGNED);
    gates().published = { keys: [] };
    await expectBoth(genuine({ alg: "RS256", kid: "key-9" }, ID_CLAIMS), REFUSED.keys_unavailable);
    await expectBoth(GOOD, SIGNED);
    expect(JWKS.keys).toHaveLength(1);
  });
});
