// A gate with folders by group: at the edge, at S3 past the edge, and out of the cache; in both placements, on both S3s.
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { distributionConfig } from "../../local/gate/front.ts";
import { type AnyGate, startGate, startGateOn } from "../../local/gate/gate.ts";
import { bucketOrigin, ofType } from "../../local/gate/resources.ts";
import { type Rgw, startRgw } from "../../local/rgw/cluster.ts";
import { rgwMissing } from "../../local/rgw/installed.ts";
import { type Answer, presign, send } from "../local/aws/s3/presign.ts";
import { CALLERS, type Caller, PLACEMENTS } from "./callers.ts";
import { describeWith } from "./requirements.ts";

const AREAS = [
  { path: "/teams/{group}/*" },
  { path: "/notes/*", owner: "notes/{group}/{sub}/" },
  { path: "/*" },
];
const TEAMS = ["red", "blue", "a@b.c"] as const;
/** `eve` belongs to no team, and `mal` to what would lead elsewhere. */
const TEAMS_OF = {
  ada: ["red", "blue"],
  ann: ["red"],
  bob: ["blue", "a@b.c"],
  eve: [],
  mal: ["*", "..", "red/..", "=", "Red"],
} as const;
type Name = keyof typeof TEAMS_OF;
const NAMES = Object.keys(TEAMS_OF) as Name[];

describe.each(PLACEMENTS)("on the embedded S3, placement %s", (placement) => {
  walk(placement, () => undefined);
});

describeWith("on RADOS Gateway", [rgwMissing()], () => {
  let rgw: Rgw;
  beforeAll(async () => {
    rgw = await startRgw({ region: "us-east-1" });
  });
  afterAll(() => rgw?.close());
  describe.each(PLACEMENTS)("placement %s", (placement) => walk(placement, () => rgw));
});

function walk(placement: (typeof PLACEMENTS)[number], rgw: () => Rgw | undefined): void {
  let gate: AnyGate;
  const tokens = new Map<Name, string>();

  beforeAll(async () => {
    const server = rgw();
    const assets = mkdtempSync(join(tmpdir(), "gatehouse-empty-"));
    const options = { port: 0, assets, context: { areas: AREAS, listing: true, exchange: "sts", placement } };
    gate = server ? await startGateOn(server, options) : await startGate(options);
    for (const name of NAMES) {
      gate.userPool.users.add({ username: name, password: name });
      const claims = { "cognito:groups": TEAMS_OF[name] };
      tokens.set(name, await gate.userPool.issueIdToken(name, { claims }));
    }
    for (const key of keys()) await gate.store.put(key, Buffer.from(`the bytes of ${key}`));
  });
  afterAll(() => gate?.close());

  const subOf = (name: Name) => gate.userPool.users.get(name).sub;
  const keys = () => [
    ...TEAMS.flatMap((team) => [`teams/${team}/a.txt`, `teams/${team}/x/a.txt`]),
    `notes/red/${subOf("ann")}/a.txt`,
    "teams/a.txt",
    "a.txt",
  ];
  const isOf = (name: Name, team: string) => TEAMS_OF[name].some((own) => own === team);

  async function ask(name: Name, path: string, caller: Caller = "browser"): Promise<Answer> {
    const { port, host } = new URL(gate.url);
    const headers = await CALLERS[caller](gate.url, tokens.get(name) ?? "");
    return await send(Number(port), path, { host, ...headers });
  }
  const told = ({ status, body }: Answer) => (status === 200 ? String(body) : JSON.parse(String(body)).code);

  test.each(NAMES)("%s reads the folders of their teams and no other, cold and warm", async (name) => {
    for (const caller of ["browser", "browser", "program", "program"] as const)
      for (const team of TEAMS)
        for (const file of ["a.txt", "x/a.txt"]) {
          const answer = told(await ask(name, `/teams/${encodeURIComponent(team)}/${file}`, caller));
          expect(answer, `${team}, ${caller}`).toBe(
            isOf(name, team) ? `the bytes of teams/${team}/${file}` : "access_denied",
          );
        }
    expect(told(await ask(name, "/a.txt"))).toBe("the bytes of a.txt");
    expect(told(await ask(name, "/teams/a.txt"))).toBe("access_denied");
  });

  test("each member has notes of their own in each team", async () => {
    expect(told(await ask("ann", "/notes/red/a.txt"))).toBe(`the bytes of notes/red/${subOf("ann")}/a.txt`);
    expect(told(await ask("ada", "/notes/red/a.txt"))).toBe("not_found");
    expect(told(await ask("bob", "/notes/red/a.txt"))).toBe("access_denied");
    expect(told(await ask("mal", "/teams/Red/a.txt"))).toBe("not_found");
  });

  test.each(["*", "..", "red/..", "=", "%2e%2e"])("a group called %j opens nothing", async (group) => {
    const { status } = await ask("mal", `/teams/${encodeURIComponent(group)}/a.txt`);
    expect([400, 403]).toContain(status);
  });

  test("what one member has fetched, another gets from the cache, and nobody else", async () => {
    gate.cloudFront.invalidate();
    const caches: unknown[] = [];
    for (const name of ["ada", "ann", "bob", "ada"] as const)
      caches.push((await ask(name, "/teams/red/a.txt")).headers["x-cache"]);
    expect(caches.map((cache) => /^(Hit|Miss)/.exec(String(cache))?.[0])).toEqual([
      "Miss",
      "Hit",
      undefined,
      "Hit",
    ]);
  });

  test("a list is of one team's folder", async () => {
    const list = async (name: Name, path: string) => {
      const answer = await ask(name, `/.gatehouse/list/${path}`);
      if (answer.status !== 200) return told(answer);
      return [...String(answer.body).matchAll(/<Key>([^<]+)<\/Key>/g)].map(([, key]) => key);
    };
    expect(await list("ann", "teams/red/")).toEqual(["teams/red/a.txt", "teams/red/x/a.txt"]);
    expect(await list("ann", "teams/blue/")).toBe("access_denied");
    expect(await list("ann", "teams/")).toBe("access_denied");
  });

  test.each([...TEAMS, undefined])(
    "past the edge, a session for %s opens that folder alone",
    async (team) => {
      const role = ofType(gate.stack.resources, "AWS::IAM::Role").find(({ properties }) =>
        String(properties["Description"]).includes("signed-in users"),
      );
      const credentials = await gate.store.mint({
        roleArn: String(role?.attributes["Arn"]),
        sessionName: subOf("ann"),
        durationSeconds: 3600,
        tags: { sub: subOf("ann"), ...(team !== undefined && { group: team }) },
      });
      const { region, domainName: host } = bucketOrigin(distributionConfig(gate.stack));
      for (const key of keys()) {
        const path = `/${key.split("/").map(encodeURIComponent).join("/")}`;
        const request = { host, path, region, credentials, now: Date.now() };
        const { status, code } = await send(gate.store.target.port, await presign(request), { host });
        const isOpen =
          key === "a.txt" ||
          (team !== undefined &&
            (key.startsWith(`teams/${team}/`) || key.startsWith(`notes/${team}/${subOf("ann")}/`)));
        expect([status, code], `${team} ${key}`).toEqual(isOpen ? [200, undefined] : [403, "AccessDenied"]);
      }
    },
  );
}
