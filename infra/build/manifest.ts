// The published package.json: what the repository's own says, for those who only use the construct.

/** What is read of the repository's package.json. */
export interface OwnManifest {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly license: string;
  readonly engines: object;
  readonly dependencies: Readonly<Record<string, string>>;
}

/** What is read of CDK's. */
export interface CdkManifest {
  readonly peerDependencies: { readonly constructs: string };
}

/** Nothing is installed along: CDK is the app's, and the functions are built. */
export function manifest(own: OwnManifest, cdk: CdkManifest): object {
  const { name, version, description, license, engines, dependencies } = own;
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
    // The version that the tests run with is the oldest that is known to work.
    peerDependencies: {
      "aws-cdk-lib": `^${dependencies["aws-cdk-lib"]}`,
      constructs: cdk.peerDependencies.constructs,
    },
  };
}
