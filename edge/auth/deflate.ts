// Text made short for cookies and URLs. The module is loaded with the first sign-in: most requests need none of it.

function zlib(): typeof import("node:zlib") {
  return process.getBuiltinModule("node:zlib");
}

/** The text, deflated: printable ASCII takes seven bits a character at most. */
export function deflated(text: string): Buffer {
  return zlib().deflateRawSync(text);
}

/** The text again; only of bytes that were authenticated before. */
export function inflated(bytes: Buffer): string {
  return zlib().inflateRawSync(bytes).toString();
}
