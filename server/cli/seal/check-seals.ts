// Checks a file of seals and what they say of a log, for `evenstock verify`.
import { existsSync } from 'node:fs';
import { systemHashes } from '../../../adapters/platform.ts';
import { readSealLines, witnessOf } from '../../../adapters/seals/seal-file.ts';
import { sealKeys, sha256 } from '../../../adapters/seals/signing.ts';
import { readWitness } from '../../../adapters/seals/witness.ts';
import { checkEntries } from '../../../domain/seal/check-entries.ts';
import { type SealProof, verifySeals } from '../../../projections/verify-seals.ts';
import { ConfigError } from '../../config.ts';
import type { PagesAfter } from '../event-pages.ts';
import { readPublicKey } from './key-files.ts';

export interface SealsOptions {
  readonly seals?: string;
  readonly publicKey?: readonly string[];
}

export interface CheckedSeals extends SealProof {
  readonly file: string;
  /** The last seal that can be believed. */
  readonly last: { readonly number: number; readonly at: string; readonly position: string } | undefined;
}

/** Undefined: there are no seals to check. @throws ConfigError when a file is missing or is no key */
export async function checkSeals(
  pages: PagesAfter,
  { seals: file, publicKey = [] }: SealsOptions,
): Promise<CheckedSeals | undefined> {
  if (file === undefined) return undefined;
  if (publicKey.length === 0) throw new ConfigError('--seals needs --public-key: who may have signed them');
  const trusted = publicKey.map(readPublicKey);
  if (!existsSync(file)) throw new ConfigError(`${file}: there is no such file of seals`);
  const { entries, faults } = checkEntries(await readSealLines(file), trusted, sealKeys);
  const seals = entries.filter((entry) => entry.kind === 'seal');
  const last = seals.at(-1);
  const witness = witnessOf(file);
  const proof = await verifySeals(pages, {
    ...{ seals, sha256, hashes: systemHashes },
    witness: existsSync(witness) ? (bytes) => readWitness(witness, bytes) : undefined,
  });
  const ofFile = faults.map(({ line, what }) => `${file}, line ${line}: ${what}; nothing from there on is believed`);
  const none = seals.length === 0 && faults.length === 0 ? [`${file} has no seal in it`] : [];
  return {
    ...proof,
    faults: [...ofFile, ...none, ...proof.faults],
    file,
    last: last && { number: last.number, at: last.at, position: last.position },
  };
}

export function sealsText({ file, seals, sealed, unsealed, last, faults, altered }: CheckedSeals): string {
  const range = last === undefined ? '' : `, the last (${last.number}) of ${last.at} up to position ${last.position}`;
  const lines = [`seals in ${file}: ${seals}${range}: ${sealed} events sealed, ${unsealed} after them not yet`];
  for (const fault of faults) lines.push(`  ${fault}`);
  for (const { stream, revision, what } of altered) {
    lines.push(`  ${stream === undefined ? '' : `${stream}${revision === undefined ? '' : `@${revision}`}: `}${what}`);
  }
  return `${lines.join('\n')}\n`;
}
