// How somebody's token comes to a gate of either placement: in a program's header, or in a browser's cookies.
import { send } from "../local/aws/s3/presign.ts";

/** Where requests are decided on. */
export const PLACEMENTS = ["lambda", "split"] as const;

/** What a caller sends along. */
export type CallerHeaders = Readonly<Record<string, string>>;

/** How a token is brought. */
export const CALLERS = { program: asProgram, browser: asBrowser } as const;
export type Caller = keyof typeof CALLERS;

/** The headers of a program. */
async function asProgram(_url: string, token: string): Promise<CallerHeaders> {
  return { authorization: `Bearer ${token}` };
}

/** Those of a browser that has been to the gate: in the split placement it has got a pass for its token there. */
async function asBrowser(
  url: string,
  token: string,
  cookieName = "__Host-gatehouse-id",
): Promise<CallerHeaders> {
  const { port, host } = new URL(url);
  const id = `${cookieName}=${token}`;
  const { headers } = await send(Number(port), "/.gatehouse/pass?return_to=/", { host, cookie: id });
  const given = [headers["set-cookie"] ?? []].flat().map((line) => line.split(";")[0]);
  return { cookie: [id, ...given].join("; ") };
}
