// 2,000 generated access tokens before three judges: both builds with STS, and aws-jwt-verify's Cognito verifier.
import { CognitoJwtVerifier } from "aws-jwt-verify";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { loadBundle, refusalOf, STS_BUNDLES } from "../fixtures/bundle.ts";
import { CLIENT_ID, configDocument, NOW, USER_POOL_ID } from "../fixtures/config.ts";
import { viewerEvent } from "../fixtures/events.ts";
import { ID_CLAIMS, JWKS, KEY, OTHER_KEY } from "../fixtures/tokens.ts";
import { GOOD_HEADER, genuine } from "./forge.ts";

const SECONDS = NOW / 1000;
const [MACHINE, OTHER_MACHINE] = ["3machineclient3", "4machineclient4"];
const TRIES = 2_000;
const { iss, iat, exp } = ID_CLAIMS;
const CLAIMS = { iss, iat, exp, sub: MACHINE, client_id: MACHINE, token_use: "access", scope: "assets/read" };

type Fields = Readonly<Record<string, unknown>>;
const change = (name: string, ...values: readonly unknown[]) =>
  fc.record({ name: fc.constant(name), value: fc.constantFrom(...values) });

const clients = [MACHINE, OTHER_MACHINE, CLIENT_ID, "x", "", [MACHINE], null, undefined, 1];
const times = [SECONDS - 1, SECONDS, SECONDS + 1, SECONDS + 0.5, 0, -1, 1e308, null, undefined, true, "1"];
const claim = fc.oneof(
  change("sub", ...clients),
  change("client_id", ...clients),
  change("token_use", "access", "id", "ACCESS", "", null, undefined, 1),
  change("iss", iss, iss.replace("cognito-idp", "issuer-cognito-idp"), `${iss}/`, "", undefined, [iss]),
  change("exp", ...times),
  change("nbf", ...times),
  change("iat", ...times),
  change("scope", "", "x/y", " ", null, undefined, ["assets/read"], 1),
  change("username", "ada", "", null, undefined),
  change("cognito:username", "ada", null, undefined),
  change("aud", MACHINE, CLIENT_ID, undefined),
  change("cognito:groups", ["editors"], "editors", undefined),
);
const field = fc.oneof(
  change("alg", "RS256", "none", "HS256", "RS512", "PS256", undefined),
  change("kid", KEY.kid, OTHER_KEY.kid, "", undefined, 1),
  change("crit", ["b64"], [], null),
  change("typ", "JWT", "at+jwt"),
);
/** A client that speaks for itself, whether or not it is one of ours. */
const self = fc.constantFrom(...clients).map(
  (value) =>
    [
      { name: "sub", value },
      { name: "client_id", value },
    ] as const,
);
const generated = fc
  .record({
    claims: fc.oneof(
      { weight: 5, arbitrary: fc.array(claim, { maxLength: 2 }) },
      { weight: 1, arbitrary: self },
    ),
    header: fc.array(field, { maxLength: 1 }),
    key: fc.constantFrom(KEY, KEY, KEY, OTHER_KEY),
    end: fc.constantFrom("", "", "", "", "A", "="),
  })
  .map(
    ({ claims, header, key, end }) =>
      genuine(overlaid(GOOD_HEADER, header), overlaid(CLAIMS, claims), key) + end,
  );

function overlaid(object: object, fields: readonly { name: string; value: unknown }[]): object {
  return Object.fromEntries([
    ...Object.entries(object),
    ...fields.map(({ name, value }) => [name, value] as const),
  ]);
}

const cognito = CognitoJwtVerifier.create({
  userPoolId: USER_POOL_ID,
  clientId: [MACHINE, OTHER_MACHINE],
  tokenUse: "access",
});
cognito.cacheJwks({ keys: [{ kty: "RSA", alg: "RS256", use: "sig", kid: KEY.kid, ...KEY.jwk }] });

function takenByAws(text: string): boolean {
  try {
    cognito.verifySync(text);
    return true;
  } catch {
    return false;
  }
}

/** Where we refuse on purpose what aws-jwt-verify takes, and why. */
const STRICTER: Readonly<Record<string, (header: Fields, payload: Fields, text: string) => boolean>> = {
  "crit names what must be understood, and we understand nothing (RFC 7515 §4.1.11)": (header) =>
    "crit" in header,
  "a machine speaks for itself": (_, { sub, client_id: client }) => sub !== client,
  "a token with a user's name is a user's": (_, payload) =>
    "username" in payload || "cognito:username" in payload,
  "a token without an end never ends": (_, { exp }) => exp === undefined,
  "exp is the first moment at which it is over (RFC 7519 §4.1.4)": (_, { exp }) => exp === SECONDS,
  "a token without a time of issue may be older than notBefore": (_, { iat }) => iat === undefined,
  "issued before 1970 is before any notBefore": (_, { iat }) => typeof iat === "number" && iat < 0,
  "a token names its key: pools always do": ({ kid }) => kid === undefined || kid === "",
  "one spelling of a signature is enough (RFC 4648 §3.5)": (_header, _payload, text) => !isCanonical(text),
};

function isCanonical(text: string): boolean {
  const signature = text.slice(text.lastIndexOf(".") + 1);
  return Buffer.from(signature, "base64url").toString("base64url") === signature;
}

function reasonFor(text: string): string | undefined {
  const [header = {}, payload = {}] = text.split(".", 2).map((part): Fields => {
    const value: unknown = JSON.parse(Buffer.from(part, "base64url").toString() || "null");
    return typeof value === "object" && value !== null ? { ...value } : {};
  });
  return Object.keys(STRICTER).find((reason) => STRICTER[reason]?.(header, payload, text));
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: NOW });
  vi.spyOn(console, "log").mockReturnValue();
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** Nobody has the scope that is asked for, so that who is known to be a machine is told so. */
function handlers() {
  const roleArn = "arn:aws:iam::123456789012:role/machines";
  const { identityPool: _, ...document } = configDocument();
  const config = {
    ...document,
    userPool: { ...document.userPool, jwks: JWKS, machineClientIds: [MACHINE, OTHER_MACHINE] },
    exchange: { kind: "sts", roleArn },
    areas: [{ path: "/*", scopes: ["nobody/has"] }],
    scopes: { "nobody/has": { roleArn } },
    endpoints: { jwksUri: "http://127.0.0.1:1" },
  } as const;
  return STS_BUNDLES.map((name) => loadBundle(name, config));
}

test(`${TRIES} tokens: both builds say the same, and no more than aws-jwt-verify`, {
  timeout: 120_000,
}, async () => {
  const judges = handlers();
  const counts = { taken: 0, refused: 0, stricter: 0 };
  const reasons = new Set<string>();
  await fc.assert(
    fc.asyncProperty(generated, async (text) => {
      const codes: unknown[] = [];
      for (const handler of judges) {
        const answer = await handler(viewerEvent({ headers: { Authorization: `Bearer ${text}` } }));
        codes.push(JSON.parse(refusalOf(answer).body).code);
      }
      const [own, sdk] = codes;
      expect(own).toBe(sdk);
      const aws = takenByAws(text);
      if (own === "insufficient_scope") {
        counts.taken += 1;
        expect(aws, text).toBe(true);
      } else if (aws) {
        counts.stricter += 1;
        const reason = reasonFor(text);
        expect(reason, `${own}`).toBeDefined();
        reasons.add(String(reason));
      } else counts.refused += 1;
    }),
    { numRuns: TRIES },
  );
  expect(counts.taken + counts.refused + counts.stricter).toBe(TRIES);
  for (const count of Object.values(counts)) expect(count).toBeGreaterThan(50);
  expect(reasons.size, JSON.stringify([...reasons])).toBeGreaterThan(4);
});
