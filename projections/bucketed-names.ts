// Names with their small integers, in buckets by their hash: what is kept by integer is stored bucket by bucket, so that a
// change rewrites one small page. The bucket of a name is the same in every process.
import { hashBucket } from '../domain/hash-bucket.ts';
import { createNames, type Names } from './names.ts';

export interface BucketedNames extends Pick<Names, 'find' | 'name' | 'intern'> {
  /** The integers of a bucket's names, latest first. */
  inBucket(bucket: number): Iterable<number>;
}

const NAMES_MIN = 1_024;

export function createBucketedNames(buckets: number): BucketedNames {
  const names = createNames();
  /** A chain a bucket: its latest name, and from each name the one before, as integer + 1 with 0 for none. */
  const latest = new Int32Array(buckets);
  let older = new Int32Array(NAMES_MIN);
  return {
    find: names.find,
    name: names.name,
    intern(name) {
      const known = names.size;
      const id = names.intern(name);
      if (id < known) return id;
      if (id === older.length) {
        const larger = new Int32Array(2 * id);
        larger.set(older);
        older = larger;
      }
      const bucket = hashBucket(name, buckets);
      older[id] = latest[bucket]!;
      latest[bucket] = id + 1;
      return id;
    },
    *inBucket(bucket) {
      for (let next = latest[bucket]!; next !== 0; next = older[next - 1]!) yield next - 1;
    },
  };
}
