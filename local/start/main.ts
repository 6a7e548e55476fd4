// `npm start`: runs the whole chain on this machine until Ctrl-C, and says how to try it.
import { createServer } from "node:http";
import { ConfigError } from "../../edge/config/document.ts";
import { loopback } from "../aws/iam/loopback.ts";
import { Closables } from "../gate/closables.ts";
import { RgwError } from "../rgw/client.ts";
import { asksForHelp, HELP, readArguments, UsageError } from "./arguments.ts";
import { putPrivatePages } from "./demo.ts";

const running = new Closables();

const args = process.argv.slice(2);

try {
  if (asksForHelp(args)) console.log(HELP);
  else await run();
} catch (error) {
  await running.close();
  console.error(explanation(error));
  process.exitCode = 1;
}

async function run(): Promise<void> {
  const { s3, context, isSample, ...place } = readArguments(args, process.env);
  // A port that is taken is said before the work, which can take minutes on a slow machine.
  await (await loopback(createServer(), place.port)).close();
  const { startGate, startGateOn } = await import("../gate/gate.ts");
  const { introduction } = await import("./introduction.ts");
  const options = { ...place, context, functionLog: console.log };
  const gate = running.add(s3 ? await startGateOn(s3, options) : await startGate(options));
  if (isSample) await putPrivatePages(gate);
  stopOnSignal();
  console.log(await introduction(gate, place.assets));
}

function stopOnSignal(): void {
  const stop = () => {
    process.off("SIGINT", stop).off("SIGTERM", stop);
    void running.close();
  };
  process.on("SIGINT", stop).on("SIGTERM", stop);
}

function explanation(error: unknown): string {
  if (error instanceof UsageError || error instanceof ConfigError || error instanceof RgwError)
    return error.message;
  if (!(error instanceof Error)) return String(error);
  if ("code" in error && error.code === "EADDRINUSE" && "port" in error)
    return `Port ${error.port} is in use. Stop what uses it, or choose another: npm start -- --port ${Number(error.port) + 1}`;
  if ("code" in error && error.code === "ECONNREFUSED")
    return `--s3: nothing answers there (${error.message})`;
  return error.stack ?? error.message;
}
