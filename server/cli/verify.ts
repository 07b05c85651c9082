// `evenstock verify`: one command that shows whether anything was lost, altered or miscounted. Looks at a log that no
// server has open, or at the event feed of one that runs; says what it is doing, because a large log takes minutes.

import { systemClock, systemHashes } from '../../adapters/platform.ts';
import type { CheckedSeals } from '../../adapters/seals/check-seals.ts';
import { bigintAsText } from '../../domain/bigint-json.ts';
import { type EventLog, LogCorrupt, START } from '../../domain/event-log.ts';
import { logPages, type PagesAfter } from '../../projections/log-pages.ts';
import type { ProofOfProjections } from '../../projections/verify.ts';
import { type ChainFault, type ChainProof, verifyChains, verifyLevels } from '../../projections/verify-chain.ts';
import { memoryOfLog } from '../policy/of-log.ts';
import { verifyStoredProjections } from '../wiring/log.ts';
import { feedPages } from './event-pages.ts';
import { checkGivenSeals, type SealsOptions, sealsText } from './seal/check-seals.ts';
import { withLog } from './stores.ts';

const PAGE_EVENTS = 5_000;

export interface VerifyOptions extends SealsOptions {
  readonly json?: boolean;
  readonly url?: string;
  readonly key?: string;
}

type Say = (text: string) => void;

export async function verify(options: VerifyOptions): Promise<void> {
  const { url, key = process.env['EVENSTOCK_KEY'], json } = options;
  const say = (text: string) => void (json || process.stderr.write(`${text}\n`));
  if (url !== undefined) return report(await verifyPages((after) => feedPages(url, key, after), options, say), options);
  await withLog(async (log, config) => {
    const memoryMs = await memoryOfLog(log, config.policyFile, systemClock);
    say('files: checksums, contiguity and index');
    const files = await verifyFiles(log);
    const pages = await verifyPages((after) => logPages(log, after), options, say);
    say('levels: the arithmetic of every stock done again');
    const levelFaults = await verifyAllLevels(log, memoryMs);
    say('projections: stored bytes against a rebuild');
    const projections = await verifyStoredProjections(config.dataDir, log);
    report({ ...pages, files, levelFaults, projections }, options);
  });
}

interface Report {
  /** Why the files are not whole; undefined: they are, or were not looked at. */
  readonly files?: string | undefined;
  readonly chain: ChainProof;
  readonly seals: CheckedSeals | undefined;
  /** Undefined: not looked at. */
  readonly levelFaults?: readonly ChainFault[];
  readonly projections?: ProofOfProjections;
}

/** What can be seen in the events alone, wherever they come from. */
async function verifyPages(pages: PagesAfter, options: VerifyOptions, say: Say): Promise<Report> {
  say('hash chains: every event, every stream');
  const chain = await verifyChains(pages(), systemHashes);
  if (options.seals !== undefined) say('seals: signatures, and the log against them');
  return { chain, seals: await checkGivenSeals(pages, options) };
}

async function verifyFiles(log: EventLog): Promise<string | undefined> {
  try {
    if ('verify' in log && typeof log.verify === 'function') await log.verify();
    return undefined;
  } catch (error) {
    if (error instanceof LogCorrupt) return error.message;
    throw error;
  }
}

function report(found: Report, { json }: VerifyOptions): void {
  const { files, chain, seals, levelFaults, projections } = found;
  const proven =
    files === undefined &&
    chain.faults.length === 0 &&
    (seals?.faults.length ?? 0) === 0 &&
    (levelFaults?.length ?? 0) === 0 &&
    (projections?.equal ?? true);
  const { events, streams, unchained, faults: chainFaults } = chain;
  const shown = { proven, events, streams, unchained, files, chainFaults, seals, levelFaults, projections };
  process.stdout.write(json ? `${JSON.stringify(shown, bigintAsText)}\n` : text(proven, found));
  if (!proven) process.exitCode = 1;
}

function text(proven: boolean, { files, chain, seals, levelFaults, projections }: Report): string {
  const fault = ({ stream, revision, position, what }: ChainFault) =>
    `  ${stream}@${revision} (position ${position}): ${what}\n`;
  const lines = [`${chain.events} events in ${chain.streams} streams\n`];
  if (files !== undefined) lines.push(`files: ${files}\n`);
  if (chain.unchained > 0) lines.push(`${chain.unchained} events carry no hash: something else wrote them\n`);
  lines.push(`hash chain faults: ${chain.faults.length}\n`, ...chain.faults.map(fault));
  if (seals !== undefined) lines.push(sealsText(seals));
  if (levelFaults !== undefined) lines.push(`level faults: ${levelFaults.length}\n`, ...levelFaults.map(fault));
  for (const { name, position, pages, bytes, difference } of projections?.projections ?? []) {
    const verdict =
      difference === undefined
        ? 'equal to a rebuild'
        : `DIFFERS in page ${difference.page} at byte ${difference.offset}`;
    lines.push(`projection ${name}: ${verdict} (${pages} pages, ${bytes} bytes, position ${position})\n`);
  }
  for (const { name, why } of projections?.notStored ?? [])
    lines.push(`projection ${name}: not stored (${why}); it will be rebuilt\n`);
  lines.push(proven ? `proven: ${claim(seals !== undefined, projections !== undefined)}\n` : 'NOT PROVEN: see above\n');
  return lines.join('');
}

/** No more than was looked at. Without seals somebody who can write the log can redo its hash chains. */
function claim(isSealed: boolean, isFolded: boolean): string {
  const what = isSealed
    ? 'nothing sealed was lost or altered'
    : 'every hash chain is whole (seals show more: docs/audit.md)';
  return isFolded ? `${what}, every figure follows from the log` : what;
}

async function verifyAllLevels(log: EventLog, memoryMs: number): Promise<readonly ChainFault[]> {
  const seen = new Set<string>();
  const faults: ChainFault[] = [];
  for (let after = START; ; ) {
    const page = await log.readAll(after, PAGE_EVENTS);
    if (page.length === 0) return faults;
    after = page[page.length - 1]!.position;
    for (const { stream, revision } of page) {
      if (revision !== 0 || seen.has(stream)) continue;
      seen.add(stream);
      faults.push(...(await verifyLevels(log, stream, memoryMs)));
    }
  }
}
