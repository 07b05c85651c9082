// Seals what has come into a log since the last seal: reads only that, adds its leaves to the tree the last seal left, signs the
// root. Reads a log as any other reader does, so also one that a server is writing to.

import { chainHash, type Hashes } from '../../domain/event-id.ts';
import { type Position, type RecordedEvent, START } from '../../domain/event-log.ts';
import { type CheckedEntries, checkEntries } from '../../domain/seal/check-entries.ts';
import { leafText, type OpenEntry, type Seal, sealLine, signedText } from '../../domain/seal/entry.ts';
import { leafHash, type MerkleTree, merkleTree } from '../../domain/seal/merkle-tree.ts';
import type { Clock } from '../../domain/time.ts';
import { openSealWriter, readSealLines, SealFileUnusable } from './seal-file.ts';
import { type SigningKey, sealKeys, sha256 } from './signing.ts';
import { writeWitness } from './witness.ts';

export interface SealRoom {
  /** The file of seals. */
  readonly file: string;
  readonly key: SigningKey;
  readonly hashes: Hashes;
  readonly clock: Clock;
  /** Events after a position, up to the head. */
  readonly pages: (after: Position) => AsyncIterable<readonly RecordedEvent[]>;
  readonly progress?: (events: number) => void;
}

export interface Sealed {
  /** Undefined: nothing has come in since the last seal. */
  readonly seal: Seal | undefined;
  readonly newEvents: number;
}

/**
 * @throws SealFileUnusable when the file is not whole, another key signs in it, or the log does not hold what it sealed · Unavailable
 */
export async function sealLog(room: SealRoom): Promise<Sealed> {
  const writer = openSealWriter(room.file);
  try {
    const { entries, end } = await ownEntries(room.file, room.key);
    const last = entries.findLast((entry) => entry.kind === 'seal');
    const tree = merkleTree(sha256, last?.count, last?.peaks.map(bytesOf));
    const handle = await writer.openWitness(last?.witnessBytes ?? 0);
    try {
      const witness = writeWitness(handle, last?.witnessBytes ?? 0);
      const added = await addNew(room, tree, last, (text) => witness.add(text));
      const witnessBytes = await witness.end();
      if (added === undefined) return { seal: undefined, newEvents: 0 };
      const seal = await append(room, end, writer.append, {
        kind: 'seal',
        at: new Date(room.clock.now()).toISOString(),
        position: String(added.position),
        before: String(added.before),
        count: tree.count,
        root: textOf(tree.root()),
        leaf: textOf(added.leaf),
        peaks: tree.peaks().map(textOf),
        witnessBytes,
      });
      return { seal: seal as Seal, newEvents: tree.count - (last?.count ?? 0) };
    } finally {
      await handle.close();
    }
  } finally {
    writer.close();
  }
}

/** From the next line on `next` signs; the key until now says so. @throws SealFileUnusable */
export async function rotateKey(room: Pick<SealRoom, 'file' | 'key' | 'clock'>, next: SigningKey): Promise<void> {
  const writer = openSealWriter(room.file);
  try {
    const { entries, end } = await ownEntries(room.file, room.key);
    if (entries.length === 0) throw new SealFileUnusable(`${room.file} has no seal yet: begin it with the new key`);
    const at = new Date(room.clock.now()).toISOString();
    await append(room, end, writer.append, { kind: 'rotation', at, next: next.spki });
  } finally {
    writer.close();
  }
}

/** The file must be whole, and end with this key in force: what would be added to another could not be believed. */
async function ownEntries(file: string, key: SigningKey): Promise<CheckedEntries> {
  const lines = await readSealLines(file);
  if (lines.length === 0) return checkEntries([], [key.public], sealKeys);
  const checked = checkEntries(lines, trustedAtFirst(lines, key), sealKeys);
  const [fault] = checked.faults;
  if (fault !== undefined) throw new SealFileUnusable(`${file}, line ${fault.line}: ${fault.what}`);
  if (checked.end.key !== key.public.id) {
    throw new SealFileUnusable(
      `${file} is sealed with key ${checked.end.key}, not with ${key.public.id}: hand over with evenstock seal rotate`,
    );
  }
  return checked;
}

/** A file whose first lines an older key signed is checked from the hand-over on as far as this key can; the whole of it by `verify`. */
function trustedAtFirst(lines: readonly string[], key: SigningKey) {
  const first = (JSON.parse(lines[0]!) as { readonly key?: unknown }).key;
  return first === key.public.id ? [key.public] : [{ id: String(first), verifies: () => true }];
}

async function addNew(
  room: SealRoom,
  tree: MerkleTree,
  last: Seal | undefined,
  witness: (leaf: string) => Promise<void> | undefined,
): Promise<{ position: Position; before: Position; leaf: Uint8Array } | undefined> {
  let isFirst = last !== undefined;
  let position = last === undefined ? START : BigInt(last.position);
  let added: { position: Position; before: Position; leaf: Uint8Array } | undefined;
  for await (const page of room.pages(last === undefined ? START : BigInt(last.before))) {
    for (const event of page) {
      const text = leafText(event, chainHash(event.stream, event.revision, event, room.hashes));
      const leaf = leafHash(Buffer.from(text), sha256);
      if (isFirst) {
        isFirst = false;
        if (event.position === position && textOf(leaf) === last!.leaf) continue;
        throw new SealFileUnusable(notWhatWasSealed(room.file, last!));
      }
      tree.add(leaf);
      added = { position: event.position, before: position, leaf };
      position = event.position;
      await witness(text);
    }
    room.progress?.(tree.count);
  }
  if (isFirst) throw new SealFileUnusable(notWhatWasSealed(room.file, last!));
  return added;
}

function notWhatWasSealed(file: string, { number, position, count }: Seal): string {
  return `the log does not hold what seal ${number} of ${file} sealed (${count} events up to position ${position}): run evenstock verify`;
}

async function append(
  { key }: Pick<SealRoom, 'key'>,
  end: CheckedEntries['end'],
  write: (line: string) => Promise<void>,
  open: OpenEntry,
) {
  const body = JSON.stringify({ v: 1, number: end.number + 1, previous: end.hash, key: key.public.id, ...open });
  const signature = key.sign(signedText(body));
  const line = sealLine(body, signature);
  await write(line);
  return JSON.parse(line);
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url');
}

function bytesOf(text: string): Uint8Array {
  return Buffer.from(text, 'base64url');
}
