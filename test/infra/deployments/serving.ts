// Whether the gate serves, and with what it should.
import { deepStrictEqual, ok } from "node:assert";
import { functionSecret } from "../../../infra/build/function-secret.ts";
import {
  objectOf,
  requireArray,
  requireObject,
  requireString,
} from "../../../local/aws/cloudformation/json.ts";
import { only } from "../../../local/gate/resources.ts";
import { answerTo, configOf, edgeVersions, viewerFunctionCode, viewerRequest } from "./edge.ts";
import { contextOf, type Deployment } from "./shapes.ts";
import type { World } from "./world.ts";

/** What the gate is to be. */
export type Expected = Omit<Deployment, "attempt">;

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
  const context = contextOf(expected);
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
  decidesBefore(world, context["placement"] === "split");
  await answersSignedIn(world);
  signsIn(world, expected);
}

/** In the split placement alone there is a function before the cache, with the keys of now. */
function decidesBefore(world: World, isSplit: boolean): void {
  const code = viewerFunctionCode(world);
  ok((code !== undefined) === isSplit, "a CloudFront Function decides as it should");
  if (code === undefined) return;
  const [current, previous] = keysOf(configOf(viewerRequest(world))["auth"]);
  const keys = functionSecret({ current: String(current), previous: String(previous) });
  for (const key of Object.values(keys))
    ok(code.includes(key), "the function's keys are those of the sealing keys");
}

/** A user with a token gets the request signed. */
export async function answersSignedIn(world: World): Promise<void> {
  const answer = await answerTo(world, "/files/a.txt");
  ok(
    String(answer["querystring"]).includes("X-Amz-Signature="),
    `a signed-in user is answered ${JSON.stringify(answer).slice(0, 300)}`,
  );
}

/** With sign-in the client takes the code grant, and sends people back to the gate. */
export function signsIn({ userPool, stack: { stack } }: World, expected: Expected): void {
  if (contextOf(expected)["auth"] === false) return;
  const client = userPool.client(only(stack.resources, "AWS::Cognito::UserPoolClient").ref);
  const { attributes } = only(stack.resources, "AWS::CloudFront::Distribution");
  const url = `https://${expected.shape.host ?? attributes["DomainName"]}/.gatehouse`;
  deepStrictEqual(client?.oauthFlows, ["code"], "the client's OAuth flows");
  deepStrictEqual(client.callbackUrls, [`${url}/callback`], "the client's callback URLs");
  deepStrictEqual(client.logoutUrls, [`${url}/logout`], "the client's logout URLs");
}

/** Cookies that were sealed with a key can still be opened. */
export function opensSealed(world: World, key: string): void {
  const { auth } = configOf(viewerRequest(world));
  if (auth) ok(keysOf(auth).includes(key), "sessions end: the key that they are sealed with is gone");
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
