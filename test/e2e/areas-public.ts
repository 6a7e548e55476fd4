// A public area: everybody reads it through CloudFront, by origin access control, and nobody else's key with it.

import { afterAll, beforeAll, expect, test } from "vitest";
import { distributionConfig } from "../../local/gate/front.ts";
import { bucketOrigin } from "../../local/gate/resources.ts";
import { type Answer, send, signHeaders } from "../local/aws/s3/presign.ts";
import type { Stage } from "./areas-stage.ts";

/** A public area beside a private one. */
export const PUBLIC = {
  areas: [{ path: "/public/*", public: true }, { path: "/private/*" }],
  objects: ["public/a b.txt", "public/deep/a.txt", "publicx/a.txt", "private/a.txt", "private/public/a.txt"],
};

/** Public areas inside private ones. */
export const PUBLIC_INSIDE = {
  areas: [
    { path: "/favicon.ico", public: true },
    { path: "/.well-known/*", public: true },
    { path: "/team/open/*", public: true },
    { path: "/team/*", groups: ["editors"] },
    { path: "/*" },
  ],
  objects: [
    "favicon.ico",
    "favicon.ico.bak",
    ".well-known/security.txt",
    "team/open/a.txt",
    "team/a.txt",
    "index.html",
  ],
};

/** Path, and what becomes of it without a token, with ann's, as CloudFront itself at S3, and anonymously at S3. */
export type PublicRow = readonly [path: string, number, number, number, number];

/** Of `PUBLIC_INSIDE`. */
export const INSIDE_ROWS: readonly PublicRow[] = [
  ["/favicon.ico", 200, 200, 200, 403],
  ["/favicon.ico.bak", 401, 200, 403, 403],
  ["/.well-known/security.txt", 200, 200, 200, 403],
  ["/.well-known/none.txt", 404, 404, 403, 403],
  ["/team/open/a.txt", 200, 200, 200, 403],
  ["/team/a.txt", 401, 200, 403, 403],
  ["/index.html", 401, 200, 403, 403],
  ["/nothing.txt", 401, 404, 403, 403],
];

/** Of `PUBLIC`. */
export const BESIDE_ROWS: readonly PublicRow[] = [
  ["/public/a b.txt", 200, 200, 200, 403],
  ["/public/deep/a.txt", 200, 200, 200, 403],
  ["/public/none.txt", 404, 404, 403, 403],
  ["/publicx/a.txt", 401, 403, 403, 403],
  ["/private/a.txt", 401, 200, 403, 403],
  ["/private/public/a.txt", 401, 200, 403, 403],
  ["/public", 401, 403, 403, 403],
];

/** Every way to every row, from a cold cache and a warm one. */
export function walkPublic(rows: readonly PublicRow[], start: () => Promise<Stage>): void {
  let stage: Stage;
  beforeAll(async () => {
    stage = await start();
  });
  afterAll(() => stage?.gate.close());

  test.each(rows)("%s", async (path, withoutToken, asAnn, asCloudFront, anonymous) => {
    for (const _time of ["cold", "warm"]) {
      expectServed(await stage.ask(undefined, { path }), withoutToken, path, stage);
      expectServed(await stage.ask("ann", { path }), asAnn, path, stage);
    }
    const key = encodeURI(path);
    const signed = await sendAsCloudFront(stage, key);
    expectServed(signed, asCloudFront, path, stage);
    const { domainName: host } = originOf(stage);
    expect((await send(stage.gate.store.target.port, key, { host })).status).toBe(anonymous);
  });
}

function expectServed(answer: Answer, status: number, path: string, stage: Stage): void {
  expect(answer.status).toBe(status);
  if (status === 200) expect(answer.body).toEqual(stage.bytesOf(path.slice(1)));
}

function originOf({ gate }: Stage): ReturnType<typeof bucketOrigin> {
  return bucketOrigin(distributionConfig(gate.stack));
}

/** What a request signed by CloudFront's service principal gets, whatever behaviour would have let it sign. */
async function sendAsCloudFront(stage: Stage, path: string): Promise<Answer> {
  const { domainName: host, region } = originOf(stage);
  const { ref } = [...stage.gate.stack.resources.values()].find(
    ({ type }) => type === "AWS::CloudFront::Distribution",
  ) ?? { ref: "" };
  const keys = stage.gate.store.serviceKeys(`arn:aws:cloudfront::123456789012:distribution/${ref}`);
  const credentials = { sessionToken: "", ...keys, expiresAt: 0 };
  const headers = await signHeaders({ host, path, region, credentials, now: Date.now() });
  const sent = Object.entries(headers).filter(([, value]) => value !== "");
  return await send(stage.gate.store.target.port, path, Object.fromEntries(sent));
}
