// The gate under examination: how it is asked, and what is known about it.
import { type Answer, header, headerLines } from "./answer.ts";
import { Skipped } from "./check.ts";
import type { ColdObjects } from "./cold.ts";
import { type Asking, send } from "./http.ts";
import type { Options } from "./options.ts";
import type { Places } from "./places.ts";
import type { User } from "./user.ts";

/** What every check is given. */
export interface Subject {
  readonly options: Options;
  readonly user: User;
  readonly places: Places;
  readonly cold: ColdObjects;
}

type Asked = Pick<Subject, "options">;

/** Asks without a token, as a program. */
export async function ask({ options }: Asked, target: string, asking?: Asking): Promise<Answer> {
  return await send(options.url, target, asking);
}

/** Asks as the user, with the token in the header. */
export async function askAsUser(
  { options, user }: Asked & Pick<Subject, "user">,
  target: string,
  asking: Asking = {},
): Promise<Answer> {
  const headers = { authorization: `Bearer ${user.idToken}`, ...asking.headers };
  return await send(options.url, target, { ...asking, headers });
}

/** The token in the gate's own cookie, by either of its names, so that no setting has to be known. */
export function tokenCookie({ user }: Pick<Subject, "user">): string {
  return `__Host-gatehouse-id=${user.idToken}; __Secure-gatehouse-id=${user.idToken}`;
}

/** Hops to the gate's endpoints and back: it hands a pass out, or renews. */
const MAX_HOPS = 4;

/**
 * Asks with cookies as a browser does: follows the gate's endpoints, and keeps what they set. All answers, in order, and
 * the cookies at the end.
 */
export async function askAsBrowser(
  { options }: Asked,
  target: string,
  cookie: string,
): Promise<{ readonly answers: readonly Answer[]; readonly cookie: string }> {
  const answers: Answer[] = [];
  let [cookies, next] = [cookie, target];
  while (answers.length <= MAX_HOPS) {
    const answer = await send(options.url, next, { headers: { cookie: cookies } });
    answers.push(answer);
    const given = headerLines(answer, "set-cookie").map((line) => line.split(";", 1)[0] ?? "");
    cookies = [cookies, ...given].join("; ");
    const location = header(answer, "location");
    const isBetween = location.startsWith(options.basePath) || next.startsWith(options.basePath);
    if (answer.status !== 307 || !location.startsWith("/") || !isBetween) break;
    next = location;
  }
  return { answers, cookie: cookies };
}

/** The address of one of the gate's own endpoints. */
export function endpoint({ options }: Asked, name: string): string {
  return options.basePath + name;
}

/** The object that the user reads, and what it is when all is well. */
export function objectOf({ places }: Pick<Subject, "places">): {
  readonly path: string;
  readonly answer: Answer;
} {
  const { object } = places;
  if (object.answer.status !== 200) throw new Skipped("the user reads no object, see token.header");
  return object;
}

/** What an option says; skips the check without it. */
export function given(value: string | undefined, option: string): string {
  if (value === undefined) throw new Skipped(`give ${option}`);
  return value;
}
