// Spreads keys over so many buckets, the same way on every machine and for ever: what is stored in buckets is found again.

/** 0 ≤ bucket < `buckets`. */
export function hashBucket(key: string, buckets: number): number {
  return bucketOf(hashOf(key), buckets);
}

export function bucketOf(hash: number, buckets: number): number {
  return (hash >>> 0) % buckets;
}

/** −2^31 ≤ hash < 2^31. FNV-1a, 32 bits, over UTF-16 code units (http://www.isthe.com/chongo/tech/comp/fnv/). */
export function hashOf(key: string): number {
  let hash = 0x811c9dc5 | 0;
  for (let n = 0; n < key.length; n++) hash = Math.imul(hash ^ key.charCodeAt(n), 0x01000193);
  return hash;
}
