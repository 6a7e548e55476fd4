// Who waits for an answer: a person or a program, and in which language. Also part of the CloudFront Function.

/** Whether a person is looking at the answer (W3C Fetch Metadata; older clients by what they accept). */
export function isNavigating(mode: string, accept: string): boolean {
  return mode ? mode === "navigate" : accept.includes("text/html");
}

/** Whether a person waits for a page, be it in a frame (W3C Fetch Metadata; older clients by what they accept). */
export function isForPerson(destination: string, accept: string): boolean {
  return destination ? /^(document|iframe|frame)$/.test(destination) : accept.includes("text/html");
}

/** What nobody's browser sends; the rest would only cost time. */
const MAX_CHARACTERS = 500;

/** The best match by quality, the first among equals (RFC 9110 §12.5.4); regions and scripts make no difference here. */
export function preferred(acceptLanguage: string, offered: readonly string[]): string | undefined {
  let best: string | undefined;
  let bestQuality = 0;
  acceptLanguage
    .slice(0, MAX_CHARACTERS)
    .split(",")
    .forEach((range) => {
      const parts = range.toLowerCase().replace(/\s/g, "").split(";");
      const lang = (parts[0] ?? "").split("-")[0] ?? "";
      const given = parts.slice(1).find((parameter) => parameter.startsWith("q="));
      const quality = given === undefined ? 1 : Number(given.slice(2));
      if (!(quality > bestQuality) || !offered.includes(lang)) return;
      best = lang;
      bestQuality = quality;
    });
  return best;
}
