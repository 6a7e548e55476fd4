// The rules for a user pool's domain prefix and for branding styles, which CloudFormation passes on from the service.
// https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-assign-domain-prefix.html

import { type JsonObject, requireString } from "../cloudformation/json.ts";

const PREFIX = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const RESERVED = ["aws", "amazon", "cognito"];

/** @throws Error when the service would refuse the domain of an AWS::Cognito::UserPoolDomain. */
export function checkDomain(properties: JsonObject): void {
  const domain = requireString(properties["Domain"], "Domain");
  if (properties["CustomDomainConfig"] !== undefined) return;
  if (!PREFIX.test(domain))
    throw new Error(`Domain ${domain}: lower-case letters, digits and inner hyphens, at most 63`);
  const reserved = RESERVED.find((word) => domain.includes(word));
  if (reserved !== undefined) throw new Error(`Domain ${domain}: cannot contain reserved word: ${reserved}`);
}

/** @throws Error when the service would refuse an AWS::Cognito::ManagedLoginBranding. */
export function checkBranding(properties: JsonObject): void {
  requireString(properties["ClientId"], "ClientId");
  const provided = String(properties["UseCognitoProvidedValues"] ?? false) === "true";
  const own = properties["Settings"] !== undefined || properties["Assets"] !== undefined;
  if (provided && own)
    throw new Error("UseCognitoProvidedValues: not together with Settings or Assets of your own");
}
