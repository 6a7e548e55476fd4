// The published package.json: what the repository's own says, for those who only use the construct.

/** What is read of the repository's package.json. */
export interface OwnManifest {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly license: string;
  readonly engines: object;
}

/**
 * The first `aws-cdk-lib` that has everything of what is used: its stable `aws-cognito-identitypool`. A test installs it.
 */
export const OLDEST_CDK = "2.186.0";

/** What that one asks for, and every later one. */
const CONSTRUCTS = "^10.0.0";

/** Nothing is installed along: CDK is the app's, and the functions are built. */
export function manifest(own: OwnManifest): object {
  const { name, version, description, license, engines } = own;
  return {
    name,
    version,
    description,
    license,
    keywords: ["aws-cdk", "cloudfront", "lambda-edge", "cognito", "s3", "sigv4", "private-assets"],
    type: "commonjs",
    main: "./lib/index.js",
    types: "./types/infra/index.d.ts",
    exports: {
      ".": { types: "./types/infra/index.d.ts", default: "./lib/index.js" },
      "./package.json": "./package.json",
    },
    files: ["lib", "types", "dist", "THIRD-PARTY-NOTICES.txt"],
    engines,
    peerDependencies: { "aws-cdk-lib": `^${OLDEST_CDK}`, constructs: CONSTRUCTS },
  };
}
