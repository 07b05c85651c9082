// Checks a file of seals and what they say of a log: for `evenstock verify`, and for a server that found it may not go on sealing.
import { existsSync } from 'node:fs';
import type { Seal } from '../../domain/seal/entry.ts';
import type { PublicKey } from '../../domain/seal/entry-checker.ts';
import type { PagesAfter } from '../../projections/log-pages.ts';
import { type SealProof, verifySeals } from '../../projections/verify-seals.ts';
import { systemHashes } from '../platform.ts';
import { checkLines, type Turn } from './check-lines.ts';
import { readSealLines, witnessOf } from './seal-file.ts';
import { sha256 } from './signing.ts';
import { readWitness } from './witness.ts';

export interface CheckedSeals extends SealProof {
  readonly file: string;
  /** The last seal that can be believed. */
  readonly last: { readonly number: number; readonly at: string; readonly position: string } | undefined;
}

/** Reads the log once, and up to twice more when it is not what was sealed. @throws Unavailable */
export async function checkSeals(
  pages: PagesAfter,
  file: string,
  trusted: readonly PublicKey[],
  turn?: Turn,
): Promise<CheckedSeals> {
  const seals: Seal[] = [];
  const { fault } = await checkLines(await readSealLines(file), trusted, (seal) => void seals.push(seal), turn);
  const witness = witnessOf(file);
  const proof = await verifySeals(pages, {
    ...{ seals, sha256, hashes: systemHashes },
    witness: existsSync(witness) ? (bytes) => readWitness(witness, bytes) : undefined,
  });
  const ofFile =
    fault === undefined ? [] : [`${file}, line ${fault.line}: ${fault.what}; nothing from there on is believed`];
  const none = seals.length === 0 && fault === undefined ? [`${file} has no seal in it`] : [];
  const last = seals.at(-1);
  return {
    ...proof,
    faults: [...ofFile, ...none, ...proof.faults],
    file,
    last: last && { number: last.number, at: last.at, position: last.position },
  };
}

/** Each with its place, as far as it has one. */
export function namesOf({ altered }: Pick<SealProof, 'altered'>): readonly string[] {
  return altered.map(({ stream, revision, what }) => {
    const place = revision === undefined ? stream : `${stream}@${revision}`;
    return stream === undefined ? what : `${place}: ${what}`;
  });
}
