// Names of settings that nobody knows, and what was probably meant. Runs where a configuration is made.

/** Every name of a type's fields, none forgotten and none too many. */
export type NamesOf<T> = Readonly<Record<keyof T, true>>;

/** A problem for each name that is not a known one: a setting without effect would open what it was to close. */
export function unknownNames(
  names: readonly string[],
  known: readonly string[],
  place = "",
): readonly string[] {
  return names
    .filter((name) => !known.includes(name))
    .map((name) => `${place}${name}: unknown setting${suggestion(nearestName(name, known))}`);
}

/** The known name that is spelt most like this one, unless that is another word altogether. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  const spelt = plain(name);
  const [nearest] = known
    .map((other) => ({ other, distance: distanceWithin(spelt, plain(other)) }))
    .filter(({ distance }) => distance !== undefined)
    .sort((a, b) => (a.distance ?? 0) - (b.distance ?? 0));
  return nearest?.other;
}

function suggestion(name: string | undefined): string {
  return name === undefined ? "" : `; did you mean ${name}?`;
}

/** `userPoolID` and `user-pool-id` are `userPoolId` to whoever wrote them. */
function plain(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, "");
}

/** How many mistakes lie between two names; undefined for more than one in three letters. */
function distanceWithin(spelt: string, right: string): number | undefined {
  const limit = Math.max(1, Math.floor(right.length / 3));
  if (Math.abs(spelt.length - right.length) > limit) return undefined;
  const distance = mistakesBetween(spelt, right);
  return distance <= limit ? distance : undefined;
}

/**
 * Letters left out, put in or changed, and neighbours that changed places (optimal string alignment).
 * @see https://en.wikipedia.org/wiki/Damerau%E2%80%93Levenshtein_distance#Optimal_string_alignment_distance
 */
function mistakesBetween(a: string, b: string): number {
  let before: readonly number[] = [];
  let row: readonly number[] = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const isSame = a[i - 1] === b[j - 1];
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      next[j] = Math.min(
        at(row, j) + 1,
        at(next, j - 1) + 1,
        at(row, j - 1) + (isSame ? 0 : 1),
        isSwapped ? at(before, j - 2) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    before = row;
    row = next;
  }
  return at(row, b.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY;
}
