import { describe, expect, test } from "vitest";
import { type AccessRequest, type Decision, decide } from "../../../../local/aws/iam/decide.ts";
import { parsePolicy } from "../../../../local/aws/iam/parse.ts";
import { type Policy, PolicyError } from "../../../../local/aws/iam/policy.ts";

const ROLE = {
  kind: "role",
  arn: "arn:aws:iam::111122223333:role/reader",
  sessionArn: "arn:aws:sts::111122223333:assumed-role/reader/ann",
} as const;
const BUCKET = "arn:aws:s3:::b";

function request(key: string, context: AccessRequest["context"] = {}): AccessRequest {
  return { principal: ROLE, action: "s3:GetObject", resource: `${BUCKET}/${key}`, context };
}

function identity(...statements: object[]): Policy {
  return parsePolicy({ Version: "2012-10-17", Statement: statements }, "identity");
}

const allow = { Effect: "Allow", Action: "s3:GetObject" };
const deny = { Effect: "Deny", Action: "s3:GetObject" };

describe("Action", () => {
  test.each<[object, Decision]>([
    [{ Action: "s3:GetObject" }, "allow"],
    [{ Action: "S3:getobject" }, "allow"],
    [{ Action: ["s3:PutObject", "s3:Get*"] }, "allow"],
    [{ Action: "s3:GetObjec?" }, "allow"],
    [{ Action: "*" }, "allow"],
    [{ Action: "s3:GetObjectVersion" }, "implicit-deny"],
    [{ Action: "s3.GetObject" }, "implicit-deny"],
    [{ NotAction: "s3:PutObject" }, "allow"],
    [{ NotAction: ["s3:Put*", "s3:Get*"] }, "implicit-deny"],
  ])("%j", (element, decision) => {
    const policy = identity({ Effect: "Allow", Resource: "*", ...element });
    expect(decide(request("k"), { identity: [policy] })).toBe(decision);
  });
});

describe("Resource", () => {
  const tag = { "aws:PrincipalTag/team": "blue" };
  test.each<[pattern: string, key: string, decision: Decision]>([
    [`${BUCKET}/*`, "a/b/c", "allow"],
    [`${BUCKET}/*`, "", "allow"],
    [`${BUCKET}/a/*`, "b", "implicit-deny"],
    [`${BUCKET}/a?c`, "abc", "allow"],
    [`${BUCKET}/a?c`, "ac", "implicit-deny"],
    [`${BUCKET}/a.c`, "abc", "implicit-deny"],
    [`${BUCKET}/A`, "a", "implicit-deny"],
    [`${BUCKET}/a:b*`, "a:b:c", "allow"],
    [`${BUCKET}/a\nb`, "a\nb", "allow"],
    [`${BUCKET}/*`, "two\nlines", "allow"],
    [`${BUCKET}/?`, "😀", "allow"],
    ["arn:aws:s3:*:*:b/*", "a", "allow"],
    ["arn:aws:s3*", "a", "allow"],
    ["arn:aws:sqs:::b/*", "a", "implicit-deny"],
    ["arn:aws:s3:::*", "a", "allow"],
    [`${BUCKET}/\${aws:PrincipalTag/team}/*`, "blue/x", "allow"],
    [`${BUCKET}/\${AWS:principaltag/team}/*`, "blue/x", "allow"],
    [`${BUCKET}/\${aws:PrincipalTag/team}/*`, "red/x", "implicit-deny"],
    [`${BUCKET}/\${aws:PrincipalTag/none}/*`, "/x", "implicit-deny"],
    [`${BUCKET}/\${aws:PrincipalTag/none, 'red'}/*`, "red/x", "allow"],
    [`${BUCKET}/a\${*}`, "a*", "allow"],
    [`${BUCKET}/a\${*}`, "ab", "implicit-deny"],
    [`${BUCKET}/a\${?}\${$}`, "a?$", "allow"],
  ])("%s on %j", (pattern, key, decision) => {
    const policy = identity({ ...allow, Resource: pattern });
    expect(decide(request(key, tag), { identity: [policy] })).toBe(decision);
  });

  test("a wildcard in a value is only a character", () => {
    const policy = identity({ ...allow, Resource: `${BUCKET}/\${aws:PrincipalTag/team}/x` });
    const starred = { "aws:PrincipalTag/team": "*" };
    expect(decide(request("blue/x", starred), { identity: [policy] })).toBe("implicit-deny");
    expect(decide(request("*/x", starred), { identity: [policy] })).toBe("allow");
  });

  test("NotResource takes out what earlier areas own", () => {
    const policy = identity({ ...allow, NotResource: [`${BUCKET}/users/*`, `${BUCKET}/team/*`] });
    expect(decide(request("index.html"), { identity: [policy] })).toBe("allow");
    expect(decide(request("users/a"), { identity: [policy] })).toBe("implicit-deny");
  });

  test.each([
    ["Allow", { Resource: [`${BUCKET}/a/*`, `${BUCKET}/\${aws:PrincipalTag/none}/*`] }, "implicit-deny"],
    ["Allow", { Resource: [`${BUCKET}/a/*`, `${BUCKET}/\${aws:PrincipalTag/none, '='}/*`] }, "allow"],
    ["Deny", { NotResource: [`${BUCKET}/b/*`, `${BUCKET}/\${aws:PrincipalTag/none}/*`] }, "allow"],
    [
      "Deny",
      { NotResource: [`${BUCKET}/b/*`, `${BUCKET}/\${aws:PrincipalTag/none, '='}/*`] },
      "explicit-deny",
    ],
  ])(
    "a variable without a value makes all of a statement void: %s %j is %s",
    (Effect, resources, decision) => {
      const others = Effect === "Deny" ? [{ ...allow, Resource: `${BUCKET}/*` }] : [];
      const policy = identity({ ...allow, Effect, ...resources }, ...others);
      expect(decide(request("a/x", tag), { identity: [policy] })).toBe(decision);
    },
  );

  test("before version 2012-10-17 a variable is plain text", () => {
    const statement = { ...allow, Resource: `${BUCKET}/\${aws:PrincipalTag/team}` };
    const policy = parsePolicy({ Version: "2008-10-17", Statement: statement }, "identity");
    expect(decide(request("blue", tag), { identity: [policy] })).toBe("implicit-deny");
    expect(decide(request(`\${aws:PrincipalTag/team}`, tag), { identity: [policy] })).toBe("allow");
  });
});

describe("Condition", () => {
  const context = {
    "s3:prefix": "users/ann/",
    "aws:SecureTransport": "true",
    "s3:signatureAge": "1500",
    "aws:SourceIp": "10.1.2.3",
    "aws:PrincipalTag/team": "blue",
    "aws:PrincipalArn": ROLE.arn,
    "aws:CurrentTime": "2026-11-22T12:00:00Z",
    many: ["one", "two"],
    empty: [],
  };
  test.each<[condition: object, holds: boolean]>([
    [{ StringEquals: { "s3:prefix": "users/ann/" } }, true],
    [{ StringEquals: { "S3:Prefix": ["x", "users/ann/"] } }, true],
    [{ StringEquals: { "s3:prefix": "users/*" } }, false],
    [{ StringEquals: { "s3:prefix": "Users/ann/" } }, false],
    [{ StringEqualsIgnoreCase: { "s3:prefix": "USERS/ann/" } }, true],
    [{ StringNotEqualsIgnoreCase: { "s3:prefix": "USERS/ann/" } }, false],
    [{ StringNotEquals: { "s3:prefix": ["a", "b"] } }, true],
    [{ StringNotEquals: { "s3:prefix": ["a", "users/ann/"] } }, false],
    [{ StringLike: { "s3:prefix": "users/*/" } }, true],
    [{ StringLike: { "s3:prefix": `users/\${aws:PrincipalTag/team}/` } }, false],
    [{ StringEquals: { "aws:PrincipalTag/team": `bl\${aws:PrincipalTag/none, 'ue'}` } }, true],
    [{ StringNotLike: { "s3:prefix": "users/*" } }, false],
    [{ StringEquals: { missing: "x" } }, false],
    [{ StringNotEquals: { missing: "x" } }, true],
    [{ StringEqualsIfExists: { missing: "x" } }, true],
    [{ StringEqualsIfExists: { "s3:prefix": "x" } }, false],
    [{ StringEquals: { empty: "x" } }, false],
    [{ Null: { missing: "true" } }, true],
    [{ Null: { missing: "false" } }, false],
    [{ Null: { "s3:prefix": false } }, true],
    [{ Bool: { "aws:SecureTransport": "true" } }, true],
    [{ Bool: { "aws:SecureTransport": false } }, false],
    [{ NumericLessThan: { "s3:signatureAge": "1501" } }, true],
    [{ NumericLessThan: { "s3:signatureAge": 1500 } }, false],
    [{ NumericLessThanEquals: { "s3:signatureAge": "1500" } }, true],
    [{ NumericGreaterThan: { "s3:signatureAge": "1499" } }, true],
    [{ NumericGreaterThanEquals: { "s3:prefix": "0" } }, false],
    [{ NumericNotEquals: { "s3:signatureAge": "1" } }, true],
    [{ DateLessThan: { "aws:CurrentTime": "2026-11-22T12:00:01Z" } }, true],
    [{ DateGreaterThan: { "aws:CurrentTime": "2026-11-22T12:00:01Z" } }, false],
    [{ IpAddress: { "aws:SourceIp": ["192.168.0.0/16", "10.0.0.0/8"] } }, true],
    [{ NotIpAddress: { "aws:SourceIp": "10.0.0.0/8" } }, false],
    [{ IpAddress: { "aws:SourceIp": "2001:db8::/32" } }, false],
    [{ ArnLike: { "aws:PrincipalArn": "arn:aws:iam::*:role/*" } }, true],
    [{ ArnEquals: { "aws:PrincipalArn": "arn:aws:iam::111122223333:role/reader" } }, true],
    [{ ArnLike: { "aws:PrincipalArn": "arn:aws:iam:*:role/reader" } }, false],
    [{ ArnNotLike: { "aws:PrincipalArn": "arn:aws:iam::*:role/*" } }, false],
    [{ "ForAnyValue:StringLike": { many: "tw*" } }, true],
    [{ "ForAnyValue:StringEquals": { many: "three" } }, false],
    [{ "ForAnyValue:StringEquals": { missing: "three" } }, false],
    [{ "ForAnyValue:StringNotEquals": { many: "one" } }, true],
    [{ "ForAllValues:StringEquals": { many: ["one", "two", "three"] } }, true],
    [{ "ForAllValues:StringEquals": { many: ["one"] } }, false],
    [{ "ForAllValues:StringEquals": { missing: ["one"] } }, true],
    [{ "ForAllValues:StringNotEquals": { many: "two" } }, false],
    [{ StringEquals: { "s3:prefix": "users/ann/" }, Bool: { "aws:SecureTransport": "false" } }, false],
  ])("%j", (condition, holds) => {
    const policy = identity({ ...allow, Resource: "*", Condition: condition });
    expect(decide(request("k", context), { identity: [policy] }) === "allow").toBe(holds);
  });

  test.each<[condition: object]>([
    [{ StringEquals: { many: "one" } }],
    [{ NumericEquals: { "s3:signatureAge": "one" } }],
    [{ Bool: { "aws:SecureTransport": "yes" } }],
    [{ IpAddress: { "aws:SourceIp": "here" } }],
    [{ StringEquals: { "s3:prefix": `\${}` } }],
    [{ StringEquals: { "s3:prefix": `\${aws:username` } }],
  ])("%j throws", (condition) => {
    const policy = identity({ ...allow, Resource: "*", Condition: condition });
    expect(() => decide(request("k", context), { identity: [policy] })).toThrow(PolicyError);
  });
});

describe("an explicit deny wins, and nothing said is a deny", () => {
  const yes = identity({ ...allow, Resource: "*" });
  const no = identity({ ...deny, Resource: `${BUCKET}/private/*` });
  const bucketPolicy = (statement: object) =>
    parsePolicy({ Version: "2012-10-17", Statement: statement }, "resource");
  const everyone = bucketPolicy({ ...allow, Principal: "*", Resource: `${BUCKET}/public/*` });

  test.each<[string, string, Parameters<typeof decide>[1], Decision]>([
    ["no policy", "k", {}, "implicit-deny"],
    ["allow", "k", { identity: [yes] }, "allow"],
    ["allow and deny", "private/k", { identity: [yes, no] }, "explicit-deny"],
    ["deny first", "private/k", { identity: [no, yes] }, "explicit-deny"],
    ["bucket policy for everyone", "public/k", { identity: [], resource: everyone }, "allow"],
    ["bucket policy, another key", "k", { identity: [], resource: everyone }, "implicit-deny"],
    [
      "bucket policy denies",
      "k",
      { identity: [yes], resource: bucketPolicy({ ...deny, Principal: { AWS: "*" }, Resource: "*" }) },
      "explicit-deny",
    ],
    [
      "bucket policy for the role",
      "k",
      { resource: bucketPolicy({ ...allow, Principal: { AWS: ROLE.arn }, Resource: "*" }) },
      "allow",
    ],
    [
      "bucket policy for the session",
      "k",
      { resource: bucketPolicy({ ...allow, Principal: { AWS: ROLE.sessionArn }, Resource: "*" }) },
      "allow",
    ],
    [
      "bucket policy for another role",
      "k",
      { resource: bucketPolicy({ ...allow, Principal: { AWS: `${ROLE.arn}2` }, Resource: "*" }) },
      "implicit-deny",
    ],
    [
      "bucket policy for the account only delegates",
      "k",
      {
        resource: bucketPolicy({
          ...allow,
          Principal: { AWS: "arn:aws:iam::111122223333:root" },
          Resource: "*",
        }),
      },
      "implicit-deny",
    ],
    [
      "the account and another role",
      "k",
      {
        resource: bucketPolicy({
          ...allow,
          Principal: { AWS: ["111122223333", `${ROLE.arn}2`] },
          Resource: "*",
        }),
      },
      "implicit-deny",
    ],
    [
      "a deny for the account binds",
      "k",
      {
        identity: [yes],
        resource: bucketPolicy({ ...deny, Principal: { AWS: "111122223333" }, Resource: "*" }),
      },
      "explicit-deny",
    ],
    [
      "a session policy takes away",
      "k",
      { identity: [yes], session: [identity({ ...allow, Resource: `${BUCKET}/a` })] },
      "implicit-deny",
    ],
    [
      "a session policy gives nothing",
      "a",
      { session: [identity({ ...allow, Resource: `${BUCKET}/a` })] },
      "implicit-deny",
    ],
    [
      "a session policy in the role's bounds",
      "a",
      { identity: [yes], session: [identity({ ...allow, Resource: `${BUCKET}/a` })] },
      "allow",
    ],
  ])("%s", (_name, key, policies, decision) => {
    expect(decide(request(key), policies)).toBe(decision);
  });

  test.each<[AccessRequest["principal"], Decision]>([
    [{ kind: "service", name: "cloudfront.amazonaws.com" }, "allow"],
    [{ kind: "service", name: "lambda.amazonaws.com" }, "implicit-deny"],
    [{ kind: "anonymous" }, "implicit-deny"],
    [ROLE, "implicit-deny"],
  ])("a policy for CloudFront, asked by %j", (principal, decision) => {
    const resource = bucketPolicy({
      ...allow,
      Principal: { Service: "cloudfront.amazonaws.com" },
      Resource: `${BUCKET}/*`,
      Condition: { StringEquals: { "AWS:SourceArn": "arn:aws:cloudfront::111122223333:distribution/E1" } },
    });
    const context = { "aws:SourceArn": "arn:aws:cloudfront::111122223333:distribution/E1" };
    expect(decide({ ...request("k", context), principal }, { resource })).toBe(decision);
  });
});

describe("a document that is not understood", () => {
  test.each<[string, object]>([
    ["an unknown element", { ...allow, Resource: "*", Resources: "*" }],
    ["NotPrincipal", { ...allow, Resource: "*", NotPrincipal: "*" }],
    ["an unknown operator", { ...allow, Resource: "*", Condition: { StringSimilar: { a: "b" } } }],
    ["a negated IfExists of Null", { ...allow, Resource: "*", Condition: { NullIfExists: { a: "true" } } }],
    [
      "an unknown set prefix",
      { ...allow, Resource: "*", Condition: { "ForSomeValues:StringEquals": { a: "b" } } },
    ],
    ["no effect", { Action: "*", Resource: "*" }],
    ["no action", { Effect: "Allow", Resource: "*" }],
    ["both Action and NotAction", { ...allow, NotAction: "x", Resource: "*" }],
    ["no resource", { Effect: "Allow", Action: "*" }],
    ["a resource that is no ARN", { ...allow, Resource: "b/*" }],
    ["a principal in an identity policy", { ...allow, Resource: "*", Principal: "*" }],
    ["an object as value", { ...allow, Resource: "*", Condition: { StringEquals: { a: { Ref: "x" } } } }],
    ["an unresolved resource", { ...allow, Resource: { "Fn::GetAtt": ["Bucket", "Arn"] } }],
  ])("%s", (_name, statement) => {
    expect(() => identity(statement)).toThrow(PolicyError);
  });

  test.each<[string, unknown]>([
    ["an unknown version", { Version: "2030-01-01", Statement: [] }],
    ["no object", "[]"],
    ["an unknown top element", { Version: "2012-10-17", Statement: [], Extra: 1 }],
  ])("%s", (_name, document) => {
    expect(() => parsePolicy(document, "identity")).toThrow(PolicyError);
  });

  test.each<[string, object]>([
    ["an unknown kind of principal", { ...allow, Principal: { Canonical: "x" }, Resource: "*" }],
    ["no principal", { ...allow, Resource: "*" }],
  ])("a bucket policy with %s", (_name, statement) => {
    expect(() => parsePolicy({ Version: "2012-10-17", Statement: statement }, "resource")).toThrow(
      PolicyError,
    );
  });
});
