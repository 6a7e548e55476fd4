// Runs the code of a CloudFront Function with the globals of its runtime only: in a context of this process, or in njs.
// "JavaScript runtime 2.0 features", docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-javascript-runtime-20.html

import { execFile } from "node:child_process";
import { createHash, createHmac } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { createContext, Script } from "node:vm";
import type { KeyValueStore } from "./key-value-store.ts";

/** One function as it is deployed. */
export interface FunctionDefinition {
  readonly code: string;
  /** The one store that it is associated with. */
  readonly store: KeyValueStore | undefined;
}

/** The function's answer to an event, as JSON; rejects with what it throws. `query` is what `rawQueryString` gives. */
export type FunctionRuntime = (event: object, query: string) => Promise<unknown>;

/** "Quotas on CloudFront Functions": function size. */
export const MAX_CODE_BYTES = 10_240;

/** Debian's package; CloudFront's own engine comes from it. */
export const NJS = "/usr/bin/njs";

/** Whether njs is there. */
export const hasNjs = existsSync(NJS);

const IMPORT = /^import (\w+) from ['"]cloudfront['"];\n?/;

/** A bound for code that never ends; CloudFront's own is about a millisecond of CPU. */
const TIMEOUT_MS = 2_000;

// What runtime 2.0 does not have, and a context of Node.js does.
const WITHOUT = ["Map", "Set", "WeakMap", "WeakSet", "WeakRef", "Proxy", "Reflect", "WebAssembly", "Intl"];

/** The function in a context of this process, made once. */
export function inContext({ code, store }: FunctionDefinition): FunctionRuntime {
  const context = createContext(
    {
      Buffer,
      require: (name: string) => required(name),
      console: { log: () => {} },
      __read: async (key: string) => read(store, key),
    },
    { codeGeneration: { strings: false, wasm: false } },
  );
  new Script(`${WITHOUT.map((name) => `delete globalThis.${name};`).join("")}`).runInContext(context);
  new Script(standalone(code), { filename: "function.js" }).runInContext(context);
  const handler: (event: string, query: string) => unknown = new Script(`(function (text, query) {
    const event = JSON.parse(text);
    event.request.rawQueryString = () => query;
    return handler(event);
  })`).runInContext(context);
  return async (event, query) => asJson(await handler(JSON.stringify(event), query));
}

/** The function in a process of njs, one for each event; what its store holds is handed over with the code. */
export function inNjs({ code, store }: FunctionDefinition): FunctionRuntime {
  return async (event, query) => {
    const folder = mkdtempSync(join(tmpdir(), "cloudfront-function-"));
    try {
      const result = join(folder, "result.json");
      writeFileSync(join(folder, "function.js"), njsProgram({ code, store }, event, query, result));
      await promisify(execFile)(NJS, [join(folder, "function.js")], { timeout: TIMEOUT_MS });
      const { thrown, returned } = Object(JSON.parse(readFileSync(result, "utf8")));
      if (thrown !== undefined) throw new Error(String(thrown));
      return returned;
    } finally {
      rmSync(folder, { recursive: true });
    }
  };
}

function required(name: string): object {
  if (name === "crypto") return { createHash, createHmac };
  throw new Error(`Cannot find module "${name}"`);
}

async function read(store: KeyValueStore | undefined, key: string): Promise<string | undefined> {
  const pairs = store?.pairs;
  if (!pairs) throw new Error("InternalError");
  return pairs.get(key);
}

/** The module as a script. A store is read as AWS's module does: `get` rejects for a key that is not there. */
function standalone(code: string): string {
  const [line = "", name] = IMPORT.exec(code) ?? [];
  const module =
    name === undefined
      ? ""
      : `const ${name} = {kvs: function () { return {
    exists: function (key) { return __read(key).then(function (value) { return value !== undefined; }); },
    get: function (key) { return __read(key).then(function (value) {
      if (value === undefined) throw new Error('KeyNotFound');
      return value;
    }); },
  }; }};\n`;
  return module + code.slice(line.length);
}

function njsProgram(definition: FunctionDefinition, event: object, query: string, result: string): string {
  const pairs = definition.store?.pairs;
  return `
var __pairs = ${JSON.stringify(pairs ? Object.fromEntries(pairs) : null)};
function __read(key) {
  return __pairs === null ? Promise.reject(new Error('InternalError')) : Promise.resolve(__pairs[key]);
}
${standalone(definition.code)}
function __write(outcome) { require('fs').writeFileSync(${JSON.stringify(result)}, JSON.stringify(outcome)); }
function __thrown(error) { __write({thrown: String(error)}); }
function __run(event, query) {
  event.request.rawQueryString = function () { return query; };
  try {
    var returned = handler(event);
    if (returned && typeof returned.then === 'function')
      returned.then(function (value) { __write({returned: value}); }, __thrown);
    else __write({returned: returned});
  } catch (error) { __thrown(error); }
}
__run(${JSON.stringify(event)}, ${JSON.stringify(query)});
`;
}

/** As it leaves the engine: without functions and what they close over. */
function asJson(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}
