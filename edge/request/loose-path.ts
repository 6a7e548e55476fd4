// A path as the least exact of servers reads it: decoded again and again, without parameters, in any letters.

/** Times that a server may decode what came decoded once; what is not plain then is nobody's path. */
const MAX_DECODINGS = 3;
const ESCAPES = /(?:%[0-9a-f]{2})+/gi;
/** A segment that leads nowhere, up, or, where dots and spaces at its end do not count, to the folder itself. */
const DOT_SEGMENT = /(^|\/)\s*\.[.\s]*(?=\/|$)/;

/** What such a server takes a path for. */
export interface LooseReading {
  /** The path with a slash at its end. */
  readonly folder: string;
  /** Whether there is a way up in it, or still an escape: no area can say whose it is. */
  readonly isAmbiguous: boolean;
}

/**
 * Servlet containers drop what follows a `;` in a segment before they look for dot segments; others decode twice, read a
 * backslash as a slash, drop dots and spaces at the end of a name, or take wide letters for narrow ones.
 * https://www.rfc-editor.org/rfc/rfc3986#section-3.3
 */
export function readLoosely(path: string): LooseReading {
  let text = path;
  for (let times = 0; times < MAX_DECODINGS; times += 1) text = decoded(text);
  const segments = text
    .normalize("NFKC")
    .toLowerCase()
    .replaceAll("\\", "/")
    .replace(/;[^/]*/g, "");
  const folder = `${segments}/`.replace(/[.\s]+(?=\/)/g, "").replace(/\/+/g, "/");
  return { folder, isAmbiguous: DOT_SEGMENT.test(segments) || text.search(ESCAPES) >= 0 };
}

/** Escape by escape: one that is none keeps no server from reading the others. */
function decoded(text: string): string {
  return text.replace(ESCAPES, (escapes) => {
    try {
      return decodeURIComponent(escapes);
    } catch {
      return escapes.replace(/%([0-7][0-9a-f])/gi, (_, code: string) =>
        String.fromCharCode(Number.parseInt(code, 16)),
      );
    }
  });
}
