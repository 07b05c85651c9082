// Spreads keys over so many buckets, the same way on every machine and for ever: what is stored in buckets is found again.

/** 0 ≤ bucket < `buckets`. FNV-1a, 32 bits, over UTF-16 code units (http://www.isthe.com/chongo/tech/comp/fnv/). */
export function hashBucket(key: string, buckets: number): number {
  let hash = 0x811c9dc5;
  for (let n = 0; n < key.length; n++) hash = Math.imul(hash ^ key.charCodeAt(n), 0x01000193);
  return (hash >>> 0) % buckets;
}
