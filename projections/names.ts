// Interned names (SKUs, locations): each gets a small integer the first time it is seen, so that a million rows
// hold integers instead of strings. Ids are in the order of first sight, hence the same for the same events.

export interface Names {
  readonly size: number;
  /** The id of a name, given on first sight. */
  intern(name: string): number;
  /** The id of a known name, or -1. */
  find(name: string): number;
  name(id: number): string;
  slice(from: number, to: number): readonly string[];
}

/** V8 ends a Map at 16.7 million entries; refuse before it throws from within. */
const NAMES_MAX = 16_000_000;

export function createNames(): Names {
  const ids = new Map<string, number>();
  const names: string[] = [];
  return {
    get size() {
      return names.length;
    },
    intern(name) {
      const known = ids.get(name);
      if (known !== undefined) return known;
      if (names.length >= NAMES_MAX) throw new Error(`more than ${NAMES_MAX} names; this read model holds no more`);
      const own = ownCopy(name);
      ids.set(own, names.length);
      names.push(own);
      return names.length - 1;
    },
    find: (name) => ids.get(name) ?? -1,
    name: (id) => names[id]!,
    slice: (from, to) => names.slice(from, to),
  };
}

/** V8 copies shorter parts of a text at once. */
const SHARED_LENGTH_MIN = 13;

/** A name cut out of a longer text keeps that text alive in V8; a copy through bytes does not. */
export function ownCopy(name: string): string {
  if (name.length < SHARED_LENGTH_MIN) return name;
  return Buffer.from(name, 'utf16le').toString('utf16le');
}
