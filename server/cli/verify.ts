// `evenstock verify`: one command that shows whether anything was lost, altered or miscounted. Looks at a log that no
// server has open; says what it is doing, because a large log takes minutes.
import { systemClock, systemHashes } from '../../adapters/platform.ts';
import type { EventLog } from '../../domain/event-log.ts';
import { START } from '../../domain/event-log.ts';
import type { ProofOfProjections } from '../../projections/verify.ts';
import { type ChainFault, verifyChain, verifyLevels } from '../../projections/verify-chain.ts';
import { memoryOfLog } from '../policy/of-log.ts';
import { verifyStoredProjections } from '../wiring/log.ts';
import { withLog } from './stores.ts';

const PAGE_EVENTS = 5_000;

export async function verify(options: { readonly json?: boolean }): Promise<void> {
  await withLog(async (log, config) => {
    const say = (text: string) => void (options.json || process.stderr.write(`${text}\n`));
    const memoryMs = await memoryOfLog(log, config.policyFile, systemClock);
    say('files: checksums, contiguity and index');
    if ('verify' in log && typeof log.verify === 'function') await log.verify();
    say('hash chains: every event, every stream');
    const chain = await verifyChain(log, systemHashes);
    say('levels: the arithmetic of every stock done again');
    const levels = await verifyAllLevels(log, memoryMs);
    say('projections: stored bytes against a rebuild');
    const projections = await verifyStoredProjections(config.dataDir, log);
    const report = {
      events: chain.events,
      streams: chain.streams,
      unchained: chain.unchained,
      chainFaults: chain.faults,
      levelFaults: levels,
      projections,
    };
    const proven = chain.faults.length === 0 && levels.length === 0 && projections.equal;
    process.stdout.write(
      options.json ? `${JSON.stringify({ proven, ...report }, bigintAsText)}\n` : text(proven, report),
    );
    if (!proven) process.exitCode = 1;
  });
}

interface Report {
  readonly events: number;
  readonly streams: number;
  readonly unchained: number;
  readonly chainFaults: readonly ChainFault[];
  readonly levelFaults: readonly ChainFault[];
  readonly projections: ProofOfProjections;
}

function text(proven: boolean, report: Report): string {
  const fault = ({ stream, revision, position, what }: ChainFault) =>
    `  ${stream}@${revision} (position ${position}): ${what}\n`;
  const lines = [`${report.events} events in ${report.streams} streams\n`];
  if (report.unchained > 0) lines.push(`${report.unchained} events carry no hash: something else wrote them\n`);
  lines.push(`hash chain faults: ${report.chainFaults.length}\n`, ...report.chainFaults.map(fault));
  lines.push(`level faults: ${report.levelFaults.length}\n`, ...report.levelFaults.map(fault));
  for (const { name, position, pages, bytes, difference } of report.projections.projections) {
    const verdict =
      difference === undefined
        ? 'equal to a rebuild'
        : `DIFFERS in page ${difference.page} at byte ${difference.offset}`;
    lines.push(`projection ${name}: ${verdict} (${pages} pages, ${bytes} bytes, position ${position})\n`);
  }
  for (const { name, why } of report.projections.notStored)
    lines.push(`projection ${name}: not stored (${why}); it will be rebuilt\n`);
  lines.push(
    proven ? 'proven: nothing lost, nothing altered, every figure follows from the log\n' : 'NOT PROVEN: see above\n',
  );
  return lines.join('');
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

function bigintAsText(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}
