// Stands in for aws-jwt-verify's own fetch in the default build: keys are fetched by `jwks`, and `https` stays unloaded.

/** Never called: every key is handed to aws-jwt-verify. */
export const fetch = (): Promise<never> => Promise.reject(new Error("unused"));
