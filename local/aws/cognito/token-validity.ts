// How long a client's tokens live, from the numbers and units that AWS takes.
// https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_TokenValidityUnitsType.html

import { type JsonObject, objectOf } from "../cloudformation/json.ts";
import { invalidParameter } from "../json-api/index.ts";
import type { AppClient } from "./app-client.ts";

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const SECONDS = new Map<unknown, number>([
  ["seconds", 1],
  ["minutes", MINUTE],
  ["hours", HOUR],
  ["days", DAY],
]);

/** One kind of token: its default, and the range that is taken, in seconds. */
interface Kind {
  readonly name: "IdToken" | "AccessToken" | "RefreshToken";
  readonly unit: string;
  readonly standard: number;
  readonly least: number;
  readonly most: number;
}

const ID: Kind = { name: "IdToken", unit: "hours", standard: HOUR, least: 5 * MINUTE, most: DAY };
const ACCESS: Kind = { ...ID, name: "AccessToken" };
const REFRESH: Kind = {
  name: "RefreshToken",
  unit: "days",
  standard: 30 * DAY,
  least: HOUR,
  most: 3650 * DAY,
};

/** @throws ApiError InvalidParameterException. */
export function parseValidity(
  input: JsonObject,
): Pick<AppClient, "idTokenSeconds" | "accessTokenSeconds" | "refreshTokenSeconds"> {
  const idTokenSeconds = secondsOf(input, ID);
  const accessTokenSeconds = secondsOf(input, ACCESS);
  const refreshTokenSeconds = secondsOf(input, REFRESH);
  if (refreshTokenSeconds < Math.max(idTokenSeconds, accessTokenSeconds))
    throw invalidParameter("Refresh token validity must be longer than that of ID and access tokens.");
  return { idTokenSeconds, accessTokenSeconds, refreshTokenSeconds };
}

/** "If you don't specify otherwise", or with 0, the default. */
function secondsOf(input: JsonObject, { name, unit, standard, least, most }: Kind): number {
  const value = Number(input[`${name}Validity`] ?? 0);
  const factor = SECONDS.get(objectOf(input["TokenValidityUnits"])?.[name] ?? unit);
  if (factor === undefined) throw invalidParameter(`TokenValidityUnits.${name}: no such unit`);
  const seconds = value === 0 ? standard : value * factor;
  if (Number.isInteger(value) && seconds >= least && seconds <= most) return seconds;
  throw invalidParameter(`Invalid range for token validity: ${name}Validity`);
}
