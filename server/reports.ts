// What the server says of itself to operations: is it ready, how does publishing go, what has not arrived.
import type { Publishing } from '../adapters/publishing/publisher.ts';
import type { EventLog } from '../domain/event-log.ts';
import type { PublishedReader } from '../projections/published.ts';
import type { ReadModel } from '../projections/read-model.ts';
import type { SourceSequences } from '../projections/source-sequences.ts';
import type { ChannelStatus } from './channel-status.ts';
import type { RunningProcesses } from './processes.ts';
import type { Readiness, SourceGaps } from './routes/api.ts';

const LOG_MS_MAX = 2_000;

/** Can the log be asked, and do the figures follow it? */
export async function readinessOf(log: EventLog, readModel: ReadModel): Promise<Readiness> {
  const logCheck = await Promise.race([
    log.head().then(
      (head) => ({ ok: true, detail: `head ${head}` }),
      (error: Error) => ({ ok: false, detail: error.message }),
    ),
    new Promise<{ ok: boolean; detail: string }>((resolve) =>
      setTimeout(() => resolve({ ok: false, detail: `no answer within ${LOG_MS_MAX} ms` }), LOG_MS_MAX).unref(),
    ),
  ]);
  const status = readModel.status();
  const lag = `${status.lagMs} ms behind at position ${status.position}`;
  const checks = {
    eventLog: logCheck,
    projections: {
      ok: !status.lagging,
      detail: status.storeFailure === undefined ? lag : `${lag}; not stored: ${status.storeFailure}`,
    },
    deadLetters: { ok: true, detail: String(readModel.deadLetters().length) },
  };
  return { ready: Object.values(checks).every((check) => check.ok), checks };
}

/** How publishing to a channel goes. Undefined: it has no connector, so nothing is published to it. */
export function channelStatus(
  channel: string,
  published: PublishedReader,
  { publishing, running }: { readonly publishing: Publishing; readonly running: Pick<RunningProcesses, 'processes'> },
): ChannelStatus | undefined {
  const status = publishing.status(channel);
  if (status === undefined || status.state === 'off') return undefined;
  const failing = running.processes.failingChannels.whyFailing(channel);
  return { ...status, lastAcknowledgedAt: published.channel(channel).lastConfirmedAt, failing };
}

export function sourceGaps(sequences: SourceSequences): readonly SourceGaps[] {
  return [...sequences.sources()].map(({ source, last }) => ({ source, highest: last, gaps: sequences.gaps(source) }));
}
