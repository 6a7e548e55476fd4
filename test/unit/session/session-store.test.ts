import { beforeEach, describe, expect, test } from "vitest";
import { GateError } from "../../../edge/errors.ts";
import { readEvent } from "../../../edge/request/cloudfront.ts";
import type { ExchangeInput, Session } from "../../../edge/session/exchange.ts";
import { SessionStore } from "../../../edge/session/session-store.ts";
import type { VerifiedToken } from "../../../edge/token/token.ts";
import { NOW } from "../fixtures/config.ts";
import { viewerEvent } from "../fixtures/events.ts";
import { verified } from "../fixtures/verified.ts";

const ROLE = "arn:aws:iam::123456789012:role/editors";
const REQUEST = readEvent(viewerEvent());

let asked: ExchangeInput[];
let unsealed: number;
let answer: (input: ExchangeInput) => Promise<Session>;
let clock: number;
let sealed: Session | undefined;

beforeEach(() => {
  asked = [];
  unsealed = 0;
  answer = async ({ token, roleArn }) => sessionOf(`${token.sub} ${roleArn ?? ""}`);
  clock = NOW;
  sealed = undefined;
});

const sessionOf = (accessKeyId: string, seconds = 3_600): Session => ({
  identityId: "us-east-1:someone",
  credentials: {
    accessKeyId,
    secretAccessKey: "b",
    sessionToken: "c",
    expiresAt: NOW / 1000 + seconds,
  },
});

function store() {
  const exchange = (input: ExchangeInput) => {
    asked.push(input);
    return answer(input);
  };
  const unseal = () => {
    unsealed += 1;
    return sealed;
  };
  const sessions = new SessionStore(exchange, unseal, () => clock);
  const inputOf = (token: VerifiedToken, roleArn?: string) => ({
    token,
    roleArn,
    request: REQUEST,
    deadline: NOW + 3_000,
  });
  const get = (token: VerifiedToken, roleArn?: string) => sessions.get(inputOf(token, roleArn));
  const renew = (token: VerifiedToken, saying: string, roleArn?: string) =>
    sessions.renew(inputOf(token, roleArn), saying);
  return Object.assign(get, { renew });
}

describe("at the same time", () => {
  const keysOf = (sessions: readonly Session[]) => sessions.map(({ credentials }) => credentials.accessKeyId);

  test("requests of one user in one role share an exchange, and nobody else does", async () => {
    const get = store();
    const [ada, bob] = [await verified({ sub: "ada" }), await verified({ sub: "bob" })];
    const got = await Promise.all([
      get(ada),
      get(bob),
      get(ada, ROLE),
      get(ada),
      get(bob, ROLE),
      get(ada, ROLE),
    ]);
    expect(keysOf(got)).toEqual(["ada ", "bob ", `ada ${ROLE}`, "ada ", `bob ${ROLE}`, `ada ${ROLE}`]);
    expect(asked).toHaveLength(4);
    expect(keysOf([await get(bob, ROLE), await get(ada)])).toEqual([`bob ${ROLE}`, "ada "]);
    expect(asked).toHaveLength(4);
  });

  test("one that fails is not shared with the next", async () => {
    const get = store();
    const token = await verified();
    answer = () => Promise.reject(new GateError("exchange_throttled"));
    await expect(get(token)).rejects.toMatchObject({ code: "exchange_throttled" });
    answer = async () => sessionOf("later");
    expect(keysOf([await get(token)])).toEqual(["later"]);
  });
});

describe("a sealed session", () => {
  test("that lasts is opened once, and no exchange is made", async () => {
    const get = store();
    const token = await verified();
    sealed = sessionOf("sealed", 301);
    expect([await get(token), await get(token)]).toEqual([sealed, sealed]);
    expect([unsealed, asked.length]).toEqual([1, 0]);
  });

  test("that does not outlive a signature says who the user is", async () => {
    const get = store();
    sealed = sessionOf("sealed", 300);
    await get(await verified());
    expect(asked).toMatchObject([{ identityId: "us-east-1:someone" }]);
  });
});

describe("renewed,", () => {
  test("credentials that were just made are used again, whatever asks: 20 times, one exchange for each role", async () => {
    const { renew } = store();
    const [first, second] = [await verified(), await verified({ jti: "another" })];
    for (let times = 0; times < 10; times += 1)
      for (const token of [first, second])
        for (const role of [undefined, ROLE]) await renew(token, "same", role);
    expect(asked.map(({ roleArn }) => roleArn)).toEqual([undefined, ROLE]);
  });

  test.each([
    ["same", 2_700, 0],
    ["same", 2_699, 1],
    ["same", 300, 1],
    ["something else", 2_700, 1],
  ])(
    "a token that says %s, with credentials that last %i s: %i exchanges",
    async (saying, seconds, exchanges) => {
      const { renew } = store();
      const token = await verified();
      answer = async () => sessionOf("kept", seconds);
      await renew(token, "same");
      answer = async () => sessionOf("new");
      asked = [];
      const renewed = await renew(token, saying);
      expect([renewed.credentials.accessKeyId, asked.length]).toEqual([
        exchanges > 0 ? "new" : "kept",
        exchanges,
      ]);
    },
  );

  test("credentials that a request alone has got are none of a sign-in's", async () => {
    const get = store();
    const token = await verified();
    await get(token);
    asked = [];
    await get.renew(token, "same");
    expect(asked).toHaveLength(1);
  });
});

describe("an identity id that is known", () => {
  const identityIds = () => asked.map(({ identityId }) => identityId);
  const KNOWN = "us-east-1:someone";

  /** A store that knows the user, whose credentials have ended. */
  async function knowing() {
    const get = store();
    const token = await verified({ exp: NOW / 1000 + 9_000 });
    await get(token);
    asked = [];
    clock += 3_600_000;
    return () => get(token);
  }

  test("is used again", async () => {
    const get = await knowing();
    await get();
    expect(identityIds()).toEqual([KNOWN]);
  });

  test("is forgotten and asked for again when the pool does not know it, and stays forgotten", async () => {
    const get = await knowing();
    answer = () => Promise.reject(new GateError("exchange_misconfigured"));
    await expect(get()).rejects.toMatchObject({ code: "exchange_misconfigured" });
    await expect(get()).rejects.toMatchObject({ code: "exchange_misconfigured" });
    expect(identityIds()).toEqual([KNOWN, undefined, undefined]);
  });

  test.each([
    ["a fault of the pool", new GateError("exchange_unavailable")],
    ["what was not foreseen", new TypeError("of ours")],
  ])("is kept over %s, and nothing is asked again", async (_, error) => {
    const get = await knowing();
    answer = () => Promise.reject(error);
    await expect(get()).rejects.toBe(error);
    await expect(get()).rejects.toBe(error);
    expect(identityIds()).toEqual([KNOWN, KNOWN]);
  });
});
