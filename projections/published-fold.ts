// What an event changes in the `published` projection, and who hears of it. A channel's stream says what it was told and
// answered; the sales it reports, and people who ask that it be told again, make uncertain what it shows.
import {
  type ChannelEvent,
  type ChannelEventOf,
  isOfPublisher,
  parseChannelStream,
  readChannelEvent,
} from '../domain/channel/events.ts';
import { bundlesOrdered, type ChannelSale, channelSale } from '../domain/channel/sale.ts';
import { NO_STREAM, type Position, type RecordedEvent, START } from '../domain/event-log.ts';
import { parseOrderStream } from '../domain/order/workflow.ts';
import { lagOf } from '../domain/signals/publish-lag.ts';
import type { BucketedNames } from './bucketed-names.ts';
import { bucketOf, type ChannelRecord, UNRECORDED } from './published-pages.ts';
import { type Attempt, afterReadBack, afterRequest, afterSale, afterUpdate, type Shown } from './shown.ts';
import { createShownTable, type ShownTable } from './shown-table.ts';

export type OnDoubt = (channel: string, sku: string) => void;
export type OnSteered = (channel: string, what: 'paused' | 'resumed' | 'doubted' | 'taken' | 'left') => void;

export interface ChannelState {
  record: ChannelRecord;
  readonly table: ShownTable;
}

export interface Model {
  /** Of all channels. */
  readonly skus: BucketedNames;
  readonly channels: Map<string, ChannelState>;
  /** Keys of the pages that changed: `channel` for its record, `channel~n` for a bucket of SKUs. */
  readonly changed: Set<string>;
  readonly waiting: Set<{ readonly channel: string; readonly revision: number; readonly resolve: () => void }>;
  readonly doubtListeners: Set<OnDoubt>;
  readonly steeredListeners: Set<OnSteered>;
}

export function stateOf({ channels }: Model, channel: string): ChannelState {
  const known = channels.get(channel);
  if (known !== undefined) return known;
  const state: ChannelState = { record: UNRECORDED, table: createShownTable() };
  channels.set(channel, state);
  return state;
}

export function fold(model: Model, recorded: RecordedEvent): void {
  const channel = parseChannelStream(recorded.stream);
  if (channel !== undefined) {
    told(model, channel, recorded);
    return;
  }
  const sale = channelSale(recorded);
  if (sale !== undefined) sold(model, sale, recorded.position);
  if (
    (recorded.type !== 'OrderPlaced' && recorded.type !== 'OrderLinesAdded') ||
    parseOrderStream(recorded.stream) === undefined
  )
    return;
  for (const ordered of bundlesOrdered(recorded)) sold(model, ordered, recorded.position);
}

function told(model: Model, channel: string, recorded: RecordedEvent): void {
  const { revision, position } = recorded;
  if (revision <= stateOf(model, channel).record.revision) return;
  const event = readChannelEvent(recorded);
  const state = stateOf(model, channel);
  const hash = String(recorded.metadata['hash']);
  const change = changeBy(model, channel, event, position);
  const since = state.record.revision === NO_STREAM ? position : state.record.since;
  const lives = isOfPublisher(event.type) ? { livedAt: revision, asked: false } : {};
  state.record = { ...state.record, ...lives, ...change, since, revision, hash };
  model.changed.add(channel);
  for (const waiter of model.waiting) {
    if (waiter.channel !== channel || waiter.revision > revision) continue;
    model.waiting.delete(waiter);
    waiter.resolve();
  }
  tellSteered(model, channel, event);
}

function changeBy(model: Model, channel: string, event: ChannelEvent, position: Position): Partial<ChannelRecord> {
  switch (event.type) {
    case 'AvailabilityPublished':
      return published(model, channel, event);
    case 'AvailabilityReadBack':
      return readBack(model, channel, event);
    case 'PublishingStarted':
      return started(model, channel, event, position);
    case 'PublishingHeld':
      return {};
    case 'PublishingAsked':
      return { asked: true };
    case 'PublishingStopped':
      return { stopped: event.unsure !== true, holder: undefined };
    case 'PublishingPaused':
      return { paused: { at: event.at, by: event.by, reason: event.reason } };
    case 'PublishingResumed':
      return { paused: undefined };
    case 'RepublishRequested':
      doubted(model, channel, event.skus, position);
      return {};
  }
}

/** After the record: who listens may ask for it. */
function tellSteered(model: Model, channel: string, event: ChannelEvent): void {
  if (event.type === 'RepublishRequested' && event.skus !== undefined) {
    for (const sku of event.skus) for (const listener of model.doubtListeners) listener(channel, sku);
    return;
  }
  const what = STEERED[event.type];
  if (what !== undefined) for (const listener of model.steeredListeners) listener(channel, what);
}
const STEERED: Partial<Record<ChannelEvent['type'], Parameters<OnSteered>[1]>> = {
  PublishingPaused: 'paused',
  PublishingResumed: 'resumed',
  RepublishRequested: 'doubted',
  PublishingStarted: 'taken',
  PublishingStopped: 'left',
};

/** Of what it was never told nothing can be told again: that waits to be told anyway. */
function doubted(model: Model, channel: string, skus: readonly string[] | undefined, position: Position): void {
  const named = skus ?? [...stateOf(model, channel).table.skus()].map(model.skus.name);
  for (const sku of named) put(model, channel, sku, (shown) => shown && afterRequest(shown, position));
}

/**
 * Only for a channel that is published to, and from then on. A SKU it was not told yet counts too: its first call may
 * be under way, and be recorded after this sale.
 */
function sold(model: Model, { channel, sku }: ChannelSale, position: Position): void {
  const state = model.channels.get(channel);
  if (state === undefined || state.record.revision === NO_STREAM || position < state.record.since) return;
  if (!put(model, channel, sku, (before) => afterSale(before, position))) return;
  for (const listener of model.doubtListeners) listener(channel, sku);
}

function published(
  model: Model,
  channel: string,
  event: ChannelEventOf<'AvailabilityPublished'>,
): Partial<ChannelRecord> {
  const { record } = stateOf(model, channel);
  const { finishedAt, reasons, readBack = false, lane = 'urgent' } = event;
  const attempt: Attempt = { version: BigInt(event.version), finishedAt, readBack, lane, reasons };
  const counts = { confirmed: 0, refused: 0, unknown: 0, retryLater: 0 };
  for (const update of event.updates) {
    counts[update[2]] += 1;
    const [sku] = update;
    const isLate = attempt.version < (shownOf(model, channel, sku)?.version ?? START);
    if (!put(model, channel, sku, (before) => afterUpdate(before, attempt, update)) || !isLate) continue;
    for (const listener of model.doubtListeners) listener(channel, sku);
  }
  return {
    stopped: false,
    floor: BigInt(event.floor),
    confirmed: record.confirmed + counts.confirmed,
    refused: record.refused + counts.refused,
    unknown: record.unknown + counts.unknown,
    postponed: record.postponed + counts.retryLater,
    ...(counts.confirmed > 0 ? { lastConfirmedAt: finishedAt } : {}),
    lagMs: lagOf(event) ?? record.lagMs,
  };
}

function readBack(
  model: Model,
  channel: string,
  event: ChannelEventOf<'AvailabilityReadBack'>,
): Partial<ChannelRecord> {
  for (const value of event.values)
    put(model, channel, value[0], (shown) => shown && afterReadBack(shown, value, event.reasons));
  return { lagMs: lagOf(event) ?? stateOf(model, channel).record.lagMs };
}

/** Another policy may make a refused value acceptable: what was parked is tried again. */
function started(
  model: Model,
  channel: string,
  { policy, node = '', session = '' }: ChannelEventOf<'PublishingStarted'>,
  position: Position,
): Partial<ChannelRecord> {
  const { record, table } = stateOf(model, channel);
  if (record.policy !== policy) {
    for (const sku of [...table.refused()].map(model.skus.name))
      put(model, channel, sku, (shown) => shown && { ...shown, refused: undefined });
  }
  const floor = record.stopped ? position : record.floor;
  return { policy, stopped: false, floor, holder: { node, session } };
}

export function shownOf({ channels, skus }: Model, channel: string, sku: string): Shown | undefined {
  const id = skus.find(sku);
  return id < 0 ? undefined : channels.get(channel)?.table.get(id);
}

/** False: `change` left the row as it was. */
function put(
  model: Model,
  channel: string,
  sku: string,
  change: (before: Shown | undefined) => Shown | undefined,
): boolean {
  const before = shownOf(model, channel, sku);
  const after = change(before);
  if (after === before || after === undefined) return false;
  stateOf(model, channel).table.set(model.skus.intern(sku), after);
  model.changed.add(`${channel}~${bucketOf(sku)}`);
  return true;
}
