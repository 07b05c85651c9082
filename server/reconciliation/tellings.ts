// What a channel was told of some SKUs, from the end of its stream as far back as is needed, and no further than a limit.
// What was read is kept for the other SKUs of the run: the stream is read once, however many differ.
import {
  type ChannelEventOf,
  channelStream,
  type ReadVerdict,
  type RecordedUpdate,
  readChannelEvent,
} from '../../domain/channel/events.ts';
import type { EventLog, Position } from '../../domain/event-log.ts';
import type { Telling } from '../../domain/reconciliation/known.ts';
import type { Instant } from '../../domain/time.ts';
import type { PublishedReader } from '../../projections/published.ts';
import { readBackwards } from './backwards.ts';

/** Updates kept of the stream, about 20 MB. What is older is known by its last acknowledgement alone. */
const UPDATES_MAX = 200_000;
const EVENTS_MAX = 20_000;
/** Acknowledged values sought before the statement: the one it should show, and one that it may be stuck at. */
const ENOUGH = 2;

export interface Tellings {
  /** Oldest first. `asOf`: of the statement. */
  of(sku: string, asOf: Instant): Promise<readonly Telling[]>;
}

interface Seen {
  readonly units: number;
  readonly at: Instant;
  readonly verdict: ReadVerdict;
}

/** An accepted value counts as acknowledged from when it was seen; until then it may be shown, or not. */
function outcomeOf(
  { startedAt, finishedAt, readBack }: ChannelEventOf<'AvailabilityPublished'>,
  [, units, outcome]: RecordedUpdate,
  seen: Seen | undefined,
): Pick<Telling, 'outcome' | 'startedAt' | 'finishedAt'> {
  if (!readBack || outcome !== 'confirmed') return { outcome, startedAt, finishedAt };
  const isShown = seen?.units === units && (seen.verdict === 'applied' || seen.verdict === 'fewer');
  return isShown ? { outcome, startedAt, finishedAt: seen.at } : { outcome: 'unknown', startedAt, finishedAt };
}

export function readTellings(
  log: Pick<EventLog, 'read'>,
  published: Pick<PublishedReader, 'channel' | 'shown'>,
  channel: string,
  cut: Position,
  /** Called for each event read: the tail of a busy channel has many. */
  giveWay: () => Promise<void>,
): Tellings {
  const stream = channelStream(channel);
  const newestFirst = new Map<string, Telling[]>();
  const events = readBackwards(log, stream, published.channel(channel).revision, EVENTS_MAX);
  /** What became of values that were only accepted: read before their telling, because the stream is read backwards. */
  const seen = new Map<string, Seen>();
  let updates = 0;
  let hasEnded = false;
  let oldest: { readonly at: Instant; readonly event: string } | undefined;

  const readOn = async () => {
    const next = updates < UPDATES_MAX ? await events.next() : ({ done: true } as const);
    if (next.done === true) {
      hasEnded = true;
      return;
    }
    await giveWay();
    const recorded = next.value;
    if (recorded.position > cut) return;
    const event = readChannelEvent(recorded);
    if (event.type === 'AvailabilityReadBack') {
      for (const [sku, units, , verdict] of event.values) seen.set(sku, { units, at: event.at, verdict });
      return;
    }
    if (event.type !== 'AvailabilityPublished') return;
    const place = `${stream}@${recorded.revision}`;
    oldest = { at: event.startedAt, event: place };
    for (const update of event.updates) {
      const [sku, units] = update;
      const version = BigInt(event.version);
      const telling: Telling = { units, version, ...outcomeOf(event, update, seen.get(sku)), event: place };
      seen.delete(sku);
      const of = newestFirst.get(sku);
      if (of === undefined) newestFirst.set(sku, [telling]);
      else of.push(telling);
    }
    updates += event.updates.length;
  };
  const hasEnough = (sku: string, asOf: Instant) => {
    const before = newestFirst
      .get(sku)
      ?.filter(({ outcome, finishedAt }) => outcome === 'confirmed' && finishedAt <= asOf);
    return before !== undefined && before.length >= ENOUGH;
  };
  /** Told before all that was read: when is not known, only that it was before. */
  const acknowledgedBefore = (sku: string): readonly Telling[] => {
    const shown = published.shown(channel, sku);
    if (shown?.units === undefined || oldest === undefined) return [];
    const { units, unitsVersion: version } = shown;
    const { at, event } = oldest;
    return [{ units, version, outcome: 'confirmed', startedAt: at, finishedAt: at, event }];
  };

  return {
    async of(sku, asOf) {
      while (!hasEnded && !hasEnough(sku, asOf)) await readOn();
      const read = newestFirst.get(sku)?.toReversed() ?? [];
      return read.some(({ outcome }) => outcome === 'confirmed') ? read : [...acknowledgedBefore(sku), ...read];
    },
  };
}
