// The seals that `evenstock verify` is given, and what it says of them.
import { existsSync } from 'node:fs';
import { type CheckedSeals, checkSeals, namesOf } from '../../../adapters/seals/check-seals.ts';
import type { PagesAfter } from '../../../projections/log-pages.ts';
import { ConfigError } from '../../config.ts';
import { readPublicKey } from './key-files.ts';

export interface SealsOptions {
  readonly seals?: string;
  readonly publicKey?: readonly string[];
}

/** Undefined: there are no seals to check. @throws ConfigError when a file is missing or is no key */
export async function checkGivenSeals(
  pages: PagesAfter,
  { seals: file, publicKey = [] }: SealsOptions,
): Promise<CheckedSeals | undefined> {
  if (file === undefined) return undefined;
  if (publicKey.length === 0) throw new ConfigError('--seals needs --public-key: who may have signed them');
  const trusted = publicKey.map(readPublicKey);
  if (!existsSync(file)) throw new ConfigError(`${file}: there is no such file of seals`);
  return checkSeals(pages, file, trusted);
}

export function sealsText(checked: CheckedSeals): string {
  const { file, seals, sealed, unsealed, last, faults } = checked;
  const range = last === undefined ? '' : `, the last (${last.number}) of ${last.at} up to position ${last.position}`;
  const lines = [`seals in ${file}: ${seals}${range}: ${sealed} events sealed, ${unsealed} after them not yet`];
  for (const line of [...faults, ...namesOf(checked)]) lines.push(`  ${line}`);
  return `${lines.join('\n')}\n`;
}
