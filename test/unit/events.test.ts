// The built bundles over recorded CloudFront events: test/events/, and a folder of one's own in GATEHOUSE_EVENTS.
import { readdirSync, readFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { BUNDLES, loadBundle, refusalOf } from "./fixtures/bundle.ts";
import { type FakeCognito, fakeCognito } from "./fixtures/cognito.ts";
import { configDocument } from "./fixtures/config.ts";
import { JWKS, token } from "./fixtures/tokens.ts";

const FOLDERS = [join(import.meta.dirname, "../events"), process.env["GATEHOUSE_EVENTS"]].flatMap((folder) =>
  folder ? [resolve(folder)] : [],
);
const FILES = FOLDERS.flatMap((folder) =>
  readdirSync(folder)
    .filter((file) => file.endsWith(".json"))
    .map((file) => join(folder, file)),
);
const GOOD = token({ exp: Math.floor(Date.now() / 1000) + 3600 });

interface Event {
  readonly Records: [{ readonly cf: { readonly request: { headers: object; method: string; uri: string } } }];
}

const load = (file: string): Event => JSON.parse(readFileSync(file, "utf8"));

function withToken(event: Event): Event {
  const copy = structuredClone(event);
  const { request } = copy.Records[0].cf;
  request.headers = {
    ...request.headers,
    authorization: [{ key: "Authorization", value: `Bearer ${GOOD}` }],
  };
  return copy;
}

describe.each(BUNDLES)("%s", (bundle) => {
  let cognito: FakeCognito;
  let handler: ReturnType<typeof loadBundle>;
  beforeAll(async () => {
    cognito = await fakeCognito(Date.now);
    handler = loadBundle(
      bundle,
      configDocument({
        userPool: { ...configDocument().userPool, jwks: JWKS },
        endpoints: { cognitoIdentity: cognito.url, jwksUri: cognito.url },
      }),
    );
  });
  afterAll(() => cognito[Symbol.asyncDispose]());

  test.each(FILES.map((file) => [basename(file), file]))("%s", async (_, file) => {
    const event = load(file);
    const refused = refusalOf(await handler(event));
    expect(refused.status).toBeGreaterThanOrEqual(400);
    expect(refused.headers["cache-control"]).toBe("no-store");

    const { method, uri } = event.Records[0].cf.request;
    const allowed = await handler(withToken(event));
    if (method !== "GET" || !uri.startsWith("/")) return expect(refusalOf(allowed).status).toBeLessThan(500);
    expect(allowed).toMatchObject({
      method,
      querystring: expect.stringMatching(/^X-Amz-Algorithm=.*&X-Amz-Signature=/),
    });
    expect(Object.keys(allowed.headers).join()).not.toMatch(/authorization|cookie|referer|x-amz-/);
    expect(JSON.stringify(allowed.headers)).not.toMatch(/eyJ|JWT_PLACEHOLDER/);
  });
});
