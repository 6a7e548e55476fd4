// Turns the sources of the CloudFront Function into what its engine takes, and fails for anything that it does not.
import { join } from "node:path";
import { build, type Plugin } from "esbuild";
import type { FunctionBundleName } from "./function-bundles.ts";

const ROOT = join(import.meta.dirname, "../..");

/** The engine has no classes, so that it cannot throw the error of the others. */
const plainErrors: Plugin = {
  name: "plain-errors",
  setup({ onResolve }) {
    onResolve({ filter: /\/errors\.ts$/ }, () => ({ path: join(ROOT, "edge/function/gate-error.ts") }));
  },
};

/** Of what is younger than ES5, what njs 0.7.9 has; esbuild refuses what it can neither leave nor rewrite. */
const TAKEN = {
  arrow: true,
  "async-await": true,
  "const-and-let": true,
  "template-literal": true,
} as const;

/** The function's code after its literals: minified, ASCII, and one function `gatehouse`. */
export async function bundleFunction(name: FunctionBundleName): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(ROOT, "edge/function/index.ts")],
    define: {
      GATEHOUSE_CORS: String(name.includes("-cors")),
      GATEHOUSE_REVOCATION: String(name.includes("-revocation")),
    },
    absWorkingDir: ROOT,
    bundle: true,
    write: false,
    minify: true,
    mangleProps: INNER,
    platform: "neutral",
    target: "es5",
    supported: TAKEN,
    format: "esm",
    charset: "ascii",
    legalComments: "none",
    plugins: [plainErrors],
  });
  const text = outputFiles[0]?.text ?? "";
  const [exported, entry] = EXPORT.exec(text) ?? [];
  if (exported === undefined) throw new Error("The function's code has another export than its handler.");
  return `${text.slice(0, -exported.length)}const gatehouse=${entry};\n`;
}

/** Names of fields that nobody outside of the function knows. */
const INNER = /^(issuedAt|language)$/;

/** `export` is no part of a CloudFront Function. */
const EXPORT = /export\{([\w$]+) as handler\};\n$/;
