// Whatever pools there are and whatever a token says: it is verified as one of the pool alone that has signed it.
import fc from "fast-check";
import { expect, test } from "vitest";
import { parseConfig } from "../../../edge/config/document.ts";
import { KeySet } from "../../../edge/token/jwks.ts";
import { TokenVerifier } from "../../../edge/token/token.ts";
import { createVerifyJwt } from "../../../edge/token/verify-jwt.ts";
import { CLIENT_ID, configDocument, NOW, SECOND_CLIENT_ID, USER_POOL_ID } from "../fixtures/config.ts";
import { KEY, signingKey, token } from "../fixtures/tokens.ts";

/** Their ids begin alike, their keys have one id, and one of them is of the first pool's region. */
const POOLS = [
  { id: USER_POOL_ID, clientIds: [CLIENT_ID, SECOND_CLIENT_ID], key: KEY },
  { id: `${USER_POOL_ID}2`, clientIds: ["3subclient3"], key: signingKey(KEY.kid) },
  { id: "eu-west-1_TestPool1", clientIds: ["4subclient4", "5subclient5"], key: signingKey(KEY.kid) },
] as const;

function verifier(): TokenVerifier {
  const [main, ...further] = POOLS;
  const config = parseConfig(
    configDocument({
      userPool: { id: main.id, clientIds: main.clientIds, jwks: { keys: [main.key.jwk] } },
      userPools: further.map(({ id, clientIds, key }) => ({ id, clientIds, jwks: { keys: [key.jwk] } })),
    }),
  );
  const nobody = () => Promise.reject(new Error("no key is asked for"));
  return new TokenVerifier(config, new KeySet(config, nobody, () => NOW), createVerifyJwt(), () => NOW);
}

const pool = fc.constantFrom(...POOLS);
const name = fc.oneof(
  fc.constantFrom("ada", "editors", ...POOLS.flatMap(({ id }) => [`${id}_ada`, `${id}/editors`, id])),
  fc.string({ minLength: 1, maxLength: 20 }),
);
const said = fc.record({
  issuer: pool,
  audience: pool.chain(({ clientIds }) => fc.constantFrom(...clientIds)),
  signer: pool,
  isNewer: fc.boolean(),
  sub: name,
  groups: fc.array(name, { maxLength: 4 }),
});

test("a token of one pool is never one of another, nor are its user and groups", async () => {
  const tokens = verifier();
  const users = new Map<string, string>();
  const seen = { good: 0, bad: 0 };
  await fc.assert(
    fc.asyncProperty(said, async ({ issuer, audience, signer, isNewer, sub, groups }) => {
      const host = `https://${isNewer ? "issuer-" : ""}cognito-idp.${issuer.id.split("_")[0]}.amazonaws.com`;
      const claims = { iss: `${host}/${issuer.id}`, aud: audience, sub, "cognito:groups": groups };
      const places = [{ candidates: [token(claims, signer.key)] }];
      const result = await tokens.verifyFirst(places, Number.POSITIVE_INFINITY).catch(() => undefined);
      const [main, ...further] = POOLS;
      const isTaken = issuer === main && further.some(({ id }) => sub.startsWith(`${id}_`));
      const isGood = issuer === signer && issuer.clientIds.some((id) => id === audience) && !isTaken;
      seen[isGood ? "good" : "bad"] += 1;
      expect(result !== undefined).toBe(isGood);
      if (!result) return;
      expect(result.pool).toBe(issuer === main ? undefined : issuer.id);
      const owner = JSON.stringify([issuer.id, sub]);
      expect(users.get(result.sub) ?? owner).toBe(owner);
      users.set(result.sub, owner);
      const prefix = issuer === main ? "" : `${issuer.id}/`;
      const own = groups.filter((each) => prefix || !further.some(({ id }) => each.startsWith(`${id}/`)));
      expect(result.groups).toEqual(own.map((each) => prefix + each));
    }),
    { numRuns: 400 },
  );
  expect(Math.min(seen.good, seen.bad)).toBeGreaterThan(10);
});
