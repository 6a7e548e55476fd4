// What the distribution runs: the published code of its functions, and what one of them does with a request.
import { createRequire } from "node:module";
import type { FunctionForward } from "../../../edge/function/event.ts";
import type { Stack } from "../../../local/aws/cloudformation/index.ts";
import { objectOf, requireObject, requireString } from "../../../local/aws/cloudformation/json.ts";
import { IdentityPool } from "../../../local/aws/cognito/identity-pool.ts";
import { startIdentityPoolServer } from "../../../local/aws/cognito/identity-pool-server.ts";
import { startStsServer } from "../../../local/aws/cognito/sts-server.ts";
import { parseRoles } from "../../../local/aws/iam/role.ts";
import { Sessions } from "../../../local/aws/iam/sessions.ts";
import { Closables } from "../../../local/gate/closables.ts";
import { distributionConfig } from "../../../local/gate/front.ts";
import { identityPoolOf } from "../../../local/gate/identity-resources.ts";
import { edgeFunctionArns, functionRoleOf, roleDocumentsOf } from "../../../local/gate/resources.ts";
import { type EventOptions, viewerEvent } from "../../unit/fixtures/events.ts";
import { ENGINES, engineEvent } from "../../unit/fixtures/function-engine.ts";
import { forwardedBy, missEvent } from "../../unit/fixtures/split.ts";
import type { World } from "./world.ts";

/** A version that the distribution names. */
export interface EdgeVersion {
  readonly arn: string;
  readonly handler: string;
  readonly code: string;
}

/** The versions that the distribution names, as they were published; throws for one that is not there. */
export function edgeVersions({ state, stack: { stack } }: World): readonly EdgeVersion[] {
  return edgeFunctionArns(distributionConfig(stack)).map((arn) => {
    const published = state.functions.published(arn);
    if (!published) throw new Error(`the distribution names ${arn}, which is not published`);
    const code = requireString(requireObject(published["Code"], "Code")["ZipFile"], "ZipFile");
    return { arn, handler: requireString(published["Handler"], "Handler"), code };
  });
}

const VIEWER_REQUEST = ["index.handler", "index.request"];

/** The one that sees requests: all of them, or endpoints and misses. */
export function viewerRequest(world: World): EdgeVersion {
  const found = edgeVersions(world).find(({ handler }) => VIEWER_REQUEST.includes(handler));
  if (!found) throw new Error("the distribution runs no viewer-request function");
  return found;
}

const require = createRequire(import.meta.url);
const SILENT = { log: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** Everything that the code exports after a cold start. */
function load(code: string, environment: Readonly<Record<string, string>>): Record<string, unknown> {
  const module: { exports: Record<string, unknown> } = { exports: {} };
  const run = new Function("require", "module", "exports", "process", "console", code);
  run(require, module, module.exports, { ...process, env: environment }, SILENT);
  return module.exports;
}

/** The configuration in a version's code: its first line. */
export function configOf({ code }: EdgeVersion): Readonly<Record<string, unknown>> {
  const [line = ""] = code.split("\n", 1);
  const config: unknown = new Function(`${line}\nreturn GATEHOUSE_CONFIG;`)();
  return objectOf(config) ?? {};
}

/** What the published code does with the request of a signed-in user. */
export async function answerTo(world: World, uri: string): Promise<Readonly<Record<string, unknown>>> {
  const running = new Closables();
  try {
    const { code: lambda, arn } = viewerRequest(world);
    const sessions = new Sessions();
    const endpoints = await startExchanges(world.userPool, world.stack.stack, sessions, running);
    const credentials = await sessions.mint({
      roleArn: functionRoleOf(world.stack.stack.resources, arn),
      sessionName: "edge",
      durationSeconds: 3600,
    });
    const exported = load(lambda.replace('"endpoints":{}', `"endpoints":${JSON.stringify(endpoints)}`), {
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      AWS_SESSION_TOKEN: credentials.sessionToken,
      AWS_REGION: "us-east-1",
    });
    const clientId = world.userPool.clients.at(-1)?.clientId ?? "";
    const token = await world.userPool.issueIdToken("ada", { clientId });
    const asked = { uri, headers: { Authorization: token } };
    const code = viewerFunctionCode(world);
    const answer =
      code === undefined
        ? await call(exported["handler"], viewerEvent(asked))
        : await call(exported["originRequest"], missEvent(await passedBy(code, asked)));
    return requireObject(answer, "answer");
  } finally {
    await running.close();
  }
}

async function call(exported: unknown, event: object): Promise<unknown> {
  if (typeof exported !== "function") throw new Error("the code exports no such handler");
  return await exported(event);
}

/** In the split placement: the code that decides before the cache. */
export function viewerFunctionCode({ stack: { stack } }: World): string | undefined {
  const found = [...stack.resources.values()].find(({ type }) => type === "AWS::CloudFront::Function");
  return found && requireString(found.properties["FunctionCode"], "FunctionCode");
}

/** The request as the function lets it on to the Lambda of misses. */
async function passedBy(code: string, asked: EventOptions): Promise<FunctionForward> {
  const [, engine] = ENGINES[0];
  const [decision] = await engine(code, [engineEvent(asked)], { now: Date.now(), store: {} });
  if (!decision) throw new Error("the function decides nothing");
  return forwardedBy(decision);
}

async function startExchanges(
  userPool: World["userPool"],
  { resources }: Stack,
  sessions: Sessions,
  running: Closables,
): Promise<Readonly<Record<string, string>>> {
  const roles = parseRoles(roleDocumentsOf(resources));
  const described = identityPoolOf(resources, roles);
  const { mint } = sessions;
  if (described) {
    const pool = new IdentityPool(described, { userPool, mint });
    return { cognitoIdentity: running.add(await startIdentityPoolServer(pool)).endpoint };
  }
  const deps = { roles, mint, sessions, region: "us-east-1", now: Date.now };
  return { sts: running.add(await startStsServer(deps)).endpoint };
}
