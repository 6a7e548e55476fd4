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
const SITE_HANDLER = "test/unit/site-handler.test.ts";
const CALLBACK = "test/unit/auth/callback.test.ts";
const COOKIES = "test/unit/auth/cookies.test.ts";
const LOGIN = "test/unit/auth/login.test.ts";
const LOGOUT = "test/unit/auth/logout.test.ts";
const RENEW = "test/unit/auth/renew.test.ts";
const RIGHTS = "test/infra/rights.test.ts";
const SUPPLY_CHAIN = "test/infra/supply-chain.test.ts";
const BROWSER = "test/e2e/browser.test.ts";

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
  "an answer to a question that this browser has not asked is refused before anybody is asked",
);
const LOGIN_CSRF = named(
  CALLBACK,
  "login CSRF: somebody else's way back changes nothing in the victim's browser",
);
const NONCE = named(CALLBACK, "code injection: and at the nonce, should the pool not check the verifier");
const TEXT_ONLY = named("test/unit/auth/page.test.ts", "everything that is shown is text");
const CONTENTS = named(SUPPLY_CHAIN, "what is inside each function");
const NO_SECRET_FILES = named(SUPPLY_CHAIN, "none in %s");

const NO_SIGNATURE = edit(
  "edge/token/verify-jwt.ts",
  `!verify("RSA-SHA256", signed, keyObject(jwk), Buffer.from(signatureB64, "base64url"))`,
  "false",
);
const NO_SDK_SIGNATURE = [
  edit("edge/sdk/verify-jwt.ts", "(jwt, { header }, jwk, issuer)", "(jwt, { header, payload }, jwk, issuer)"),
  edit(
    "edge/sdk/verify-jwt.ts",
    "const payload = verifyJwtSync(jwt, jwk, { issuer, ...JWT_FIELDS }, importKey);",
  ),
];
const NO_ISSUER = edit("edge/token/verify-jwt.ts", "validateJwtFields(payload, { issuer, ...JWT_FIELDS });");
const NO_CLIENT = edit(
  "edge/token/token.ts",
  `typeof aud === "string" && clientIds.includes(aud)`,
  `typeof aud === "string"`,
);
const NO_END = edit("edge/token/token.ts", "token.expiresAt <= now || ");
const NO_RESERVED_FOLDERS = edit(
  "edge/areas.ts",
  "return !found?.owner && this.#reserved.some((prefix) => path.startsWith(prefix)) ? undefined : found;",
  "return found;",
);
/** Anybody's way back is that of an attempt of this browser. */
const NO_ATTEMPT_NEEDED = edit(
  "edge/auth/attempt.ts",
  `throw new GateError(code, Object.assign(new Error(), { name: "UnknownState" }));`,
  `return startAttempt("/", now);`,
);
const NO_NONCE = edit(
  "edge/auth/callback.ts",
  `if (claimsOf(token)["nonce"] !== nonce) throw failed("AnotherNonce");`,
);
/** Not written as one, so that the scan finds nothing here. */
const MADE_UP_KEY = "0f1e2d3c4b5a6978".repeat(4);

/** The guards of each row, by the text of its first cell. */
export const GUARDS: Readonly<Record<string, readonly Guard[]>> = {
  "A forged token: `alg`, `kid`, key headers, signature, padding": [
    guard(ALG, edit("edge/token/verify-jwt.ts", `header.alg !== "RS256"`, "false")),
    guard(KEY_HEADERS, NO_SIGNATURE),
    guard(KEY_HEADERS, edit("edge/token/token.ts", `!("crit" in header) && `)),
    guard(
      named(HOSTILE_TOKENS, "kid"),
      edit(
        "edge/token/token.ts",
        "!header.kid || !payload.iss || !this.#issuer.includes(payload.iss)",
        "false",
      ),
    ),
    guard(PADDING, NO_SIGNATURE),
    guard(
      named(HOSTILE_TOKENS, "the compact form"),
      edit(
        "edge/token/token.ts",
        `return Buffer.from(signature, "base64url").toString("base64url") === signature;`,
        "return true;",
      ),
    ),
  ],
  "A token of another pool, client, use or time": [
    guard(CLAIMS, NO_ISSUER),
    guard(CLAIMS, NO_CLIENT),
    guard(CLAIMS, edit("edge/token/token.ts", `use === "id" && `)),
    guard(CLAIMS, NO_END),
    guard(
      CLAIMS,
      edit("edge/token/token.ts", `if (token.notBefore > now) throw new GateError("token_invalid");`),
    ),
    guard(named(AGREEMENT, "both builds say the same"), NO_ISSUER),
    guard(named(AGREEMENT, "both builds say the same"), NO_CLIENT),
  ],
  "A signature scheme read loosely": [
    guard(
      named("test/unit/hostile/vectors.test.ts", "JWS, with claims in the payload's place"),
      NO_SIGNATURE,
    ),
    guard(PADDING, ...NO_SDK_SIGNATURE),
  ],
  "A token after its end, or of a key that has left": [
    guard(
      named(HOSTILE_TOKENS, "ends with its second, remembered or not"),
      edit("edge/token/token.ts", " && token.expiresAt * 1000 > this.#now()"),
    ),
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
      edit("edge/areas.ts", `if (group === undefined) throw new GateError("access_denied");`),
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
      edit("edge/token/candidates.ts", " === last;", " === decoded(lastUser);"),
    ),
    guard(
      named("test/unit/hostile/guards.test.ts", "81 of them are checked, and no more"),
      edit("edge/token/token.ts", "if (checked >= MAX_CANDIDATES) break;"),
    ),
    guard(
      named(
        "test/unit/token/token.test.ts",
        "as many of the shortest forged tokens as a request's headers hold do not hide the real one",
      ),
      edit("edge/token/token.ts", "const MAX_CANDIDATES = 81;", "const MAX_CANDIDATES = 40;"),
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
      edit("edge/token/token.ts", "if (remembered) return remembered;"),
      edit("edge/token/token.ts", "if (known) return known;"),
    ),
  ],
  "A crowd of one user that exhausts Cognito's quota": [
    guard(
      named(CROWD, "a thousand requests of one new user, where the exchange %s"),
      edit("edge/session/sessions.ts", "if (running !== undefined) return await running;"),
    ),
  ],
  "Requests at the same time that get each other's session, folder or cached bytes": [
    guard(
      named(
        CROWD,
        "a thousand requests of 50 users at once: each gets the own folder, with the own credentials",
      ),
      edit("edge/session/sessions.ts", "{input.token.raw} $", "{void input} $"),
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
      edit("edge/session/sessions.ts", "this.#now() + SIGNATURE_SECONDS * 1000", "this.#now()"),
    ),
  ],
  "A sealed cookie of somebody else, changed, or of another purpose": [
    guard(
      named("test/unit/session/sealed.test.ts", "with any bit flipped"),
      edit("edge/session/sealed.ts", "decipher.final(),"),
    ),
    guard(
      named("test/unit/session/sealed.test.ts", "another purpose: %s"),
      edit(
        "edge/session/sealed.ts",
        "cipher.setAAD(Buffer.from(purpose)).update(plain)",
        "cipher.update(plain)",
      ),
      edit(
        "edge/session/sealed.ts",
        "decipher.setAAD(Buffer.from(purpose)).setAuthTag(",
        "decipher.setAuthTag(",
      ),
    ),
    guard(named(SEALED_SESSION, "it is not used without a token of its user"), NO_END),
    guard(
      SEALED_SWAPPED,
      edit("edge/session/sealed-session.ts", "token.clientId, token.sub, ", "token.clientId, "),
    ),
    guard(
      SEALED_SWAPPED,
      edit("edge/session/sealed-session.ts", "token.clientId, token.sub, ", "token.sub, "),
    ),
    guard(SEALED_SWAPPED, edit("edge/session/sealed-session.ts", `token.sub, roleArn ?? ""]`, "token.sub]")),
  ],
  "A rotation of sealing keys that signs people out": [
    guard(
      named(ROTATION, "a sealed session under %s"),
      edit("edge/session/sealed.ts", "return [current, previous]", "return [current]"),
    ),
    guard(
      named(ROTATION, "the previous key opens, and never seals"),
      edit("edge/session/sealed.ts", "return [current, previous]", "return [previous, current]"),
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
  ],
  "A user's own folder reached by its real key": [
    guard(
      named(AREAS_HANDLER, "somebody else's folder is out of reach by its real key"),
      NO_RESERVED_FOLDERS,
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
    guard(EVERY_RIGHT, edit("infra/bucket/rights.ts", "roles.map(({ roleArn }) => roleArn)", `["*"]`)),
    guard(
      EVERY_RIGHT,
      edit(
        "infra/users/roles.ts",
        `const actions = tagged ? ["sts:AssumeRole", "sts:TagSession"] : ["sts:AssumeRole"];`,
        `const actions = ["sts:*"];`,
      ),
    ),
    guard(
      EVERY_RIGHT,
      edit("infra/delivery/edge-function.ts", "resources: [logGroup],", `resources: ["*"],`),
    ),
    guard(
      EVERY_RIGHT,
      edit("infra/deployment/custom-resource.ts", "resources: [right.resource]", `resources: ["*"]`),
    ),
  ],
  "Somebody else who acts in a role": [
    guard(
      WHO_ACTS,
      edit(
        "infra/users/roles.ts",
        `StringEquals: { "cognito-identity.amazonaws.com:aud": identityPool?.identityPoolId },`,
      ),
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
      edit(
        "infra/users/roles.ts",
        `conditions: { "ForAllValues:StringEquals": { "aws:TagKeys": ["identityId"] } },`,
      ),
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
      edit("edge/answer/moved.ts", 'to.startsWith("//")', "false"),
    ),
  ],
  "An origin that looks like a configured one": [
    guard(
      named("test/unit/answer/cors.test.ts", "%j: %s"),
      edit("edge/answer/cors.ts", " && HOST.test(host)"),
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
        "return areas.trusts(key) ? object.raw : sandboxed(object);",
        "return object.raw;",
      ),
    ),
    guard(SANDBOXED, edit("edge/s3/origin-response.ts", " && !ACTIVE.test(type)")),
    guard(SANDBOXED, edit("edge/s3/origin-response.ts", "PLAIN.test(type) && ")),
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
        "edge/auth/place.ts",
        "return origin === originOf(request) || isConfiguredOrigin(origin, config);",
        "return origin !== undefined;",
      ),
    ),
  ],
  "Cookies that another host plants": [
    guard(
      named(COOKIES, "planted ones of every name do not lock anybody out"),
      edit(
        "edge/request/cookies.ts",
        "if (isStart(header, at))",
        "if (isStart(header, at) && values.length === 0)",
      ),
    ),
    guard(
      named(COOKIES, "another host's cookie with ours in its value does not get around the prefix"),
      edit("edge/request/cookies.ts", "if (isStart(header, at)) "),
    ),
    guard(
      named(COOKIES, "nothing of a viewer's cookies is written back unless it is ours"),
      edit(
        "edge/auth/set-cookie.ts",
        "return [...new Set(names)].filter((name) => OWN.test(name));",
        "return [...new Set(names)];",
      ),
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
  "A secret in the repository, a bundle or a template": [
    guard(
      named(SUPPLY_CHAIN, "none in a template"),
      edit(
        "infra/deployment/sealing-keys.ts",
        `current: reference("current")`,
        `current: "0f1e2d3c4b5a6978".repeat(4)`,
      ),
    ),
    guard(
      NO_SECRET_FILES,
      edit("infra/deployment/sealing-keys.ts", `current: "0".repeat(64)`, `current: "${MADE_UP_KEY}"`),
    ),
    guard(NO_SECRET_FILES, edit("edge/session/sealed.ts", `current = ""`, `current = "${MADE_UP_KEY}"`)),
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
    guard(CONTENTS, edit("infra/build/bundle.ts", "? [] : [smallPlatform]", "? [] : []")),
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
      edit("edge/areas.ts", "if (area.owner) return `owner:", "if (false) return `owner:"),
    ),
    guard(
      named(AREAS_HANDLER, "no two users who may not share have one cache key"),
      edit("edge/areas.ts", `return group === undefined ? "signed-in" : `, `return true ? "signed-in" : `),
    ),
    guard(
      named(
        BROWSER,
        "whoever signs in next in the same browser gets their own bytes at the same URLs",
        "signs in through the form of the managed login",
        "signing out shuts every URL for this browser",
      ),
      edit("edge/s3/target.ts", `JSON.stringify([identityId, query, Math.floor(now() / 1000)])`, `""`),
    ),
  ],
  "An open redirect after sign-in, by `/\\host`, `//host` or white space": [
    guard(
      named(LOGIN, "%j is not followed: the start page instead"),
      edit("edge/auth/place.ts", "if (url.origin !== ANY_ORIGIN || ", "if ("),
      edit("edge/auth/place.ts", "  return path;", "  return value;"),
    ),
    guard(
      named(LOGIN, "%j is not followed: the start page instead"),
      edit("edge/auth/place.ts", " || isOwn(url.pathname, config)"),
    ),
    guard(
      named(LOGIN, "%j stays on this origin as the path %j"),
      edit("edge/auth/place.ts", "return /^\\/[/\\\\]/.test(path) ? ", "return false ? "),
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
        "return isNow && sealingKeys(config).some((key) => equal(mac(sub, until, key), given));",
        "return isNow;",
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
      edit("edge/s3/forward.ts", "if (entries && lengthOf(entries) <= maxBytes)", "if (entries)"),
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
      edit("edge/request/path.ts", `if (DOT_SEGMENT.test(decoded)) throw new GateError("invalid_path");`),
    ),
    guard(
      named(
        "test/unit/path-tricks.test.ts",
        "100,000 paths: the area that was authorised owns the key that S3 reads",
      ),
      edit("edge/request/path.ts", "return isPlain ? key : uriEncodePath(key);", "return key;"),
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
      edit("edge/auth/logout.ts", `"Set-Cookie": clearCookies(request, config)`, `"Set-Cookie": []`),
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
      edit("edge/auth/attempt.ts", `setCookie(\`login-\${state}\`, value`, `setCookie("login-one", value`),
      edit(
        "edge/auth/attempt.ts",
        `(const value of cookieValues(request, cookieName(\`login-\${state}\`, config))) {`,
        `(const value of cookieValues(request, cookieName("login-one", config))) {`,
      ),
    ),
  ],
  "A renewal that goes round for ever, until cookies are deleted by hand": [
    guard(
      named(RENEW, "a request that has just been renewed is not renewed again, for 30 seconds"),
      edit("edge/auth/renew.ts", " || genuine.some(({ sub }) => isMarked(request, sub, config, now()))"),
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
        "return keeping(response, refusal(code, request, parts, !isPreflight));",
        "return { ...refusal(code, request, parts, !isPreflight), ...response.raw };",
      ),
    ),
  ],
};
