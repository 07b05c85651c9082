// Reserved units by channel, kept only where they are not zero. Kept for every stock, whether or not a quota looks at
// them today, so that a new policy needs no replay.

export interface ReservedUnits {
  of(row: number, channel: string): number;
  add(row: number, channel: string, units: number): void;
  /** Entries of rows `from` up to `to`, by row and then channel: the same state gives the same list. */
  entries(from: number, to: number): readonly ReservedEntry[];
}

/** Row, channel, units. */
export type ReservedEntry = readonly [number, string, number];

interface Held {
  readonly channel: string;
  units: number;
}

export function createReservedUnits(): ReservedUnits {
  const byRow = new Map<number, Held[]>();
  return {
    of(row, channel) {
      const held = byRow.get(row);
      return held === undefined ? 0 : (held.find((entry) => entry.channel === channel)?.units ?? 0);
    },
    add(row, channel, units) {
      if (units === 0) return;
      const held = byRow.get(row) ?? [];
      const entry = held.find((one) => one.channel === channel);
      if (entry === undefined) held.push({ channel, units });
      else entry.units += units;
      const left = entry?.units === 0 ? held.filter((one) => one !== entry) : held;
      if (left.length === 0) byRow.delete(row);
      else byRow.set(row, left);
    },
    entries(from, to) {
      const found: ReservedEntry[] = [];
      if (byRow.size === 0) return found;
      for (let row = from; row < to; row++) {
        const held = byRow.get(row);
        if (held === undefined) continue;
        const sorted = held.length === 1 ? held : held.toSorted((x, y) => (x.channel < y.channel ? -1 : 1));
        for (const { channel, units } of sorted) found.push([row, channel, units]);
      }
      return found;
    },
  };
}
