// Where a file of seals ends, and whether it may be gone on with: every line is checked, once. Whoever keeps what was found here
// need not check them again as long as the file ends as it did.
import { existsSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Position, START } from '../../domain/event-log.ts';
import type { Seal } from '../../domain/seal/entry.ts';
import type { EntriesEnd } from '../../domain/seal/entry-checker.ts';
import { NotAsSealed } from '../../domain/seal/not-as-sealed.ts';
import type { SealMark } from '../../projections/seal-comparison.ts';
import { checkLines, type Turn, trustedBySigner } from './check-lines.ts';
import { readSealLines, SealFileUnusable } from './seal-file.ts';
import type { SigningKey } from './signing.ts';

export interface SealFileEnd {
  /** Of its whole lines; what is behind them a crash cut short. */
  readonly bytes: number;
  readonly line: string | undefined;
  /** What the next line goes on from. */
  readonly next: EntriesEnd;
  readonly seal: Seal | undefined;
  /** All of them, in order. */
  readonly seals: readonly SealMark[];
}

export interface EndOptions {
  /** As it was when this process looked last. */
  readonly known?: SealFileEnd | undefined;
  /** Up to where it sealed before at least: a file that ends sooner has lost seals, or is not there at all. */
  readonly sealedUpTo?: Position | undefined;
  /** Awaited every few lines. */
  readonly turn?: Turn | undefined;
}

/** The file must be whole, and end with this key in force: what would be added to another could not be believed. @throws NotAsSealed · SealFileUnusable */
export async function endOfSealFile(file: string, key: SigningKey, options: EndOptions = {}): Promise<SealFileEnd> {
  const { known, sealedUpTo = START, turn } = options;
  if (!existsSync(dirname(file))) throw new SealFileUnusable(`${file}: its folder is not there`);
  const end = known !== undefined && (await endsAs(file, known)) ? known : await checkWhole(file, key, turn);
  const position = end.seal === undefined ? START : BigInt(end.seal.position);
  if (position < sealedUpTo) {
    const until =
      end.seal === undefined ? 'has no seal' : `ends with seal ${end.seal.number} up to position ${position}`;
    throw new NotAsSealed([`${file} ${until}, and was sealed up to position ${sealedUpTo}: bring it back from a copy`]);
  }
  if (end.next.key !== undefined && end.next.key !== key.public.id) {
    throw new SealFileUnusable(
      `${file} is sealed with key ${end.next.key}, not with ${key.public.id}: hand over with evenstock seal rotate`,
    );
  }
  return end;
}

async function checkWhole(file: string, key: SigningKey, turn: EndOptions['turn']): Promise<SealFileEnd> {
  const lines = await readSealLines(file);
  const seals: SealMark[] = [];
  let seal: Seal | undefined;
  const take = (one: Seal) => {
    seal = one;
    seals.push(markOf(one));
  };
  const { bytes, last, end, fault } = await checkLines(lines, trustedBySigner(lines, key.public), take, turn);
  if (fault !== undefined) throw new NotAsSealed([`${file}, line ${fault.line}: ${fault.what}`]);
  return { bytes, line: last, next: end, seal, seals };
}

/** Small, because all of them are kept. */
export function markOf({ number, count, position, root }: Seal): SealMark {
  return { number, count, position, root };
}

async function endsAs(file: string, { bytes, line }: SealFileEnd): Promise<boolean> {
  if (line === undefined) return false;
  const handle = await open(file).catch(() => undefined);
  if (handle === undefined) return false;
  try {
    const expected = Buffer.from(`${line}\n`);
    const found = Buffer.alloc(expected.length + 1);
    const { bytesRead } = await handle.read(found, 0, found.length, bytes - expected.length);
    return bytesRead === expected.length && found.subarray(0, bytesRead).equals(expected);
  } finally {
    await handle.close();
  }
}
