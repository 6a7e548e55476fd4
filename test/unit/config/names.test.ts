import { describe, expect, test } from "vitest";
import { nearestName, unknownNames } from "../../../edge/config/names.ts";

const KNOWN = ["areas", "groups", "userPoolId", "corsOrigins", "cookieSameSite", "sdk", "sts", "exchange"];

describe("the nearest right name", () => {
  const cases: readonly [name: string, nearest: string | undefined][] = [
    // One letter left out, put in, changed, or two that have changed places.
    ["area", "areas"],
    ["areass", "areas"],
    ["arias", "areas"],
    ["aeras", "areas"],
    ["group", "groups"],
    ["gruops", "groups"],
    ["corsOrigin", "corsOrigins"],
    ["exchagne", "exchange"],
    // Case and what stands between words do not count.
    ["AREAS", "areas"],
    ["userPoolID", "userPoolId"],
    ["user-pool-id", "userPoolId"],
    ["USER_POOL_ID", "userPoolId"],
    ["cookieSamesite", "cookieSameSite"],
    // Short names take one letter, longer ones one in three.
    ["sdkk", "sdk"],
    ["sdq", "sdk"],
    ["xdq", undefined],
    ["areax", "areas"],
    ["arxxs", undefined],
    ["cookieSite", "cookieSameSite"],
    ["cookies", undefined],
    ["cookieSmSites", "cookieSameSite"],
    ["", undefined],
    ["somethingElse", undefined],
    ["toString", undefined],
    ["__proto__", undefined],
  ];
  test.each(cases)("of %j is %j", (name, nearest) => expect(nearestName(name, KNOWN)).toBe(nearest));

  test("of several is the first of the nearest", () => {
    expect(nearestName("stk", KNOWN)).toBe("sdk");
    expect(nearestName("stss", ["sdk", "sts"])).toBe("sts");
  });

  test("of a name as long as a file is found in no time", () => {
    expect(nearestName("a".repeat(1_000_000), KNOWN)).toBeUndefined();
  });
});

test("every unknown name is a problem of its own, in its place", () => {
  const given = ["areas", "aeras", "__proto__", "toString", "nothing"];
  expect(unknownNames(given, KNOWN, "at.")).toEqual([
    "at.aeras: unknown setting; did you mean areas?",
    "at.__proto__: unknown setting",
    "at.toString: unknown setting",
    "at.nothing: unknown setting",
  ]);
  expect(unknownNames(["sdk"], KNOWN)).toEqual([]);
});
