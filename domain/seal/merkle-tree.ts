// The Merkle tree of RFC 9162 §2.1 (as in RFC 6962), grown leaf by leaf. Holds only the roots of its perfect subtrees, one for
// each bit of the count: sealing goes on from the last seal without reading what was sealed before.
// Leaves and inner nodes are hashed with different prefixes, so that no inner node passes for a leaf.

/** SHA-256 of the parts, one after the other. Injected: the domain imports nothing of the platform. */
export type Sha256 = (...parts: readonly Uint8Array[]) => Uint8Array;

export interface MerkleTree {
  readonly count: number;
  /** Roots of the perfect subtrees, the largest first. */
  peaks(): readonly Uint8Array[];
  root(): Uint8Array;
  add(leafHash: Uint8Array): void;
}

const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

export function leafHash(content: Uint8Array, sha256: Sha256): Uint8Array {
  return sha256(LEAF, content);
}

/** A tree of `count` leaves with these peaks; by default an empty one. @throws RangeError when they do not fit */
export function merkleTree(sha256: Sha256, count = 0, from: readonly Uint8Array[] = []): MerkleTree {
  if (from.length !== bitsOf(count))
    throw new RangeError(`${count} leaves have ${bitsOf(count)} peaks, not ${from.length}`);
  const peaks = [...from];
  let leaves = count;
  return {
    get count() {
      return leaves;
    },
    peaks: () => [...peaks],
    root: () => rootOf(peaks, sha256),
    add(leaf) {
      let node = leaf;
      // Each trailing 1 of the count is a subtree as large as what has been put together so far.
      for (let rest = leaves; rest % 2 === 1; rest = (rest - 1) / 2) node = sha256(NODE, peaks.pop()!, node);
      peaks.push(node);
      leaves += 1;
    },
  };
}

/** The smaller subtrees are put together first: the left one of any node is perfect, and the largest that fits. */
export function rootOf(peaks: readonly Uint8Array[], sha256: Sha256): Uint8Array {
  if (peaks.length === 0) return sha256();
  return peaks.reduceRight((right, left) => sha256(NODE, left, right));
}

function bitsOf(count: number): number {
  let bits = 0;
  for (let rest = count; rest > 0; rest = Math.floor(rest / 2)) bits += rest % 2;
  return bits;
}
