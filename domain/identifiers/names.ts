// The names of one kind (SKUs or locations) in one system, both ways, in constant time. One of our names is called by one id
// of theirs; further ids of theirs (aliases) may mean it too; one id of theirs means one of ours.
import { hashBucket } from '../hash-bucket.ts';
import type { IdentifierChange } from './events.ts';

export interface Called {
  /** Undefined: only aliases mean it. */
  readonly id: string | undefined;
  readonly more: Readonly<Record<string, string>> | undefined;
  readonly aliases: readonly string[];
}

export interface NamesReader {
  called(ours: string): Called | undefined;
  oursOf(theirs: string): string | undefined;
  /** Ids of theirs. */
  readonly size: number;
}

export interface ChangingNames extends NamesReader {
  change(change: IdentifierChange): void;
  /** Our names, in no order that means anything. */
  ours(): Iterable<string>;
  /** Those of one bucket. */
  inBucket(bucket: number): Iterable<string>;
  /** As it was stored. */
  put(ours: string, called: Called): void;
}

/** Names are kept in so many buckets, so that one of them can be stored without a look at the others. */
const BUCKETS = 256;
export function bucketOf(ours: string): number {
  return hashBucket(ours, BUCKETS);
}

const NO_ALIASES: readonly string[] = [];

/** Most names have one id and nothing else: then the id is all that is kept. */
export function createNames(): ChangingNames {
  const byOurs = new Map<number, Map<string, string | Called>>();
  const byTheirs = new Map<string, string>();
  const bucketFor = (ours: string) => {
    const number = bucketOf(ours);
    const bucket = byOurs.get(number) ?? new Map<string, string | Called>();
    byOurs.set(number, bucket);
    return bucket;
  };
  const called = (ours: string): Called | undefined => {
    const kept = byOurs.get(bucketOf(ours))?.get(ours);
    return typeof kept === 'string' ? { id: kept, more: undefined, aliases: NO_ALIASES } : kept;
  };
  const put = (ours: string, now: Called) => {
    const { id, more, aliases } = now;
    if (id === undefined && aliases.length === 0) bucketFor(ours).delete(ours);
    else bucketFor(ours).set(ours, id !== undefined && more === undefined && aliases.length === 0 ? id : now);
    if (id !== undefined) byTheirs.set(id, ours);
    for (const alias of aliases) byTheirs.set(alias, ours);
  };
  return {
    called,
    oursOf: (theirs) => byTheirs.get(theirs),
    get size() {
      return byTheirs.size;
    },
    *ours() {
      for (const bucket of byOurs.values()) yield* bucket.keys();
    },
    inBucket: (bucket) => byOurs.get(bucket)?.keys() ?? [],
    put,
    change(change) {
      const [, , ours, theirs] = change;
      if (change[0] === 'unmap') byTheirs.delete(theirs);
      put(ours, calledAfter(called(ours), change));
    },
  };
}

/** How ours is called after a change of it. Pure. */
export function calledAfter(before: Called | undefined, change: IdentifierChange): Called {
  const { id, more, aliases } = before ?? { id: undefined, more: undefined, aliases: NO_ALIASES };
  const theirs = change[3];
  const others = aliases.includes(theirs) ? aliases.filter((alias) => alias !== theirs) : aliases;
  switch (change[0]) {
    case 'map': {
      const former = id === undefined || id === theirs ? [] : [id];
      return { id: theirs, more: change[4], aliases: [...others, ...former] };
    }
    case 'alias':
      return { id, more, aliases: [...others, theirs] };
    case 'unmap':
      return id === theirs ? { id: undefined, more: undefined, aliases } : { id, more, aliases: others };
  }
}
