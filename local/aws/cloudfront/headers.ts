// Header fields in the shape of CloudFront's events: lower-case names, each with its spelling and values.

/** One field line: the name as it was spelled, and its value. */
export interface Header {
  readonly key: string;
  readonly value: string;
}

/** Fields by lower-case name, in the order of their first appearance. */
export type Headers = ReadonlyMap<string, readonly Header[]>;

/** Fields from Node's flat list (`rawHeaders`): name, value, name, value, … */
export function headersFromRaw(raw: readonly string[]): Map<string, Header[]> {
  const headers = new Map<string, Header[]>();
  for (let i = 0; i + 1 < raw.length; i += 2) {
    addHeader(headers, raw[i] ?? "", raw[i + 1] ?? "");
  }
  return headers;
}

/** Fields from names and values, each name once. */
export function headersOf(values: Readonly<Record<string, string>>): Map<string, Header[]> {
  return headersFromRaw(Object.entries(values).flat());
}

/** One more line of a field. */
export function addHeader(headers: Map<string, readonly Header[]>, key: string, value: string): void {
  const name = key.toLowerCase();
  headers.set(name, [...(headers.get(name) ?? []), { key, value }]);
}

/** The field with exactly this one line. */
export function setHeader(headers: Map<string, readonly Header[]>, key: string, value: string): void {
  headers.set(key.toLowerCase(), [{ key, value }]);
}

/** All values of a field in one, as HTTP joins them; undefined when the field is absent. */
export function headerValue(headers: Headers, name: string): string | undefined {
  const lines = headers.get(name);
  if (lines === undefined || lines.length === 0) return undefined;
  return lines.map(({ value }) => value).join(name === "cookie" ? "; " : ", ");
}

/** The fields as Node's `writeHead` and `request` take them. */
export function outgoingHeaders(headers: Headers): Record<string, string | string[]> {
  const entries = [...headers.values()].flatMap((lines) => {
    const [first] = lines;
    if (first === undefined) return [];
    return [[first.key, lines.length === 1 ? first.value : lines.map(({ value }) => value)] as const];
  });
  return Object.fromEntries(entries);
}

/** The bytes of the fields as HTTP/1.1 writes them. */
export function headerBytes(headers: Headers): number {
  let bytes = 0;
  for (const lines of headers.values()) {
    for (const { key, value } of lines)
      bytes += Buffer.byteLength(key) + Buffer.byteLength(value) + ": \r\n".length;
  }
  return bytes;
}
