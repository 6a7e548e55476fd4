// The steps of one warm request, each by itself: where its time goes.
import { hash, verify } from "node:crypto";
import { Areas } from "../edge/areas.ts";
import type { Config } from "../edge/config/config.ts";
import { parseConfig } from "../edge/config/document.ts";
import { readEvent, type ViewerRequest } from "../edge/request/cloudfront.ts";
import { type AssetRoute, routeOf } from "../edge/request/route.ts";
import { forward } from "../edge/s3/forward.ts";
import { createSign, signInput } from "../edge/s3/sign.ts";
import { accessOf, targetOf } from "../edge/s3/target.ts";
import { createUnseal } from "../edge/session/sealed-session.ts";
import { tokenPlaces } from "../edge/token/candidates.ts";
import { KeySet } from "../edge/token/jwks.ts";
import { TokenVerifier, type VerifiedToken } from "../edge/token/token.ts";
import { createVerifyJwt } from "../edge/token/verify-jwt.ts";
import { completeDocument } from "./builds.ts";
import { EventSupply, eventText } from "./events.ts";
import { type Contender, interleave, median, type Rounds } from "./statistics.ts";
import { type User, Users } from "./users.ts";

const TIMES = 50;
const RUNS = 20;
const ROUNDS = 40;

/** Measures the steps in turns; the answer is a list for people. */
export async function measureParts(): Promise<string> {
  const users = new Users();
  const user = await users.user(0);
  const config = parseConfig(completeDocument(users, "https://127.0.0.1:1"));
  const rounds = await interleave(await steps(users, user, config), ROUNDS);
  return listing(rounds);
}

function listing(rounds: Rounds): string {
  const lines = [...rounds].map(([name, figures]) => `${median(figures).toFixed(2).padStart(8)} µs  ${name}`);
  return lines.join("\n");
}

async function steps(users: Users, user: User, config: Config): Promise<readonly Contender[]> {
  const keys = new KeySet(config, () => Promise.reject(new Error("no network")), Date.now);
  const tokens = new TokenVerifier(config, keys, createVerifyJwt(), Date.now);
  const areas = new Areas(config);
  const sign = createSign();
  const unseal = createUnseal(config);
  const text = eventText(user, users.sealed(user, "live"));
  const deps = { config, now: Date.now };
  const request = readEvent(JSON.parse(text));
  const token = await tokens.verifyFirst(tokenPlaces(request, config), Number.POSITIVE_INFINITY);
  const { credentials, identityId } = user.session;
  const route: AssetRoute = { kind: "asset", method: "GET", path: request.uri };
  const access = accessOf(route, areas, token);
  const target = targetOf(route, "", access, identityId, deps);
  const signedQuery = await sign(signInput(target, request.requestId, credentials, deps));
  const step = (name: string, run: (request: ViewerRequest) => unknown) => stepOf(name, text, run);
  return [
    step("nothing but reading the event", () => undefined),
    step("route", (fresh) => routeOf(fresh, config)),
    step("the first candidate", (fresh) =>
      firstOf(tokenPlaces(fresh, config).flatMap(({ candidates }) => candidates)),
    ),
    step("a known token", (fresh) =>
      tokens.verifyFirst(tokenPlaces(fresh, config), Number.POSITIVE_INFINITY),
    ),
    step("access and target", () => targetOf(route, "", accessOf(route, areas, token), identityId, deps)),
    step("signature", () => sign(signInput(target, "", credentials, deps))),
    step("forward", (fresh) => forward(fresh, target.path, signedQuery, target.cacheScope)),
    step("one-shot SHA-256 of a canonical request", () => hash("sha256", `GET\n/x\n${signedQuery}`, "hex")),
    step("a sealed session opened", (fresh) => unseal(fresh, token, undefined)),
    step("a new signing key and signature", () => sign(signInput(target, "", { ...credentials }, deps))),
    step("a new token verified", (fresh) =>
      freshVerifier(config, keys).verifyFirst(tokenPlaces(fresh, config), Number.POSITIVE_INFINITY),
    ),
    rsaStep(users, token),
  ];
}

/** Forgets all tokens, and imports the key again. */
function freshVerifier(config: Config, keys: KeySet): TokenVerifier {
  return new TokenVerifier(config, keys, VERIFY_JWT, Date.now);
}

const VERIFY_JWT = createVerifyJwt();

function rsaStep({ publicKey }: Users, { raw }: VerifiedToken): Contender {
  const at = raw.lastIndexOf(".");
  const [signed, signature] = [Buffer.from(raw.slice(0, at)), Buffer.from(raw.slice(at + 1), "base64url")];
  const run = () => {
    for (let i = 0; i < TIMES; i += 1) verify("RSA-SHA256", signed, publicKey, signature);
  };
  return { name: "one RSA-2048 verify", times: TIMES, runs: RUNS, run };
}

function stepOf(name: string, text: string, run: (request: ViewerRequest) => unknown): Contender {
  const supply = new EventSupply([text]);
  return {
    name,
    times: TIMES,
    runs: RUNS,
    prepare: () => supply.fill(TIMES),
    run: async () => {
      for (const event of supply.events) await run(readEvent(event));
    },
  };
}

function firstOf(values: Iterable<string>): string {
  for (const value of values) return value;
  throw new Error("the fixture holds no token");
}
