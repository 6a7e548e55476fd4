// What `npm run guards` takes away: for each row of SECURITY.md's tables the guards that hold it, and the test that misses them.

/** A replacement in one file; the text to find is there exactly once. */
export interface Edit {
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

/** A test or a group of tests, as SECURITY.md names it. */
export interface NamedTest {
  readonly file: string;
  readonly name: string;
  /** Tests of the file that have to run before it: a person signs in before signing out. */
  readonly after?: readonly string[];
}

/** A guard as the edits that remove it, all layers of it at once, and the test that goes red then. */
export interface Guard {
  readonly test: NamedTest;
  readonly edits: readonly Edit[];
}

function named(file: string, name: string, ...after: readonly string[]): NamedTest {
  return { file, name, after };
}

function edit(file: string, find: string, replace = ""): Edit {
  return { file, find, replace };
}

function guard(test: NamedTest, ...edits: readonly Edit[]): Guard {
  return { test, edits };
}

const HOSTILE_TOKENS = "test/unit/hostile/tokens.test.ts";
const FUNCTION = "test/unit/function/function.test.ts";
const FUNCTION_CLAIMS = "test/unit/function/claims.test.ts";
const MISS = "test/unit/origin-request.test.ts";
const PASS = "test/unit/auth/pass.test.ts";
const AGREEMENT = "test/unit/hostile/agreement.test.ts";
const CROWD = "test/unit/faults/crowd.test.ts";
const CLOCKS = "test/unit/faults/clocks.test.ts";
const FAULTS = "test/unit/faults/faults.test.ts";
const ROTATION = "test/unit/faults/rotation.test.ts";
const SEALED_SESSION = "test/unit/session/sealed-session.test.ts";
const HANDLER = "test/unit/handler.test.ts";
const AREAS_HANDLER = "test/unit/areas-handler.test.ts";
const FORWARD = "test/unit/s3/forward.test.ts";
const ORIGIN_RESPONSE = "test/unit/s3/origin-response.test.ts";
const POOLS = "test/unit/pools-handler.test.ts";
const TENANTS = "test/unit/claims-handler.test.ts";
const TEAMS = "test/unit/groups-handler.test.ts";
const MACHINES = "test/unit/machines-handler.test.ts";
const MACHINE_TOKENS = "test/unit/hostile/machine-agreement.test.ts";
const API_HANDLER = "test/unit/api-handler.test.ts";
const SITE_HANDLER = "test/unit/site-handler.test.ts";
const CALLBACK = "test/unit/auth/callback.test.ts";
const COOKIES = "test/unit/auth/cookies.test.ts";
const AMPLIFICATION = "test/unit/auth/amplification.test.ts";
const TRUST = "test/unit/auth/trust.test.ts";
const ONWARD = "test/unit/auth/onward.test.ts";
const FORMER = "test/unit/auth/former-cookies.test.ts";
const LOGIN = "test/unit/auth/login.test.ts";
const LOGOUT = "test/unit/auth/logout.test.ts";
const RENEW = "test/unit/auth/renew.test.ts";
const LINK = "test/unit/auth/link.test.ts";
const UPLOAD = "test/unit/auth/upload.test.ts";
const SHARING = "test/infra/sharing.test.ts";
const RIGHTS = "test/infra/rights.test.ts";
const SUPPLY_CHAIN = "test/infra/supply-chain.test.ts";
const BROWSER = "test/e2e/browser.test.ts";
const S3_UNSEEN = "test/e2e/s3-unseen.test.ts";
const AREAS = "test/unit/areas.test.ts";
const EXCHANGE_CHANGE = "test/unit/session/exchange-change.test.ts";
const BUNDLE = "test/unit/bundle.test.ts";

const CONFIG = "test/unit/config/config.test.ts";
const SPELLING = "edge/config/area-spelling.ts";
const NO_COMPILER = named(
  "test/infra/mistakes.test.ts",
  "given settings by a program that no compiler looked at",
);

const CLAIMS = named(HOSTILE_TOKENS, "claims");
const ALG = named(HOSTILE_TOKENS, "alg");
const KEY_HEADERS = named(HOSTILE_TOKENS, "headers that name another key or other rules");
const PADDING = named(HOSTILE_TOKENS, "PKCS #1 padding, read strictly (as Wycheproof's ModifiedPadding)");
const SEALED_SWAPPED = named(
  SEALED_SESSION,
  "one that is somebody else's or nobody's is ignored, and an exchange happens",
);
const EVERY_RIGHT = named(RIGHTS, "actions on every resource: %s");
const WHO_ACTS = named(RIGHTS, "who may act in a role");
const BUCKET_POLICY = named(RIGHTS, "the bucket's policy lets %s do this");
const BLOCKED_BUCKET = named(
  RIGHTS,
  "the bucket blocks public access in all four ways, and belongs to its owner alone",
);
const SANDBOXED = named(ORIGIN_RESPONSE, "the type %j is sandboxed: %s");
const QUERIES = named(
  AREAS_HANDLER,
  "versions and downloads pass where the area allows them, and nothing else does",
);
const NOT_ASKED = named(
  CALLBACK,
  "an answer to a question that this browser has not asked sets up no session",
);
const LOGIN_CSRF = named(
  CALLBACK,
  "login CSRF: somebody else's way back changes nothing in the victim's browser",
);
const NONCE = named(CALLBACK, "code injection: and at the nonce, should the pool not check the verifier");
const TEXT_ONLY = named("test/unit/auth/page.test.ts", "everything that is shown is text");
const CONTENTS = named(SUPPLY_CHAIN, "what is inside each function");
const NO_TLS = named(
  "test/unit/budgets.test.ts",
  "with a sealed session makes no round trip, opens nothing, and loads no TLS",
);
const NO_SECRET_FILES = named(SUPPLY_CHAIN, "none in %s");

const NO_SIGNATURE = edit(
  "edge/token/verify-jwt.ts",
  `return verify("RSA-SHA256", Buffer.from(signed), keyObject(jwk), Buffer.from(signature, "base64url"));`,
  "return signed !== signature && !!keyObject(jwk) && !!verify;",
);
/** The first check is the default build's. */
const NO_SDK_SIGNATURE = [NO_SIGNATURE, edit("edge/sdk/verify-jwt.ts", " && (!opens || verifies(jwt, jwk))")];
const NO_ISSUER = [
  edit("edge/token/claims.ts", `typeof iss !== "string" || !issuers.includes(iss)`, "!issuers"),
  edit(
    "edge/token/claims.ts",
    "if (!issuers.some((issuer) => payloadText.includes(issuer))) return ANOTHER_ISSUER;",
  ),
];
const NO_CLIENT = edit(
  "edge/token/claims.ts",
  `typeof aud === "string" && clientIds.includes(aud)`,
  `typeof aud === "string"`,
);
const NO_END = edit("edge/token/token.ts", "expiresAt <= now || ");
const NO_RESERVED_FOLDERS = edit(
  "edge/request/area-rules.ts",
  "return !found.area.owner && folders.some((folder) => path.startsWith(folder)) ? undefined : found;",
  "return found;",
);
/** Anybody's way back is that of an attempt of this browser. */
const NO_ATTEMPT_NEEDED = edit(
  "edge/auth/attempt.ts",
  "    if (attempt && now < attempt.startedAt + ATTEMPT_SECONDS * 1000) return attempt;\n  }\n  return undefined;",
  `    if (attempt) return attempt;\n  }\n  return startAttempt({ returnTo: "/", restarts: 0 }, config, now);`,
);
const NO_NONCE = edit(
  "edge/auth/callback.ts",
  `if (claimsOf(token)["nonce"] !== nonce) throw failed("AnotherNonce");`,
);
/** Not written as one, so that the scan finds nothing here. */
const MADE_UP_KEY = "0f1e2d3c4b5a6978".repeat(4);

/** The guards of each row, by the text of its first cell. */
export const GUARDS: Readonly<Record<string, readonly Guard[]>> = {
  "A pass that nobody gave, or that belongs to another token, gate or time": [
    guard(
      named(FUNCTION, "%s: %s"),
      edit("edge/function/session.ts", "return hmac(key, expected) === hmac(key, given);", "return true;"),
    ),
    guard(
      named(FUNCTION, "%s: %s"),
      edit(
        "edge/function/session.ts",
        `if (claims["id_hash"] !== sha256(token).slice(0, ID_HASH_CHARACTERS)) return undefined;`,
      ),
      edit("edge/function/session.ts", "pass.startsWith(start)", "pass !== start"),
    ),
    guard(
      named(FUNCTION, "%s: %s"),
      edit("edge/function/session.ts", `!claims || claims["iss"] !== CONFIG.gateId`, "!claims"),
    ),
    guard(named(FUNCTION, "%s: %s"), edit("edge/function/session.ts", "exp > now && ")),
    guard(
      named(FUNCTION, "keys that nothing was put into the place of are no keys"),
      edit("edge/function/index.ts", `if (!HAS_KEYS) throw refuse(503, "keys_unavailable");`),
    ),
    guard(
      named(PASS, "a sign-in leads to the file and leaves a pass, which ends with the token"),
      edit("edge/auth/pass.ts", "token.groups.includes(name) && ", "true || "),
    ),
  ],
  "A miss that comes past the CloudFront Function, with headers of the viewer's making": [
    guard(
      named(MISS, "the function is skipped, with %s: 503 keys_unavailable"),
      edit(
        "edge/origin-request.ts",
        "if (!isScopeOf(shared, token, saying, given, deps.config)) throw scopeDiffers();",
      ),
    ),
    guard(
      named(MISS, "a path that the function would have spelt differently: %s"),
      edit("edge/origin-request.ts", `if (spelt !== request.uri) throw new GateError("invalid_path");`),
    ),
    guard(
      named(FUNCTION, "nothing of the viewer's goes on but what the cache needs"),
      edit(
        "edge/function/forward.ts",
        "const headers: Record<string, FunctionValue> = {};",
        "const headers: Record<string, FunctionValue> = Object.assign({}, request.headers);",
      ),
    ),
  ],
  "An entry that is filled or read by somebody without a right to it, in the split placement": [
    guard(
      named(MISS, "a scope is not another path's, area's or user's"),
      edit(
        "edge/origin-request.ts",
        "cacheScope(access, token.sub),",
        `cacheScope(access, "anybody"), given.split(";")[0] ?? "",`,
      ),
      edit(
        "edge/origin-request.ts",
        "if (!isScopeOf(shared, token, saying, given, deps.config)) throw scopeDiffers();",
      ),
    ),
    guard(
      named(FUNCTION, "an entry is shared by those who may read it, and by nobody else"),
      edit("edge/function/index.ts", "return session.hash", "return false"),
    ),
    guard(
      named(MISS, "a site's page that is another area's is nobody's by the site's path"),
      edit(
        "edge/origin-request.ts",
        `if (!mayStandFor(page, route.path, deps.areas)) throw new GateError("access_denied");`,
      ),
    ),
    guard(
      named(
        LINK,
        "in the split placement it shares the cache with other links, by a scope that nobody else can write",
      ),
      edit("edge/auth/locked-scope.ts", `if (placement !== "split")`, "if (placement)"),
    ),
  ],
  "What a token says, in the split placement: a folder, team, user pool or scope that is not its holder's": [
    guard(
      named(FUNCTION_CLAIMS, "each decision"),
      edit("edge/function/claims.ts", "if (session.pool) throw denied();"),
    ),
    guard(named(FUNCTION_CLAIMS, "each decision"), edit("edge/function/claims.ts", "!isTheirs || ")),
    guard(named(FUNCTION_CLAIMS, "each decision"), edit("edge/function/claims.ts", " || !isPlain(name)")),
    guard(
      named(FUNCTION_CLAIMS, "each decision"),
      edit("edge/function/claims.ts", `claims["sub"] === client && `),
    ),
    guard(
      named(FUNCTION_CLAIMS, "each decision"),
      edit("edge/function/claims.ts", "find((name) => given.includes(name))", "find(() => given)"),
    ),
    guard(
      named(FUNCTION_CLAIMS, "an entry is shared by those with the same folder, and by nobody else"),
      edit("edge/function/index.ts", "scopeOfPool(scope, session.pool)", `scopeOfPool(scope, "")`),
    ),
    guard(
      named(FUNCTION_CLAIMS, "whoever is revoked is so by the name of their own pool"),
      edit("edge/function/session.ts", "(pool && userPrefix(pool)) + "),
    ),
  ],
  "A session that goes on after it was revoked": [
    guard(
      named(FUNCTION, "with revocation"),
      edit("edge/function/index.ts", "return session.issuedAt < Number(time);", "return false;"),
    ),
    guard(
      named(FUNCTION, "with revocation"),
      edit("edge/function/index.ts", `  } catch (_) {\n    return "";`, `  } catch (_) {\n    return "0";`),
    ),
    guard(
      named(PASS, "a sign-in leads to the file and leaves a pass, which ends with the token"),
      edit("edge/auth/pass.ts", "iat: token.issuedAt,", "iat: token.expiresAt,"),
    ),
  ],
  "A browser without cookies that is sent round for ever for a pass": [
    guard(
      named(PASS, "a browser that keeps no new cookies is not sent round in circles"),
      edit(
        "edge/function/index.ts",
        "if (!isJustRenewed(request.rawQueryString(), Date.now()))",
        "if (Date.now() > 0)",
      ),
    ),
  ],
  "A forged token: `alg`, `kid`, key headers, signature, padding": [
    guard(
      ALG,
      edit("edge/token/verify-jwt.ts", `alg !== "RS256"`, "false"),
      edit("edge/sdk/verify-jwt.ts", " && (!opens || verifies(jwt, jwk))"),
    ),
    guard(KEY_HEADERS, NO_SIGNATURE),
    guard(KEY_HEADERS, edit("edge/token/claims.ts", `!("crit" in header) && `)),
    guard(
      named(HOSTILE_TOKENS, "kid"),
      edit("edge/token/token.ts", "? UNKNOWN_KEY : NO_KEY;", "? UNKNOWN_KEY : UNKNOWN_KEY;"),
    ),
    guard(PADDING, NO_SIGNATURE),
    guard(
      named(HOSTILE_TOKENS, "the compact form"),
      edit("edge/token/claims.ts", "!isCanonical || ", "void isCanonical || "),
    ),
  ],
  "A token of another pool, client, use or time": [
    guard(CLAIMS, ...NO_ISSUER),
    guard(CLAIMS, NO_CLIENT),
    guard(CLAIMS, edit("edge/token/claims.ts", `use === "id" && `)),
    guard(CLAIMS, NO_END),
    guard(
      CLAIMS,
      edit(
        "edge/token/token.ts",
        "return notBefore > now ? NOT_YET : undefined;",
        "return notBefore && false ? NOT_YET : undefined;",
      ),
    ),
    guard(named(AGREEMENT, "both builds say the same"), ...NO_ISSUER),
    guard(named(AGREEMENT, "both builds say the same"), NO_CLIENT),
  ],
  "A token, user, group or folder of one user pool taken for another pool's": [
    guard(
      named(POOLS, "what counts"),
      edit(
        "edge/token/pools.ts",
        "pools.find(({ issuers }) => issuers.some((issuer) => issuer === iss)) ?? pools[0]",
        "(iss === undefined ? undefined : pools[1]) ?? pools[0]",
      ),
    ),
    guard(
      named(POOLS, "what counts"),
      edit("edge/token/pools.ts", "keys: keys.further[index] ?? keys", "keys"),
    ),
    guard(
      named(POOLS, "what counts"),
      edit("edge/token/pools.ts", "if (isTaken(sub, userPrefix)) return ANOTHER_POOL;"),
    ),
    guard(
      named(POOLS, "one in the gate's own cookie stands in nobody's way"),
      edit(
        "edge/token/token.ts",
        "if (this.isOfSignIn && token.pool !== undefined) return this.#fail(ANOTHER_POOL);",
      ),
    ),
    guard(
      named(POOLS, "the same user name in two pools is two people"),
      edit("edge/token/pools.ts", "sub: userPrefix(id) + sub,", "sub,"),
    ),
    guard(
      named(
        POOLS,
        "everybody's answers are shared within a pool, and the first pool's as if there were no other",
      ),
      edit("edge/request/area-rules.ts", "return pool ? `", "return pool === null ? `"),
    ),
    guard(
      named(POOLS, "groups"),
      edit("edge/token/pools.ts", "groups: groups.map((name) => groupPrefix(id) + name),", "groups,"),
    ),
    guard(
      named(POOLS, "groups"),
      edit("edge/token/pools.ts", "groups.filter((name) => !isTaken(name, groupPrefix))", "groups"),
    ),
    guard(
      named(POOLS, "%s is no folder of a further pool's user, whatever the token says"),
      edit("edge/token/pools.ts", "names: names && {},", "names,"),
      edit(
        "edge/areas.ts",
        "pool !== undefined && placeholders.some(",
        "pool === null && placeholders.some(",
      ),
    ),
    guard(
      named(POOLS, "`POST session` takes the first pool's tokens alone, and leaves the session as it is"),
      edit(
        "edge/auth/hand-over.ts",
        `if (given.pool !== undefined) throw new GateError("user_pool_not_allowed");`,
      ),
    ),
    guard(
      named(POOLS, "a link opens what its maker may read, and shares nothing with the first pool"),
      edit("edge/auth/link.ts", "pool === undefined ? gateId", "gateId ? gateId"),
    ),
    guard(
      named(
        "test/infra/pools.test.ts",
        "takes roles from tokens of the pools that have groups here, and of no other",
      ),
      edit("infra/users/identity-pool.ts", "all.filter((each) => each.hasGroups)", "all"),
    ),
  ],
  "A person's access token taken for a machine's, or a machine's for a person's session": [
    guard(
      named(MACHINES, "%s is refused"),
      edit("edge/token/claims.ts", "sub !== clientId || ", "sub === clientId && "),
    ),
    guard(named(MACHINES, "%s is refused"), edit("edge/token/claims.ts", `"username" in payload || `)),
    guard(
      named(MACHINES, "%s is refused"),
      edit("edge/token/claims.ts", ` || "cognito:username" in payload`),
    ),
    guard(named(MACHINES, "%s is refused"), edit("edge/token/claims.ts", ` || "crit" in header`)),
    guard(
      named(MACHINE_TOKENS, "both builds say the same, and no more than aws-jwt-verify"),
      edit("edge/token/claims.ts", "!clientIds.includes(clientId)", "clientIds.length === 0"),
    ),
    guard(
      named(MACHINES, "a machine's token in a cookie is nobody's session, known from a header or not"),
      edit(
        "edge/token/token.ts",
        "takesMachines = takesMachines && isHeader;",
        "takesMachines ||= isHeader || true;",
      ),
    ),
    guard(
      named(MACHINES, "%s %s takes ID tokens alone"),
      edit("edge/token/token.ts", "takesMachines = false,", "takesMachines = true,"),
    ),
    guard(
      named(MACHINES, "gets no machine's token"),
      edit("edge/token/token.ts", "takesMachines = false,", "takesMachines = true,"),
    ),
    guard(
      named(MACHINES, "one that was issued %s notBefore"),
      edit("edge/token/token.ts", "issuedAt < this.#notBefore", "issuedAt < 0"),
    ),
  ],
  "What a machine may read: another scope's areas, at the edge, with another's credentials, out of the cache or in IAM":
    [
      guard(
        named(MACHINES, "%s is refused"),
        edit("edge/areas.ts", "if (token.scopes) return this.#machineAccess(found, token.scopes);"),
      ),
      guard(
        named(MACHINES, "%s is refused"),
        edit(
          "edge/areas.ts",
          "area.scopes.find((name) => scopes.includes(name))",
          "area.scopes.find(() => scopes)",
        ),
      ),
      guard(
        named(MACHINES, "%s with the scope %s is shared by %s"),
        edit("edge/request/area-rules.ts", "{uriEncode(granted)}", "{typeof granted}"),
      ),
      guard(
        named(MACHINES, "users read as before, and share no entry with machines"),
        edit("edge/areas.ts", "scope: scopeOfMachines(scope, granted)", "scope"),
      ),
      guard(
        named(MACHINES, "a session in one scope's role never signs for another's"),
        edit(
          "edge/session/session-store.ts",
          "return roleArn === undefined ? sub",
          "return roleArn !== sub ? sub",
        ),
      ),
      guard(
        named(
          "test/infra/machines.property.test.ts",
          "1,000 keys: what the edge gives a machine its role opens, and what it refuses none of its roles does",
        ),
        edit(
          "infra/access/reader.ts",
          "return area.scopes?.includes(scope) === true;",
          "return area.scopes !== undefined;",
        ),
      ),
      guard(
        named("test/infra/machines.test.ts", "with %s, %s of %s: %s"),
        edit("infra/access/objects.ts", "isMachine ? []", "isMachine && false ? []"),
      ),
    ],
  "A signature scheme read loosely": [
    guard(
      named("test/unit/hostile/vectors.test.ts", "JWS, with claims in the payload's place"),
      NO_SIGNATURE,
    ),
    guard(PADDING, ...NO_SDK_SIGNATURE),
  ],
  "A token after its end, or of a key that has left": [
    guard(named(HOSTILE_TOKENS, "ends with its second, remembered or not"), NO_END),
    guard(
      named(
        ROTATION,
        "a key that was removed in haste ends its tokens within the hour, or with a deployment",
      ),
      edit(
        "edge/token/jwks.ts",
        "if (this.#now() >= Math.max(this.#oldAt, this.#coolUntil)) await this.#fetch(deadline);",
      ),
    ),
    guard(
      named(
        ROTATION,
        "a key that was removed in haste ends its tokens within the hour, or with a deployment",
      ),
      edit("edge/token/token.ts", "this.#remembered.clear();"),
    ),
  ],
  "Any request at all: the request returned without a right to it": [
    guard(
      named("test/unit/hostile/requests.test.ts", "and every invariant holds for each"),
      edit("edge/authorize.ts", "return await refuse(error, visit, deps);", "return visit.request;"),
    ),
    guard(
      named("test/unit/hostile/requests.test.ts", "and every invariant holds for each"),
      edit("edge/areas.ts", "filter((name) => token.groups.includes(name))", "filter(() => true)"),
    ),
    guard(
      named("test/unit/hostile/requests.test.ts", "and every invariant holds for each"),
      edit("edge/s3/target.ts", `route.kind === "list" && !areas.listable(route.path)`, "false"),
    ),
  ],
  "A token or cookie that costs too much to read": [
    guard(
      named("test/unit/hostile/cost.test.ts", "Amplify's last user, percent-encoded thousands of times"),
      edit("edge/token/candidates.ts", "times === 0 ? value : "),
      edit(
        "edge/token/candidates.ts",
        ".filter(({ values }) => values.some(isLongEnough)).slice(0, MAX_USERS)",
      ),
      edit("edge/token/candidates.ts", "return lastFirst(own, decoded(last))", "return lastFirst(own, last)"),
      edit("edge/token/candidates.ts", " === last);", " === decoded(last));"),
    ),
    guard(
      named("test/unit/hostile/guards.test.ts", "36 of them are checked, and no more"),
      edit("edge/token/token.ts", "if (crowded) return crowded;", "void crowded;"),
    ),
    guard(
      named(
        "test/unit/hostile/guards.test.ts",
        "what is beyond them is not even read, and what has not the form of one takes no place",
      ),
      edit("edge/token/token.ts", "if (crowded) return crowded;", "void crowded;"),
    ),
    guard(
      named(
        "test/unit/request/cookies.test.ts",
        "of hundreds of roles the first are read, and a session behind them is whole",
      ),
      edit("edge/request/cookies.ts", " && !isOneRoleMore(jar, name)", " && isOneRoleMore !== undefined"),
    ),
    guard(
      named(
        "test/unit/hostile/guards.test.ts",
        "of more than that, those as long as the real one: shorter ones fit in front of it by the dozen",
      ),
      edit(
        "edge/token/token.ts",
        "if (candidate.length > this.#room.least) return undefined;",
        "if (candidate.length > this.#room.least) return this.#room.left-- > 0 ? undefined : TOO_MANY;",
      ),
      edit("edge/token/token.ts", "[MAX_CANDIDATES - 1] ?? 0;", "[lengths.length] ?? 0;"),
    ),
    guard(
      named("test/unit/token/token.test.ts", "a list that has been searched is not searched again"),
      edit("edge/token/token.ts", "if (known) return known;"),
    ),
    guard(
      named(
        "test/unit/session/seal.test.ts",
        "hundreds of planted values in front of the real one cost a comparison each",
      ),
      edit("edge/session/seal.ts", " && value.startsWith(label)"),
      edit("edge/session/seal.ts", ".slice(0, MAX_TRIED)"),
    ),
    guard(
      named("test/unit/budgets.test.ts", "keeps nothing of the headers that its tokens came in"),
      edit("edge/token/token.ts", "raw: copied(candidate)", "raw: candidate"),
    ),
  ],
  "Made-up key ids that make the edge ask and ask": [
    guard(
      named(CROWD, "at once, where the key set %s: one fetch"),
      edit("edge/token/jwks.ts", "this.#underWay ??=", "this.#underWay ="),
    ),
    guard(
      named(CROWD, "one after the other, ten a second: one fetch in ten seconds"),
      edit("edge/token/jwks.ts", "this.#coolUntil = this.#now() + COOL_DOWN_MS;"),
    ),
    guard(
      named(CROWD, "nobody with a known key waits for the fetch that they cause"),
      edit("edge/token/token.ts", "result === UNKNOWN_KEY ? await", "result && search ? await"),
    ),
  ],
  "A crowd of one user that exhausts Cognito's quota": [
    guard(
      named(CROWD, "a thousand requests of one new user, where the exchange %s"),
      edit("edge/session/session-store.ts", "if (running !== undefined) return await running;"),
    ),
  ],
  "Requests at the same time that get each other's session, folder or cached bytes": [
    guard(
      named(
        CROWD,
        "a thousand requests of 50 users at once: each gets the own folder, with the own credentials",
      ),
      edit("edge/session/session-store.ts", "{input.token.raw} $", "{void input} $"),
      edit("edge/session/session-store.ts", "{keyOf(input)}`;", "{void input}`;"),
    ),
    guard(
      named(
        "test/e2e/areas.test.ts",
        "1,000 requests, 50 at a time, while the cache is emptied: everybody gets their own",
      ),
      edit("edge/s3/target.ts", "JSON.stringify([identityId, query, Math.floor(now() / 1000)])", `""`),
    ),
  ],
  "Cognito, STS or the key set down, slow, cut or lying": [
    guard(
      named("test/unit/https.test.ts", "fails with its kind"),
      edit("edge/https.ts", `if (size > maxBytes) return fail("too_large");`),
    ),
    guard(
      named(HANDLER, "each fault of Cognito has its answer"),
      edit(
        "edge/session/exchange.ts",
        `if (typeof expiresAt !== "number" || !(expiresAt * 1000 > now)) throw invalid("ExpiredCredentials");`,
      ),
    ),
    guard(
      named("test/unit/session/sts.test.ts", "%i %s is %i %s"),
      edit(
        "edge/session/sts.ts",
        `if (status !== 200) throw serviceError(STS_ERRORS, field("Code") ?? "", status);`,
      ),
    ),
    guard(
      named("test/unit/token/jwks.test.ts", "%s keeps the old keys and fails, also within the cool-down"),
      edit("edge/token/jwks.ts", "this.#failure = error;"),
    ),
    guard(
      named("test/unit/faults/several.test.ts", "key set and pool hang"),
      edit("edge/session/exchange.ts", "Math.min(ATTEMPT_MS, attempts.deadline - now())", "ATTEMPT_MS"),
    ),
    guard(
      named(FAULTS, "each answer comes before Lambda would end the function"),
      edit("edge/auth/callback.ts", "Math.min(deadline, now() + HOP_MS)", "now() + 5_000"),
    ),
  ],
  "Another user's identity or credentials in an answer": [
    guard(
      named(HANDLER, "another identity"),
      edit(
        "edge/session/exchange.ts",
        `if (identityIdOf(body) !== identityId) throw invalid("AnotherIdentity");`,
      ),
    ),
    guard(
      named(HANDLER, "another identity"),
      edit(
        "edge/sdk/exchange.ts",
        `if (answer.IdentityId !== identityId) throw new TypeError("another identity");`,
      ),
    ),
  ],
  "Clocks that disagree": [
    guard(
      named(CLOCKS, "the edge's clock against that of S3"),
      edit(
        "edge/s3/sign.ts",
        "export const SIGNATURE_SECONDS = 300;",
        "export const SIGNATURE_SECONDS = 600;",
      ),
    ),
    guard(named(CLOCKS, "the edge's clock against that of the user pool and of Cognito"), NO_END),
  ],
  "Credentials that end before their signature": [
    guard(
      named(CLOCKS, "credentials that end soon"),
      edit("edge/session/session-store.ts", "this.#now() + SIGNATURE_SECONDS * 1000", "this.#now()"),
    ),
  ],
  "A sealed cookie of somebody else, changed, or of another purpose": [
    guard(
      named("test/unit/session/seal.test.ts", "with any bit flipped"),
      edit("edge/session/seal.ts", "decipher.final(),"),
    ),
    guard(
      named("test/unit/session/seal.test.ts", "another purpose: %s"),
      edit(
        "edge/session/seal.ts",
        "cipher.setAAD(Buffer.from(purpose)).update(plain)",
        "cipher.update(plain)",
      ),
      edit(
        "edge/session/seal.ts",
        `\${hash("sha256", purpose, "binary")}`,
        `\${hash("sha256", purpose, "binary").slice(99)}`,
      ),
      edit(
        "edge/session/seal.ts",
        "decipher.setAAD(Buffer.from(purpose)).setAuthTag(",
        "decipher.setAuthTag(",
      ),
    ),
    guard(named(SEALED_SESSION, "it is not used without a token of its user"), NO_END),
    guard(
      SEALED_SWAPPED,
      edit("edge/session/sealed-session.ts", "exchangedBy, clientId, sub, ", "exchangedBy, clientId, "),
    ),
    guard(
      SEALED_SWAPPED,
      edit("edge/session/sealed-session.ts", "exchangedBy, clientId, sub, ", "exchangedBy, sub, "),
    ),
    guard(SEALED_SWAPPED, edit("edge/session/sealed-session.ts", `sub, roleArn ?? ""]`, "sub]")),
  ],
  "A sealed session of another exchange, or for another identity than the user's": [
    guard(
      named(EXCHANGE_CHANGE, "the old cookie signs nothing: folder and credentials are the new side's"),
      edit("edge/session/sealed-session.ts", "pool, exchangedBy, ", "pool, "),
    ),
    guard(
      named(EXCHANGE_CHANGE, "a sealed session of %s %j opens: %s"),
      edit(
        "edge/session/sealed-session.ts",
        "if (!config.exchange || session.identityId === token.sub) return session;",
        "return session;",
      ),
    ),
    guard(
      named(EXCHANGE_CHANGE, "an identity that the pool cannot find is asked for again, once"),
      edit("edge/session/exchange.ts", `  ["ValidationException", "exchange_misconfigured"],\n`),
    ),
  ],
  "Sign-ins repeated until Cognito's quota is gone": [
    guard(
      named(
        "test/unit/session/session-store.test.ts",
        "credentials that were just made are used again, whatever asks: 20 times, one exchange for each role",
      ),
      edit(
        "edge/session/session-store.ts",
        "if (kept && this.#sayings.get(kept) === saying && this.#isFresh(kept, input.token)) return kept;",
      ),
    ),
  ],
  "A group without its role, served by what is in memory or sealed": [
    guard(
      named(SEALED_SESSION, "a token that has the group without its role is refused, and the log says why,"),
      edit("edge/areas.ts", "this.#exchange || hasRole(token, ", "true || hasRole(token, "),
    ),
    guard(
      named(AREAS, "a group's role"),
      edit("edge/areas.ts", "this.#exchange || hasRole(token, ", "hasRole(token, "),
    ),
  ],
  "A rotation of sealing keys that signs people out": [
    guard(
      named(ROTATION, "a sealed session under %s"),
      edit("edge/session/seal.ts", "return [current, previous]", "return [current]"),
    ),
    guard(
      named(ROTATION, "the previous key opens, and never seals"),
      edit("edge/session/seal.ts", "return [current, previous]", "return [previous, current]"),
    ),
  ],
  "A key read as one of another area": [
    guard(
      named("test/infra/agreement.test.ts", "edge and IAM say the same, and so do all who share a cache key"),
      NO_RESERVED_FOLDERS,
    ),
    guard(
      named("test/infra/agreement.test.ts", "edge and IAM say the same, and so do all who share a cache key"),
      edit(
        "infra/access/objects.ts",
        `return [{ effect: "Allow", actions, resources: open }, ...deny(closed)];`,
        `return [{ effect: "Allow", actions, resources: open }];`,
      ),
    ),
    guard(
      named(
        "test/infra/shared-rights.test.ts",
        "roles that share read and list exactly what they do with a policy of their own",
      ),
      edit("infra/access/shared.ts", '{ effect: "Deny", actions, notResources: known } as const,'),
    ),
    guard(
      named(
        "test/infra/shared-rights.test.ts",
        "roles that share read and list exactly what they do with a policy of their own",
      ),
      edit(
        "infra/access/shared.ts",
        "...others.filter(({ isMixed }) => !isMixed)",
        "...others.filter(() => false)",
      ),
    ),
  ],
  "A folder that is named after a claim, opened to another tenant: by the claim's form, by credentials, a link or a cache entry of the tenant of before":
    [
      guard(
        named(TENANTS, "%s with %j is refused: %s"),
        edit("edge/areas.ts", "each !== IDENTITY_ID && !isPlain(all[each])", "false"),
      ),
      guard(
        named(TENANTS, "all users of one tenant share its entries, and a user who has its name shares none"),
        edit("edge/request/area-rules.ts", "(each === IDENTITY_ID ? ", "(each ? "),
      ),
      guard(
        named(
          TENANTS,
          "a token with another tenant gets credentials of its own, and so does the one of before",
        ),
        edit("edge/session/session-store.ts", "if (names) return JSON.stringify([sub, roleArn, names]);"),
      ),
      guard(
        named(TENANTS, "sealed credentials are for the tenant of the token that they were made with"),
        edit("edge/session/sealed-session.ts", "names ? [...parts, names] : parts", "parts"),
        edit("edge/session/session-store.ts", "if (names) return JSON.stringify([sub, roleArn, names]);"),
      ),
    ],
  "A team's folder opened to who is not of it: by another spelling, with another team's credentials, a link or a cache entry":
    [
      guard(
        named(TEAMS, "%s with %j is refused, in the log %s"),
        edit("edge/areas.ts", "group === undefined || !groups.includes(group)", "group === undefined"),
      ),
      guard(
        named(TEAMS, "credentials for one group never sign for another, nor for what is everybody's"),
        edit("edge/areas.ts", "names[GROUP] === undefined ? token : {", "names ? token : {"),
      ),
      guard(
        named(TEAMS, "requests for several groups at the same time get each their own"),
        edit("edge/session/session-store.ts", "{keyOf(input)}`;", "{void input}`;"),
      ),
      guard(
        named(
          TEAMS,
          "a link opens what it is for in its group's folder, and nothing of another group of its maker's",
        ),
        edit("edge/auth/link.ts", `access.names[GROUP] ?? ""`, `""`),
      ),
      guard(
        named(
          "test/infra/claims.property.test.ts",
          "ten thousand pairs of people and paths: edge, IAM and definition agree",
        ),
        edit("infra/access/reader.ts", `, '\${NOBODY}'`),
      ),
    ],
  "A tenant that a user writes into the own profile": [
    guard(
      named(
        "test/infra/claims.test.ts",
        "its client reads the claims, and can write neither the custom attribute nor the standard one",
      ),
      edit("infra/users/claims.ts", "STANDARD.filter((name) => !claims.includes(name))", "STANDARD"),
    ),
  ],
  "A user's own folder reached by its real key": [
    guard(
      named(AREAS_HANDLER, "somebody else's folder is out of reach by its real key"),
      NO_RESERVED_FOLDERS,
    ),
  ],
  "A key whose path is spelt in another way than its area's: the other Unicode form, or percent-encoded": [
    guard(
      named(
        "test/infra/agreement.test.ts",
        "an area's keys in another Unicode form are nobody's, at the edge and in IAM",
      ),
      edit(SPELLING, "if (!ownsAnotherForm(other.path, pattern)) return undefined;", "return undefined;"),
    ),
    guard(
      named("test/unit/config/area-problems.test.ts", "mistakes name both sides"),
      edit(SPELLING, "if (!/%[0-9a-f]{2}/i.test(text)) return undefined;", "return undefined;"),
    ),
  ],
  "A setting that is spelt wrong, and opens everything without a word": [
    guard(
      named(CONFIG, "a setting that is spelt wrong is not left out: what was meant is asked"),
      edit(
        "edge/config/parser.ts",
        `reading.problems.push(...unknownNames(Object.keys(source), Object.keys(shape), at("")));`,
      ),
    ),
    guard(
      named(CONFIG, "areas that are nothing do not open everything"),
      edit(
        "edge/config/document.ts",
        `value === undefined ? [{ path: "/*" }] : value`,
        `value ?? [{ path: "/*" }]`,
      ),
    ),
    guard(NO_COMPILER, edit("infra/configuration.ts", "...unknownNames(Object.keys(props), names),")),
    guard(
      NO_COMPILER,
      edit(
        "infra/users/sign-in-settings.ts",
        `Object.keys(settings).filter((name) => name !== "keys"),`,
        "[],",
      ),
    ),
    guard(
      NO_COMPILER,
      edit("infra/delivery/distribution.ts", `...unknownNames(misspelt, known, "distribution."),`),
    ),
    guard(
      NO_COMPILER,
      edit(
        "infra/delivery/alarms.ts",
        `return unknownNames(Object.keys(alarms), Object.keys(OPTIONS), "alarms.");`,
        "return [];",
      ),
    ),
    guard(
      named("test/infra/mistakes.test.ts", "a context key that is spelt wrong"),
      edit("infra/app/context-keys.ts", "unknownNames(ours, CONTEXT_KEYS)", "unknownNames([], CONTEXT_KEYS)"),
    ),
  ],
  "A role with a right that no area gave": [
    guard(
      EVERY_RIGHT,
      edit(
        "infra/bucket/rights.ts",
        "resources: arns(resources),",
        `resources: resources && ["arn:aws:s3:::*"],`,
      ),
    ),
    guard(EVERY_RIGHT, edit("infra/bucket/rights.ts", "some.map(({ roleArn }) => roleArn)", `["*"]`)),
    guard(
      EVERY_RIGHT,
      edit(
        "infra/users/roles.ts",
        `const actions = tags.length > 0 ? ["sts:AssumeRole", "sts:TagSession"] : ["sts:AssumeRole"];`,
        `const actions = ["sts:*"];`,
      ),
    ),
    guard(
      EVERY_RIGHT,
      edit(
        "infra/delivery/edge-function.ts",
        "new PolicyStatement({ actions, resources })",
        `new PolicyStatement({ actions, resources: ["*"] })`,
      ),
    ),
    guard(
      EVERY_RIGHT,
      edit("infra/deployment/custom-resource.ts", "resources: [...resources]", `resources: ["*"]`),
    ),
  ],
  "Somebody else who acts in a role": [
    guard(
      WHO_ACTS,
      edit("infra/users/roles.ts", `StringEquals: { "cognito-identity.amazonaws.com:aud": identityPoolId },`),
    ),
    guard(
      WHO_ACTS,
      edit(
        "infra/users/roles.ts",
        `"ForAnyValue:StringLike": { "cognito-identity.amazonaws.com:amr": "authenticated" },`,
      ),
    ),
    guard(
      WHO_ACTS,
      edit("infra/users/roles.ts", `conditions: { "ForAllValues:StringEquals": { "aws:TagKeys": tags } },`),
    ),
    guard(
      WHO_ACTS,
      edit(
        "infra/delivery/edge-function.ts",
        `new ServicePrincipal("edgelambda.amazonaws.com"),`,
        `new ServicePrincipal("edgelambda.amazonaws.com"), new ServicePrincipal("ec2.amazonaws.com"),`,
      ),
    ),
  ],
  "CloudFront itself reading what is gated": [
    guard(
      BUCKET_POLICY,
      edit("infra/bucket/public-assets.ts", "resources.map((resource) => `$", `["/*"].map((resource) => \`$`),
    ),
    guard(
      BUCKET_POLICY,
      edit(
        "infra/bucket/public-assets.ts",
        `conditions: { StringEquals: { "AWS:SourceArn": distributionArn } },`,
      ),
    ),
  ],
  "A public area that opens more than itself": [
    guard(
      named("test/infra/public-paths.test.ts", "50,000 paths, patterns compared with the %s path"),
      edit("infra/access/index.ts", "areas.filter((area) => area.public).map", "areas.map"),
    ),
    guard(
      named("test/unit/areas.test.ts", "%s may run scripts: %s"),
      edit("edge/areas.ts", "const path = canonicalOrNone(keyPath);", "const path = keyPath;"),
    ),
  ],
  "A site's page of another area, or for another viewer": [
    guard(
      named(
        SITE_HANDLER,
        "the area of the key decides, not that of the path: the scope and the role are the key's",
      ),
      edit(
        "edge/authorize.ts",
        "const access = accessOf(page, deps.areas, token);",
        "const access = accessOf(route, deps.areas, token);",
      ),
    ),
    guard(
      named(SITE_HANDLER, "a query stays with those who asked with it"),
      edit("edge/s3/target.ts", "scopeWithQuery(scope, querystring, others)", "scope"),
    ),
  ],
  "A redirect of a site to another host": [
    guard(
      named(SITE_HANDLER, "a redirect goes to this host, keeps the query, and is kept by nobody"),
      edit("edge/answer/moved.ts", "localPath(to)", "to"),
    ),
  ],
  "An API asked by somebody without a right to it, or by a path that it reads as one of another area": [
    guard(
      named(API_HANDLER, "%s: with %j %s is %s"),
      edit("edge/areas.ts", "if (!area || !areas.every(mayAsk)) throw", "if (!area?.api) throw"),
    ),
    guard(
      named(API_HANDLER, "%s: with %j %s is %s"),
      edit("edge/areas.ts", "this.#looseRules.find((rule) => isAround(rule, folder)),"),
    ),
    guard(
      named(API_HANDLER, "%s: with %j %s is %s"),
      edit("edge/api.ts", `if (path.includes("//")) throw new GateError("invalid_path");`),
    ),
    guard(
      named(API_HANDLER, "%s: with %j %s is %s"),
      edit("edge/areas.ts", `if (isAmbiguous) throw new GateError("invalid_path");`),
    ),
    guard(
      named(API_HANDLER, "%s: with %j %s is %s"),
      edit("edge/request/loose-path.ts", `.replace(/;[^/]*/g, "")`),
    ),
  ],
  "Another site that makes a browser ask an API, or renew, with its session": [
    guard(
      named(API_HANDLER, "from %s: %s"),
      edit("edge/api.ts", `throw new GateError("origin_not_allowed");`, "return places;"),
    ),
    guard(
      named(API_HANDLER, "a program without an origin is told, and nothing is renewed"),
      edit("edge/auth/index.ts", "(isApi && isFromKnownOrigin(request, parts.config))", "isApi"),
    ),
  ],
  "The session's cookies, or a header that only the gate writes, at an API": [
    guard(
      named(API_HANDLER, "the API gets the request as it was, with the token, and nothing of the gate's"),
      edit("edge/api.ts", ".filter((pair) => !isOwnCookie(pair))"),
    ),
    guard(
      named(API_HANDLER, "the API gets the request as it was, with the token, and nothing of the gate's"),
      edit("edge/api.ts", ` && !name.startsWith("x-gatehouse-")`),
    ),
  ],
  "A request that is signed for S3 at an API, or a token at S3, where CloudFront reads a path in another way":
    [
      guard(
        named(API_HANDLER, "the function of files never takes an API's path"),
        edit("edge/request/area-rules.ts", " || found.area.api"),
      ),
      guard(
        named(
          "test/infra/api.test.ts",
          "its function is another than that of files, which never asks its origin",
        ),
        edit(
          "infra/delivery/behaviors.ts",
          "? parts.api(area.path)",
          "? { ...parts.api(area.path), edgeLambdas: parts.signed.edgeLambdas ?? [] }",
        ),
      ),
    ],
  "An origin that looks like a configured one": [
    guard(
      named("test/unit/answer/cors.test.ts", "%j: %s"),
      edit("edge/request/web-origin.ts", " && HOST.test(host)"),
    ),
  ],
  "What S3 said to one origin, told to all": [
    guard(
      named(ORIGIN_RESPONSE, "an answer with status %i depends on the origin, for whoever it is"),
      edit("edge/s3/shared-answer.ts", '!name.startsWith("access-control-")', "true"),
    ),
    guard(
      named(ORIGIN_RESPONSE, "an answer with status %i depends on the origin, for whoever it is"),
      edit("edge/s3/shared-answer.ts", 'add("vary", "Origin")', "add"),
    ),
  ],
  "A bucket that is opened by mistake": [
    guard(
      BLOCKED_BUCKET,
      edit("infra/bucket/assets-bucket.ts", "BlockPublicAccess.BLOCK_ALL", "BlockPublicAccess.BLOCK_ACLS"),
    ),
    guard(
      BLOCKED_BUCKET,
      edit(
        "infra/bucket/assets-bucket.ts",
        "ObjectOwnership.BUCKET_OWNER_ENFORCED",
        "ObjectOwnership.OBJECT_WRITER",
      ),
    ),
    guard(
      named(RIGHTS, "gives %s nothing without TLS"),
      edit("infra/bucket/assets-bucket.ts", "enforceSSL: true", "enforceSSL: false"),
    ),
  ],
  "An uploaded page that uses its reader's session": [
    guard(
      SANDBOXED,
      edit(
        "edge/s3/origin-response.ts",
        `if (isHarmless || keepsType(response) || lets("trusted"))`,
        "if (true)",
      ),
    ),
    guard(SANDBOXED, edit("edge/s3/origin-response.ts", " && !ACTIVE.test(type)")),
    guard(SANDBOXED, edit("edge/s3/origin-response.ts", "PLAIN.test(type) && ")),
    guard(
      named(ORIGIN_RESPONSE, "a 304 with the type %j is sandboxed: %s"),
      edit(
        "edge/s3/shared-answer.ts",
        `status === 304 && headerValues({ headers }, "content-type").length === 0`,
        "status === 304",
      ),
    ),
  ],
  "What S3 says, by a path that CloudFront alone takes for an endpoint's, or in a list": [
    guard(
      named(S3_UNSEEN, "%s is %i %s, whatever behaviour takes it"),
      edit(
        "infra/delivery/behaviors.ts",
        "includeBody: true },\n      { eventType: LambdaEdgeEventType.ORIGIN_RESPONSE, functionVersion: originResponse },\n",
        "includeBody: true },\n",
      ),
    ),
    guard(
      named(ORIGIN_RESPONSE, "S3's %i is our %i %s: %s"),
      edit("edge/s3/origin-response.ts", `if (isList && status === 400) return "invalid_query";`),
    ),
  ],
  "S3's own headers: keys' ARNs, expirations, versions, what uploaders noted": [
    guard(
      named(ORIGIN_RESPONSE, "S3's own headers"),
      edit("edge/s3/origin-response.ts", "!OF_S3.test(name) ||", "true ||"),
    ),
    guard(
      named(ORIGIN_RESPONSE, "S3's own headers"),
      edit("edge/s3/origin-response.ts", ` && lets("versions")`),
    ),
    guard(
      named(S3_UNSEEN, "of S3's own, %s has %j: cold, warm, in part and not modified"),
      edit("edge/s3/origin-response.ts", ` && lets("metadata")`),
    ),
    guard(
      named(ORIGIN_RESPONSE, "S3's own headers"),
      edit(
        "edge/areas.ts",
        "areas.every(({ area }) => area[showing])",
        "areas.some(({ area }) => area[showing])",
      ),
    ),
  ],
  "A cache entry of another gate of the distribution, or of an area's setting of before": [
    guard(
      named(AREAS, "%s is another gate"),
      edit(
        "edge/config/gate-id.ts",
        `return hash("sha256", JSON.stringify(parts), "hex")`,
        `return "0".repeat(64)`,
      ),
    ),
    guard(
      named(AREAS, "says what the area lets pass: with %j %j"),
      edit("edge/request/area-rules.ts", ".concat(SHOWINGS.filter((showing) => area[showing]))"),
    ),
    guard(
      named(AREAS_HANDLER, "a listing is signed for the keys below the path, and shared with nobody"),
      edit("edge/s3/target.ts", "{access.scope}:list", `{"every"}:list`),
    ),
  ],
  "A page of another origin that draws what its reader may see into itself": [
    guard(
      named("test/unit/config/resource-policy.test.ts", "%s: %j is %s"),
      edit("edge/config/resource-policy.ts", `if (cookies.sameSite === "None") return`, "return"),
    ),
    guard(
      named("test/unit/answer/respond.test.ts", "is JSON with a stable code for programs"),
      edit("edge/answer/respond.ts", `    "Cross-Origin-Resource-Policy": resourcePolicyOf(config),\n`),
    ),
    guard(
      named("test/infra/delivery.test.ts", "%j lets pages embed that are %s"),
      edit("infra/delivery/policies.ts", `header: "Cross-Origin-Resource-Policy"`, `header: "X-Nothing"`),
    ),
  ],
  "A download that is not what its name says": [
    guard(
      named("test/unit/request/query.test.ts", "%s: %s as %j is saved as %j"),
      edit("edge/request/query.ts", "attachment(savedAs(name, path))", "attachment(name)"),
    ),
    guard(
      named("test/unit/request/query.test.ts", "%s: %s as %j is saved as %j"),
      edit("edge/request/query.ts", `given.replace(BIDI_CONTROLS, "")`, "given"),
    ),
  ],
  "A user's credentials that decrypt something else with the bucket's key": [
    guard(
      named(RIGHTS, "decrypt by way of %j: %s"),
      edit(
        "infra/bucket/bucket-owner.ts",
        `StringEquals: { "kms:ViaService"`,
        `StringNotEquals: { "kms:Nothing"`,
      ),
    ),
  ],
  "A sealing key that is on a page, or in a file that others may read": [
    guard(
      named(BUNDLE, "the key of the pages is refused as the %s one, and nothing is written"),
      edit("infra/build/known-keys.ts", "KNOWN_KEYS.includes(key)", `key === ""`),
    ),
    guard(
      named(BUNDLE, "%s: the file with them is for its owner alone, whatever it was"),
      edit("infra/build/build-edge.ts", "code}`, 0o600)", "code}`)"),
    ),
    guard(
      named(BUNDLE, "%s: the file with them is for its owner alone, whatever it was"),
      edit("infra/build/build-edge.ts", "  await rm(out, { force: true });\n"),
    ),
  ],
  "A link that opens more than its file or folder, or what its maker may not read": [
    guard(
      named(LINK, "to a file: %s is %s"),
      edit(
        "edge/session/link.ts",
        "isFolder ? path.slice(0, Number(length)) : path",
        "path.slice(0, Number(length))",
      ),
    ),
    guard(
      named(LINK, "to a folder: %s is %s"),
      edit("edge/session/link.ts", `if (hash("sha256", within, "base64") !== bound) return undefined;`, ""),
    ),
    guard(
      named(LINK, "to everything: %s is %s, for areas without links stay closed"),
      edit("edge/auth/link.ts", "!area.links || ", ""),
    ),
    guard(
      named(LINK, "a group's file in the group's role, and nothing of everybody's with it"),
      edit("edge/auth/link.ts", ` || (access.roleArn ?? "") !== roleArn`, ""),
    ),
  ],
  "A link that goes on after its end, its maker's token, or the gate that made it": [
    guard(
      named(LINK, "until it ends, and then says so without a way that has it inside"),
      edit("edge/auth/link.ts", "link.expiresAt <= now() / 1000 || ", ""),
    ),
    guard(
      named(LINK, "it ends with the token that it is made with"),
      edit("edge/auth/link.ts", "      token.expiresAt,\n", ""),
    ),
    guard(
      named(LINK, "nothing where %s"),
      edit("edge/session/link.ts", `return \`link \${gateId}\`;`, `return "link";`),
    ),
    guard(
      named(LINK, "nothing where %s"),
      edit("edge/auth/link.ts", " || link.issuedAt < (config.auth?.notBefore ?? 0)", ""),
    ),
  ],
  "What a link is sealed with, in a log line, a page, or what other sites are told": [
    guard(
      named(LINK, "its maker's pseudonym is in the log, and the value is in none of the answers and lines"),
      edit("edge/authorize.ts", "  visit.request = link.request;\n", ""),
    ),
    guard(
      named(SHARING, "tells no other page the address, and any player what it asks for, without credentials"),
      edit(
        "infra/delivery/policies.ts",
        "HeadersReferrerPolicy.NO_REFERRER",
        "HeadersReferrerPolicy.SAME_ORIGIN",
      ),
    ),
  ],
  "Another site that makes links or stores files in its visitor's name": [
    guard(
      named(LINK, "%s: %j %j is %i %s"),
      edit(
        "edge/auth/asked.ts",
        '  if (!isFromKnownOrigin(request, config)) throw new GateError("origin_not_allowed");\n',
        "",
      ),
    ),
  ],
  "A file stored under another key, of another type or length, or where its user may not": [
    guard(
      named(UPLOAD, "%s: %j %j is %i %s"),
      edit(
        "edge/auth/upload.ts",
        '  if (size > uploads.maxBytes) throw new GateError("upload_too_large");\n',
        "",
      ),
    ),
    guard(
      named(UPLOAD, "one file of one type and length, under the key that its path stands for"),
      edit("edge/auth/upload.ts", `content-length:\${file.size}`, "content-length:0"),
    ),
    guard(
      named(SHARING, "%s stores %s: %s"),
      edit("infra/access/objects.ts", "uploads !== undefined", "uploads !== null"),
    ),
  ],
  "A page or a script that a user stores, where its area does not name it": [
    guard(
      named(UPLOAD, "a group's area with types of its own: %j is %s"),
      edit("edge/auth/upload.ts", "!ACTIVE.test(type) && ", ""),
    ),
    guard(
      named("test/unit/config/area-problems.test.ts", "%j is wrong"),
      edit("edge/config/area-problems.ts", "area.uploads !== undefined && area.trusted", "false"),
    ),
  ],
  "A viewer's own `response-content-type` or signature parameters": [
    guard(QUERIES, edit("edge/request/query.ts", "...downloads.map(", "...given, ...downloads.map(")),
    guard(
      QUERIES,
      edit(
        "edge/request/query.ts",
        `area.versions ? parameter(given, "versionId", VERSION_ID) : []`,
        `parameter(given, "versionId", VERSION_ID)`,
      ),
    ),
    guard(
      QUERIES,
      edit(
        "edge/request/query.ts",
        `area.downloads ? parameter(given, "download", FILE_NAME) : []`,
        `parameter(given, "download", FILE_NAME)`,
      ),
    ),
  ],
  "A stolen or injected code, somebody else's sign-in": [
    guard(
      named(CALLBACK, "code injection: a stolen code under one's own state fails at the verifier"),
      edit("edge/auth/attempt.ts", "codeVerifier: random(32),", `codeVerifier: "the same for everybody",`),
    ),
    guard(NONCE, NO_NONCE),
    guard(LOGIN_CSRF, NO_ATTEMPT_NEEDED),
  ],
  "A way back that somebody wrote, changed or moved to another attempt": [
    guard(
      named(ONWARD, "is this gate's own, for this attempt, unchanged"),
      edit("edge/auth/way.ts", `return \`way \${id}\`;`, `return "way";`),
    ),
  ],
  "A sign-in that goes round for ever where cookies are lost": [
    guard(
      named(
        ONWARD,
        "a browser that keeps no cookies is told so at its second way back, with a link to where it wanted to go",
      ),
      edit("edge/auth/onward.ts", " || way.restarts >= MAX_RESTARTS"),
    ),
  ],
  "A session of former settings that outlives the next sign-in or signing out": [
    guard(
      named(FORMER, "%s: who signs in last is signed in"),
      edit("edge/auth/session-cookies.ts", "isLeft ? leftCookies", "!config ? leftCookies"),
    ),
    guard(
      named(FORMER, "%s: signing out ends all of it"),
      edit(
        "edge/auth/set-cookie.ts",
        "return [...clearCookies(request, config), ...leftCookies(request, config)]",
        "return [...clearCookies(request, config)]",
      ),
    ),
  ],
  "Another site that hands a session over or ends one": [
    guard(
      named("test/unit/auth/hand-over.test.ts", "the origin must be exactly ours or a configured one"),
      edit(
        "edge/auth/hand-over.ts",
        `if (!isFromKnownOrigin(request, config)) throw new GateError("origin_not_allowed");`,
      ),
    ),
    guard(
      named(LOGOUT, "who may"),
      edit(
        "edge/answer/own-origin.ts",
        "return origin === originOf(request) || isConfiguredOrigin(origin, config);",
        "return origin !== undefined;",
      ),
    ),
  ],
  "Cookies that another host plants": [
    guard(
      named(COOKIES, "planted ones of every name do not lock anybody out"),
      edit("edge/request/cookies.ts", `else if (value !== "") values.push(value);`),
    ),
    guard(
      named(COOKIES, "another host's cookie with ours in its value does not get around the prefix"),
      edit("edge/request/cookies.ts", "new RegExp(`(?<=^|;) *(?:", "new RegExp(`(?:"),
    ),
    guard(
      named(COOKIES, "nothing of a viewer's cookies is written back unless it is ours"),
      edit("edge/request/cookies.ts", "OWN.test(name) && ", "name && "),
    ),
  ],
  "A session of somebody else's choice, by tokens in cookies that other hosts can write": [
    guard(
      named(RENEW, "does not speak for a second refresh token"),
      edit("edge/auth/renew.ts", " && attempt.isOnly"),
    ),
    guard(
      named(TRUST, "a session that has ended is renewed"),
      edit("edge/token/candidates.ts", "if (isHeld && !isRenewed(request.querystring)) return places;", ""),
      edit("edge/token/token.ts", "if (this.owners?.includes(token.sub) === false) return undefined;"),
    ),
    guard(
      named(TRUST, "one that cannot be renewed has ended"),
      edit("edge/token/token.ts", "if (this.owners?.includes(token.sub) === false) return undefined;"),
    ),
    guard(
      named(TRUST, "a refresh token alone is nobody's"),
      edit("edge/token/token.ts", "isHeld || search.found.length > 0", "search.found.length > 0"),
    ),
    guard(
      named(TRUST, "a user who is gone takes no cookie of this session along"),
      edit(
        "edge/auth/index.ts",
        "isOwn ? clearCookies(request, config) : []",
        "isOwn || true ? clearCookies(request, config) : []",
      ),
    ),
    guard(
      named(TRUST, "after signing out it is nothing where it is not configured"),
      edit("edge/request/cookies.ts", "if (!config.cookies.amplify) return [];"),
      edit("edge/request/cookies.ts", "if (amplify) starts.push", "starts.push"),
    ),
    guard(
      named("test/unit/request/cookies.test.ts", "behind %j it is none"),
      edit("edge/request/cookies.ts", "(?<=^|;) *(?:", "(?<=^|;)\\\\s*(?:"),
      edit("edge/request/cookies.ts", `found.replace(/^ +/, "")`, "found.trimStart()"),
      edit(
        "edge/request/cookies.ts",
        `header.startsWith(" ", at) ? at + 1 : at;`,
        "at + header.slice(at).search(/\\S|$/);",
      ),
    ),
  ],
  "A sign-in under way that is pushed out, or answered with more than CloudFront takes": [
    guard(
      named(LOGIN, "attempts under the other prefix push none out"),
      edit(
        "edge/request/cookies.ts",
        "return namesIn(request, config, (name) => cookieName(name, config));",
        "return namesIn(request, config);",
      ),
    ),
    guard(
      named(LOGIN, "nor does the frame of the kind %s"),
      edit("edge/auth/login.ts", `["", "document"].includes(header(request, "sec-fetch-dest"))`, "true"),
    ),
    guard(
      named(LOGIN, "of 345 attempts one answer forgets the 40 oldest, and stays far from CloudFront's 40 KB"),
      edit(
        "edge/auth/attempt.ts",
        "return tooMany.slice(-MAX_REMOVED);",
        "return tooMany.slice(-MAX_REMOVED * 99);",
      ),
    ),
    guard(
      named(LOGOUT, "one answer removes as many cookies as it has room for"),
      edit("edge/auth/set-cookie.ts", "export const MAX_REMOVED = 40;", "export const MAX_REMOVED = 4_000;"),
    ),
  ],
  "A session that comes back with an earlier setting": [
    guard(
      named(LOGOUT, "%s: removed and revoked"),
      edit("edge/auth/logout.ts", "...formerValues(request, name, config)", ""),
    ),
    guard(
      named(LOGOUT, "%s: removed and revoked"),
      edit(
        "edge/auth/logout.ts",
        "clearAllCookies(request, config)",
        "clearAllCookies(request, config).slice(0, 1)",
      ),
    ),
  ],
  "One person who makes the gate ask, again and again": [
    guard(
      named(AMPLIFICATION, "20 times `session`: one exchange for each role, and the same credentials"),
      edit(
        "edge/session/session-store.ts",
        "this.#isFresh(kept, input.token)) return kept;",
        "this.#isFresh(kept, input.token)) void kept;",
      ),
    ),
    guard(
      named(AMPLIFICATION, "a token that says something else of its user gets credentials of its own"),
      edit("edge/session/session-store.ts", "this.#sayings.get(kept) === saying && "),
    ),
    guard(
      named(LOGOUT, "the pool is not told %s"),
      edit("edge/auth/logout.ts", "if (!token) return;"),
      edit("edge/auth/logout.ts", "token.clientId", `token?.clientId ?? ""`),
    ),
    guard(
      named(RENEW, "three that are refused as used before hold the container for one second, not for three"),
      edit(
        "edge/auth/renew.ts",
        "isOneRotated ||= isRotated(error);",
        "if (isRotated(error)) await pause(ROTATION_MS);",
      ),
    ),
    guard(
      named(RENEW, "%s says nothing: the session is renewed"),
      edit("edge/auth/marker.ts", "([0-9a-z]{8,9})", "(.*)"),
    ),
  ],
  "A link to sign-in that says more than where and how": [
    guard(named(LOGIN, "%s does not pass"), edit("edge/auth/login.ts", " && rule.test(value)")),
  ],
  "Parts of two tokens read as one, or planted between one's own": [
    guard(
      named("test/unit/request/parts.test.ts", "not at all"),
      edit(
        "edge/request/parts.ts",
        `return mark === \`~\${count}\${tagOf(whole)}~\` ? whole : undefined;`,
        "return whole;",
      ),
    ),
    guard(
      named("test/unit/auth/large-tokens.test.ts", "planted parts lock nobody out"),
      edit("edge/request/parts.ts", ".find((value) => value.startsWith(mark));", "[0];"),
    ),
  ],
  "Markup in what others say": [
    guard(
      TEXT_ONLY,
      edit("edge/auth/page.ts", "return text.replace(/[&<>\"']/g, ", "return text.replace(/&&/g, "),
    ),
  ],
  "A secret in a log line or an answer": [
    guard(
      named(HANDLER, "no answer and no log line holds a secret"),
      edit(
        "edge/answer/log.ts",
        "return error.cause === undefined ? error.name : ",
        "return error.cause === undefined ? error.message : ",
      ),
    ),
    guard(
      named(HANDLER, "no answer and no log line holds a secret"),
      edit(
        "edge/answer/respond.ts",
        "{ code, message, requestId: request.requestId }",
        "{ code, message, request }",
      ),
    ),
    guard(
      named(CALLBACK, "each fault of the token endpoint has its answer, and the attempt is over"),
      edit("edge/session/exchange.ts", "/^\\w{1,60}$/.test(type)", "true"),
    ),
    guard(
      named(FAULTS, "no answer and no log line holds what an endpoint or a browser said"),
      edit("edge/session/exchange.ts", "/^\\w{1,60}$/.test(type)", "true"),
    ),
  ],
  "An app client's secret in a template, or where a custom resource or its log would show it": [
    guard(
      named(
        "test/infra/sign-in.test.ts",
        "is nowhere else: the deployment learns its ARN alone, and may ask for its version",
      ),
      edit(
        "infra/deployment/deployment.ts",
        "ClientSecretArn: clientSecret.secretArn",
        `ClientSecretArn: clientSecretReference(clientSecret, "AWSCURRENT")`,
      ),
    ),
  ],
  "A secret in the repository, a bundle or a template": [
    guard(
      named(SUPPLY_CHAIN, "none in a template"),
      edit(
        "infra/deployment/sealing-keys.ts",
        `current: field("current")`,
        `current: "0f1e2d3c4b5a6978".repeat(4)`,
      ),
    ),
    guard(
      NO_SECRET_FILES,
      edit("infra/deployment/sealing-keys.ts", `current: "0".repeat(64)`, `current: "${MADE_UP_KEY}"`),
    ),
    guard(NO_SECRET_FILES, edit("edge/session/seal.ts", `current = ""`, `current = "${MADE_UP_KEY}"`)),
  ],
  "A dependency that is not what it was": [
    guard(
      named(SUPPLY_CHAIN, "has a SHA-512 for every package that is downloaded"),
      edit(
        "package-lock.json",
        `"node_modules/esbuild": {`,
        `"node_modules/of-unknown-bytes": { "version": "1.0.0" },\n    "node_modules/esbuild": {`,
      ),
    ),
  ],
  "Code in the function that nobody chose": [
    guard(NO_TLS, edit("infra/build/bundle.ts", "? [] : [smallPlatform]", "? [] : []")),
    guard(
      CONTENTS,
      edit(
        "edge/config/json.ts",
        "export function isRecord",
        `import "constructs";\nexport function isRecord`,
      ),
    ),
  ],

  "A cached object served to the next user": [
    guard(
      named(AREAS_HANDLER, "no two users who may not share have one cache key"),
      edit("edge/s3/target.ts", "JSON.stringify([identityId, query, ", "JSON.stringify([query, "),
    ),
    guard(
      named(AREAS_HANDLER, "no two users who may not share have one cache key"),
      edit("edge/request/area-rules.ts", "if (area.owner) return", "if (false) return"),
    ),
    guard(
      named(AREAS_HANDLER, "no two users who may not share have one cache key"),
      edit("edge/request/area-rules.ts", `group === undefined ? "signed-in" : `, `true ? "signed-in" : `),
    ),
    guard(
      named(
        BROWSER,
        "whoever signs in next in the same browser gets their own bytes at the same URLs",
        "signs in through the form of the managed login",
        "signing out shuts every URL for this browser",
      ),
      // The one before may be in memory as well.
      edit(
        "edge/session/session-store.ts",
        "return roleArn === undefined ? sub :",
        `return roleArn === undefined ? "" :`,
      ),
    ),
  ],
  "An open redirect after sign-in, by `/\\host`, `//host` or white space": [
    guard(
      named(LOGIN, "%j is not followed: the start page instead"),
      edit("edge/auth/place.ts", "if (url.origin !== ANY_ORIGIN || ", "if ("),
      edit(
        "edge/auth/place.ts",
        "  return [path + url.hash, path, url.pathname].map(localPath)",
        "  return [value].map(String)",
      ),
    ),
    guard(
      named(LOGIN, "%j is not followed: the start page instead"),
      edit("edge/auth/place.ts", " || isOwn(url.pathname, config)"),
    ),
    guard(
      named(LOGIN, "%j stays on this origin as the path %j"),
      edit("edge/request/answer-headers.ts", "return /^\\/[/\\\\]/.test(path) ? ", "return false ? "),
    ),
  ],
  "The place to come back to as markup in an error page": [
    guard(TEXT_ONLY, edit("edge/auth/page.ts", `<a href="\${escaped(href)}"`, `<a href="\${href}"`)),
  ],
  "An HMAC oracle: the error names the value that was expected": [
    guard(NOT_ASKED, edit("edge/auth/attempt.ts", `return \`attempt \${state}\`;`, `return "attempt";`)),
    guard(
      NOT_ASKED,
      edit("edge/auth/attempt.ts", "attempt && now < attempt.startedAt + ATTEMPT_SECONDS * 1000", "attempt"),
    ),
    guard(
      named(RENEW, "%s says nothing: the session is renewed"),
      edit(
        "edge/auth/marker.ts",
        "subs.some((sub) => keys.some((key) => equal(mac(sub, until, key), given))),",
        "subs.some((sub) => keys.some((key) => equal(mac(sub, until, key), given) || true)),",
      ),
    ),
  ],
  "A nonce that is compared but not checked to be one's own": [guard(NONCE, NO_NONCE)],
  "Sign-in without protection against CSRF": [guard(LOGIN_CSRF, NO_ATTEMPT_NEEDED)],
  "Cookies sent on to the origin, which refuses them: `RequestHeaderSectionTooLarge`": [
    guard(
      named(HANDLER, "passes on nothing of the viewer's but ranges, conditions and what CloudFront needs"),
      edit(
        "edge/s3/forward.ts",
        "const headers: CloudFrontHeaders = {};",
        "const headers: CloudFrontHeaders = { ...request.headers };",
      ),
    ),
    guard(
      named(FORWARD, "a long one stays here: S3 refuses 8,192 bytes of headers"),
      edit("edge/request/passed-headers.ts", " || bytes <= MAX_HEADER_BYTES", " || bytes >= 0"),
    ),
  ],
  "A header that the viewer sends and the gate believes": [
    guard(
      named(FORWARD, "a viewer's own cache scope is overwritten, every copy of it"),
      edit(
        "edge/s3/forward.ts",
        "const headers: CloudFrontHeaders = {};",
        "const headers: CloudFrontHeaders = { ...request.headers };",
      ),
      edit("edge/s3/forward.ts", "headers[CACHE_SCOPE_HEADER] = ", "headers[CACHE_SCOPE_HEADER] ??= "),
    ),
  ],
  "A path that gate and origin read differently": [
    guard(
      named(
        "test/unit/path-tricks.test.ts",
        "100,000 paths: the area that was authorised owns the key that S3 reads",
      ),
      edit(
        "edge/request/path.ts",
        `if (decoded.includes("/.") && DOT_SEGMENT.test(decoded)) throw new GateError("invalid_path");`,
      ),
    ),
    guard(
      named(
        "test/unit/path-tricks.test.ts",
        "100,000 paths: the area that was authorised owns the key that S3 reads",
      ),
      edit("edge/request/path.ts", "return isPlain ? key : uriEncodePath(key);", "return key;"),
    ),
  ],
  "A page that the back button brings back after signing out": [
    guard(
      named("test/unit/s3/browser-cache.test.ts", "of the type %j is shown, and not stored: %s"),
      edit("edge/s3/browser-cache.ts", "isPage && isShown(headers)", "isPage && false"),
    ),
    guard(
      named("test/infra/delivery.test.ts", "browsers must ask again, and are told to be careful"),
      edit("infra/delivery/policies.ts", `"private, no-cache", false`, `"private, no-cache", true`),
    ),
  ],
  "A sign-out by a link that was prefetched": [
    guard(
      named(LOGOUT, "GET never signs out"),
      edit(
        "edge/auth/index.ts",
        "logout: { GET: logoutPage, POST: logout },",
        "logout: { GET: logout, POST: logout },",
      ),
      edit(
        "edge/auth/logout.ts",
        `if (!isFromKnownOrigin(request, config)) throw new GateError("origin_not_allowed");`,
      ),
    ),
  ],
  "A signed-out browser that still opens files": [
    guard(
      named(
        BROWSER,
        "signing out shuts every URL for this browser",
        "signs in through the form of the managed login",
      ),
      edit("edge/auth/logout.ts", `"Set-Cookie": clearAllCookies(request, config)`, `"Set-Cookie": []`),
    ),
  ],
  "Requests at the same time that renew, and end, each other's session": [
    guard(
      named(RENEW, "12 images at once, each at a container of its own, no grace: the session survives"),
      edit(
        "edge/auth/renew.ts",
        `if (!(error instanceof GateError) || error.code === "sign_in_unavailable") throw error;`,
        "throw error;",
      ),
    ),
    guard(
      named(LOGIN, "five tabs at the same time all come back to where they were"),
      edit("edge/auth/attempt.ts", `return \`login-\${idOf(state)}\`;`, `return "login-one";`),
    ),
  ],
  "A renewal that goes round for ever, until cookies are deleted by hand": [
    guard(
      named(RENEW, "a request that has just been renewed is not renewed again, for 30 seconds"),
      edit("edge/auth/renew.ts", " || isMarked(request, subs, config, now())"),
    ),
  ],
  "A signature over headers that change on the way": [
    guard(
      named(
        "test/unit/s3/sign.test.ts",
        "the signature is the one of the S3 documentation's recipe, step by step",
      ),
      edit("edge/s3/sign.ts", `cfId ? "host%3Bx-amz-cf-id" : "host"`, `"host%3Bx-amz-cf-id"`),
    ),
  ],
  "S3's error with string to sign and credentials shown to the viewer": [
    guard(
      named(ORIGIN_RESPONSE, "S3's %i becomes our %i %s"),
      edit(
        "edge/s3/origin-response.ts",
        "return keeping(response, refusal(code, { ...request, headers }, parts, isPage));",
        "return { ...refusal(code, { ...request, headers }, parts, isPage), ...response.raw };",
      ),
    ),
  ],
};
