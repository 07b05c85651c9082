// `evenstock what-if`: replays a log under another policy and says, beside the policy that was in force, what would have
// been oversold, refused and lost. Reads a log that no server has open, or a running server's event feed.
import { compilePolicy, type Policy, PolicyDocument } from '../../../domain/channel/policy.ts';
import type { RecordedEvent } from '../../../domain/event-log.ts';
import { InstantText } from '../../../domain/stock/commands.ts';
import type { Instant } from '../../../domain/time.ts';
import { logPages } from '../../../projections/log-pages.ts';
import { type Progress, replayWhatIf } from '../../../projections/what-if/what-if.ts';
import { ConfigError } from '../../config.ts';
import { readDocument } from '../../document-file.ts';
import { feedPages } from '../event-pages.ts';
import { withLog } from '../stores.ts';
import { comparisonCsv, comparisonJson } from './report-files.ts';
import { comparisonText } from './report-text.ts';

export interface WhatIfOptions {
  readonly policy: string;
  readonly inForce?: string;
  readonly from?: string;
  readonly to?: string;
  readonly format: 'text' | 'json' | 'csv';
  readonly url?: string;
  readonly key?: string;
  /** Seconds. */
  readonly lag: number;
  readonly asHappened: readonly string[];
  readonly samples: number;
}

export async function whatIf(options: WhatIfOptions): Promise<void> {
  const other = await policyIn('--policy', options.policy);
  const inForce = options.inForce === undefined ? undefined : await policyIn('--in-force', options.inForce);
  const [from, to] = [instantOf('--from', options.from), instantOf('--to', options.to)];
  if (from !== undefined && to !== undefined && from >= to) throw new ConfigError('--from must lie before --to');
  checkChannels(options.asHappened, other);
  const replay = async (pages: AsyncIterable<readonly RecordedEvent[]>, head?: bigint) => {
    const settings = { other, inForce, from, to: to ?? Number.POSITIVE_INFINITY, samples: options.samples };
    const asHappened = new Set(options.asHappened);
    const compared = await replayWhatIf(
      pages,
      { ...settings, lagMsAssumed: options.lag * 1_000, asHappened },
      progressTo(process.stderr, head),
    );
    const report = { text: comparisonText, json: comparisonJson, csv: comparisonCsv }[options.format];
    process.stdout.write(report(compared));
  };
  if (options.url !== undefined) return replay(feedPages(options.url, options.key ?? process.env['EVENSTOCK_KEY']));
  await withLog(async (log) => replay(logPages(log), await log.head()));
}

async function policyIn(name: string, path: string): Promise<Policy> {
  return compilePolicy(await readDocument(name, path, 'a valid policy', PolicyDocument));
}

function instantOf(name: string, text: string | undefined): Instant | undefined {
  if (text === undefined) return undefined;
  const parsed = InstantText.safeParse(text);
  if (!parsed.success) throw new ConfigError(`${name} ${text}: ${parsed.error.issues[0]!.message}`);
  return parsed.data;
}

function checkChannels(named: readonly string[], policy: Policy): void {
  const unknown = named.find((id) => policy.channel(id) === undefined);
  if (unknown !== undefined) throw new ConfigError(`--as-happened ${unknown}: the policy has no such channel`);
}

const PROGRESS_EVERY_MS = 2_000;

/** A line every two seconds, so that long work is seen to go on. */
function progressTo(stream: NodeJS.WritableStream, head: bigint | undefined): (progress: Progress) => void {
  let last = performance.now();
  return ({ events, position, at }) => {
    const now = performance.now();
    if (now - last < PROGRESS_EVERY_MS) return;
    last = now;
    const share = head === undefined || head <= 0n ? '' : `, ${Number((position * 100n) / head)} % of the log`;
    stream.write(`  ${events} events, to ${new Date(at).toISOString()}${share}\n`);
  };
}
