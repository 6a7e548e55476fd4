import { expect, test } from "vitest";
import type { ConfigDocument } from "../../../edge/config/config.ts";
import { parseConfig } from "../../../edge/config/document.ts";
import { resourcePolicyOf } from "../../../edge/config/resource-policy.ts";
import { configDocument } from "../fixtures/config.ts";

const CORS = { cors: { origins: ["https://app.example.com"] } };

test.each<[string, Partial<ConfigDocument>, string]>([
  ["a gate for itself", {}, "same-origin"],
  ["Lax cookies, said so", { cookies: { sameSite: "Lax" } }, "same-origin"],
  ["cookies of other names", { cookies: { names: ["app-token"] } }, "same-origin"],
  ["a session for the domain", { cookies: { domain: "example.com" } }, "same-site"],
  ["origins that may read", CORS, "same-site"],
  ["cookies for other sites", { cookies: { sameSite: "None" } }, "cross-origin"],
  ["those of a domain", { cookies: { sameSite: "None", domain: "example.com" } }, "cross-origin"],
  [
    "partitioned ones, and origins",
    { ...CORS, cookies: { sameSite: "None", partitioned: true } },
    "cross-origin",
  ],
])("%s: %j is %s", (_, changes, policy) => {
  expect(resourcePolicyOf(parseConfig(configDocument(changes)))).toBe(policy);
});
