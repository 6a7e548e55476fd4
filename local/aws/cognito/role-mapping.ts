// Which role an identity gets: CustomRoleArn, the token's own claims, rules, or the authenticated role.
// https://docs.aws.amazon.com/cognito/latest/developerguide/role-based-access-control.html

import type { JWTPayload } from "jose";
import { IdentityError, notAuthorized } from "./identity-errors.ts";

/** One entry of `RoleMappings`, in the spelling of `AWS::Cognito::IdentityPoolRoleAttachment`. */
export interface RoleMapping {
  readonly Type: "Token" | "Rules";
  readonly AmbiguousRoleResolution?: "AuthenticatedRole" | "Deny";
  readonly RulesConfiguration?: { readonly Rules: readonly MappingRule[] };
}

/** One rule: when the claim matches, the role. */
export interface MappingRule {
  readonly Claim: string;
  readonly MatchType: "Contains" | "Equals" | "NotEqual" | "StartsWith";
  readonly Value: string;
  readonly RoleARN: string;
}

/** What the choice depends on. */
export interface RoleChoice {
  readonly claims: JWTPayload;
  readonly mapping: RoleMapping | undefined;
  readonly customRoleArn: string | undefined;
  readonly authenticatedRole: string | undefined;
}

/**
 * The ARN of the role to assume.
 * @throws IdentityError NotAuthorizedException when the token does not allow the role asked for, or none fits.
 */
export function chooseRole(choice: RoleChoice): string {
  if (choice.customRoleArn !== undefined) return customRole(choice, choice.customRoleArn);
  const { mapping, claims } = choice;
  const mapped = mapping?.Type === "Token" ? roleByToken(claims) : roleByRules(claims, mapping);
  if (mapped !== undefined) return mapped;
  if (mapping && mapping.AmbiguousRoleResolution !== "AuthenticatedRole")
    throw notAuthorized(`The ambiguous role mapping rules for: ${claims.iss} denied this request.`);
  if (choice.authenticatedRole !== undefined) return choice.authenticatedRole;
  throw new IdentityError(
    "InvalidIdentityPoolConfigurationException",
    "Invalid identity pool configuration. Check assigned IAM roles for this pool.",
  );
}

/** "If this parameter doesn't match a role in cognito:roles, deny access." Without a token mapping nothing can match. */
function customRole({ mapping, claims }: RoleChoice, arn: string): string {
  if (mapping?.Type === "Token" && rolesOf(claims).includes(arn)) return arn;
  throw notAuthorized("The CustomRoleArn is not one of the roles in the token.");
}

function roleByToken(claims: JWTPayload): string | undefined {
  const preferred = claims["cognito:preferred_role"];
  if (typeof preferred === "string") return preferred;
  const roles = rolesOf(claims);
  return roles.length === 1 ? roles[0] : undefined;
}

/** Cognito writes a list; its documentation calls it a comma-separated string. */
function rolesOf(claims: JWTPayload): readonly string[] {
  const roles = claims["cognito:roles"];
  if (typeof roles === "string") return roles.split(",");
  return Array.isArray(roles) ? roles.filter((role) => typeof role === "string") : [];
}

function roleByRules(claims: JWTPayload, mapping: RoleMapping | undefined): string | undefined {
  return mapping?.RulesConfiguration?.Rules.find((rule) => ruleMatches(rule, claims[rule.Claim]))?.RoleARN;
}

function ruleMatches(rule: MappingRule, claim: unknown): boolean {
  if (claim === undefined) return false;
  const value = Array.isArray(claim) ? claim.join(",") : String(claim);
  if (rule.MatchType === "Equals") return value === rule.Value;
  if (rule.MatchType === "NotEqual") return value !== rule.Value;
  return rule.MatchType === "Contains" ? value.includes(rule.Value) : value.startsWith(rule.Value);
}
