// A till's offline day as a file: sales, returns and counts of some SKUs, shuffled, some lines twice, some damaged, some
// that never came. The same seed, the same file.
export interface TillFile {
  readonly csv: string;
  /** What the good lines come to, by SKU. */
  readonly onHand: ReadonlyMap<string, number>;
  readonly distinct: number;
  readonly duplicates: number;
  readonly malformed: number;
  /** Counters that are in no good line though higher ones are. */
  readonly missing: number;
}

export interface TillFileOptions {
  readonly lines: number;
  readonly seed: number;
  readonly skus: number;
}

const START = Date.parse('2026-11-23T06:00:00Z');
const HEADER = 'counter,type,sku,quantity,occurredAt,disposition';

export function tillFile({ lines, seed, skus }: TillFileOptions): TillFile {
  const random = randomOf(seed);
  const whole = (max: number) => Math.floor(random() * max);
  const duplicates = Math.floor(lines * 0.05);
  const malformed = Math.floor(lines * 0.01);
  const distinct = lines - duplicates - malformed;
  const onHand = new Map<string, number>();
  const good: string[] = [];
  const bad: string[] = [];
  let counter = 0;
  let missing = 0;
  while (good.length < distinct) {
    counter += 1;
    const at = new Date(START + counter * 1_000).toISOString();
    const sku = `OFFLINE-${whole(skus)}`;
    if (bad.length < malformed && whole(60) === 0) {
      bad.push(DAMAGES[bad.length % DAMAGES.length]!(counter, sku, at));
      missing += 1;
    } else if (whole(500) === 0) missing += 1;
    else {
      const isReturn = whole(20) === 0;
      const units = 1 + whole(3);
      onHand.set(sku, (onHand.get(sku) ?? 0) + (isReturn ? units : -units));
      good.push([counter, isReturn ? 'return' : 'sale', sku, units, at, isReturn ? 'restock' : ''].join(','));
    }
  }
  while (bad.length < malformed) bad.push('not,a,line');
  const twice = Array.from({ length: duplicates }, () => good[whole(good.length)]!);
  const all = [...good, ...bad, ...twice];
  for (let n = all.length - 1; n > 0; n -= 1) {
    const other = whole(n + 1);
    [all[n], all[other]] = [all[other]!, all[n]!];
  }
  return { csv: `${[HEADER, ...all].join('\n')}\n`, onHand, distinct, duplicates, malformed, missing };
}

const DAMAGES: readonly ((counter: number, sku: string, at: string) => string)[] = [
  (counter, sku, at) => `${counter},sale,${sku},"1,${at},`,
  (counter, sku) => `${counter},sale,${sku},1`,
  (counter, sku, at) => `${counter},sale,${sku},zero,${at},`,
  (counter, _, at) => `${counter},sale,?,1,${at},`,
  (counter, sku) => `${counter},sale,${sku},1,24:61,`,
];

/** Numbers from 0 to 1 (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
