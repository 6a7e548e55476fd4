// 4,000 generated tokens before four judges: both builds, aws-jwt-verify's Cognito verifier, and jose.
import { CognitoJwtVerifier } from "aws-jwt-verify";
import fc from "fast-check";
import { createLocalJWKSet, jwtVerify } from "jose";
import { expect, test } from "vitest";
import { CLIENT_ID, NOW, SECOND_CLIENT_ID, USER_POOL_ID } from "../fixtures/config.ts";
import { ID_CLAIMS, JWKS, KEY, OTHER_KEY } from "../fixtures/tokens.ts";
import { GOOD_HEADER, genuine } from "./forge.ts";
import { useGates } from "./gate.ts";

const SECONDS = NOW / 1000;
const CLIENT_IDS = [CLIENT_ID, SECOND_CLIENT_ID];
const TRIES = 4_000;
const gates = useGates();

const claim = fc.oneof(
  fc.record({ name: fc.constantFrom("exp", "nbf", "iat", "auth_time"), value: instant() }),
  fc.record({ name: fc.constant("aud"), value: audience() }),
  fc.record({ name: fc.constant("iss"), value: fc.constantFrom(...issuers()) }),
  fc.record({
    name: fc.constant("token_use"),
    value: fc.constantFrom("id", "id", "access", "ID", "", null, undefined, 1),
  }),
  fc.record({
    name: fc.constant("sub"),
    value: fc.oneof(fc.string({ unit: "grapheme" }), fc.constantFrom(undefined, null, 1, "", ["a"])),
  }),
  fc.record({
    name: fc.oneof(
      fc.string(),
      fc.constantFrom("jti", "scope", "cognito:groups", "__proto__", "constructor"),
    ),
    value: fc.jsonValue({ maxDepth: 2 }),
  }),
);

const headerField = fc.oneof(
  fc.record({
    name: fc.constant("alg"),
    value: fc.constantFrom(
      "RS256",
      "RS256",
      "none",
      "HS256",
      "RS384",
      "RS512",
      "PS256",
      "ES256",
      "rs256",
      undefined,
    ),
  }),
  fc.record({
    name: fc.constant("kid"),
    value: fc.constantFrom(KEY.kid, KEY.kid, OTHER_KEY.kid, "", undefined, 1, "../key-1"),
  }),
  fc.record({ name: fc.constant("crit"), value: fc.constantFrom(["b64"], ["exp"], [], null, "x") }),
  fc.record({ name: fc.constant("b64"), value: fc.boolean() }),
  fc.record({
    name: fc.constantFrom("typ", "cty", "jku", "x5u", "zip", "enc", "x"),
    value: fc.jsonValue({ maxDepth: 1 }),
  }),
);

/** What happens to the text of a token that has been signed. */
const change = fc.oneof(
  { weight: 3, arbitrary: fc.constant((text: string) => text) },
  { weight: 1, arbitrary: edit() },
);

const generated = fc
  .record({
    claims: fc.array(claim, { maxLength: 2 }),
    header: fc.array(headerField, { maxLength: 1 }),
    key: fc.constantFrom(KEY, KEY, KEY, KEY, OTHER_KEY),
    change,
  })
  .map(({ claims, header, key, change }) =>
    change(genuine(overlaid(GOOD_HEADER, header), overlaid(ID_CLAIMS, claims), key)).trim(),
  );

function overlaid(
  object: object,
  fields: readonly { readonly name: string; readonly value: unknown }[],
): object {
  const entries = fields.map(({ name, value }) => [name, value] as const);
  return Object.fromEntries([...Object.entries(object), ...entries]);
}

function instant() {
  return fc.oneof(
    fc.constantFrom(
      SECONDS - 1,
      SECONDS,
      SECONDS + 1,
      SECONDS + 0.5,
      0,
      -1,
      1e308,
      null,
      undefined,
      true,
      "1",
    ),
    fc.integer({ min: SECONDS - 5, max: SECONDS + 5 }),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.constant(String(SECONDS + 60)),
  );
}

function audience() {
  return fc.constantFrom(
    CLIENT_ID,
    SECOND_CLIENT_ID,
    [CLIENT_ID],
    [CLIENT_ID, "x"],
    [],
    "",
    "x",
    null,
    undefined,
    1,
    [1],
  );
}

function issuers(): readonly unknown[] {
  const { iss } = ID_CLAIMS;
  return [
    iss,
    iss.replace("cognito-idp", "issuer-cognito-idp"),
    `${iss}/`,
    iss.toUpperCase(),
    "",
    null,
    undefined,
    [iss],
    1,
  ];
}

function edit() {
  const alphabet = fc.constantFrom(..."AQgw_-.=+/ 0é");
  return fc
    .record({
      at: fc.nat({ max: 999 }),
      cut: fc.nat({ max: 2 }),
      insert: fc.array(alphabet, { maxLength: 2 }),
    })
    .map(({ at, cut, insert }) => (text: string) => {
      const start = Math.floor((text.length * at) / 1000);
      return text.slice(0, start) + insert.join("") + text.slice(start + cut);
    });
}

const cognito = CognitoJwtVerifier.create({ userPoolId: USER_POOL_ID, clientId: CLIENT_IDS, tokenUse: "id" });
cognito.cacheJwks({ keys: [{ kty: "RSA", alg: "RS256", use: "sig", kid: KEY.kid, ...KEY.jwk }] });
const keySet = createLocalJWKSet(JWKS);

/** Whether aws-jwt-verify takes it; without fetching keys that it does not know. */
function takenByAws(text: string): boolean {
  try {
    cognito.verifySync(text);
    return true;
  } catch {
    return false;
  }
}

async function takenByJose(text: string): Promise<boolean> {
  const options = {
    issuer: [ID_CLAIMS.iss, ID_CLAIMS.iss.replace("cognito-idp", "issuer-cognito-idp")],
    audience: CLIENT_IDS,
    algorithms: ["RS256"],
    currentDate: new Date(NOW),
  };
  return await jwtVerify(text, keySet, options).then(
    ({ payload }) => payload["token_use"] === "id",
    () => false,
  );
}

/** Where we refuse on purpose what one of the others takes, and why. */
const STRICTER: Readonly<Record<string, (header: Fields, payload: Fields, text: string) => boolean>> = {
  "crit names what must be understood, and we understand nothing (RFC 7515 §4.1.11)": (header) =>
    "crit" in header,
  "an ID token of a user pool has one audience, not a list": (_, { aud }) => Array.isArray(aud),
  "a token without an end never ends": (_, { exp }) => exp === undefined,
  "exp is the first moment at which it is over (RFC 7519 §4.1.4)": (_, { exp }) => exp === SECONDS,
  "a token without a time of issue may be older than notBefore": (_, { iat }) => iat === undefined,
  "a token without a user is nobody's": (_, { sub }) => typeof sub !== "string" || sub === "",
  "a token names its key: pools always do": ({ kid }) => kid === undefined || kid === "",
  "one spelling of a signature is enough (RFC 4648 §3.5)": (_header, _payload, text) => !isCanonical(text),
  "part of a second: we count them, jose rounds them off": (_, { exp, nbf }) =>
    [exp, nbf].some((time) => typeof time === "number" && !Number.isInteger(time)),
  "a list of scopes is no text: an ID token has none": (_, { scope }) =>
    scope !== undefined && typeof scope !== "string",
  "issued before 1970 is before any notBefore": (_, { iat }) => typeof iat === "number" && iat < 0,
  "an id that is no text": (_, { jti }) => jti !== undefined && typeof jti !== "string",
};

type Fields = Readonly<Record<string, unknown>>;

function isCanonical(text: string): boolean {
  const signature = text.split(".")[2] ?? "";
  return Buffer.from(signature, "base64url").toString("base64url") === signature;
}

function fieldsOf(part: string | undefined): Fields {
  try {
    const value: unknown = JSON.parse(Buffer.from(part ?? "", "base64url").toString());
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

function reasonFor(text: string): string | undefined {
  const [header, payload] = text.split(".").map(fieldsOf);
  return Object.keys(STRICTER).find((reason) => STRICTER[reason]?.(header ?? {}, payload ?? {}, text));
}

test(`${TRIES} tokens: both builds say the same, and no more than both libraries`, {
  timeout: 120_000,
}, async () => {
  const counts = { taken: 0, refused: 0, stricter: 0 };
  const reasons = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(generated, async (text) => {
      const [own, sdk] = await gates().profiles(text);
      expect(own).toEqual(sdk);
      const [aws, jose] = [takenByAws(text), await takenByJose(text)];
      if (typeof own === "object") {
        counts.taken += 1;
        expect({ aws, jose }).toEqual({ aws: true, jose: true });
      } else if (aws || jose) {
        counts.stricter += 1;
        const reason = reasonFor(text);
        expect(reason, `${own}, aws-jwt-verify ${aws}, jose ${jose}`).toBeDefined();
        reasons.set(String(reason), (reasons.get(String(reason)) ?? 0) + 1);
      } else counts.refused += 1;
    }),
    { numRuns: TRIES },
  );
  expect(counts.taken + counts.refused + counts.stricter).toBe(TRIES);
  for (const count of Object.values(counts)) expect(count).toBeGreaterThan(50);
  // Which of the differences a run meets is a matter of its seed; that it meets several is not.
  expect(reasons.size, JSON.stringify([...reasons])).toBeGreaterThan(4);
  process.stdout.write(`${JSON.stringify({ ...counts, reasons: Object.fromEntries(reasons) }, null, 1)}\n`);
});
