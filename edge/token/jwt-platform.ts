// Stands in for aws-jwt-verify's platform layer in the default build, which takes the parsing and the rules from there:
// the whole one would load a second crypto path and `https` with the function.

/** What the parser of aws-jwt-verify needs of its platform. */
export const nodeWebCompat = {
  parseB64UrlString: (text: string): string => Buffer.from(text, "base64url").toString(),
};
