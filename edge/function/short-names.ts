// Short names for the fields of the function's configuration: it and the code share 10 KB.

/** By their long names. None of them is the name of a field that CloudFront or a token has. */
export const SHORT_NAMES = {
  allow: "q",
  amplify: "m",
  api: "A",
  area: "a",
  base: "y",
  claims: "C",
  clients: "c",
  downloads: "d",
  embed: "b",
  expose: "e",
  folders: "f",
  groups: "g",
  hash: "H",
  isPrefix: "x",
  issuedAt: "z",
  langs: "l",
  language: "j",
  machines: "M",
  names: "n",
  origins: "w",
  owner: "o",
  path: "p",
  pool: "k",
  pools: "K",
  prefix: "h",
  public: "u",
  query: "Q",
  rules: "r",
  scope: "s",
  scopes: "S",
  since: "t",
  site: "i",
  status: "T",
  token: "N",
  versions: "v",
} as const;

/** A value with short names for all fields that have one. */
export function shortened(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shortened);
  if (typeof value !== "object" || value === null) return value;
  const short: Readonly<Record<string, string>> = SHORT_NAMES;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [short[name] ?? name, shortened(inner)]),
  );
}
