// The URLs that managed login may send browsers to.
// https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UpdateUserPoolClient.html#CognitoUserPools-UpdateUserPoolClient-request-CallbackURLs

import { invalidParameter } from "../json-api/index.ts";

const AT_MOST = 100;
const MAX_LENGTH = 1024;

/**
 * Callback or sign-out URLs: absolute, without a fragment, "HTTPS over HTTP except for http://localhost"; apps' own
 * schemes are taken too.
 * @throws ApiError InvalidParameterException.
 */
export function parseUrls(urls: readonly string[]): readonly string[] {
  if (urls.length > AT_MOST) throw invalidParameter(`more than ${AT_MOST} URLs`);
  for (const url of urls) refuse(url);
  return urls;
}

function refuse(url: string): void {
  if (url === "" || url.length > MAX_LENGTH || !URL.canParse(url))
    throw invalidParameter(
      `1 validation error detected: '${url}' is no absolute URL of 1 to 1,024 characters`,
    );
  if (url.includes("#")) throw invalidParameter(`${url} has a fragment.`);
  const { protocol, hostname } = new URL(url);
  if (protocol === "http:" && hostname !== "localhost")
    throw invalidParameter(`${url} cannot use the HTTP protocol.`);
}
