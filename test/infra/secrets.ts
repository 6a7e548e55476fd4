// Finds what looks like a secret in a text.
import { createHash } from "node:crypto";

const PATTERNS: Readonly<Record<string, RegExp>> = {
  "an access key": /\b(AKIA|ASIA)[A-Z0-9]{16}\b/g,
  "a secret access key": /secret_?access_?key["']?\s*[:=]\s*["']?[A-Za-z0-9+/]{40}(?![A-Za-z0-9+/])/gi,
  "a private key": /-----BEGIN [A-Z ]*PRIVATE KEY-----/g,
  "a private JWK": /"d"\s*:\s*"[\w-]{200,}"/g,
  "a token": /\beyJ[\w-]{20,}\.eyJ[\w-]{20,}\.[\w-]{20,}/g,
  "a long hex number": /\b[0-9a-f]{64}\b/gi,
  "a token of npm": /\bnpm_[A-Za-z0-9]{36}\b/g,
  "a token of GitHub": /\bgh[pousr]_[A-Za-z0-9]{36}\b/g,
  "a password in a URL": /\bhttps?:\/\/[\w.-]+:[^\s/@"'`$}]+@[\w.-]+/g,
};

/** What is made up where it is, by the hash that a finding shows. */
const KNOWN: readonly (readonly [file: string, hash: string])[] = [
  ["test/unit/session/sealed-session.test.ts", "9a7ec609"],
];

/** What every implementation of Signature Version 4 holds. */
const EMPTY_HASH = createHash("sha256").digest("hex");

/** Every secret in a file's text, as one line that does not repeat it. */
export function findSecrets(file: string, text: string): readonly string[] {
  return Object.entries(PATTERNS).flatMap(([name, pattern]) =>
    [...text.matchAll(pattern)]
      .filter(([found]) => !isPlain(found))
      .map(([found]) => createHash("sha256").update(found).digest("hex").slice(0, 8))
      .filter((hash) => !KNOWN.some(([where, what]) => where === file && what === hash))
      .map((hash) => `${file}: ${name} (${hash})`),
  );
}

/** One character again and again, or AWS's own examples, is no secret. */
function isPlain(text: string): boolean {
  return /^(.)\1+$/.test(text) || text.includes("EXAMPLE") || text === EMPTY_HASH;
}
