// The built bundles over recorded CloudFront events: test/events/, and a folder of one's own in GATEHOUSE_EVENTS.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { BUNDLES, loadBundle, refusalOf } from "./fixtures/bundle.ts";
import { type FakeCognito, fakeCognito } from "./fixtures/cognito.ts";
import { configDocument } from "./fixtures/config.ts";
import { JWKS, token } from "./fixtures/tokens.ts";

const RECORDED = join(import.meta.dirname, "../events");
const OWN = process.env["GATEHOUSE_EVENTS"];
const VIEWER_REQUESTS = [...filesIn(join(RECORDED, "viewer-request")), ...(OWN ? filesIn(resolve(OWN)) : [])];
const ORIGIN_RESPONSES = filesIn(join(RECORDED, "origin-response"));
const GOOD = token({ exp: Math.floor(Date.now() / 1000) + 3600 });

interface Event {
  readonly Records: [{ readonly cf: { readonly request: { headers: object; method: string; uri: string } } }];
}

function filesIn(folder: string): [name: string, file: string][] {
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".json")) : [];
  return names.map((name) => [basename(name, ".json"), join(folder, name)]);
}

function load(file: string): Event {
  return JSON.parse(readFileSync(file, "utf8"));
}

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
  let config: ReturnType<typeof configDocument>;
  beforeAll(async () => {
    vi.spyOn(console, "log").mockReturnValue();
    cognito = await fakeCognito(Date.now);
    config = configDocument({
      userPool: { ...configDocument().userPool, jwks: JWKS },
      endpoints: { cognitoIdentity: cognito.url, jwksUri: cognito.url },
      listing: { enabled: true },
    });
  });
  afterAll(() => cognito[Symbol.asyncDispose]());

  test.each(VIEWER_REQUESTS)("viewer-request %s", async (_, file) => {
    const handler = loadBundle(bundle, config);
    const event = load(file);
    const refused = refusalOf(await handler(event));
    expect(refused.status).toBeGreaterThanOrEqual(400);
    expect(refused.headers["cache-control"]).toBe("no-store");

    const { method, uri } = event.Records[0].cf.request;
    const allowed = await handler(withToken(event));
    if (!["GET", "HEAD"].includes(method) || !uri.startsWith("/"))
      return expect(refusalOf(allowed).status).toBeLessThan(500);
    expect(allowed).toMatchObject({
      method,
      querystring: expect.stringMatching(/^X-Amz-Algorithm=.*&X-Amz-Signature=[0-9a-f]{64}$/),
    });
    expect(Object.keys(allowed.headers).join()).not.toMatch(/authorization|cookie|referer|x-amz-/);
    expect(JSON.stringify(allowed.headers)).not.toMatch(/eyJ|JWT_PLACEHOLDER/);
  });

  test.each(ORIGIN_RESPONSES)("origin-response %s", async (_, file) => {
    const answer = await loadBundle(bundle, config, "originResponse")(load(file));
    expect(answer).toMatchObject({ status: expect.stringMatching(/^[2-5]\d\d$/) });
    if ("status" in answer && Number(answer.status) >= 400)
      expect(JSON.stringify(answer)).not.toMatch(/x-amz|AmazonS3/);
  });
});
