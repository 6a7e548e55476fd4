// What a machine may lack: such tests say what they skip and why, or fail where nothing may be skipped.
import { describe, test } from "vitest";

/**
 * `describe`, unless something is missing: then it is skipped with the reasons in its name. With
 * `GATEHOUSE_REQUIRE_ALL=1` it fails with them.
 * @param missing a reason for each thing that is not there; undefined for what is
 */
export function describeWith(name: string, missing: readonly (string | undefined)[], body: () => void): void {
  const reasons = missing.filter((reason) => reason !== undefined).join("; ");
  if (reasons === "") describe(name, body);
  else if (process.env["GATEHOUSE_REQUIRE_ALL"] !== "1") describe.skip(`${name} (skipped: ${reasons})`, body);
  else
    test(name, () => {
      throw new Error(`GATEHOUSE_REQUIRE_ALL=1, but ${reasons}`);
    });
}
