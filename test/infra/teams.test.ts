// Folders by group, in the template: what IAM goes by, and who may say which group it is.
import { describe, expect, test } from "vitest";
import { only, templateWith } from "./synth.ts";

const TAG = `$${"{aws:PrincipalTag/group, '='}"}`;
const AREAS = [{ path: "/teams/{group}/*", uploads: { maxBytes: 9 } }, { path: "/*" }];

describe("folders by group", () => {
  const template = templateWith({ areas: AREAS, exchange: "sts", listing: true });
  const policy = JSON.stringify(only(template, "AWS::IAM::Policy", "AuthenticatedRole").Properties);

  test("open by the tag of the session alone, for reading, storing and listing", () => {
    expect(policy).toContain(`/teams/${TAG}/*`);
    expect(policy).toContain(`"teams/${TAG}/","teams/${TAG}/*/"`);
    expect(policy).toContain("s3:PutObject");
    expect(policy.match(/teams\//g)).toHaveLength(5);
  });

  test("the function alone says which group it is", () => {
    const role = only(template, "AWS::IAM::Role", "AuthenticatedRole");
    const { Statement } = Object(role.Properties["AssumeRolePolicyDocument"]);
    expect(Statement[1]).toMatchObject({
      Action: "sts:TagSession",
      Condition: { "ForAllValues:StringEquals": { "aws:TagKeys": ["group"] } },
      Principal: Statement[0].Principal,
    });
  });
});
