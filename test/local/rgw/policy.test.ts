import { describe, expect, test } from "vitest";
import { PolicyError } from "../../../local/aws/iam/policy.ts";
import { bucketPolicy, policyText, rolePolicy, sessionPolicy } from "../../../local/rgw/policy.ts";

const B = "arn:aws:s3:::b";
const SUB = `\${cognito-identity.amazonaws.com:sub}`;
const context = {
  "cognito-identity.amazonaws.com:sub": "us-east-1:0-1",
  many: ["a", "b"],
  "aws:PrincipalTag/t": "*x",
};
const document = (...statements: object[]) => [{ Version: "2012-10-17", Statement: statements }];
const allow = { Effect: "Allow", Action: "s3:GetObject" };
const TEAM = { "s3:prefix": ["team/", ...Array.from({ length: 8 }, (_, n) => `team/${"*/".repeat(n + 1)}`)] };
const deny = { Effect: "Deny", Action: "s3:GetObject" };

describe("a policy without variables", () => {
  test("is the role's, and sessions need none", () => {
    const documents = document({ ...allow, Resource: [`${B}/a/*`, `${B}/x:y`] });
    expect(rolePolicy(documents).Statement).toEqual([
      { Effect: "Allow", Action: ["s3:GetObject"], Resource: [`${B}/a/*`, `${B}/x?y`] },
    ]);
    expect(sessionPolicy(documents, context)).toBeUndefined();
  });

  test("loses what is not about S3", () => {
    const documents = document({ Effect: "Allow", Action: ["cognito-identity:*"], Resource: "*" });
    expect(rolePolicy(documents).Statement).toEqual([]);
  });
});

describe("a policy with variables", () => {
  test.each<[string, object, object[], object[]]>([
    [
      "in an Allow: any value for the role, the own one for the session",
      { ...allow, Resource: `${B}/users/${SUB}/*` },
      [{ Effect: "Allow", Action: ["s3:GetObject"], Resource: [`${B}/users/*/*`] }],
      [{ Effect: "Allow", Action: ["s3:GetObject"], Resource: [`${B}/users/us-east-1?0-1/*`] }],
    ],
    [
      "in a Deny: the session's part only",
      { ...deny, NotResource: `${B}/users/${SUB}/*` },
      [],
      [{ Effect: "Deny", Action: ["s3:GetObject"], NotResource: [`${B}/users/us-east-1?0-1/*`] }],
    ],
    [
      "in NotResource: the exception goes",
      { ...allow, NotResource: [`${B}/users/${SUB}/*`, `${B}/team/*`] },
      [{ Effect: "Allow", Action: ["s3:GetObject"], NotResource: [`${B}/team/*`] }],
      [
        {
          Effect: "Allow",
          Action: ["s3:GetObject"],
          NotResource: [`${B}/users/us-east-1?0-1/*`, `${B}/team/*`],
        },
      ],
    ],
    [
      "in a condition: the condition goes",
      {
        Effect: "Allow",
        Action: "s3:ListBucket",
        Resource: B,
        Condition: { StringLike: { "s3:prefix": `${SUB}/*` } },
      },
      [{ Effect: "Allow", Action: ["s3:ListBucket"], Resource: [B] }],
      [
        {
          Effect: "Allow",
          Action: ["s3:ListBucket"],
          Resource: [B],
          Condition: { StringLike: { "s3:prefix": ["us-east-1:0-1/*"] } },
        },
      ],
    ],
    [
      "in one of several conditions on listings",
      {
        Effect: "Allow",
        Action: "s3:ListBucket",
        Resource: B,
        Condition: {
          StringLike: { "s3:prefix": ["team/", "team/*/"] },
          StringNotLike: { "s3:prefix": ["team/a/*", `${SUB}/*`] },
        },
      },
      [{ Effect: "Allow", Action: ["s3:ListBucket"], Resource: [B], Condition: { StringLike: TEAM } }],
      [
        {
          Effect: "Allow",
          Action: ["s3:ListBucket"],
          Resource: [B],
          Condition: {
            StringLike: TEAM,
            StringNotLike: { "s3:prefix": ["team/a/*"], "s3:prefix#1": ["us-east-1:0-1/*"] },
          },
        },
      ],
    ],
    [
      "that have no value: the statement goes",
      { ...allow, Resource: `${B}/\${aws:PrincipalTag/none}/*` },
      [{ Effect: "Allow", Action: ["s3:GetObject"], Resource: [`${B}/*/*`] }],
      [],
    ],
    [
      "that have a default",
      { ...allow, Resource: [`${B}/\${aws:PrincipalTag/none, '='}/*`, `${B}/\${aws:PrincipalTag/t, '='}/*`] },
      [{ Effect: "Allow", Action: ["s3:GetObject"], Resource: [`${B}/*/*`, `${B}/*/*`] }],
      [{ Effect: "Allow", Action: ["s3:GetObject"], Resource: [`${B}/=/*`, `${B}/?x/*`] }],
    ],
    [
      "whose value holds a wildcard: it is one character",
      { ...allow, Resource: `${B}/\${aws:PrincipalTag/t}/*` },
      [{ Effect: "Allow", Action: ["s3:GetObject"], Resource: [`${B}/*/*`] }],
      [{ Effect: "Allow", Action: ["s3:GetObject"], Resource: [`${B}/?x/*`] }],
    ],
  ])("%s", (_name, statement, role, session) => {
    expect(rolePolicy(document(statement)).Statement).toEqual(role);
    expect(sessionPolicy(document(statement), context)?.Statement).toEqual(session);
  });
});

test("a key that comes several times is written several times", () => {
  const Condition = { StringNotLike: { "s3:prefix": ["a"], "s3:prefix#1": ['b"s3:prefix#2":'] } };
  expect(policyText({ Version: "2012-10-17", Statement: [{ Condition }] })).toBe(
    '{"Version":"2012-10-17","Statement":[{"Condition":{"StringNotLike":{"s3:prefix":["a"],"s3:prefix":["b\\"s3:prefix#2\\":"]}}}]}',
  );
});

describe("what the gateway would decide otherwise is refused", () => {
  test.each<[object]>([
    [{ Effect: "Allow", NotAction: "s3:PutObject", Resource: "*" }],
    [{ ...allow, Resource: "*", Condition: { StringNotEquals: { "s3:prefix": "x" } } }],
    [{ ...allow, Resource: "*", Condition: { StringLike: { "s3:prefix": "a*b" } } }],
    [{ ...allow, Resource: "*", Condition: { Null: { "s3:prefix": "true" } } }],
    [{ ...allow, Resource: "*", Condition: { ArnLike: { "aws:PrincipalArn": "arn:aws:iam::*:role/x" } } }],
  ])("%j", (statement) => {
    expect(() => rolePolicy(document(statement))).toThrow(PolicyError);
  });
});

test("a bucket policy keeps everyone and CloudFront, and leaves TLS and strangers out", () => {
  const on = { Action: "s3:GetObject", Resource: `${B}/public/*` };
  const statements = [
    {
      Effect: "Deny",
      Principal: { AWS: "*" },
      Action: "s3:*",
      Resource: "*",
      Condition: { Bool: { "aws:SecureTransport": "false" } },
    },
    {
      Effect: "Allow",
      Principal: { Service: "cloudfront.amazonaws.com" },
      ...on,
      Condition: { StringEquals: { "AWS:SourceArn": "x" } },
    },
    { Effect: "Allow", Principal: { AWS: "arn:aws:iam::111122223333:role/clean-up" }, ...on },
    { Effect: "Allow", Principal: { AWS: "arn:aws:iam::111122223333:role/reader" }, ...on },
    { Effect: "Allow", Principal: "*", ...on },
  ];
  const { Statement } = bucketPolicy({ Version: "2012-10-17", Statement: statements }, new Set(["reader"]));
  const kept = { Effect: "Allow", Action: ["s3:GetObject"], Resource: [`${B}/public/*`] };
  expect(Statement).toEqual([
    { ...kept, Principal: { AWS: ["arn:aws:iam:::user/cloudfront"] } },
    { ...kept, Principal: { AWS: ["arn:aws:iam:::role/reader"] } },
    { ...kept, Principal: { AWS: ["*"] } },
  ]);
});
