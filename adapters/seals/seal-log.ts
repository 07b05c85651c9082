// Seals what has come into a log since the last seal: reads only that, adds its leaves to the tree the last seal left, signs the
// root. Reads a log as any other reader does, so also one that a server is writing to. What is not what was written is not sealed.

import { type OpenEntry, type Seal, SealEntry, sealLine, signedText } from '../../domain/seal/entry.ts';
import { merkleTree } from '../../domain/seal/merkle-tree.ts';
import type { Clock } from '../../domain/time.ts';
import { textOf } from '../../projections/seal-comparison.ts';
import { openSealWriter, SealFileUnusable } from './seal-file.ts';
import { type EndOptions, endOfSealFile, markOf, type SealFileEnd } from './seal-file-end.ts';
import { addPart, type PartRoom } from './seal-part.ts';
import { type SigningKey, sealKeys, sha256 } from './signing.ts';
import { writeWitness } from './witness.ts';

export interface SealRoom extends PartRoom, EndOptions {
  readonly key: SigningKey;
  readonly clock: Clock;
}

export interface Sealed {
  /** Undefined: nothing has come in since the last seal. */
  readonly seal: Seal | undefined;
  readonly newEvents: number;
  /** For the next time, as `known`. */
  readonly end: SealFileEnd;
}

/** @throws NotAsSealed · SealFileUnusable when the file cannot be gone on with · Unavailable · the file system's errors */
export async function sealLog(room: SealRoom): Promise<Sealed> {
  const writer = openSealWriter(room.file);
  try {
    const end = await endOfSealFile(room.file, room.key, room);
    const last = end.seal;
    const tree = merkleTree(sha256, last?.count, last?.peaks.map(bytesOf));
    const handle = await writer.openWitness(last?.witnessBytes ?? 0);
    try {
      const witness = writeWitness(handle, last?.witnessBytes ?? 0);
      const part = await addPart(room, tree, last, (text) => witness.add(text));
      const witnessBytes = await witness.end();
      if (part === undefined) return { seal: undefined, newEvents: 0, end };
      const at = new Date(room.clock.now()).toISOString();
      const { line, entry } = signedEntry(room.key, end, {
        ...{ kind: 'seal', at, position: String(part.position), before: String(part.before) },
        ...{ count: tree.count, root: textOf(tree.root()), leaf: textOf(part.leaf) },
        ...{ peaks: tree.peaks().map(textOf), witnessBytes },
      });
      await writer.append(line, end.bytes);
      const seal = entry as Seal;
      return { seal, newEvents: tree.count - (last?.count ?? 0), end: endAfter(end, line, seal) };
    } finally {
      await handle.close();
    }
  } finally {
    writer.close();
  }
}

/** From the next line on `next` signs; the key until now says so. @throws NotAsSealed · SealFileUnusable */
export async function rotateKey(room: Pick<SealRoom, 'file' | 'key' | 'clock'>, next: SigningKey): Promise<void> {
  const writer = openSealWriter(room.file);
  try {
    const end = await endOfSealFile(room.file, room.key);
    if (end.line === undefined) throw new SealFileUnusable(`${room.file} has no seal yet: begin it with the new key`);
    const at = new Date(room.clock.now()).toISOString();
    await writer.append(signedEntry(room.key, end, { kind: 'rotation', at, next: next.spki }).line, end.bytes);
  } finally {
    writer.close();
  }
}

function signedEntry(key: SigningKey, { next: { number, hash } }: SealFileEnd, open: OpenEntry) {
  const body = JSON.stringify({ v: 1, number: number + 1, previous: hash, key: key.public.id, ...open });
  const line = sealLine(body, key.sign(signedText(body)));
  return { line, entry: SealEntry.parse(JSON.parse(line)) };
}

function endAfter({ bytes, next, seals }: SealFileEnd, line: string, seal: Seal): SealFileEnd {
  return {
    bytes: bytes + Buffer.byteLength(line) + 1,
    line,
    next: { number: next.number + 1, hash: sealKeys.sha256(line), key: seal.key },
    seal,
    seals: [...seals, markOf(seal)],
  };
}

function bytesOf(text: string): Uint8Array {
  return Buffer.from(text, 'base64url');
}
