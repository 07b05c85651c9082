// What one channel shows of every SKU, by the SKU's small integer. Of most it acknowledged a value and nothing else is known:
// those are rows of columns, 25 bytes a SKU where objects took 200. The others, on their way or in doubt, are kept as they are.
import { NEVER, type Shown } from './shown.ts';

export interface ShownTable {
  /** Undefined: nothing is known of it. */
  get(sku: number): Shown | undefined;
  set(sku: number, shown: Shown): void;
  /** All of which something is known, in the order of the integers. */
  skus(): Iterable<number>;
  /** Of which the channel refused a value. */
  refused(): Iterable<number>;
}

interface Columns {
  readonly kind: Uint8Array;
  /** NaN: the channel never acknowledged any. */
  readonly units: Float64Array;
  readonly unitsVersion: BigInt64Array;
  readonly version: BigInt64Array;
}

/** `kind` of a SKU. */
const UNKNOWN = 0;
const PLAIN = 1;
const OTHER = 2;

const SKUS_MIN = 1_024;
/** Not doubled: at most a fifth is empty. */
const GROWTH = 1.25;

export function createShownTable(): ShownTable {
  let columns = emptyColumns(SKUS_MIN);
  const others = new Map<number, Shown>();

  return {
    get(sku) {
      const kind = columns.kind[sku] ?? UNKNOWN;
      if (kind === UNKNOWN) return undefined;
      return kind === OTHER ? others.get(sku) : plain(columns, sku);
    },
    set(sku, shown) {
      if (sku >= columns.kind.length) columns = grown(columns, Math.max(sku + 1, columns.kind.length * GROWTH));
      if (!isPlain(shown)) {
        columns.kind[sku] = OTHER;
        others.set(sku, shown);
        return;
      }
      others.delete(sku);
      columns.kind[sku] = PLAIN;
      columns.units[sku] = shown.units ?? Number.NaN;
      columns.unitsVersion[sku] = shown.unitsVersion;
      columns.version[sku] = shown.version;
    },
    *skus() {
      for (let sku = 0; sku < columns.kind.length; sku++) if (columns.kind[sku] !== UNKNOWN) yield sku;
    },
    *refused() {
      for (const [sku, { refused }] of others) if (refused !== undefined) yield sku;
    },
  };
}

function isPlain({ uncertainUpTo, doubtedAt, refused, accepted, older, lost, feed }: Shown): boolean {
  const more = uncertainUpTo ?? doubtedAt ?? refused ?? accepted ?? feed;
  return more === undefined && older.length === 0 && lost === 0;
}

function plain({ units, unitsVersion, version }: Columns, sku: number): Shown {
  const acknowledged = units[sku]!;
  return {
    ...NEVER,
    units: Number.isNaN(acknowledged) ? undefined : acknowledged,
    unitsVersion: unitsVersion[sku]!,
    version: version[sku]!,
  };
}

function emptyColumns(size: number): Columns {
  return {
    kind: new Uint8Array(size),
    units: new Float64Array(size),
    unitsVersion: new BigInt64Array(size),
    version: new BigInt64Array(size),
  };
}

function grown(columns: Columns, size: number): Columns {
  const larger = emptyColumns(Math.ceil(size));
  larger.kind.set(columns.kind);
  larger.units.set(columns.units);
  larger.unitsVersion.set(columns.unitsVersion);
  larger.version.set(columns.version);
  return larger;
}
