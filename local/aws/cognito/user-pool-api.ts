// The user-pool API, as far as sign-in needs it: GetTokensFromRefreshToken and UpdateUserPoolClient.
// https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_Operations.html

import type { JsonObject } from "../cloudformation/json.ts";
import { type CallerDeps, permit, signerOf } from "../json-api/caller.ts";
import { ApiError, createJsonApi, type JsonApi, requiredText } from "../json-api/index.ts";
import { parseClientSettings } from "./client-settings.ts";
import { renew } from "./renewal.ts";
import type { UserPool } from "./user-pool.ts";

/** The actions that are implemented. */
export type UserPoolAction = "GetTokensFromRefreshToken" | "UpdateUserPoolClient";

const CLIENT_ID = /^[\w+]{1,128}$/;
const POOL_ID = /^[\w-]{1,46}_[0-9a-zA-Z]+$/;
const TOKEN = /^[A-Za-z0-9-_=.]+$/;
const ACCOUNT = "123456789012";

/** Makes the API; `callers` verifies signed calls. */
export function userPoolApi(pool: UserPool, callers: CallerDeps): JsonApi {
  return createJsonApi("AWSCognitoIdentityProviderService.", {
    GetTokensFromRefreshToken: (input) => getTokens(pool, input),
    UpdateUserPoolClient: async (input, message) => {
      const session = await signerOf(message, { service: "cognito-idp", region: pool.region }, callers);
      const poolId = requiredText(input, "UserPoolId", POOL_ID);
      const resource = `arn:aws:cognito-idp:${pool.region}:${ACCOUNT}:userpool/${poolId}`;
      permit(session, { action: "cognito-idp:UpdateUserPoolClient", resource }, callers);
      return updateClient(pool, poolId, input);
    },
  });
}

/** Public: no signature; the secret of a client that has one, and none for one that has none. */
async function getTokens(pool: UserPool, input: JsonObject): Promise<unknown> {
  const clientId = requiredText(input, "ClientId", CLIENT_ID);
  const client = pool.client(clientId);
  if (client && input["ClientSecret"] !== client.clientSecret)
    throw new ApiError("NotAuthorizedException", `Unable to verify secret hash for client ${clientId}`);
  const tokens = await renew(pool, requiredText(input, "RefreshToken", TOKEN), clientId);
  return {
    AuthenticationResult: {
      AccessToken: tokens.accessToken,
      ExpiresIn: tokens.expiresInSeconds,
      IdToken: tokens.idToken,
      RefreshToken: tokens.refreshToken,
      TokenType: "Bearer",
    },
    ChallengeParameters: {},
  };
}

function updateClient(pool: UserPool, poolId: string, input: JsonObject): unknown {
  const clientId = requiredText(input, "ClientId", CLIENT_ID);
  if (poolId !== pool.id)
    throw new ApiError("ResourceNotFoundException", `User pool ${poolId} does not exist.`);
  const client = pool.client(clientId);
  if (!client)
    throw new ApiError("ResourceNotFoundException", `User pool client ${clientId} does not exist.`);
  pool.updateClient(parseClientSettings(clientId, input, client.clientSecret));
  return { UserPoolClient: { ...input, ClientId: clientId, UserPoolId: poolId } };
}
