// Turns the sources of the CloudFront Function into what its engine takes, and fails for anything that it does not.
import { join } from "node:path";
import { build, type Plugin } from "esbuild";
import { minify } from "terser";
import { SHORT_NAMES } from "../../edge/function/short-names.ts";
import { FUNCTION_BUILDS, type FunctionBuild, functionBundleName } from "./function-bundles.ts";

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

/** The code of every build by its name, as JSON. */
export async function functionBundles(): Promise<string> {
  const codes: Record<string, string> = {};
  for (const parts of FUNCTION_BUILDS) codes[functionBundleName(parts)] = await bundleFunction(parts);
  return `${JSON.stringify(codes)}\n`;
}

/** The function's code after its literals: minified, ASCII, and one function `gatehouse`. */
export async function bundleFunction(parts: FunctionBuild): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(ROOT, "edge/function/index.ts")],
    define: Object.fromEntries(
      Object.entries(parts).map(([part, has]) => [`GATEHOUSE_${part.toUpperCase()}`, String(has)]),
    ),
    absWorkingDir: ROOT,
    bundle: true,
    write: false,
    minify: true,
    mangleProps: new RegExp(`^(${Object.keys(SHORT_NAMES).join("|")})$`),
    mangleCache: { ...SHORT_NAMES },
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
  return await smaller(`${text.slice(0, -exported.length)}const gatehouse=${entry};\n`);
}

/** The same in fewer bytes, and in no syntax that is not there yet; the literals before it are not known here. */
async function smaller(text: string): Promise<string> {
  const { code = "" } = await minify(text, {
    ecma: 5,
    toplevel: true,
    compress: { passes: 5, top_retain: ["gatehouse"], pure_getters: true },
    mangle: { reserved: ["gatehouse"] },
    format: { ascii_only: true },
  });
  return `${code}\n`;
}

/** `export` is no part of a CloudFront Function. */
const EXPORT = /export\{([\w$]+) as handler\};\n$/;
