// Whether the gate serves, and with what it should.
import { deepStrictEqual, ok } from "node:assert";
import {
  objectOf,
  requireArray,
  requireObject,
  requireString,
} from "../../../local/aws/cloudformation/json.ts";
import { only } from "../../../local/gate/resources.ts";
import { answerTo, configOf, edgeVersions, viewerRequest } from "./edge.ts";
import type { Change, Shape } from "./shapes.ts";
import type { World } from "./world.ts";

/** What the gate is to be. */
export interface Expected {
  readonly shape: Shape;
  readonly change: Change;
  readonly isChanged: boolean;
}

/** The current sealing key of the account, and what is put in its place on a change. */
export function sealingKey({ secrets }: World): string {
  const text = secrets.all.at(-1)?.versions.at(-1)?.text ?? "{}";
  return requireString(requireObject(JSON.parse(text), "secret")["current"], "current");
}

/**
 * The distribution runs what was deployed last: code with these areas, with the pool's keys and the sealing keys of now;
 * a signed-in user gets a file; sign-in comes back to the gate.
 */
export async function serves(world: World, expected: Expected): Promise<void> {
  const { shape, change, isChanged } = expected;
  const context = { ...shape.context, ...(isChanged ? change.to : change.from) };
  const stored = world.stack.stack.resources;
  for (const version of edgeVersions(world)) {
    const functionArn = version.arn.split(":").slice(0, 7).join(":");
    const deployed = world.state.functions.unpublished(functionArn);
    ok(
      version.code === requireObject(deployed["Code"], "Code")["ZipFile"],
      `${version.arn} holds other code than was deployed last`,
    );
    const config = configOf(version);
    deepStrictEqual(pathsOf(config["areas"]), pathsOf(context["areas"]));
    deepStrictEqual(
      kidsOf(config),
      world.userPool
        .jwks()
        .keys.map(({ kid }) => kid)
        .toSorted(),
      "the pool's keys",
    );
    const { auth } = config;
    ok((auth !== undefined) === (context["auth"] !== false), "sign-in is on as it should be");
    if (auth) deepStrictEqual(keysOf(auth)[0], sealingKey(world), "the sealing key");
  }
  await answersSignedIn(world);
  if (context["auth"] !== false) signsIn(world, shape.host ?? attribute(stored, "DomainName"));
}

/** A user with a token gets the request signed. */
export async function answersSignedIn(world: World): Promise<void> {
  const answer = await answerTo(world, "/files/a.txt");
  ok(
    String(answer["querystring"]).includes("X-Amz-Signature="),
    `a signed-in user is answered ${JSON.stringify(answer).slice(0, 300)}`,
  );
}

/** The client takes the code grant, and sends people back to the gate. */
export function signsIn({ userPool, stack: { stack } }: World, host: string): void {
  const clientId = only(stack.resources, "AWS::Cognito::UserPoolClient").ref;
  const client = userPool.client(clientId);
  deepStrictEqual(client?.oauthFlows, ["code"], "the client's OAuth flows");
  deepStrictEqual(client.callbackUrls, [`https://${host}/.gatehouse/callback`], "the client's callback URLs");
  deepStrictEqual(client.logoutUrls, [`https://${host}/.gatehouse/logout`], "the client's logout URLs");
}

/** Cookies that were sealed with a key can still be opened. */
export function opensSealed(world: World, key: string): void {
  const { auth } = configOf(viewerRequest(world));
  if (auth) ok(keysOf(auth).includes(key), "sessions end: the key that they are sealed with is gone");
}

function attribute(resources: World["stack"]["stack"]["resources"], name: string): string {
  return requireString(only(resources, "AWS::CloudFront::Distribution").attributes[name], name);
}

function pathsOf(areas: unknown): readonly unknown[] {
  return requireArray(areas, "areas").map((area) => requireObject(area, "area")["path"]);
}

function kidsOf(config: Readonly<Record<string, unknown>>): readonly string[] {
  const jwks = requireObject(requireObject(config["userPool"], "userPool")["jwks"], "jwks");
  return requireArray(jwks["keys"], "keys")
    .map((key) => requireString(requireObject(key, "key")["kid"], "kid"))
    .toSorted();
}

function keysOf(auth: unknown): readonly unknown[] {
  const { current, previous } = requireObject(objectOf(auth)?.["keys"], "keys");
  return [current, previous];
}
