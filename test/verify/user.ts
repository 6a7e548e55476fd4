// The test user: a token that was given, or one from Cognito's API.
import { readFileSync } from "node:fs";
import { header, jsonOf } from "./answer.ts";
import { send } from "./http.ts";
import { type SignInOptions, UsageError, type UserOptions } from "./options.ts";

/** Whose requests the checks make; none of it is ever printed. */
export interface User {
  readonly idToken: string;
  readonly accessToken?: string;
  readonly refreshToken?: string;
}

/**
 * The user that the options name.
 * @throws UsageError without a token, and with the error's name when Cognito gives none
 */
export async function findUser({ token, tokenFile, refreshToken, signIn }: UserOptions): Promise<User> {
  if (signIn) return processInitiateAuth(await send(signIn.endpoint, "/", initiateAuthRequest(signIn)));
  const idToken = tokenFile === undefined ? token : fileText(tokenFile);
  if (idToken === undefined)
    throw new UsageError("a token is missing: --token-file, GATEHOUSE_TOKEN, or a user to sign in");
  if (!/^[\w-]+\.[\w-]+\.[\w-]+$/.test(idToken)) throw new UsageError("the token is no JSON Web Token");
  return { idToken, ...(refreshToken !== undefined && { refreshToken }) };
}

function fileText(file: string): string {
  try {
    return readFileSync(file, "utf8").trim();
  } catch {
    throw new UsageError(`--token-file: ${file} cannot be read`);
  }
}

/** https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_InitiateAuth.html */
function initiateAuthRequest({ clientId, username, password }: SignInOptions) {
  return {
    method: "POST",
    headers: {
      "content-type": "application/x-amz-json-1.1",
      "x-amz-target": "AWSCognitoIdentityProviderService.InitiateAuth",
    },
    body: JSON.stringify({
      AuthFlow: "USER_PASSWORD_AUTH",
      ClientId: clientId,
      AuthParameters: { USERNAME: username, PASSWORD: password },
    }),
  };
}

function processInitiateAuth(answer: Awaited<ReturnType<typeof send>>): User {
  const { AuthenticationResult, ChallengeName, __type } = jsonOf(answer);
  const result: { IdToken?: unknown; AccessToken?: unknown; RefreshToken?: unknown } =
    Object(AuthenticationResult);
  const { IdToken, AccessToken, RefreshToken } = result;
  if (typeof IdToken === "string")
    return {
      idToken: IdToken,
      ...(typeof AccessToken === "string" && { accessToken: AccessToken }),
      ...(typeof RefreshToken === "string" && { refreshToken: RefreshToken }),
    };
  if (typeof ChallengeName === "string")
    throw new UsageError(`Cognito asks for more than a password: ${ChallengeName}; give a token instead`);
  const name = typeof __type === "string" ? __type : header(answer, "x-amzn-errortype");
  throw new UsageError(`Cognito gives no token: ${name || answer.status}`);
}
