// Writes down one batch: what the channel was told and what came of it, as events of the channel's stream.
import {
  CHANNEL_EVENT_VERSION,
  type ChannelEventOf,
  type PublishOutcome,
  REASON_LENGTH_MAX,
  type ReadValue,
  type RecordedUpdate,
  UPDATES_PER_EVENT_MAX,
} from '../../domain/channel/events.ts';
import type { Position } from '../../domain/event-log.ts';
import type { Instant } from '../../domain/time.ts';
import type { Declaration, Outcome, Update } from '../channels/channel.ts';
import type { Seen } from './reading.ts';

export interface SentBatch {
  readonly batchId: string;
  readonly version: Position;
  readonly floor: Position;
  readonly startedAt: Instant;
  readonly finishedAt: Instant;
  readonly lagMs: number;
  readonly acknowledgement: Declaration['acknowledgement'];
  /** What it accepted is read back. */
  readonly readBack: boolean;
  readonly lane: 'urgent' | 'bulk';
  readonly updates: readonly Update[];
  readonly outcomes: ReadonlyMap<string, Outcome>;
  readonly detail: string | undefined;
}

/** One event, or several where one would grow beyond about 100 KiB. */
export function batchEvents(sent: SentBatch): readonly ChannelEventOf<'AvailabilityPublished'>[] {
  const events: ChannelEventOf<'AvailabilityPublished'>[] = [];
  for (let from = 0; from < sent.updates.length; from += UPDATES_PER_EVENT_MAX) {
    const reasons: string[] = [];
    const updates = sent.updates
      .slice(from, from + UPDATES_PER_EVENT_MAX)
      .map((update) => recorded(update, sent.outcomes.get(update.sku)!, sent.detail, reasons));
    events.push({
      type: 'AvailabilityPublished',
      v: CHANNEL_EVENT_VERSION,
      batchId: sent.batchId,
      startedAt: sent.startedAt,
      finishedAt: sent.finishedAt,
      version: String(sent.version),
      floor: String(sent.floor),
      lagMs: Math.round(sent.lagMs),
      acknowledgement: sent.acknowledgement,
      ...(sent.readBack ? { readBack: true as const } : {}),
      ...(sent.lane === 'bulk' ? { lane: 'bulk' as const } : {}),
      updates,
      reasons,
      ...(sent.detail === undefined ? {} : { detail: sent.detail.slice(0, REASON_LENGTH_MAX) }),
    });
  }
  return events;
}

/** What became of values that were only accepted. */
export function readBackEvents(
  seen: readonly Seen[],
  at: Instant,
  lagMs: number,
): readonly ChannelEventOf<'AvailabilityReadBack'>[] {
  const events: ChannelEventOf<'AvailabilityReadBack'>[] = [];
  for (let from = 0; from < seen.length; from += UPDATES_PER_EVENT_MAX) {
    const reasons: string[] = [];
    const values = seen.slice(from, from + UPDATES_PER_EVENT_MAX).map((one): ReadValue => {
      const { sought, told, shows, verdict, why } = one;
      const value = [sought.sku, told, shows ?? null, verdict] as const;
      return why === undefined ? [...value] : [...value, indexOf(why, reasons)];
    });
    events.push({ type: 'AvailabilityReadBack', v: CHANNEL_EVENT_VERSION, at, lagMs, values, reasons });
  }
  return events;
}

/** The same for who watches. */
export function readBackSeen(channel: string, seen: readonly Seen[], tookMs: number) {
  const values = seen.map(({ verdict, sought: { told } }) => ({ verdict, told }));
  return { channel, tookMs: Math.max(0, tookMs), values };
}

/** A reason that is the whole call's is in `detail` once; the others once each in `reasons`. */
function recorded(
  { sku, units }: Update,
  outcome: Outcome,
  detail: string | undefined,
  reasons: string[],
): RecordedUpdate {
  const full = outcome.kind === 'confirmed' ? undefined : outcome.reason;
  if (full === undefined || (full === detail && outcome.kind !== 'refused')) return [sku, units, outcome.kind];
  return [sku, units, outcome.kind, indexOf(full, reasons)];
}

function indexOf(full: string, reasons: string[]): number {
  const reason = full.slice(0, REASON_LENGTH_MAX);
  const index = reasons.indexOf(reason);
  if (index >= 0) return index;
  return reasons.length < REASONS_MAX ? reasons.push(reason) - 1 : REASONS_MAX - 1;
}
/** A channel that words each reason differently must not make the event large; the last one stands for the rest. */
const REASONS_MAX = 50;

export function countOutcomes(outcomes: ReadonlyMap<string, Outcome>): Record<PublishOutcome, number> {
  const counts = { confirmed: 0, retryLater: 0, unknown: 0, refused: 0 };
  for (const { kind } of outcomes.values()) counts[kind] += 1;
  return counts;
}
