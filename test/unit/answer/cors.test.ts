import { describe, expect, test } from "vitest";
import { corsHeaders, isConfiguredOrigin } from "../../../edge/answer/cors.ts";
import { parseConfig } from "../../../edge/config/document.ts";
import { readEvent } from "../../../edge/request/cloudfront.ts";
import { configDocument } from "../fixtures/config.ts";
import { viewerEvent } from "../fixtures/events.ts";

const CONFIG = parseConfig(
  configDocument({
    cors: {
      origins: [
        "https://app.example.com",
        "https://*.preview.example.net",
        "https://*.example.org:8443",
        "capacitor://localhost",
        "http://localhost:5173",
      ],
    },
  }),
);

describe("whether an origin is configured", () => {
  const origins: Record<string, boolean> = {
    "https://app.example.com": true,
    "http://app.example.com": false,
    "https://app.example.com:8443": false,
    "https://app.example.com.evil.example": false,
    "https://evil-app.example.com": false,
    "https://pr-12.preview.example.net": true,
    "https://a.b.preview.example.net": true,
    "https://preview.example.net": false,
    "https://.preview.example.net": false,
    "https://pr-12.preview.example.net:8443": false,
    "http://pr-12.preview.example.net": false,
    "https://evilpreview.example.net": false,
    "https://evil.example/.preview.example.net": false,
    "https://evil.example@x.preview.example.net": false,
    "https://evil.example?x.preview.example.net": false,
    "https://x..preview.example.net": false,
    "https://*.preview.example.net": false,
    "https://pr-12.preview.example.net.evil.example": false,
    "https://a.example.org:8443": true,
    "https://a.example.org": false,
    "capacitor://localhost": true,
    "ionic://localhost": false,
    "http://localhost:5173": true,
    "http://localhost": false,
    null: false,
    "": false,
  };
  test.each(Object.entries(origins))("%j: %s", (origin, isConfigured) => {
    expect(isConfiguredOrigin(origin, CONFIG)).toBe(isConfigured);
    const headers = corsHeaders(readEvent(viewerEvent({ headers: { Origin: origin } })), CONFIG);
    expect(headers["Access-Control-Allow-Origin"]).toBe(isConfigured ? origin : undefined);
    expect(headers["Vary"]).toBe("Origin");
  });
});

test("without CORS no answer depends on the origin", () => {
  const request = readEvent(viewerEvent({ headers: { Origin: "https://app.example.com" } }));
  expect(corsHeaders(request, parseConfig(configDocument()))).toEqual({});
});
