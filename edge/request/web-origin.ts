// Which other origins are configured, named exactly or by their domain. Also part of the CloudFront Function.

const HOST = /^[a-z0-9_-]+(\.[a-z0-9_-]+)*$/;

/** Whether an origin is one of the known; `https://*.example.com` stands for every host below that domain. */
export function isKnownOrigin(origin: string, origins: readonly string[]): boolean {
  return origins.some((known) => {
    const parts = known.split("*");
    const before = parts[0] || "";
    const after = parts[1];
    if (after === undefined) return known === origin;
    const host = origin.slice(before.length, -after.length);
    return origin === before + host + after && HOST.test(host);
  });
}
