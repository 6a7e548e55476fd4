import { App, Duration, Fn, Stack, Validations } from "aws-cdk-lib";
import { Annotations, Match, Template } from "aws-cdk-lib/assertions";
import { Certificate } from "aws-cdk-lib/aws-certificatemanager";
import { Distribution, type DistributionProps, GeoRestriction, PriceClass } from "aws-cdk-lib/aws-cloudfront";
import { HttpOrigin } from "aws-cdk-lib/aws-cloudfront-origins";
import { Bucket } from "aws-cdk-lib/aws-s3";
import { AwsSolutionsChecks } from "cdk-nag";
import { describe, expect, test } from "vitest";
import { ConfigError } from "../../edge/config/document.ts";
import { createDistribution } from "../../infra/delivery/distribution.ts";
import { atDomains } from "../../infra/delivery/domain-names.ts";
import type { SignedInAssetsProps, SignedInBehaviorsProps } from "../../infra/props.ts";
import { SignedInBehaviors } from "../../infra/signed-in-behaviors.ts";
import { cycleIn } from "./cycle.ts";
import { gateIn, json, newOutdir, only, type ResourceJson } from "./synth.ts";

const ACL = "arn:aws:wafv2:us-east-1:123456789012:global/webacl/a/b";
const CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/abc";

function withNames(stack: Stack, names: string[]): SignedInAssetsProps["distribution"] {
  return { domainNames: names, certificate: Certificate.fromCertificateArn(stack, "Cert", CERTIFICATE) };
}

function configOf(template: Template): unknown {
  return only(template, "AWS::CloudFront::Distribution").Properties["DistributionConfig"];
}

function callbacksOf({ Properties }: ResourceJson): unknown {
  return Properties["CallbackURLs"];
}

describe("what CDK's distribution takes", () => {
  const { template } = gateIn("us-east-1", (stack) => ({
    distribution: {
      ...withNames(stack, ["a.example.com"]),
      comment: "Ours",
      priceClass: PriceClass.PRICE_CLASS_100,
      webAclId: ACL,
      geoRestriction: GeoRestriction.allowlist("DE"),
      logBucket: Bucket.fromBucketAttributes(stack, "Log", { bucketName: "logs", region: "us-east-1" }),
      enabled: false,
    },
  }));

  test("is passed through", () => {
    expect(configOf(template())).toMatchObject({
      Aliases: ["a.example.com"],
      Comment: "Ours",
      Enabled: false,
      PriceClass: "PriceClass_100",
      WebACLId: ACL,
      Restrictions: { GeoRestriction: { Locations: ["DE"], RestrictionType: "whitelist" } },
      ViewerCertificate: { AcmCertificateArn: CERTIFICATE, MinimumProtocolVersion: "TLSv1.2_2021" },
      Logging: { IncludeCookies: false },
      HttpVersion: "http2and3",
    });
  });

  test("cannot replace what the gate decides, whatever a program hands over", () => {
    const smuggled = {
      defaultBehavior: { origin: new HttpOrigin("evil.example.com") },
      additionalBehaviors: { "/x/*": { origin: new HttpOrigin("evil.example.com") } },
      errorResponses: [{ httpStatus: 403, responsePagePath: "/index.html" }],
      defaultRootObject: "index.html",
      logIncludesCookies: true,
      enableLogging: true,
    };
    const { gate: whole } = gateIn("us-east-1");
    const stack = new Stack(new App({ outdir: newOutdir() }), "Site", { env: { region: "us-east-1" } });
    const parts = {
      defaultBehavior: { origin: new HttpOrigin("www.example.com") },
      additionalBehaviors: {},
      errorResponses: whole.errorResponses,
    };
    createDistribution(stack, parts, {
      ...smuggled,
      logBucket: Bucket.fromBucketAttributes(stack, "Log", { bucketName: "logs", region: "us-east-1" }),
    });
    const given = configOf(Template.fromStack(stack));
    expect(given).not.toHaveProperty("DefaultRootObject");
    expect(given).not.toHaveProperty("CacheBehaviors");
    expect(given).toHaveProperty("Logging.IncludeCookies", false);
    expect(JSON.stringify(given)).not.toMatch(/evil|ResponsePagePath/);
  });

  test.each([
    ["nothing", () => ({}), 0],
    ["domain names", (stack: Stack) => withNames(stack, ["a.example.com"]), 1],
    [
      "a web ACL and a restriction",
      () => ({ webAclId: ACL, geoRestriction: GeoRestriction.allowlist("DE") }),
      2,
    ],
    [
      "logs",
      (stack: Stack) => ({
        logBucket: Bucket.fromBucketAttributes(stack, "Log", { bucketName: "logs", region: "us-east-1" }),
      }),
      1,
    ],
  ])("answers for cdk-nag what is left to answer, with %s", (_name, distribution, answered) => {
    const { gate } = gateIn("us-east-1", (stack) => ({ distribution: distribution(stack) }));
    const app = gate.node.root;
    if (!(app instanceof App)) throw new Error("no app");
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
    expect(() => app.synth()).not.toThrow();
    expect(acknowledgedAt(gate.distribution)).toHaveLength(5 - answered);
  });
});

/** What was acknowledged at a construct. */
function acknowledgedAt({ node }: Distribution): typeof node.metadata {
  return node.metadata.filter(({ type }) => type.includes("acknowledge"));
}

describe("domain names of one's own", () => {
  const at = (names: string[], auth: SignedInAssetsProps["auth"] = {}) =>
    gateIn("us-east-1", (stack) => ({ auth, distribution: withNames(stack, names) }));

  test("are where people sign in: the client knows the URLs, and no custom resource tells it", () => {
    const { gate, template } = at(["assets.example.com", "*.example.org", "b.example.com"]);
    const synthesized = template();
    synthesized.resourceCountIs("Custom::GatehouseClientUrls", 0);
    expect(callbacksOf(only(synthesized, "AWS::Cognito::UserPoolClient"))).toEqual([
      "https://assets.example.com/.gatehouse/callback",
      "https://b.example.com/.gatehouse/callback",
    ]);
    expect(gate.signInUrls?.loginUrl).toBe("https://assets.example.com/.gatehouse/login");
    expect(cycleIn(json(synthesized))).toBeUndefined();
  });

  test("are written in lower case, as browsers and Cognito compare them", () => {
    const { auth } = atDomains({ auth: {}, distribution: { domainNames: ["Assets.Example.com"] } });
    expect(auth?.origins).toEqual(["https://assets.example.com"]);
  });

  test("come before further origins, each once", () => {
    const { template } = at(["a.example.com"], {
      origins: ["http://localhost:8080", "https://a.example.com"],
    });
    expect(callbacksOf(only(template(), "AWS::Cognito::UserPoolClient"))).toEqual([
      "https://a.example.com/.gatehouse/callback",
      "http://localhost:8080/.gatehouse/callback",
    ]);
  });

  test("leave sign-in at the distribution's own domain to those who ask for it", () => {
    const { template } = at(["a.example.com"], { distributionOrigin: true });
    const { Client } = only(template(), "Custom::GatehouseClientUrls").Properties;
    expect(JSON.stringify(Client)).toMatch(/DomainName.*a\.example\.com\/\.gatehouse\/callback/);
  });

  test("may be known only while deploying", () => {
    const { template } = at([Fn.importValue("Name")]);
    expect(callbacksOf(only(template(), "AWS::Cognito::UserPoolClient"))).toEqual([
      { "Fn::Join": ["", ["https://", { "Fn::ImportValue": "Name" }, "/.gatehouse/callback"]] },
    ]);
  });

  const certificateOf = (stack: Stack) => withNames(stack, [])?.certificate;
  const nowhere = (names: string) =>
    `distribution.domainNames: nobody could sign in below ${names}, for an app client takes no patterns; ` +
    "add a name without one, or the hosts to auth.origins";
  const NAMES = "distribution.domainNames: expected names such as assets.example.com";
  test.each<[string, object, SignedInAssetsProps["auth"] | undefined, string[]]>([
    ["patterns only", { domainNames: ["*.example.org"] }, {}, [nowhere('"*.example.org"')]],
    [
      "two patterns, and hosts elsewhere",
      { domainNames: ["*.example.org", "*.example.net"] },
      { origins: ["https://example.org", "http://localhost:8080"] },
      [nowhere('"*.example.org", "*.example.net"')],
    ],
    ["patterns only, where nobody signs in", { domainNames: ["*.example.org"] }, undefined, []],
    [
      "patterns only, with a host below one",
      { domainNames: ["*.Example.org"] },
      { origins: ["https://a.example.org"] },
      [],
    ],
    [
      "patterns only, with a host that is known while deploying",
      { domainNames: ["*.example.org"] },
      { origins: [Fn.importValue("Origin")] },
      [],
    ],
    [
      "patterns only, where people sign in at the distribution's own domain",
      { domainNames: ["*.example.org"] },
      { distributionOrigin: true },
      [],
    ],
    [
      "no certificate",
      { domainNames: ["a.example.com"], certificate: undefined },
      {},
      ["distribution.certificate: domain names come with a certificate for them"],
    ],
    ["a text", { domainNames: "a.example.com" }, {}, [NAMES]],
    ["a list of other things", { domainNames: ["a.example.com", 1] }, {}, [NAMES]],
    ["no names", { domainNames: [] }, {}, []],
    [
      "origins that are none",
      { domainNames: ["a.example.com"] },
      Object({ origins: 1 }),
      [
        "auth.origins: expected a list of origins such as https://assets.example.com, or http://localhost:8080",
      ],
    ],
  ])("with %s", (_name, distribution, auth, problems) => {
    const make = () =>
      gateIn("us-east-1", (stack) => ({
        ...(auth && { auth }),
        distribution: { certificate: certificateOf(stack), ...distribution },
      }));
    if (problems.length === 0) expect(make).not.toThrow();
    else expect(make).toThrow(new ConfigError(problems, "Site/Assets"));
  });

  test("that are patterns are warned about where people sign in", () => {
    const warningsAt = ({ gate }: ReturnType<typeof at>) =>
      gate.node.metadata.filter(({ type }) => type === "aws:cdk:warning").map(({ data }) => String(data));
    expect(warningsAt(at(["a.example.com", "*.example.org"]))).toEqual([
      expect.stringContaining('Below "*.example.org" nobody can sign in but at hosts in auth.origins'),
    ]);
    expect(warningsAt(at(["a.example.com"]))).toEqual([]);
  });
});

describe("a distribution of one's own", () => {
  const AREAS = [{ path: "/private/*" }, { path: "/open/*", public: true }];

  function mounted(props: SignedInBehaviorsProps): { gate: SignedInBehaviors; template: Template } {
    const stack = new Stack(new App({ outdir: newOutdir() }), "Site", { env: { region: "us-east-1" } });
    const gate = new SignedInBehaviors(stack, "Gate", { deploymentId: "fixed", ...props });
    const own = new Distribution(stack, "Own", {
      defaultBehavior: { origin: new HttpOrigin("www.example.com") },
      additionalBehaviors: { ...gate.additionalBehaviors, "/private/*": gate.defaultBehavior },
      errorResponses: [...gate.errorResponses],
    });
    gate.connectTo(own);
    return { gate, template: Template.fromStack(stack) };
  }

  const { gate, template } = mounted({ areas: AREAS, auth: {} });

  test("carries the gate's behaviours in their order, and there is no other distribution", () => {
    const { CacheBehaviors, CustomErrorResponses } = Object(configOf(template));
    const paths = CacheBehaviors.map(({ PathPattern }: { PathPattern: string }) => PathPattern);
    expect(paths).toEqual(["/.gatehouse/*", "/open/*", "/private/*"]);
    expect(CacheBehaviors[2].LambdaFunctionAssociations).toHaveLength(2);
    expect(CustomErrorResponses).toHaveLength(11);
    template.resourceCountIs("AWS::CloudFront::Distribution", 1);
    expect(cycleIn(json(template))).toBeUndefined();
  });

  test("has the same signed behaviour as a gate with a distribution", () => {
    const { template: whole } = gateIn("us-east-1", () => ({ areas: AREAS, auth: {} }));
    const { DefaultCacheBehavior } = Object(configOf(whole()));
    const { CacheBehaviors } = Object(configOf(template));
    expect(shapeOf(CacheBehaviors[2])).toEqual(shapeOf(DefaultCacheBehavior));
  });

  test("is told to the client and to the bucket", () => {
    const { id } = only(template, "AWS::CloudFront::Distribution");
    expect(JSON.stringify(only(template, "Custom::GatehouseClientUrls").Properties)).toContain(id);
    expect(JSON.stringify(only(template, "AWS::S3::BucketPolicy").Properties)).toContain(id);
    expect(gate.signInUrls?.callbackUrls).toHaveLength(1);
    expect(gate.clientUrls).toBeDefined();
    expect(gate.publicReadStatement).toBeDefined();
  });

  test("is one: a second connection is a mistake", () => {
    expect(() =>
      gate.connectTo(
        Distribution.fromDistributionAttributes(gate, "D", { distributionId: "E", domainName: "d" }),
      ),
    ).toThrow("Site/Gate is connected to a distribution already");
  });

  test.each([
    ["sign-in", { auth: {} }, true],
    ["public areas", { areas: AREAS }, true],
    ["neither", {}, false],
  ])("that is never named is a mistake exactly where it is needed: %s", (_name, props, isNeeded) => {
    const app = new App({ outdir: newOutdir() });
    const stack = new Stack(app, "Site", { env: { region: "us-east-1" } });
    new SignedInBehaviors(stack, "Gate", props);
    if (isNeeded) expect(() => app.synth()).toThrow(/connectTo\(distribution\) was not called/);
    else expect(() => app.synth()).not.toThrow();
  });
});

describe("a distribution of one's own is looked at when it is connected", () => {
  type Parts = Pick<DistributionProps, "additionalBehaviors" | "errorResponses" | "defaultRootObject">;

  /** Synthesizes a gate on a distribution that differs from a right one. */
  function synthOn(change: (gate: SignedInBehaviors, origin: HttpOrigin) => Partial<DistributionProps>): {
    readonly error: string;
    readonly warnings: readonly string[];
  } {
    const app = new App({ outdir: newOutdir() });
    const stack = new Stack(app, "Site", { env: { region: "us-east-1" } });
    const gate = new SignedInBehaviors(stack, "Gate", {
      deploymentId: "fixed",
      auth: {},
      listing: { enabled: true },
      areas: [{ path: "/private/open/*", public: true }, { path: "/private/*" }],
    });
    const origin = new HttpOrigin("www.example.com");
    const right: Parts = {
      additionalBehaviors: { ...gate.additionalBehaviors, "/private/*": gate.defaultBehavior },
      errorResponses: [...gate.errorResponses],
    };
    const props = { defaultBehavior: { origin }, ...right, ...change(gate, origin) };
    gate.connectTo(new Distribution(stack, "Own", props));
    try {
      app.synth();
    } catch (thrown) {
      return { error: String(thrown), warnings: [] };
    }
    const warnings = Annotations.fromStack(stack).findWarning("*", Match.stringLikeRegexp("lies outside"));
    return { error: "", warnings: warnings.map(({ entry }) => String(entry.data)) };
  }

  test("a right one is none of its business", () => {
    expect(synthOn(() => ({}))).toEqual({ error: "", warnings: [] });
    expect(
      synthOn(({ defaultBehavior, additionalBehaviors }) => ({ defaultBehavior, additionalBehaviors })),
    ).toEqual({
      error: "",
      warnings: [],
    });
    // The default behaviour is another origin's: what it has at its root is its own.
    expect(synthOn(() => ({ defaultRootObject: "index.html" })).error).toBe("");
  });

  const mistakes: Record<string, [Parameters<typeof synthOn>[0], string]> = {
    "an error page with status 200": [
      ({ errorResponses }) => ({
        errorResponses: errorResponses.map((response) =>
          response.httpStatus === 403
            ? { ...response, responseHttpStatus: 200, responsePagePath: "/index.html" }
            : response,
        ),
      }),
      'Site/Own: errorResponses: 403 would become 200 with "/index.html" in the place of the gate\'s answers',
    ],
    "an error page of a further status": [
      ({ errorResponses }) => ({
        errorResponses: [
          ...errorResponses,
          { httpStatus: 416, responseHttpStatus: 200, responsePagePath: "/x" },
        ],
      }),
      'Site/Own: errorResponses: 416 would become 200 with "/x"',
    ],
    "no error responses": [
      () => ({ errorResponses: [] }),
      "Site/Own: errorResponses: add those of the gate; one viewer's 400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504",
    ],
    "one that is kept": [
      ({ errorResponses }) => ({
        errorResponses: errorResponses.map((response) =>
          response.httpStatus === 404 ? { ...response, ttl: Duration.seconds(5) } : response,
        ),
      }),
      "Site/Own: errorResponses: add those of the gate; one viewer's 404 would",
    ],
    "a default root object": [
      ({ defaultBehavior, additionalBehaviors }) => ({
        defaultBehavior,
        additionalBehaviors,
        defaultRootObject: "index.html",
      }),
      'Site/Own: defaultRootObject: "index.html" would change the path after it was signed',
    ],
    "a behaviour before everything": [
      ({ additionalBehaviors, defaultBehavior }, origin) => ({
        additionalBehaviors: { "/*": { origin }, ...additionalBehaviors, "/private/*": defaultBehavior },
      }),
      'Site/Own: additionalBehaviors: "/*" comes before "/.gatehouse/*", which is never reached',
    ],
    "a behaviour before a public area": [
      ({ additionalBehaviors, defaultBehavior }) => ({
        additionalBehaviors: { "/private/*": defaultBehavior, ...additionalBehaviors },
      }),
      'Site/Own: additionalBehaviors: "/private/*" comes before "/private/open/*", which is never reached',
    ],
    "endpoints in another order": [
      ({ additionalBehaviors, defaultBehavior }) => ({
        additionalBehaviors: {
          ...Object.fromEntries(Object.entries(additionalBehaviors).reverse()),
          "/private/*": defaultBehavior,
        },
      }),
      'Site/Own: additionalBehaviors: "/.gatehouse/*" comes before "/.gatehouse/list/*", which is never reached',
    ],
    "without the endpoints": [
      ({ defaultBehavior }) => ({ additionalBehaviors: { "/private/*": defaultBehavior } }),
      `Site/Own: additionalBehaviors: the gate's "/.gatehouse/*" is missing`,
    ],
    "without the gate": [
      ({ additionalBehaviors }) => ({ additionalBehaviors }),
      "Site/Own: additionalBehaviors: the gate's defaultBehavior is mounted nowhere",
    ],
  };
  test.each(Object.entries(mistakes))("%s is a mistake", (_, [change, message]) => {
    expect(synthOn(change).error).toContain(message);
  });

  test("an area outside is warned of", () => {
    const { error, warnings } = synthOn(({ additionalBehaviors, defaultBehavior }) => ({
      additionalBehaviors: { ...additionalBehaviors, "/private/docs/*": defaultBehavior },
    }));
    expect([error, warnings.length]).toEqual(["", 1]);
    expect(warnings[0]).toContain('The area "/private/*" lies outside');
  });
});

/** A behaviour with references by their kind alone, without where it is mounted. */
function shapeOf({ PathPattern: _path, ...behavior }: Record<string, unknown>): string {
  return JSON.stringify(behavior).replace(/"(Ref|TargetOriginId)":"[^"]*"/g, '"$1":""');
}
